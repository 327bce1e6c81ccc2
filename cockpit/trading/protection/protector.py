"""Holds the exits of positions: listens to what happens, and answers a person's commands."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cockpit.domain.adjustment import AdjustmentKind
from cockpit.domain.events import (
    FillBooked,
    FillBusted,
    OrderChanged,
    PositionAdjusted,
    TradingStateChanged,
)
from cockpit.domain.limits import TradingState
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderState, Side
from cockpit.domain.position import Position
from cockpit.domain.protection import Protection
from cockpit.domain.values import CENT, ZERO, to_decimal
from cockpit.trading.errors import TradingError
from cockpit.trading.protection.cover import Aim, Cover, CoverBook, Tries
from cockpit.trading.protection.exit_work import NEVER_NS, ExitWork, Tools
from cockpit.trading.protection.exits import SETTLED, is_rest, stopped_by_others
from cockpit.trading.protection.history import Entry, Held, History, Kept
from cockpit.trading.protection.record import UNREADABLE, ProtectionRecord
from cockpit.trading.protection.room import Room
from cockpit.trading.protection.rounds import Rounds
from cockpit.trading.protection.stops import of_this_life, tightened
from cockpit.trading.protection.watch import SECOND_NS, Pace, Watch

_FAILED = (OrderState.REJECTED, OrderState.DENIED)
# A cancel of ours passes through PENDING_CANCEL: one that comes from these is somebody else's.
_UNASKED = SETTLED | {OrderState.PENDING_REPLACE}


class Protector:
    """The same at every broker: the stop rests at the venue, all else is held here.

    Nothing is done before `rearm`, which is called when the ledger and the broker agree.
    """

    TRY_AGAIN_S = (1.0, 2.0, 4.0, 8.0, 16.0)
    STAND_DOWN_S = 5.0

    def __init__(self, room: Room) -> None:
        self._room = room
        self._book = CoverBook(self._tick, self._intent_of)
        self._history = History()
        self._record = ProtectionRecord(
            self._book,
            self._history,
            room.orders,
            self._refold,
            store=room.store,
            clock=room.clock,
            supervisor=room.supervisor,
            durable=room.durable,
            account_id=room.account_id,
        )
        self._ready = False
        self._to_stand_down = ""
        self._heard = self._given_ns = 0
        self._spent: set[str] = set()
        pace = Pace(room.traffic, room.limits, room.clock)
        self._watch = Watch(self._book, room.prices, room.switch, room.limits, room.clock, pace)
        tools = Tools(
            oms=room.oms,
            orders=room.orders,
            switch=room.switch,
            prices=room.prices,
            clock=room.clock,
            way=room.way,
            pace=pace,
            watch=self._watch,
            incident=room.incident,
            account_id=room.account_id,
        )
        self._work = ExitWork(tools, self._book)
        self._rounds = Rounds(room.supervisor, room.clock, self._round)
        self._work.rounds = self._rounds
        room.way.changed = self.look_at
        bus = room.bus
        bus.subscribe(FillBooked, self._on_fill, name="protection.fill")
        bus.subscribe(FillBusted, self._on_bust, name="protection.bust")
        bus.subscribe(PositionAdjusted, self._on_adjusted, name="protection.adjusted")
        bus.subscribe(OrderChanged, self._on_order, name="protection.order")
        bus.subscribe(Quote, self._on_quote, name="protection.quote")
        bus.subscribe(TradingStateChanged, self._on_state, name="protection.state")

    # what others ask

    def covers(self, symbol: str) -> Sequence[Cover]:
        """What protects `symbol`, oldest first."""
        return self._book.on(symbol)

    def all_covers(self) -> Sequence[Cover]:
        """What protects anything."""
        return self._book.all()

    def left(self, cover_id: str) -> Decimal:
        """How much a protection still covers, by its name or its entry's order id."""
        cover = self._book.get(cover_id)
        return ZERO if cover is None else cover.quantity

    def bare(self) -> list[Position]:
        """Positions that nothing protects, whole or in part: no cover, no stop at the venue."""
        orders = self._room.orders
        return [
            position
            for position in self._room.portfolio.open_positions()
            if sum(c.quantity for c in self._book.on(position.symbol))
            + stopped_by_others(orders.open(position.symbol), position.quantity, orders.line)
            < abs(position.quantity)
        ]

    async def rearm(self) -> None:
        """Make the covers anew from the ledger and bring the exits to them.

        Twice is once: what is at the venue already is left there. Raises StoreError.
        """
        kept, booked = await self._stored()
        now = self._room.clock.now_ns()
        self._history.load(booked, kept, now, self._record.symbol_of)
        traded = set(self._history.symbols())
        for symbol in sorted(traded | {cover.symbol for cover in self._book.all()}):
            self._refold(symbol)
        self._ready = True
        if self._record.unreadable:
            self._room.incident("protection", "Protections can't be read", UNREADABLE)
        self._tell_bare("The cockpit has started")
        if self._to_stand_down:
            why, self._to_stand_down = self._to_stand_down, ""
            self.stand_down(why)
        self._look_at_all()

    async def again(self) -> None:
        """As `rearm`; the ledger, which may be of years, is read only if something was missed."""
        if not self._ready or await self._record.missed():
            await self.rearm()
            return
        self._tell_bare("The account was compared again")
        self._look_at_all()

    async def _stored(self) -> tuple[Kept, Sequence[Entry | None]]:
        """What the ledger holds, with all that has been heard of until it answered."""
        store, account_id = self._room.store, self._room.account_id
        while True:
            heard = self._heard
            kept, booked = await self._record.last(), await store.booked(account_id)
            if heard == self._heard:
                return kept, booked

    def _refold(self, symbol: str) -> None:
        """Make the covers of `symbol` anew from all that has happened to it."""
        history, book = self._history, self._book
        book.fold(symbol, history.before(symbol), history.steps(symbol))
        covers = book.on(symbol)
        if not covers:
            return
        names = {cover.cover_id for cover in covers}
        exits = [o for o in self._room.orders.all() if o.intent.protects in names]
        for cover in covers:
            tightened(cover, exits)

    async def protect(self, symbol: str, plan: Protection) -> Cover:
        """Give what is held of `symbol` these exits in the place of all others it has.

        Raises TradingError without a position or a price to trail from, DomainError for a
        stop or target on the wrong side of the market, StoreError: all is as it was then.
        """
        position = self._room.portfolio.position(symbol)
        if position.flat:
            raise _nothing_held(symbol)
        side = Side.BUY if position.quantity > 0 else Side.SELL
        touch = self._touch(symbol, side)
        plan.check(side, touch)
        if touch is None and plan.stop is None:
            raise TradingError(
                f"no fresh price of {symbol} to trail from",
                code="PROTECTION_NO_PRICE",
                user_text=f"There is no fresh price of {symbol} to reckon the trailing stop from. "
                "Nothing was changed. Wait for a price, or give the stop itself.",
            )
        now = self._given_ns = max(self._room.clock.now_ns(), self._given_ns + 1)
        held = Held(
            cover_id=f"{self._room.account_id}/{symbol}/{now}",
            symbol=symbol,
            side=side,
            quantity=abs(position.quantity),
            plan=plan,
            stop=plan.first_stop(side, touch or plan.stop or CENT, self._tick(symbol)),
            since_ns=now,
        )
        await self._record.give(held)
        self.look_at(symbol)
        cover = self._book.get(held.cover_id)
        if cover is None:
            raise _nothing_held(symbol)
        return cover

    async def unprotect(self, symbol: str) -> None:
        """Take back what protects `symbol`; the position is a person's then.

        Raises StoreError: it stays protected then.
        """
        await self._record.end({cover.cover_id for cover in self._book.on(symbol)})
        self.look_at(symbol)

    async def release(self, client_order_id: str) -> bool:
        """A person cancels an exit: its protection ends. True when it was one.

        Raises StoreError.
        """
        order = self._room.orders.get(client_order_id)
        if order is None or not order.intent.protects:
            return False
        await self._record.end({order.intent.protects})
        self._tell_bare("You cancelled an exit")
        return True

    def stand_down(self, why: str) -> None:
        """Hold no exit any more, in this instant; the ledger follows. Says what is bare now.

        Before the covers are known, that is done as soon as they are.
        """
        if not self._ready:
            self._to_stand_down = why
        covers = self._book.all()
        if not covers:
            return
        self._record.end_now({cover.cover_id for cover in covers})
        self._tell_bare(why)
        soon = self._room.clock.elapsed_ns() + int(self.STAND_DOWN_S * SECOND_NS)
        for symbol in {cover.symbol for cover in covers}:  # whoever called is cancelling, too
            self._rounds.at(symbol, soon)

    def close(self) -> None:
        """Stop looking; what is at the venue stays there."""
        self._ready = False
        self._rounds.close()

    def look_at(self, symbol: str) -> None:
        """Compare the exits of `symbol` with what they must be."""
        if self._ready:
            self._rounds.now(symbol)

    # what happens

    def _on_fill(self, event: FillBooked) -> None:
        self._heard += 1
        fill, intent = event.fill, event.order.intent
        if self._ready and self._history.add(fill):
            self._book.take(fill)
        if intent.protects:
            self._spent.add(intent.protects)
        self.look_at(fill.symbol)

    def _on_bust(self, event: FillBusted) -> None:
        self._heard += 1
        if self._ready:  # a cover that this fill had used up is there again
            self._history.take_back(event.fill)
            self._refold(event.fill.symbol)
            self.look_at(event.fill.symbol)

    def _on_adjusted(self, event: PositionAdjusted) -> None:
        self._heard += 1
        if self._ready and self._history.add(event.adjustment):
            self._book.take(event.adjustment)
            if event.adjustment.kind is AdjustmentKind.SPLIT:
                self._tell_bare(f"{event.adjustment.symbol} was split")
            self.look_at(event.adjustment.symbol)

    def _on_order(self, event: OrderChanged) -> None:
        order = event.order
        if order.intent.protects:
            self._on_exit(order, event.previous)
        if order.intent.protects or self._book.on(order.symbol):
            self.look_at(order.symbol)

    def _on_exit(self, order: Order, previous: OrderState | None) -> None:
        cover = self._book.get(order.intent.protects)
        if cover is None:
            return
        if order.state is OrderState.WORKING:
            stop = order.intent.stop_price if of_this_life(cover, order) else None
            cover.works(stop, rest=is_rest(order))
        elif order.state in _FAILED:
            self._refused(cover, order)
        elif order.state is OrderState.CANCELED and previous in _UNASKED:
            (self._refused if is_rest(order) else self._lost)(cover, order)
        elif order.state is OrderState.EXPIRED:  # the day of a part of a share is over
            cover.rest = Tries()

    def _on_quote(self, quote: Quote) -> None:
        if self._watch.take(quote):
            self.look_at(quote.symbol)

    def _on_state(self, event: TradingStateChanged) -> None:
        if event.previous is TradingState.HALTED:
            self._work.resumed()
            self._look_at_all()

    async def _round(self, symbol: str) -> None:
        if self._ready:
            await self._end_entries(symbol)
            await self._work.round(symbol)

    async def _end_entries(self, symbol: str) -> None:
        """An entry whose exit trades must not go on filling: take back what is left of it."""
        for cover_id in list(self._spent):
            entry = self._room.orders.get(cover_id)
            if entry is None or entry.symbol == symbol:
                self._spent.discard(cover_id)
            if entry is not None and entry.symbol == symbol and entry.state in SETTLED:
                await self._room.oms.cancel(cover_id)

    def _refused(self, cover: Cover, order: Order) -> None:
        now = self._room.clock.elapsed_ns()
        if cover.aim is Aim.TARGET:
            self._watch.give_up_target(cover)
            return
        tries = len(self.TRY_AGAIN_S)
        if order.replaces is not None:  # the old one works on, or has traded meanwhile
            cover.changes_refused += 1
            wait = self.TRY_AGAIN_S[min(cover.changes_refused, tries) - 1]
            cover.change_not_before_ns = now + int(wait * SECOND_NS)
            return
        tried, bare = (cover.rest, order.remaining) if is_rest(order) else (cover, cover.quantity)
        tried.failures += 1
        given_up = tried.failures > tries
        wait = self.TRY_AGAIN_S[min(tried.failures, tries) - 1]
        tried.not_before_ns = NEVER_NS if given_up else now + int(wait * SECOND_NS)
        after = (
            "It is not tried again: place a stop, or close the position."
            if given_up
            else f"It is tried again in {wait:g} s."
        )
        self._room.incident(
            f"unprotected.{cover.symbol}",
            "A stop was refused",
            f"{bare} {cover.symbol} have no stop: {order.reason_text} {after}",
        )

    def _lost(self, cover: Cover, order: Order) -> None:
        """Cancelled by somebody else: a person's decision, as far as anybody can know."""
        self._record.end_now({cover.cover_id})
        self._room.incident(
            f"unprotected.{cover.symbol}",
            "A stop was cancelled elsewhere",
            f"{cover.quantity} {cover.symbol} have no stop: {order.client_order_id} was cancelled, "
            "and not from here. Protect the position again, or close it.",
        )

    def _tell_bare(self, why: str) -> None:
        bare = self.bare()
        if not bare:
            return
        held = ", ".join(f"{position.quantity} {position.symbol}" for position in bare)
        self._room.incident(
            "unprotected",
            "Positions without a stop",
            f"{why}: nothing protects what is held: {held}. Protect it, or flatten it.",
        )

    def _look_at_all(self) -> None:
        symbols = {cover.symbol for cover in self._book.all()}
        symbols |= {o.symbol for o in self._room.orders.open() if o.intent.protects}
        for symbol in sorted(symbols):
            self.look_at(symbol)

    def _touch(self, symbol: str, side: Side) -> Decimal | None:
        """Where the position could be left now; None when the quote is not fresh."""
        quote, age = self._room.prices.quote(symbol), self._room.prices.age_s(symbol)
        if (
            quote is None
            or age is None
            or not 0 <= age <= self._room.limits.account.max_quote_age_s
        ):
            return None
        return to_decimal(quote.bid if side is Side.BUY else quote.ask)

    def _intent_of(self, client_order_id: str) -> OrderIntent | None:
        order = self._room.orders.get(client_order_id)
        return None if order is None else order.intent

    def _tick(self, symbol: str) -> Decimal:
        instrument = self._room.prices.instrument(symbol)
        return CENT if instrument is None else instrument.tick


def _nothing_held(symbol: str) -> TradingError:
    return TradingError(
        f"protect {symbol}: flat",
        code="PROTECTION_NO_POSITION",
        user_text=f"There is no position in {symbol} to protect; nothing was changed.",
    )
