"""The simulated market: a walk of quotes for each symbol, to venue and feed alike."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from cockpit.adapters.faults import FaultKind, Plan
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote
from cockpit.kernel.chance import Chance, below
from cockpit.kernel.clock import SECOND
from cockpit.kernel.stepped import Timeline
from cockpit.ports.feed import RawQuote, RawRow, RawStatus

EVERY_S = 8.0
DAY_NS = 86_400 * SECOND


class Market:
    """Quotes at random moments; `to_venue` gets the truth, `to_feed` what a feed makes of it."""

    def __init__(
        self,
        symbols: tuple[str, ...],
        timeline: Timeline,
        plan: Plan,
        chance: Chance,
        *,
        to_venue: Callable[[Quote], None],
        to_feed: Callable[[RawRow], None],
    ) -> None:
        self.instruments = tuple(
            Instrument(symbol=symbol, shortable=True, easy_to_borrow=True) for symbol in symbols
        )
        self._timeline = timeline
        self._plan = plan
        self._chance = chance
        self._to_venue = to_venue
        self._to_feed = to_feed
        self._mids = {symbol: chance.uniform(20, 90) for symbol in symbols}
        self._touches = {symbol: _touch(mid) for symbol, mid in self._mids.items()}
        self._ticks = {symbol: partial(self._tick, symbol) for symbol in symbols}
        self._halted: set[str] = set()
        self._open = False

    def open(self) -> None:
        """Begin to quote."""
        self._open = True
        for symbol in self._mids:
            self._tick(symbol)

    def close(self) -> None:
        """Quote no more."""
        self._open = False

    def touch(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Bid and ask now."""
        bid, ask = self._touches[symbol]
        return Decimal(str(bid)), Decimal(str(ask))

    def quote(self, symbol: str) -> None:
        """Make a quote now."""
        if symbol in self._halted or not self._open:
            return
        bid, ask = self._touches[symbol]
        now = self._timeline.now_ns
        sizes = 5.0 + below(self._chance, 56), 5.0 + below(self._chance, 56)
        self._to_venue(
            Quote(
                symbol=symbol,
                bid=bid,
                ask=ask,
                bid_size=sizes[0],
                ask_size=sizes[1],
                ts_event=now,
                ts_init=now,
            )
        )
        if self._plan.lasts(FaultKind.FEED_SILENCE, now):
            return
        if self._plan.strikes(FaultKind.FEED_GARBAGE, 0.1):
            self._to_feed(self._garbage(symbol, bid, ask, now))
        self._to_feed(RawQuote(symbol, bid, ask, *sizes, now))

    @property
    def halted(self) -> bool:
        """Whether any symbol is halted."""
        return bool(self._halted)

    def halt(self, symbol: str, *, halted: bool) -> None:
        """Halt or resume a symbol."""
        (self._halted.add if halted else self._halted.discard)(symbol)
        self._to_feed(RawStatus(symbol, halted, "simulated", self._timeline.now_ns))

    def tell_status(self) -> None:
        """Tell the feed which symbols are halted."""
        for symbol in self._mids:
            halted = symbol in self._halted
            self._to_feed(RawStatus(symbol, halted, "simulated", self._timeline.now_ns))

    def split(self, symbol: str, ratio: int) -> None:
        """Quote from now on for a part of what a share was."""
        self._move(symbol, self._mids[symbol] / ratio)

    def _tick(self, symbol: str) -> None:
        if not self._open:
            return
        self._move(symbol, self._mids[symbol] * (1 + self._chance.gauss(0, 0.0008)))
        self.quote(symbol)
        pause = self._chance.expovariate(1 / EVERY_S)
        self._timeline.call_later(pause, self._ticks[symbol])

    def _move(self, symbol: str, mid: float) -> None:
        self._mids[symbol] = mid
        self._touches[symbol] = _touch(mid)

    def _garbage(self, symbol: str, bid: float, ask: float, now: int) -> RawQuote:
        kind = self._chance.randrange(5)
        if kind == 0:
            return RawQuote(symbol, ask + 1, bid, 10.0, 10.0, now)
        if kind == 1:
            return RawQuote(symbol, float("nan"), ask, 10.0, 10.0, now)
        if kind == 2:
            return RawQuote(symbol, -bid, ask, 10.0, 10.0, now)
        if kind == 3:
            return RawQuote(symbol, bid, ask, 10.0, 10.0, now - DAY_NS)
        return RawQuote(symbol, bid / 10, ask / 10, 10.0, 10.0, now + DAY_NS)


def _touch(mid: float) -> tuple[float, float]:
    """Bid and ask a cent around the middle, in whole cents."""
    cents = round(round(mid, 2) * 100)
    return (cents - 1) / 100, (cents + 1) / 100
