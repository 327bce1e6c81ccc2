"""The door of the market room: a raw row becomes a domain value, or is quarantined.

The domain types refuse nonsense themselves, so the good row is checked once, while it
is built; only a refused row is looked at again to name the reason.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.market import Quote, TradePrint, TradingStatus
from cockpit.ports.feed import RawQuote, RawStatus, RawTrade

_INF = float("inf")
FUTURE_NS = 1_000_000_000
"""A row may be ahead of our clock by the skew that the gate allows. Further ahead it would look
fresh for as long as it is ahead, and every true row after it would count as out of order."""


class Quarantined(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row that was not believed: reason code, the row in words, its time in ns (0 unknown)."""

    reason: str
    detail: str
    ts: int


class Quality:
    """Checks rows of one feed, in the order they arrive.

    Reason codes: `zero_bid`, `zero_ask`, `zero_price`, `no_size`, `negative`, `not_a_number`,
    `null`, `crossed`, `out_of_order`, `future`, `cancelled`, `no_symbol`, and what a reader reports
    (`unreadable`). A locked quote (bid = ask) passes and is counted in `flagged`.
    """

    RECENT = 200

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._flagged: Counter[str] = Counter()
        self._recent: deque[Quarantined] = deque(maxlen=self.RECENT)
        self._quote_ts: dict[str, int] = {}
        self._trade_ts: dict[str, int] = {}
        self.accepted = 0

    @property
    def counts(self) -> Mapping[str, int]:
        """Quarantined rows by reason code."""
        return dict(self._counts)

    @property
    def flagged(self) -> Mapping[str, int]:
        """Rows that passed but are worth knowing of, by code (`locked`)."""
        return dict(self._flagged)

    @property
    def quarantined(self) -> int:
        """All quarantined rows."""
        return self._counts.total()

    @property
    def recent(self) -> Sequence[Quarantined]:
        """The latest quarantined rows, newest last; at most RECENT."""
        return tuple(self._recent)

    def check_quote(self, raw: RawQuote, ts_init: int) -> Quote | None:
        """The quote as a domain value stamped `ts_init`, or None when quarantined."""
        symbol, ts = raw.symbol, raw.ts_event
        if ts < self._quote_ts.get(symbol, 0):
            return self._refuse("out_of_order", raw)
        if ts > ts_init + FUTURE_NS:
            return self._refuse("future", raw)
        try:
            quote = Quote(
                symbol=symbol,
                bid=raw.bid,
                ask=raw.ask,
                bid_size=raw.bid_size,
                ask_size=raw.ask_size,
                ts_event=ts,
                ts_init=ts_init,
            )
        except (DomainError, TypeError):
            return self._refuse(_quote_fault(raw), raw)
        self._quote_ts[symbol] = ts
        self.accepted += 1
        if raw.bid == raw.ask:
            self._flagged["locked"] += 1
        return quote

    def check_trade(self, raw: RawTrade, ts_init: int) -> TradePrint | None:
        """The print as a domain value stamped `ts_init`, or None when quarantined."""
        symbol, ts = raw.symbol, raw.ts_event
        if raw.cancelled:
            return self._refuse("cancelled", raw)
        if ts < self._trade_ts.get(symbol, 0):
            return self._refuse("out_of_order", raw)
        if ts > ts_init + FUTURE_NS:
            return self._refuse("future", raw)
        try:
            trade = TradePrint(
                symbol=symbol,
                price=raw.price,
                size=raw.size,
                ts_event=ts,
                ts_init=ts_init,
                conditions=raw.conditions,
            )
        except (DomainError, TypeError):
            return self._refuse(_trade_fault(raw), raw)
        self._trade_ts[symbol] = ts
        self.accepted += 1
        return trade

    def check_status(self, raw: RawStatus, ts_init: int) -> TradingStatus | None:
        """The halt or resumption as a domain value, or None when it names no symbol."""
        try:
            status = TradingStatus(
                symbol=raw.symbol,
                halted=raw.halted,
                reason=raw.reason,
                ts_event=raw.ts_event,
                ts_init=ts_init,
            )
        except DomainError:
            return self._refuse("no_symbol", raw)
        self.accepted += 1
        return status

    def quarantine(self, reason: str, detail: str, ts: int = 0) -> None:
        """Count a row that somebody else, e.g. the reader of a file, could not believe."""
        self._counts[reason] += 1
        self._recent.append(Quarantined(reason=reason, detail=detail, ts=ts))

    def _refuse(self, reason: str, raw: RawQuote | RawTrade | RawStatus) -> None:
        self.quarantine(reason, repr(raw), raw.ts_event)


def _quote_fault(raw: RawQuote) -> str:
    if not raw.symbol or raw.symbol.isspace():
        return "no_symbol"
    if fault := _number_fault((raw.bid, raw.ask, raw.bid_size, raw.ask_size)):
        return fault
    if raw.bid == 0:
        return "zero_bid"
    if raw.ask == 0:
        return "zero_ask"
    return "crossed" if raw.bid > raw.ask else "no_size"


def _trade_fault(raw: RawTrade) -> str:
    if not raw.symbol or raw.symbol.isspace():
        return "no_symbol"
    if fault := _number_fault((raw.price, raw.size)):
        return fault
    return "zero_price" if raw.price == 0 else "no_size"


def _number_fault(values: tuple[float | None, ...]) -> str:
    """Name what no price or size may be; a source's null arrives as None despite the type."""
    for value in values:
        if value is None:
            return "null"
        if not (-_INF < value < _INF):
            return "not_a_number"
        if value < 0:
            return "negative"
    return ""
