"""What a trigger says of itself in a row: state, how it speaks, and when it last did."""

from __future__ import annotations

from typing import NamedTuple

from cockpit.market.triggers import Trigger
from cockpit.ui.theme.format import new_york_date, new_york_time
from cockpit.ui.theme.format import price as shown_price

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("Crosses a price", "crosses {price}"),
    ("Crosses a price upwards", "crosses up {price}"),
    ("Crosses a price downwards", "crosses down {price}"),
    ("Crosses an average", "crosses ema:20"),
    ("Touches a level", "touches {price} {near}"),
    ("Moves from the close before", "moves 3%"),
    ("Volume surges", "volume 4x 20"),
    ("Spread widens", "spread 0.5%"),
    ("Time of the session", "after 09:45"),
    ("Two at once", "crosses up {price} and spread 0.5%"),
)
"""What can be waited for, with a sentence to begin from."""


class TriggerRow(NamedTuple):
    """The texts of a row, and the tone of its state."""

    name: str
    symbol: str
    when: str
    speaks: str
    state: str
    last: str
    tone: str


def trigger_row(trigger: Trigger, *, in_session: bool) -> TriggerRow:
    """The row of one trigger; `in_session` when its symbol has prices."""
    state, tone = _state(trigger, in_session=in_session)
    fired = trigger.fired_ns
    last = f"{new_york_date(fired)} {new_york_time(fired)}" if fired else "never"
    rest = f"{trigger.rest_s:g} s between" if trigger.rest_s else "at once again"
    speaks = f"each time, {rest}" if trigger.again else "once"
    return TriggerRow(trigger.name, trigger.symbol, trigger.when, speaks, state, last, tone)


def _state(trigger: Trigger, *, in_session: bool) -> tuple[str, str]:
    if trigger.spent:
        return "Spent", "muted"
    if not trigger.on:
        return "Off", "muted"
    return ("Watching", "up") if in_session else ("No prices today", "warning")


def example(sentence: str, price: float | None) -> str:
    """A sentence of EXAMPLES with figures near `price`; 100 where there is none."""
    near = price or 100.0
    return sentence.format(price=shown_price(near).replace(",", ""), near=f"{near / 1000:.2f}")


def plain_name(symbol: str, when: str) -> str:
    """A name for a trigger that got none."""
    return f"{symbol} {when}".strip()
