"""Each limit beside what was measured against it last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import msgspec

from cockpit.domain.limit_rules import PERMITTED, RESTRICTED, SPECS, LimitRules, LimitValue, Place
from cockpit.domain.limits import Verdict
from cockpit.risk.board import Gauge

SECONDS = "s"
_SECOND = 1_000_000_000
WATCHED: Mapping[str, str] = {
    "day_loss_halted_fraction": "day_loss_halted",
    "day_loss_reducing_fraction": "day_loss_reducing",
    "max_drawdown_fraction": "drawdown",
    "max_gross_fraction": "gross_exposure",
    "max_net_fraction": "net_exposure",
    "max_position_fraction": "position",
    "max_orders_per_day": "orders_per_day",
    "max_messages_per_minute": "messages_per_minute",
    "max_messages_per_second": "messages_per_second",
    "max_consecutive_losses": "consecutive_losses",
    "max_order_age_s": "order_age",
    "stop_grace_s": "no_stop",
}
"""Limits that the monitor measures, and its name for the measure."""

GATED: Mapping[str, str] = {
    "max_spread_fraction": "market data",
    "collar_warn_fraction": "price collar",
    "collar_block_fraction": "price collar",
    "max_order_quantity": "order volume",
    "max_order_adv_fraction": "order volume",
    "max_order_value": "order value",
    "max_order_equity_fraction": "order value",
    "max_active_orders": "orders",
    "max_strategy_entries": "automation",
}
"""Limits that only the gate measures, with each order, and the control that does."""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The last measure: `value` of `limit` in `unit`, `left` the part of the limit not used."""

    value: float
    limit: float
    unit: str
    ts_ns: int

    @property
    def left(self) -> float:
        """1 is all of it, zero or less is used up."""
        return 1.0 - self.value / self.limit if self.limit > 0 else 0.0


class LimitStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One limit. `armed` is False from an alert on until a person has seen it."""

    place: Place
    value: LimitValue | None
    unit: str
    armed: bool
    measured: Measured | None


def aged(gauges: Iterable[Gauge], now_ns: int) -> Iterator[Gauge]:
    """What is measured in time as of `now_ns`: it goes on between two looks of the monitor.

    One whose subject is gone stands at zero and waits to be seen; it does not go on.
    """
    for gauge in gauges:
        goes_on = gauge.unit == SECONDS and (gauge.armed or gauge.value > 0)
        since_s = max(0, now_ns - gauge.ts_ns) / _SECOND if goes_on else 0.0
        yield msgspec.structs.replace(gauge, value=gauge.value + since_s) if since_s else gauge


def limit_status(
    rules: LimitRules, gauges: Iterable[Gauge], verdict: Verdict | None
) -> list[LimitStatus]:
    """Every limit, those of all first; of several measures of one the tightest."""
    watched: dict[str, Gauge] = {}
    for gauge in gauges:
        known = watched.get(gauge.name)
        if known is None or gauge.used > known.used:
            watched[gauge.name] = gauge
    lists = (Place(name) for name in (PERMITTED, RESTRICTED))
    places = dict.fromkeys((*rules.values, *lists))
    return [_status(place, rules.values.get(place), watched, verdict) for place in places]


def _status(
    place: Place, value: LimitValue | None, watched: Mapping[str, Gauge], verdict: Verdict | None
) -> LimitStatus:
    gauge = None if place.key else watched.get(WATCHED.get(place.name, ""))
    if gauge is None:
        measured = None if place.key else _at_the_gate(place.name, value, verdict)
    else:
        measured = Measured(
            value=gauge.value, limit=gauge.limit, unit=gauge.unit, ts_ns=gauge.ts_ns
        )
    return LimitStatus(
        place=place,
        value=value,
        unit=SPECS[place.name].unit,
        armed=gauge is None or gauge.armed,
        measured=measured,
    )


def own_limit(name: str, value: LimitValue | None, unit: str) -> float | None:
    """A limit's value in the `unit` of a measure; None where it is counted in something else."""
    if not isinstance(value, Decimal | int):
        return None
    counts = SPECS[name].unit
    if unit == "%" and counts.startswith("fraction of "):
        return float(value) * 100
    return float(value) if counts == unit or (counts, unit) == ("money", "USD") else None


def _at_the_gate(name: str, value: LimitValue | None, verdict: Verdict | None) -> Measured | None:
    """Of a control with two limits the measure has the one that denies: a warning has its own."""
    control = GATED.get(name)
    for result in verdict.results if verdict is not None else ():
        if result.control == control and result.after is not None and result.limit is not None:
            own = own_limit(name, value, result.unit)
            denies = float(result.limit)
            return Measured(
                value=float(result.after),
                limit=denies if own is None else min(denies, own),
                unit=result.unit,
                ts_ns=verdict.ts_ns if verdict is not None else 0,
            )
    return None


def value_of(place: Place, text: str) -> LimitValue | None:
    """What a person typed as the limit's value; None when it is none."""
    if place.name in (PERMITTED, RESTRICTED):
        return frozenset(text.upper().replace(",", " ").split())
    try:
        number = Decimal(text.strip().replace(",", "."))
    except ArithmeticError:
        return None
    return number if number.is_finite() and number > 0 else None
