"""What limits are called on screen, in which groups they stand, and their values as one types them.

Fractions are per cent on screen: 3 is 3 % of something, and never 300 %.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from cockpit.app.limits.status import LimitStatus, value_of
from cockpit.domain.limit_rules import PERMITTED, RESTRICTED, SPECS, LimitValue, Place, Scope
from cockpit.ui.theme import format as fmt

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Each order": {
        "max_order_value": "Order value",
        "max_order_equity_fraction": "Order value of equity",
        "max_order_quantity": "Order size",
        "max_order_adv_fraction": "Order of daily volume",
        "collar_warn_fraction": "Price collar, warns",
        "collar_block_fraction": "Price collar, blocks",
        "max_spread_fraction": "Spread",
        "max_quote_age_s": "Age of the quote",
        "duplicate_window_s": "Same order again not within",
        "approval_seconds": "Time to approve a proposal",
    },
    "Positions": {
        "max_position_fraction": "Largest position",
        "max_gross_fraction": "Gross exposure",
        "max_net_fraction": "Net exposure",
        "stop_grace_s": "Time without a stop",
    },
    "The day": {
        "day_loss_reducing_fraction": "Day loss, reduces",
        "day_loss_halted_fraction": "Day loss, halts",
        "max_drawdown_fraction": "Fall from the peak",
        "max_consecutive_losses": "Losses in a row",
        "loss_cooldown_s": "Pause after losses in a row",
        "max_orders_per_day": "Orders today",
    },
    "Rates": {
        "max_active_orders": "Open orders",
        "max_messages_per_second": "Messages a second",
        "max_messages_per_minute": "Messages a minute",
        "max_strategy_entries": "Entries of a strategy",
        "strategy_window_s": "Entries are counted over",
    },
    "Session and symbols": {
        "max_clock_skew_s": "Clocks apart",
        "max_order_age_s": "Age of an open order",
        PERMITTED: "Permitted symbols",
        RESTRICTED: "Restricted symbols",
    },
}
"""Limits by what they hold back, with their names in words."""

TITLES: Mapping[str, str] = {
    name: title for group in GROUPS.values() for name, title in group.items()
}
_ORDER = {name: place for place, name in enumerate(TITLES)}
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_FRACTION = "fraction of "
_MONEY = "money"
_WHOSE = {Scope.ACCOUNTS: "account", Scope.STRATEGIES: "strategy", Scope.SYMBOLS: "symbol"}


def title_of(place: Place) -> str:
    """A limit's name; of a narrower one with whose it is."""
    title = TITLES[place.name]
    return f"{title}, {_WHOSE[place.scope]} {place.key}" if place.key else title


def unit_of(place: Place) -> str:
    """What a value of it counts."""
    unit = SPECS[place.name].unit
    if unit == _MONEY:
        return "$"
    return f"% of {unit.removeprefix(_FRACTION)}" if unit.startswith(_FRACTION) else unit


def value_text(place: Place, value: LimitValue | None) -> str:
    """A value as it stands in the table and as one types it."""
    if value is None:
        return "none"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    return fmt.quantity(Decimal(value) * (100 if _is_fraction(place) else 1))


def told_value(place: Place, value: LimitValue | None) -> str:
    """A value within a sentence: $5,000, 3%, 10 seconds."""
    text = value_text(place, value)
    if value is None or isinstance(value, frozenset):
        return text
    if _is_fraction(place):
        return f"{text}%"
    unit = unit_of(place)
    return f"${text}" if unit == "$" else f"{text} {unit}"


def typed_value(place: Place, text: str) -> LimitValue | None:
    """What a person typed, with or without the sign of its unit; None when it is no value."""
    if place.name in (PERMITTED, RESTRICTED):
        return value_of(place, text)
    text = text.strip().removeprefix("$").removesuffix("%").strip()
    if _GROUPED.fullmatch(text):  # as the table writes it: a comma between thousands
        text = text.replace(",", "")
    value = value_of(place, text)
    if not isinstance(value, Decimal):
        return value
    return value / 100 if _is_fraction(place) else value


def grouped(status: Iterable[LimitStatus]) -> list[str | LimitStatus]:
    """The heading of each group and the limits in it, a narrower one after that of all."""
    rows = sorted(status, key=lambda row: (_ORDER[row.place.name], row.place.scope, row.place.key))
    found: list[str | LimitStatus] = []
    for heading, names in GROUPS.items():
        own = [row for row in rows if row.place.name in names]
        found += [heading, *own] if own else []
    return found


def _is_fraction(place: Place) -> bool:
    return SPECS[place.name].unit.startswith(_FRACTION)
