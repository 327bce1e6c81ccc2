"""The contract of a strategy."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

import msgspec

from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Bar, Quote
from cockpit.domain.order import Order, OrderType, Side, TimeInForce


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """An order a strategy would like; `key` is the strategy's own name for it, used once.

    `note` tells the trader why, in words.
    """

    key: str
    symbol: str
    side: Side
    type: OrderType
    quantity: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    tif: TimeInForce = TimeInForce.DAY
    planned_stop: Decimal | None = None
    planned_target: Decimal | None = None
    note: str = ""


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """Take back the order proposed as `key`, if it still works."""

    key: str


Action = Proposal | Withdrawal


class Strategy(Protocol):
    """Pure decisions: facts in, actions out. Called in the loop; must return at once."""

    @property
    def name(self) -> str:
        """The name it is attributed by, e.g. "opening-range-breakout"."""
        ...

    def start(self, instruments: Sequence[Instrument]) -> None:
        """Learn what is tradable, before the first fact."""
        ...

    def on_bar(self, bar: Bar) -> Sequence[Action]:
        """A bar closed."""
        ...

    def on_quote(self, quote: Quote) -> Sequence[Action]:
        """A quote was accepted."""
        ...

    def on_order(self, key: str, order: Order) -> Sequence[Action]:
        """The order proposed as `key` reached a new state or was filled further."""
        ...
