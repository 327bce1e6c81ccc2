"""Compares the account with the broker's own books, and books what was not heard of."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Container, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import msgspec

from cockpit.domain.account import Account
from cockpit.domain.adjustment import split_ratio
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderState
from cockpit.domain.position import Position
from cockpit.domain.recovery import Difference
from cockpit.domain.values import ZERO
from cockpit.ports.broker import (
    Broker,
    BrokerError,
    BrokerOrder,
    BrokerPosition,
    ExecutionReport,
)
from cockpit.ports.clock import Clock
from cockpit.trading.booking import Booking
from cockpit.trading.books import FillBooks, is_made_up
from cockpit.trading.durable import Durable
from cockpit.trading.errors import TradingError
from cockpit.trading.likeness import is_older
from cockpit.trading.order_log import OrderLog
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.venue_events import VenueEvents

DAY_NS = 86_400_000_000_000
DRAIN_S = 0.02


@dataclass(frozen=True)
class Findings:
    """What one look found. `differences` are of what is held, by symbol.

    `contradictions` names orders that ended here and work at the broker. `fills` of the
    repairs are executions that were booked.
    """

    repairs: int
    differences: tuple[Difference, ...] = ()
    contradictions: tuple[str, ...] = ()
    fills: int = 0

    @property
    def agree(self) -> bool:
        """True when both sides tell the same."""
        return not self.differences and not self.contradictions

    @property
    def clean(self) -> bool:
        """True when nothing had to be mended and both sides tell the same."""
        return self.repairs == 0 and self.agree

    @property
    def text(self) -> str:
        """What differs, in words."""
        held = [
            f"{d.symbol}: {d.here.normalize():f} here, {d.at_broker.normalize():f} at the broker"
            for d in self.differences
        ]
        works = [f"the order {name} ended here and works there" for name in self.contradictions]
        return "; ".join([*held, *works])


@dataclass(frozen=True)
class Standing:
    """What a symbol's position is at the broker, and how ours differs from it, if it does."""

    symbol: str
    difference: Difference | None
    position: BrokerPosition | None
    here: Position

    def agrees_with(self, findings: Findings) -> bool:
        """Whether a look before, with nothing to mend, told the same of the symbol."""
        before = {d.symbol: d for d in findings.differences}.get(self.symbol)
        return findings.repairs == 0 and self.difference == before

    @property
    def split(self) -> Decimal | None:
        """New units for an old one, when it looks as if the stock was split; else None."""
        if self.position is None:
            return None
        here, there = self.here, self.position
        return split_ratio(here.quantity, here.average_cost, there.quantity, there.average_cost)


@dataclass(frozen=True)
class _Told:
    """The broker's books at one time; `gone` are orders of which it lists a booked fill no more."""

    gone: Container[str]
    listed: Sequence[BrokerOrder]
    found: Sequence[BrokerOrder]
    executions: Sequence[ExecutionReport]
    positions: Sequence[BrokerPosition] | None
    account: Account | None


class Reconciler:
    """Looks at the broker's books; its queries may fail, and a failure is never an answer."""

    LOOKS = 4

    def __init__(
        self,
        *,
        broker: Broker,
        clock: Clock,
        log: OrderLog,
        books: FillBooks,
        booking: Booking,
        events: VenueEvents,
        portfolio: Portfolio,
        durable: Durable,
    ) -> None:
        self._broker = broker
        self._clock = clock
        self._order_log = log
        self._books = books
        self._booking = booking
        self._events = events
        self._portfolio = portfolio
        self._durable = durable

    async def look(self, since_ns: int, *, positions: bool = True) -> Findings:
        """Page the broker's books, book what is news, then compare.

        What the stream brings meanwhile waits and is booked after it. Executions are asked
        for from `since_ns`, account and positions only when wanted. Raises BrokerError.
        """
        before = self._events.repairs
        with self._events.held():
            told = await self._ask(since_ns, positions)
            ended = [o.client_order_id for o in told.listed if self._has_ended(o)]
            await self._take_back(told, lambda listed: listed.client_order_id in told.gone)
            fills = await self._take_in(told)
            await self._take_back(told, self._too_much)
        while self._events.busy:
            await self._clock.sleep(DRAIN_S)
        if told.account is not None:
            self._events.on_account(told.account)
        return Findings(
            repairs=self._events.repairs - before,
            differences=() if told.positions is None else self.differences(told.positions),
            contradictions=tuple(ended),
            fills=fills,
        )

    def _has_ended(self, listed: BrokerOrder) -> bool:
        order = self._order_log.orders.get(listed.client_order_id)
        return order is not None and order.state.terminal and not is_older(order, listed)

    async def look_for(self, client_order_id: str) -> bool:
        """Ask for one order and book what the broker says of it; False when it has none.

        One that is older than ours is another: ours stays as it is. Raises BrokerError.
        """
        found = await self._broker.find_order(client_order_id)
        if found is None:
            return False
        if found.unreadable:
            raise BrokerError(
                f"{client_order_id}: {found.unreadable}",
                user_text=f"The broker has an order of this id that can't be made out: "
                f"{found.unreadable}. Look at it at the broker.",
            )
        if self._is_another(found):
            await self._events.recall(found)  # it says so of ours, and nothing more
            return False
        if self._books.filled(client_order_id) < found.report.filled:
            await self._events.recall(_just_in(found))
            since_ns = self._order_log.get(client_order_id).created_ns - DAY_NS
            for execution in await self._executions(since_ns):
                if execution.client_order_id == client_order_id:
                    await self._events.recall(execution)
        await self._events.recall(found)
        return True

    def _is_another(self, listed: BrokerOrder) -> bool:
        order = self._order_log.orders.get(listed.client_order_id)
        return order is not None and is_older(order, listed)

    @asynccontextmanager
    async def settled(self, symbol: str) -> AsyncGenerator[Standing]:
        """Where `symbol` stands at the broker, while nothing is booked until the block ends.

        Two looks that tell the same, so nothing that was traded is only in one of the
        broker's lists. Raises BrokerError, and TradingError when the books keep changing.
        """
        for _ in range(self.LOOKS):
            since_ns = self._clock.now_ns() - DAY_NS
            first = await self.look(since_ns)
            async with self._events.still():
                standing = await self._standing(symbol, since_ns)
                if standing is not None and standing.agrees_with(first):
                    yield standing
                    return
        raise TradingError(
            f"the books of {symbol} keep changing",
            code="POSITIONS_CHANGING",
            user_text=f"Something was traded in {symbol} while both sides were compared. Nothing "
            "was changed. Look again in a moment.",
        )

    async def _standing(self, symbol: str, since_ns: int) -> Standing | None:
        """What differs, when all that was traded until now is booked; None when it is not."""
        executions = await self._executions(since_ns)
        positions = await self._broker.positions()
        booked = all(
            self._books.is_booked(e.execution_id, e.client_order_id, e.quantity, e.cumulative)
            for e in executions
        )
        if not booked:
            return None
        found = {d.symbol: d for d in self.differences(positions)}.get(symbol)
        here = self._portfolio.position(symbol)
        return Standing(symbol, found, {p.symbol: p for p in positions}.get(symbol), here)

    async def positions(self) -> Sequence[BrokerPosition]:
        """What the broker says is held. Raises BrokerError."""
        return await self._broker.positions()

    def differences(self, positions: Iterable[BrokerPosition]) -> tuple[Difference, ...]:
        """What is held here and there, where it differs, by symbol."""
        theirs = {p.symbol: p.quantity for p in positions if p.quantity}
        ours = {p.symbol: p.quantity for p in self._portfolio.open_positions()}
        both = (
            Difference(symbol, ours.get(symbol, ZERO), theirs.get(symbol, ZERO))
            for symbol in sorted({*ours, *theirs})
        )
        return tuple(found for found in both if found.by)

    async def _executions(self, since_ns: int) -> list[ExecutionReport]:
        """What can be read of what was traded; the rest is told, and judged by what is held.

        An order's own report books what its executions don't tell. Raises BrokerError.
        """
        return self._events.readable_fills(await self._broker.executions(since_ns))

    async def _ask(self, since_ns: int, positions: bool) -> _Told:
        everything = await self._broker.open_orders()
        listed = self._events.readable(everything)
        executions = await self._executions(since_ns)
        ids = {o.client_order_id for o in everything}
        gone = self._gone(executions, since_ns)
        asked_for = [*self._asked_for(executions), *gone]
        found = await self._find(n for n in dict.fromkeys(asked_for) if n not in ids)
        if self._overtaken([*listed, *found], executions):
            executions = await self._executions(since_ns)
        return _Told(
            gone=frozenset(gone),
            listed=listed,
            found=found,
            executions=executions,
            positions=await self._broker.positions() if positions else None,
            account=await self._broker.account() if positions else None,
        )

    def _overtaken(
        self, orders: Iterable[BrokerOrder], executions: Iterable[ExecutionReport]
    ) -> bool:
        """Whether an order was filled after its executions were asked for."""
        told: dict[str, Decimal] = {}
        for execution in executions:
            name = execution.client_order_id
            told[name] = max(told.get(name, ZERO), execution.cumulative)
        return any(
            order.report.filled
            > max(told.get(order.client_order_id, ZERO), self._books.filled(order.client_order_id))
            for order in orders
        )

    def _asked_for(self, executions: Iterable[ExecutionReport]) -> list[str]:
        """Orders to ask for by their id: open here, or traded and not (surely) known here.

        One that the venue never told of has perhaps the id of another that traded.
        """
        orders = self._order_log.orders
        open_here = [o.client_order_id for o in orders.open() if o.state.at_venue]
        strangers = [
            e.client_order_id
            for e in executions
            if (order := orders.get(e.client_order_id)) is None
            or not order.venue_order_id
            or self._books.in_doubt(e.client_order_id)
        ]
        unread = [
            name
            for name in self._events.broken.values()
            if name and ((order := orders.get(name)) is None or not order.state.terminal)
        ]
        return list(dict.fromkeys([*open_here, *strangers, *unread]))

    def _gone(self, executions: Iterable[ExecutionReport], since_ns: int) -> list[str]:
        """Orders with a fill in the books that the broker should list and does not."""
        names = {execution.execution_id for execution in executions} | self._events.broken.keys()
        return self._books.orders_without(names, since_ns)

    async def _find(self, names: Iterable[str]) -> list[BrokerOrder]:
        answers = [await self._broker.find_order(name) for name in names]
        return [answer for answer in answers if answer is not None]

    async def _take_in(self, told: _Told) -> int:
        """Orders first by their terms, then executions, then where each order stands.

        Returns how many fills were booked.
        """
        orders, before = [*told.listed, *told.found], self._books.count
        others = {o.report.venue_order_id for o in orders if self._is_another(o)}
        for order in orders:
            unknown = self._order_log.orders.get(order.client_order_id) is None
            if unknown and not order.unreadable:
                await self._events.recall(_just_in(order))
        for execution in told.executions:
            if execution.venue_order_id not in others:
                await self._events.recall(execution)
        for order in orders:
            known = self._order_log.orders.get(order.client_order_id)
            if known is None and order.unreadable:
                continue  # it has not traded
            if known is None or not known.state.terminal:
                await self._events.recall(order.report if order.unreadable else order)
        return self._books.count - before

    async def _take_back(self, told: _Told, wanted: Callable[[BrokerOrder], bool]) -> None:
        """Strike fills of the `wanted` orders that the broker's books do not hold (any more)."""
        for listed in (*told.listed, *told.found):
            order = self._order_log.orders.get(listed.client_order_id)
            if order is not None and wanted(listed):
                await self._strike(order, listed)

    def _too_much(self, listed: BrokerOrder) -> bool:
        name = listed.client_order_id
        return self._books.in_doubt(name) or self._books.filled(name) > listed.report.filled

    async def _strike(self, order: Order, listed: BrokerOrder) -> None:
        theirs = [
            execution
            for execution in await self._executions(order.created_ns - DAY_NS)
            if execution.client_order_id == order.client_order_id
        ]
        if sum((e.quantity for e in theirs), ZERO) != listed.report.filled:
            return  # it goes on trading, or the list is not whole: the next look will tell
        struck = self._books.not_among(theirs, order.client_order_id)
        for fill in struck:
            async with self._events.changing():
                await self._durable.write(partial(self._strike_once, fill))
            self._events.repairs += 1
        for execution in theirs if struck else ():
            await self._events.recall(execution)

    async def _strike_once(self, fill: Fill) -> None:
        async with self._order_log.lock(fill.client_order_id):
            if self._books.get(fill.execution_id) is not None:
                order = self._order_log.get(fill.client_order_id)
                await self._booking.strike(order, fill, _why_not(fill))


def _why_not(fill: Fill) -> str:
    if is_made_up(fill):
        return "the broker's books tell by now what it stood for"
    return "the broker's books don't hold it"


def _just_in(order: BrokerOrder) -> BrokerOrder:
    """The order as it was when it came in: its fills are booked from their executions."""
    report = msgspec.structs.replace(
        order.report, state=OrderState.ACKED, filled=ZERO, average_price=None
    )
    return msgspec.structs.replace(order, report=report)
