"""The contract of a strategy."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

import msgspec

from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Bar, Quote
from cockpit.domain.order import Order, OrderType, Side, TimeInForce
from cockpit.domain.protection import Protection


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """An order a strategy would like; `key` is the strategy's own name for it, used once.

    `note` tells the trader why, in words. `protection` are the exits that the core shall
    hold for what is filled: the strategy need not look after them. `tactic` is which of its
    ways it took, by which the journal attributes the trade.
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
    protection: Protection | None = None
    tactic: str = ""


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    """Take back the order proposed as `key`, if it still works."""

    key: str


class Close(msgspec.Struct, frozen=True, kw_only=True):
    """Close at the market what is left of what was opened as `key`, protected by the core.

    Exits are out of its way before it goes out, and back if it does not fill. Nothing
    happens when nothing is left, or when a person took the exits back: it is theirs then.
    The order is told to `on_order` under the key `<key>-close`.
    """

    key: str
    note: str = ""


Action = Proposal | Withdrawal | Close


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
        """A quote was accepted; of live ones that came at once, the newest of the symbol."""
        ...

    def on_order(self, key: str, order: Order) -> Sequence[Action]:
        """The order proposed as `key` reached a new state or was filled further."""
        ...
