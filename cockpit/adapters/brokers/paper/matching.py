"""The matching engine: own orders against the quotes really seen. Pure, no clock of its own.

The model (see docs/adr/0004): a buy trades at the ask, a sell at the bid, up to the size
that quote displays; each displayed share is taken once and the next quote brings new ones.
A passive limit waits until the opposite side of a quote reaches it. A buy stop is triggered
by an ask at or above it, a sell stop by a bid at or below it. No fill comes from a quote
that is too old, from before a halt, or out of a gap between prices.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cockpit.adapters.brokers.paper.display import Display, Prices, prices_of
from cockpit.adapters.brokers.paper.orders import VenueOrder
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote, TradingStatus
from cockpit.domain.order import Side
from cockpit.domain.values import ZERO


@dataclass(frozen=True, slots=True)
class Match:
    """An order traded; it counts the quantity itself."""

    order: VenueOrder
    quantity: Decimal
    price: Decimal


class Matcher:
    """Resting orders and the quote in force, symbol by symbol."""

    def __init__(self, max_quote_age_ns: int, instrument: Callable[[str], Instrument]) -> None:
        self._max_age = max_quote_age_ns
        self._instrument = instrument
        self._quotes: dict[str, Quote] = {}
        self._usable: set[str] = set()  # symbols whose quote was not overtaken by a halt
        self._displays: dict[str, Display] = {}
        self._prices: dict[str, Prices] = {}  # of the quote in force, once somebody asks
        self._halted: set[str] = set()
        self._resting: defaultdict[str, list[VenueOrder]] = defaultdict(list)
        self._reached: list[VenueOrder] = []  # stops, until somebody takes note of them

    def on_quote(self, quote: Quote, now_ns: int) -> Sequence[Match]:
        """Put `quote` in force and match what rests. Older quotes and halted symbols: nothing."""
        symbol = quote.symbol
        before = self._quotes.get(symbol)
        if symbol in self._halted or (before is not None and quote.ts_event < before.ts_event):
            return ()
        self._quotes[symbol] = quote
        self._usable.add(symbol)
        self._displays.pop(symbol, None)
        self._prices.pop(symbol, None)
        resting = self._resting.get(symbol)
        return self._match(symbol, resting, now_ns) if resting else ()

    def on_status(self, status: TradingStatus) -> None:
        """Halt or resume. What was quoted before or during a halt fills nothing after it."""
        if status.halted:
            self._halted.add(status.symbol)
            self._usable.discard(status.symbol)
        else:
            self._halted.discard(status.symbol)

    def enter(self, order: VenueOrder, now_ns: int) -> Sequence[Match]:
        """Let `order` trade against the quote in force; what is left rests."""
        self._resting[order.symbol].append(order)
        return self._match(order.symbol, (order,), now_ns)

    def rest(self, order: VenueOrder) -> None:
        """Put `order` back into the market as it was; only quotes to come can fill it."""
        self._resting[order.symbol].append(order)

    def take_triggered(self) -> list[VenueOrder]:
        """The orders whose stop was reached since this was last asked."""
        reached, self._reached = self._reached, []
        return reached

    def leave(self, order: VenueOrder) -> None:
        """Take `order` out of the market."""
        self._resting[order.symbol].remove(order)

    def resting(self) -> list[VenueOrder]:
        """All orders in the market, by arrival."""
        everything = [order for orders in self._resting.values() for order in orders]
        everything.sort(key=_sequence)
        return everything

    def touch(self, symbol: str, side: Side) -> Decimal | None:
        """The far touch last seen for `side`, fresh or not; None before the first quote."""
        return self._prices_of(symbol)[side] if symbol in self._quotes else None

    def mid(self, symbol: str) -> Decimal | None:
        """Halfway between the last bid and ask seen, exactly; None before the first quote."""
        if symbol not in self._quotes:
            return None
        prices = self._prices_of(symbol)
        return (prices[Side.SELL] + prices[Side.BUY]) / 2

    def listed_anew(self, symbol: str) -> None:
        """The instrument may have another tick from now on."""
        self._prices.pop(symbol, None)

    def quoted(self, symbol: str) -> bool:
        """True once a quote of `symbol` was seen."""
        return symbol in self._quotes

    def _match(self, symbol: str, orders: Iterable[VenueOrder], now_ns: int) -> list[Match]:
        display = self._display(symbol, now_ns)
        if display is None:
            return []
        ready = [order for order in orders if self._ready(order, display)]
        matches = [_cross(order, display) for order in sorted(ready, key=_priority)]
        made = [match for match in matches if match is not None]
        for match in made:
            if not match.order.open:
                self.leave(match.order)
        return made

    def _ready(self, order: VenueOrder, display: Display) -> bool:
        stop = order.order.intent.stop_price
        if not order.triggered and stop is not None:
            order.triggered = (display.price(order.side) - stop) * order.side.sign >= 0
            if order.triggered:
                self._reached.append(order)
        return order.triggered

    def _display(self, symbol: str, now_ns: int) -> Display | None:
        """What may be traded against now; None when nothing may."""
        if symbol not in self._usable:
            return None
        quote = self._quotes[symbol]
        if now_ns - min(quote.ts_event, quote.ts_init) > self._max_age:
            return None
        if symbol not in self._displays:
            prices = self._prices_of(symbol)
            self._displays[symbol] = Display(quote, prices, self._instrument(symbol))
        return self._displays[symbol]

    def _prices_of(self, symbol: str) -> Prices:
        prices = self._prices.get(symbol)
        if prices is None:
            prices = prices_of(self._quotes[symbol], self._instrument(symbol))
            self._prices[symbol] = prices
        return prices


_sequence = operator.attrgetter("sequence")


def _cross(order: VenueOrder, display: Display) -> Match | None:
    price = display.price(order.side)
    if order.limit is not None and (price - order.limit) * order.side.sign > 0:
        return None
    taken = display.take(order.side, order.remaining)
    if taken == 0:
        return None
    order.fill(taken, price)
    return Match(order, taken, price)


def _priority(order: VenueOrder) -> tuple[bool, Decimal, int]:
    """Market orders first, then the better limit, then the earlier arrival."""
    limit = order.limit
    better = ZERO if limit is None else -limit * order.side.sign
    return limit is not None, better, order.sequence
