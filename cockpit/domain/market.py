"""Market facts: quotes, trade prints, bars and halts. Each is an event of its class.

Prices here are floats of the hot path; they cross into the ledger only through
`values.to_decimal`. `ts_event` is the source's time, `ts_init` when it came in here.
"""

from __future__ import annotations

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.values import not_empty, positive_mark


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
        return (self.ask - self.bid) / ((self.bid + self.ask) / 2)


class TradePrint(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One trade on the tape."""

    symbol: str
    price: float
    size: float
    ts_event: int
    ts_init: int
    source: str = ""
    conditions: str = ""

    def __post_init__(self) -> None:
        """Refuse a price or size that isn't positive."""
        not_empty(self.symbol, "symbol")
        positive_mark(self.price, "price")
        positive_mark(self.size, "size")


class Bar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Open, high, low, close, volume of one interval.

    `ts_event` is the START of the interval, `interval_s` its length in seconds.
    `vwap` is sum(price x size) / sum(size).
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

    def __post_init__(self) -> None:
        """Refuse a bar of no length, or whose high or low does not hold the others."""
        not_empty(self.symbol, "symbol")
        if not self.interval_s > 0:
            raise DomainError(f"{self.symbol}: a bar must last, not {self.interval_s} s")
        for what in ("open", "high", "low", "close", "volume", "vwap"):
            positive_mark(getattr(self, what), what)
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise DomainError(f"{self.symbol}: bar high and low do not hold open and close")


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
