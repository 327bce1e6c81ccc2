"""Limits as a trader reads them: a name in words, how much is used, what is left."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from cockpit.app.limits.status import GATED, SECONDS, WATCHED, LimitStatus, Measured, aged
from cockpit.risk.board import Gauge
from cockpit.ui.models.limit_words import TITLES
from cockpit.ui.theme import format as fmt

WORDS: Mapping[str, str] = {name: TITLES[name] for name in (*WATCHED, *GATED)}
"""What a limit that is measured is called on screen."""

IN_HEADER = (
    "day_loss_halted",
    "drawdown",
    "gross_exposure",
    "net_exposure",
    "position",
    "no_stop",
    "orders_per_day",
    "messages_per_minute",
    "consecutive_losses",
)
"""The measures with a gauge in the header, what hurts most first."""

NEAR = 0.8
_COUNTLESS = 10
"""From so many times a limit on nobody reads the per cent."""
_SHORT: Mapping[str, str] = {
    "day_loss_halted": "Day loss",
    "drawdown": "Drawdown",
    "gross_exposure": "Gross",
    "net_exposure": "Net",
    "position": "Position",
    "no_stop": "No stop",
    "orders_per_day": "Orders",
    "messages_per_minute": "Messages",
    "consecutive_losses": "Losses",
}


class HeaderGauge(NamedTuple):
    """One bar of the header: `used` of 1; `armed` False after an alert nobody has seen."""

    word: str
    used: float
    armed: bool
    said: str
    told: str = ""

    @property
    def caption(self) -> str:
        """The bar in two words: how much is used; of a time how long it has been."""
        return self.told or f"{share(self.used)} {self.word}"


class RiskRow(NamedTuple):
    """One limit in the panel; `used` is None while nothing was measured."""

    name: str
    used: float | None
    figures: str
    state: str
    role: str
    ts_ns: int


def header_gauges(gauges: Iterable[Gauge], now_ns: int) -> list[HeaderGauge]:
    """One a measure, of several of one the tightest; unused ones too, so that none jumps.

    What is measured in time goes on by itself: it is shown as of `now_ns`.
    """
    tightest: dict[str, Gauge] = {}
    for gauge in aged(gauges, now_ns):
        known = tightest.get(gauge.name)
        if known is None or gauge.used > known.used:
            tightest[gauge.name] = gauge
    return [_header_gauge(name, tightest.get(name)) for name in IN_HEADER]


def _header_gauge(name: str, gauge: Gauge | None) -> HeaderGauge:
    word = _SHORT[name]
    if gauge is None:
        return HeaderGauge(word, 0.0, True, f"{word}: nothing used yet")
    of = f" {gauge.subject}" if gauge.subject else ""
    figures = figures_of(gauge.value, gauge.limit, gauge.unit)
    crossed = "" if gauge.armed else ", crossed and not acknowledged"
    used = max(0.0, gauge.used)
    said = f"{word}{of}: {share(used)}, {figures}{crossed}"
    lasted = gauge.unit == SECONDS and gauge.value > 0
    return HeaderGauge(word, used, gauge.armed, said, _lasting(word, gauge) if lasted else "")


def _lasting(word: str, gauge: Gauge) -> str:
    """No stop 1:42."""
    minutes, seconds = divmod(int(gauge.value), 60)
    return f"{word} {minutes}:{seconds:02}"


def worst(gauges: Iterable[HeaderGauge]) -> HeaderGauge | None:
    """The one that is used most; None when nothing is used at all."""
    used = [gauge for gauge in gauges if gauge.used > 0 or not gauge.armed]
    return max(used, key=lambda gauge: (not gauge.armed, gauge.used), default=None)


def share(used: float) -> str:
    """How much of a limit is used, as per cent."""
    return f"{used:.0%}" if used < _COUNTLESS else "over"


def figures_of(value: float, limit: float, unit: str) -> str:
    """$4,439 of $10,000, or 3 of 200 orders; a gain uses nothing of a limit on losses."""
    value = max(0.0, value)
    if unit == "USD":
        return f"{fmt.money(value, places=0)} of {fmt.money(limit, places=0)}"
    if unit == "%":
        return f"{fmt.number(value, places=2)}% of {fmt.number(limit, places=2)}%"
    return f"{_plain(value)} of {_plain(limit)} {unit}"


def _plain(value: float) -> str:
    return fmt.quantity(Decimal(str(round(value, 1))))


def risk_rows(status: Iterable[LimitStatus]) -> list[RiskRow]:
    """The limits that something is measured against, the most used first."""
    rows = [_row(row) for row in status if not row.place.key and row.place.name in WORDS]
    return sorted(rows, key=lambda row: -1.0 if row.used is None else row.used, reverse=True)


def _row(row: LimitStatus) -> RiskRow:
    name, measured = row.place.name, row.measured
    label = WORDS[name]
    if measured is None:
        waits = "No order was checked yet" if name in GATED else "Nothing to measure yet"
        return RiskRow(label, None, waits, "armed", "muted", 0)
    used = _used(measured)
    state, role = _state(name, used, armed=row.armed)
    figures = figures_of(measured.value, measured.limit, measured.unit)
    return RiskRow(label, used, figures, state, role, measured.ts_ns)


def _used(measured: Measured) -> float:
    return max(0.0, 1.0 - measured.left) if measured.limit > 0 else math.inf


def _state(name: str, used: float, *, armed: bool) -> tuple[str, str]:
    if name in WATCHED and not armed:
        return "crossed, not seen", "critical"
    if used >= 1:
        return "used up", "critical"
    return ("near", "warning") if used > NEAR else ("armed", "muted")
