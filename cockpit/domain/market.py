"""Market facts: quotes, trade prints, bars and halts. Each is an event of its class.

Prices here are floats of the hot path; they cross into the ledger only through
`values.to_decimal`. `ts_event` is the source's time, `ts_init` when it came in here.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.values import not_empty, positive_mark

_INF = float("inf")


class Quote(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Best bid and ask of one symbol from one source; sizes in units of quantity."""

    symbol: str
    bid: float
    ask: float
    bid_size: float
    ask_size: float
    ts_event: int
    ts_init: int
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse what isn't a market: no price, no size, crossed. Locked may be."""
        # what nearly every quote passes, in one look; the rest only names the fault
        if (
            0.0 < self.bid <= self.ask < _INF
            and 0.0 < self.bid_size < _INF
            and 0.0 < self.ask_size < _INF
            and self.symbol[:1] > " "
        ):
            return
        not_empty(self.symbol, "symbol")
        positive_mark(self.bid, "bid")
        positive_mark(self.ask, "ask")
        positive_mark(self.bid_size, "bid size")
        positive_mark(self.ask_size, "ask size")
        if not self.bid <= self.ask:
            raise DomainError(f"{self.symbol}: bid {self.bid} above ask {self.ask}")

    @property
    def mid(self) -> float:
        """Halfway between bid and ask."""
        return (self.bid + self.ask) / 2

    @property
    def spread_fraction(self) -> float:
        """(ask - bid) / mid."""
        return spread_fraction(self.bid, self.ask)


class TradePrint(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One trade on the tape."""

    symbol: str
    price: float
    size: float
    ts_event: int
    ts_init: int
    source: str = ""
    conditions: str = ""
    trade_id: str = ""

    def __post_init__(self) -> None:
        """Refuse a price or size that isn't positive."""
        if 0.0 < self.price < _INF and 0.0 < self.size < _INF and self.symbol[:1] > " ":
            return  # as for quotes: one look for nearly all
        not_empty(self.symbol, "symbol")
        positive_mark(self.price, "price")
        positive_mark(self.size, "size")


class TradeCorrected(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A print was taken back, or put right, by the venue.

    `trade_id`, `old_price` and `old_size` say which one; `price` and `size` are what is true
    now, both 0 when it was cancelled. `new_id` is the id of the print that takes its place.
    """

    symbol: str
    trade_id: str
    old_price: float
    old_size: float
    price: float
    size: float
    ts_event: int
    ts_init: int
    new_id: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse a print that nobody could find, and a replacement that is none."""
        not_empty(self.symbol, "symbol")
        if not self.trade_id:
            positive_mark(self.old_price, "price to correct")
            positive_mark(self.old_size, "size to correct")
        if not self.cancelled:
            positive_mark(self.price, "price")
            positive_mark(self.size, "size")

    @property
    def cancelled(self) -> bool:
        """True when nothing takes its place."""
        return self.price == 0 and self.size == 0


class BarUnit(StrEnum):
    """What fills a bar: time, shares or prints."""

    TIME = "time"
    VOLUME = "volume"
    TICK = "tick"


class Bar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Open, high, low, close, volume of one interval.

    `ts_event` is the START of the interval, `interval_s` its length in seconds. A bar of
    another unit has no length (0) and begins with its first print. `vwap` is
    sum(price x size) / sum(size).
    """

    symbol: str
    open: float
    high: float
    low: float
    close: float
    volume: float
    vwap: float
    trades: int
    interval_s: int
    ts_event: int
    ts_init: int
    unit: BarUnit = BarUnit.TIME

    def __post_init__(self) -> None:
        """Refuse a bar of no length, or whose high or low does not hold the others."""
        not_empty(self.symbol, "symbol")
        if self.unit is BarUnit.TIME and not self.interval_s > 0:
            raise DomainError(f"{self.symbol}: a bar must last, not {self.interval_s} s")
        for what in ("open", "high", "low", "close", "volume", "vwap"):
            positive_mark(getattr(self, what), what)
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise DomainError(f"{self.symbol}: bar high and low do not hold open and close")


class BarRevised(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A closed bar has become another by a correction; `bar` is None when no print is left."""

    symbol: str
    bar: Bar | None
    ts_event: int  # START of the bar
    ts_init: int


class TriggerFired(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a trigger waited for has come true; `price` is that of this moment, if known."""

    name: str
    symbol: str
    when: str
    price: float | None
    ts_event: int
    ts_init: int


class TradingStatus(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The venue halted or resumed a symbol; `reason` is the venue's word (e.g. LULD)."""

    symbol: str
    halted: bool
    reason: str
    ts_event: int
    ts_init: int
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse an empty symbol."""
        not_empty(self.symbol, "symbol")


def spread_fraction(bid: float, ask: float) -> float:
    """(ask - bid) / mid."""
    return (ask - bid) / ((bid + ask) / 2)
