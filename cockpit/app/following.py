"""Which symbols are followed, and whether the broker sells them short and takes fractions.

The feed is asked for its own list. What is held, has an order or a trigger needs prices as well,
whatever the list says; and of each symbol the broker is asked now and then whether it can be
borrowed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence

import msgspec
import structlog

from cockpit.app.core import Core
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import OrderChanged, PositionChanged, TriggersChanged
from cockpit.domain.instrument import Instrument, usual_multiplier
from cockpit.kernel.clock import SECOND
from cockpit.ports.feed import Watching

_log = structlog.get_logger(__name__)
_SYMBOL = re.compile(r"[A-Z][A-Z.]{0,9}")
ASK_EVERY_S = 900.0
AGAIN_S = 30.0
BELIEVED_NS = 14_400 * SECOND
"""What the broker said is believed so long; afterwards nobody knows, and a live account sells
nothing short."""


Listings = Callable[[Sequence[str]], Awaitable[Sequence[Instrument]]]


class Following:
    """Follows symbols as they turn up; `run` keeps what the broker says of them fresh.

    `listings` asks the broker; None for one that has no word about symbols.
    """

    def __init__(self, core: Core, listings: Listings | None) -> None:
        self._core = core
        self._listings = listings
        self._feed = core.feed if isinstance(core.feed, Watching) else None
        self._told_ns: dict[str, int] = {}
        self._news = asyncio.Event()

    def start(self) -> None:
        """Follow what is held and ordered now, and from here on what is traded."""
        core = self._core
        self._follow(position.symbol for position in core.portfolio.open_positions())
        self._follow(order.symbol for order in core.orders.open())
        core.bus.subscribe(
            PositionChanged,
            lambda event: None if event.position.flat else self._follow((event.position.symbol,)),
            name="following",
        )
        core.bus.subscribe(
            OrderChanged, lambda event: self._follow((event.order.symbol,)), name="following"
        )
        if self._feed is not None:  # a played market has the prices that it has
            self._follow(self._of_triggers())
            core.bus.subscribe(
                TriggersChanged, lambda _: self._follow(self._of_triggers()), name="following"
            )

    async def run(self) -> None:
        """Ask the broker about each symbol, again and again; at once over when it has no word."""
        if self._listings is None:
            return
        while True:
            self._news.clear()
            answered = await self._learn(self._listings)
            self._forget_the_old()
            try:
                async with asyncio.timeout(ASK_EVERY_S if answered else AGAIN_S):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _of_triggers(self) -> Iterable[str]:
        """What triggers wait for; a word that can be no symbol would spoil a subscription."""
        known = self._core.triggers
        armed = [each.symbol for each in known.all() if each.armed] if known is not None else []
        return filter(_SYMBOL.fullmatch, armed)

    def _follow(self, symbols: Iterable[str]) -> None:
        book = self._core.book
        new = [s for s in dict.fromkeys(symbols) if book.instrument(s) is None]
        for symbol in new:
            self._add(Instrument(symbol=symbol, multiplier=usual_multiplier(symbol)))
        if new:
            self._news.set()
            if self._feed is not None:
                self._feed.watch(new)

    async def _learn(self, listings: Listings) -> bool:
        symbols = self._core.book.symbols
        try:
            told = await listings(symbols)
        except CockpitError as error:
            _log.warning("instruments_not_learnt", error=str(error))
            return False
        self._take(told)
        return True

    def _take(self, told: Sequence[Instrument]) -> None:
        now = self._core.clock.now_ns()
        for one in told:
            known = self._core.book.instrument(one.symbol) or one
            self._told_ns[one.symbol] = now
            self._add(
                msgspec.structs.replace(
                    known,
                    name=known.name or one.name,
                    shortable=one.shortable,
                    easy_to_borrow=one.easy_to_borrow,
                    fraction=one.fraction,
                )
            )

    def _forget_the_old(self) -> None:
        now = self._core.clock.now_ns()
        for symbol, told_ns in list(self._told_ns.items()):
            known = self._core.book.instrument(symbol)
            if now - told_ns > BELIEVED_NS and known is not None:
                del self._told_ns[symbol]
                self._add(msgspec.structs.replace(known, shortable=None, easy_to_borrow=None))

    def _add(self, instrument: Instrument) -> None:
        self._core.book.add(instrument)
        self._core.portfolio.add_instrument(instrument)
