"""Triggers: say once, or again and again, when a condition of one symbol comes true.

Only the triggers of the symbol that was touched are looked at, and without any trigger
nothing listens to prices at all.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence

import msgspec

from cockpit.domain.market import Bar, BarRevised, Quote, TradePrint, TriggerFired
from cockpit.domain.values import not_empty
from cockpit.kernel.bus import Bus, Unsubscribe
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.conditions import Look, watch

_NS = 1_000_000_000


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be told of.

    `when` is a sentence of `conditions`. `again` re-arms it once the condition is false
    again and `rest_s` have passed; else it says it once and is `spent`. One that is not `on`
    rests until somebody turns it on. `fired_ns` is when it spoke last, 0 for never.
    """

    name: str
    symbol: str
    when: str
    again: bool = False
    rest_s: float = 60.0
    spent: bool = False
    on: bool = True
    fired_ns: int = 0

    @property
    def armed(self) -> bool:
        """True when it may still say something."""
        return self.on and not self.spent

    def __post_init__(self) -> None:
        """Refuse a trigger without name, symbol or condition."""
        not_empty(self.name, "name")
        not_empty(self.symbol, "symbol")
        watch(self.when)


class _Armed:
    """`revised` says that bars which it has looked at are others now."""

    __slots__ = ("held", "known", "quiet_until", "revised", "trigger", "watch")

    def __init__(self, trigger: Trigger) -> None:
        self.trigger = trigger
        self.watch = watch(trigger.when)
        self.held = self.revised = False
        self.quiet_until = self.known = 0

    def learn(self, bars: Sequence[Bar]) -> None:
        """Know these bars and no others."""
        self.watch.learn(bars)
        self.known, self.revised = len(bars), False


class Triggers:
    """Watches `triggers` over what the bus tells; publishes `TriggerFired`.

    `on_spent` is told of each that will not say anything again, after the event. Averages and
    usual volumes begin with the closed bars that are in `bars`; anew when a source has put more of
    the past in front of them, and when one was put right.
    """

    def __init__(
        self,
        bus: Bus,
        book: Book,
        triggers: Iterable[Trigger],
        on_spent: Callable[[Trigger], None],
        *,
        bars: BarBook | None = None,
    ) -> None:
        self._bus, self._book, self._on_spent = bus, book, on_spent
        self._bars = bars
        self._armed: dict[str, list[_Armed]] = {}
        self._ends: Sequence[Unsubscribe] = ()
        for trigger in triggers:
            self.put(trigger)

    def put(self, trigger: Trigger) -> None:
        """Watch this one from now on, in the place of the one of its name, afresh."""
        self.remove(trigger.name)
        if trigger.armed:
            armed = _Armed(trigger)
            self._learn(armed)
            self._armed.setdefault(trigger.symbol, []).append(armed)
            self._ends = self._ends or self._listen()

    def remove(self, name: str) -> None:
        """Watch it no more; harmless when it is not watched."""
        for mine in tuple(self._armed.values()):
            for each in tuple(mine):
                if each.trigger.name == name:
                    self._drop(each)

    def _drop(self, each: _Armed) -> None:
        symbol = each.trigger.symbol
        rest = [other for other in self._armed.get(symbol, ()) if other is not each]
        if rest:
            self._armed[symbol] = rest
        else:
            self._armed.pop(symbol, None)

    @property
    def watched(self) -> Sequence[Trigger]:
        """Those that may still say something."""
        return tuple(each.trigger for mine in self._armed.values() for each in mine)

    @property
    def symbols(self) -> Container[str]:
        """Those of which every quote is looked at."""
        return self._armed

    def close(self) -> None:
        """Stop listening."""
        for end in self._ends:
            end()
        self._ends = ()

    def _listen(self) -> Sequence[Unsubscribe]:
        return (
            self._bus.subscribe(Quote, self._on_quote, name="triggers"),
            self._bus.subscribe(TradePrint, self._on_trade, name="triggers"),
            self._bus.subscribe(Bar, self._on_bar, name="triggers"),
            self._bus.subscribe(BarRevised, self._on_revised, name="triggers"),
        )

    def _on_quote(self, quote: Quote) -> None:
        mine = self._armed.get(quote.symbol)
        if mine:
            reference = self._book.reference(quote.symbol)
            spread = quote.spread_fraction
            self._look(mine, Look(quote.ts_init, quote.mid, spread, reference))

    def _on_trade(self, trade: TradePrint) -> None:
        mine = self._armed.get(trade.symbol)
        if mine and self._book.quote(trade.symbol) is None:  # else a print may lie off the mid
            reference = self._book.reference(trade.symbol)
            self._look(mine, Look(trade.ts_init, trade.price, None, reference))

    def _on_bar(self, bar: Bar) -> None:
        mine = self._armed.get(bar.symbol)
        if mine:
            for each in mine:
                if each.revised:
                    self._learn(each, before_ns=bar.ts_event)
                each.known += 1
            self._look(mine, Look(bar.ts_init, bar=bar))

    def _on_revised(self, event: BarRevised) -> None:
        """More of the past counts at once; one bar put right counts with the next that closes."""
        for each in self._armed.get(event.symbol, ()):
            if each.watch.by_bars and self._bars is not None:
                each.revised = True
                if self._bars.series(event.symbol).closed > each.known:
                    self._learn(each)

    def _learn(self, each: _Armed, before_ns: int | None = None) -> None:
        """It knows what has closed, or what had closed before a bar that starts at `before_ns`."""
        if self._bars is None or not each.watch.by_bars:
            return
        bars = self._bars.closed(each.trigger.symbol)
        count = len(bars)
        while before_ns is not None and count and bars[count - 1].ts_event >= before_ns:
            count -= 1
        each.learn(bars[:count])

    def _look(self, mine: list[_Armed], look: Look) -> None:
        for each in tuple(mine):
            before, each.held = each.held, each.watch.holds(look)
            if each.held and not before and look.now_ns >= each.quiet_until:
                self._fire(each, look)

    def _fire(self, each: _Armed, look: Look) -> None:
        trigger = each.trigger
        each.quiet_until = look.now_ns + round(trigger.rest_s * _NS)
        if not trigger.again:
            self._drop(each)
        price = look.price if look.bar is None else look.bar.close
        self._bus.publish(
            TriggerFired(
                name=trigger.name,
                symbol=trigger.symbol,
                when=trigger.when,
                price=price,
                ts_event=look.now_ns,
                ts_init=look.now_ns,
            )
        )
        if not trigger.again:
            self._on_spent(msgspec.structs.replace(trigger, spent=True))
