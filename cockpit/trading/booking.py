"""Applies one report of the venue to the order it is of: the only place that books fills.

Executions drive what is filled, reports the rest. A report that is older than what is
known of its order changes nothing: streams repeat themselves and overtake each other.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec
import structlog

from cockpit.domain.errors import DomainError
from cockpit.domain.events import FillBooked, FillBusted
from cockpit.domain.fill import Fill
from cockpit.domain.order import (
    EXTERNAL,
    TRANSITIONS,
    Order,
    OrderIntent,
    OrderState,
)
from cockpit.domain.values import ZERO, utc
from cockpit.kernel.bus import Bus
from cockpit.ports.broker import BrokerOrder, BustReport, ExecutionReport, OrderReport
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store
from cockpit.trading.books import FillBooks, made_up_id
from cockpit.trading.durable import Incident
from cockpit.trading.likeness import is_older, resized, same, told_anew
from cockpit.trading.order_log import OrderLog
from cockpit.trading.reading import GUESSED, WITH_ITS_ENTRY, fill_of, guessed_from, terms_of

_log = structlog.get_logger(__name__)
Report = OrderReport | ExecutionReport | BustReport | BrokerOrder
_S = OrderState
OF_ANOTHER = "SUBMIT_ID_OF_ANOTHER"
_UNPROVEN = (_S.SENDING, _S.UNKNOWN)
_PARTLY = (_S.WORKING, _S.PARTIALLY_FILLED)
_BEFORE_FILLS = (_S.ACKED, _S.WORKING, _S.HELD, _S.SUSPENDED)


class Booking:
    """One account's incoming reports; each method holds the order's lock meanwhile.

    `on_gap` is called when a report shows that an execution was never heard of.
    """

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        store: Store,
        log: OrderLog,
        books: FillBooks,
        incident: Incident,
        account_id: str,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._store = store
        self._order_log = log
        self._books = books
        self._incident = incident
        self._account_id = account_id
        self._told_ns: dict[str, int] = {}
        self._tried: set[str] = set()
        self.on_gap: Callable[[], None] = lambda: None

    async def apply(self, report: Report) -> bool:
        """Apply `report`; True when it changed something.

        Raises StoreError, IllegalTransitionError for a contradiction, and DomainError for
        what makes no sense.
        """
        async with self._order_log.lock(report.client_order_id):
            order = self._order_log.orders.get(report.client_order_id)
            if isinstance(report, ExecutionReport):
                return await self._execution(order, report)
            if isinstance(report, BustReport):
                return await self._bust(order, report)
            if isinstance(report, BrokerOrder):
                return await self._listed(order, report)
            if order is None:
                _log.info("order_from_elsewhere", order=report.client_order_id)
                self.on_gap()  # its terms are asked for, then it is taken in
                return False
            return await self._state(order, report)

    # where an order stands

    async def _listed(self, order: Order | None, listed: BrokerOrder) -> bool:
        """What the broker's books say of an order, made here or elsewhere."""
        adopted = order is None
        if order is None:
            terms, ours = self._terms(listed), self._came_with(listed) is not None
            venue_id, replaces = listed.report.venue_order_id, listed.replaces
            order = await self._adopt(terms, venue_id, ours=ours, replaces=replaces)
        elif is_older(order, listed):
            return await self._not_this_one(order, listed)
        elif order.intent.note == GUESSED:
            order = await self._learn(order, self._terms(listed))
        elif resized(order, listed):
            smaller = msgspec.structs.replace(order.intent, quantity=listed.quantity)
            order = await self._learn(order, smaller)
        elif not same(order, listed) and told_anew(order, listed):
            order = await self._learn(order, self._terms(listed))
        elif not same(order, listed):
            raise DomainError(f"{order.client_order_id} is another order at the broker")
        filled_up = await self._fill_up(order, listed)
        order = self._order_log.get(order.client_order_id)
        settled = order.filled == listed.report.filled  # less, when a fill was taken back
        moved = await self._state(order, listed.report, settled=settled)
        return moved or adopted or filled_up

    async def _state(
        self, order: Order, report: OrderReport, *, settled: bool | None = None
    ) -> bool:
        """Move the order; `settled` when the books hold all that the venue counts as filled.

        It is None when they were not compared: an order that traded more than is booked does not
        end then, for what closes would go by a position that is another one.
        """
        target, before = report.state, order.version
        if target is _S.REJECTED and order.state in _UNPROVEN:
            await self._order_log.move(
                order, target, report.code or "VENUE_REJECTED", report.reason
            )
            return True
        order = await self._acked(order, report.venue_order_id)
        ends = target.terminal and target is not _S.FILLED and not order.state.terminal
        if ends and settled is None and order.filled < report.filled:
            self.on_gap()  # the books tell what it traded, and then that it has ended
            return order.version != before
        told_ns = self._told_ns.get(order.client_order_id, 0)
        self._told_ns[order.client_order_id] = max(told_ns, report.ts_event)
        if order.filled < report.filled or (
            report.filled < order.filled and report.ts_event >= told_ns
        ):
            self.on_gap()  # an execution, or that one was taken back, is on its way or was lost
        target = _meant(order, target)
        if target is order.state or target is _S.ACKED:
            return order.version != before
        if target is _S.FILLED and order.filled < order.intent.quantity and not settled:
            return order.version != before  # the executions will say so
        if _is_old(order, target, report.ts_event, told_ns):
            _log.debug("report_is_old", order=order.client_order_id, state=target.value)
            return order.version != before
        code = report.code or ("VENUE_REJECTED" if target is _S.REJECTED else "")
        await self._order_log.move(order, target, code, report.reason)
        return True

    async def _acked(self, order: Order, venue_order_id: str) -> Order:
        """An event proves that the venue has the order, even before its answer came."""
        if order.state not in _UNPROVEN:
            return order
        known = msgspec.structs.replace(order, venue_order_id=venue_order_id or None)
        return await self._order_log.move(known, _S.ACKED)

    # orders made elsewhere

    def _terms(self, listed: BrokerOrder) -> OrderIntent:
        """What was asked for; of what the venue made with an order of ours it is that one's."""
        return terms_of(listed, self._account_id, self._came_with(listed))

    def _came_with(self, told: BrokerOrder | ExecutionReport) -> OrderIntent | None:
        """What the order was asked for with which the venue made this one; None when not known."""
        name = "" if told.venue is None else told.venue.parent or told.venue.group
        entry = self._order_log.orders.get(name) if name != told.client_order_id else None
        return None if entry is None else entry.intent

    async def _adopt(
        self, intent: OrderIntent, venue_order_id: str, *, ours: bool, replaces: str = ""
    ) -> Order:
        """Take in an order that was not made here: it counts in risk from now on.

        It is `ours` all the same when the venue made it with an order that is known here.
        """
        now, order_id = self._clock.now_ns(), intent.intent_id.removeprefix(f"{EXTERNAL}/")
        order = Order(
            client_order_id=order_id,
            intent=intent,
            state=_S.ACKED,
            venue_order_id=venue_order_id or None,
            reason_code="VENUE_ADOPTED" if ours else "EXTERNAL_ADOPTED",
            reason_text=WITH_ITS_ENTRY if ours else "Made elsewhere and taken in.",
            replaces=replaces if replaces and self._order_log.orders.get(replaces) else None,
            created_ns=now,
            updated_ns=now,
        )
        await self._order_log.record(order, None)
        return order

    async def _not_this_one(self, order: Order, listed: BrokerOrder) -> bool:
        """Under its id the broker holds an older order: nothing of that is told of this one."""
        if order.state is not _S.UNKNOWN or order.reason_code == OF_ANOTHER:
            return False  # its own answer comes first
        since = f"{utc(listed.submitted_ns):%Y-%m-%d %H:%M} UTC"
        text = (
            f"Sent, but no answer came. The broker's order of this id is of {since}, so it is "
            "another one. Nothing proves yet that this one arrived; it is never sent again."
        )
        noted = msgspec.structs.replace(
            order,
            reason_code=OF_ANOTHER,
            reason_text=text,
            updated_ns=self._clock.now_ns(),
            version=order.version + 1,
        )
        await self._order_log.record(noted, order.state)
        self._incident(f"older.{order.client_order_id}", "Another order of the same id", text)
        return True

    async def _learn(self, order: Order, intent: OrderIntent) -> Order:
        """The true terms of an order: taken in by its execution alone, or since made smaller."""
        learnt = msgspec.structs.replace(
            order,
            intent=intent,
            updated_ns=self._clock.now_ns(),
            version=order.version + 1,
        )
        return await self._order_log.record(learnt, order.state)

    # executions

    async def _execution(self, order: Order | None, report: ExecutionReport) -> bool:
        if order is not None and (report.symbol, report.side) != (order.symbol, order.intent.side):
            raise DomainError(f"{report.execution_id} is not of {order.client_order_id}")
        if self._books.is_booked(
            report.execution_id, report.client_order_id, report.quantity, report.cumulative
        ):
            return False
        if self._books.in_doubt(report.client_order_id):
            self.on_gap()  # it may be booked under a made up id: the broker's list will tell
            return False
        if order is None:
            self.on_gap()  # its terms are asked for and learnt
            parent = self._came_with(report)
            guessed = guessed_from(report, self._account_id, parent)
            order = await self._adopt(guessed, report.venue_order_id, ours=parent is not None)
        late = order.state.terminal
        if not late:
            order = await self._acked(order, report.venue_order_id)
        await self._book(order, fill_of(order, report, self._clock.now_ns()), late)
        return True

    async def _book(self, order: Order, fill: Fill, late: bool) -> None:
        after = _with_fill(order, fill, late)
        # A try that failed may have been stored all the same: then it is known by now.
        again = fill.execution_id in self._tried
        self._tried.add(fill.execution_id)
        stored = await self._store.save_fill(fill, after) or again
        self._tried.discard(fill.execution_id)
        self._books.add(fill)
        if stored:
            self._publish_fill(fill, order, after, late)

    async def _fill_up(self, order: Order, listed: BrokerOrder) -> bool:
        """Book what the venue counts as filled and no execution told; the id is made of it."""
        missing = self._books.missing(order.client_order_id, listed.report.filled)
        for first, last in missing:
            order = self._order_log.get(order.client_order_id)
            order = await self._acked(order, listed.report.venue_order_id)
            report = ExecutionReport(
                execution_id=made_up_id(order.client_order_id, last),
                client_order_id=order.client_order_id,
                venue_order_id=listed.report.venue_order_id,
                symbol=order.symbol,
                side=order.intent.side,
                quantity=last - first,
                price=self._missing_price(order, listed),
                fee=ZERO,
                cumulative=last,
                ts_event=listed.report.ts_event,
            )
            self._incident(
                f"missing.{report.execution_id}",
                "Execution was not reported",
                f"{report.quantity} {order.symbol} were filled and no report of it came. They are "
                f"booked at {report.price} without a fee, as the broker's order shows.",
            )
            fill = fill_of(order, report, self._clock.now_ns())
            await self._book(order, fill, order.state.terminal)
        return bool(missing)

    def _missing_price(self, order: Order, listed: BrokerOrder) -> Decimal:
        """The mean price of what is missing, from that of the whole order.

        Raises DomainError when the broker tells no price at all.
        """
        mean, filled = listed.report.average_price, listed.report.filled
        known = self._books.of_order(order.client_order_id)
        if mean is not None:
            paid = mean * filled - sum((f.quantity * f.price for f in known), ZERO)
            missing = filled - self._books.filled(order.client_order_id)
            return paid / missing if missing > 0 and paid > 0 else mean
        if listed.limit_price is not None:
            return listed.limit_price
        raise DomainError(f"{order.client_order_id}: an execution without a price is missing")

    def _publish_fill(self, fill: Fill, before: Order, after: Order, late: bool) -> None:
        now = self._clock.now_ns()
        self._order_log.publish(after, before.state)
        self._bus.publish(
            FillBooked(fill=fill, order=after, late=late, ts_event=fill.ts_event, ts_init=now)
        )
        if late:
            self._incident(
                f"late.{fill.execution_id}",
                "Late execution",
                f"{fill.quantity} {fill.symbol} were filled after the order was "
                f"{before.state.value}. The fill is booked.",
            )
        if after.filled > after.intent.quantity and after.intent.note != GUESSED:
            self._incident(
                f"overfill.{after.client_order_id}",
                "Filled more than ordered",
                f"{after.filled} of {after.intent.quantity} {after.symbol}. The fills are booked.",
            )

    # executions taken back

    async def _bust(self, order: Order | None, report: BustReport) -> bool:
        fill = self._books.get(report.execution_id)
        if fill is None or order is None:
            self._books.ignore(report.execution_id, report.client_order_id)
            self.on_gap()
            return False
        return await self.strike(order, fill, report.reason or "taken back by the venue")

    async def strike(self, order: Order, fill: Fill, reason: str) -> bool:
        """Take a fill out of the books, by an entry of its own. Raises StoreError."""
        left = [f for f in self._books.of_order(order.client_order_id) if f != fill]
        filled = sum((f.quantity for f in left), ZERO)
        paid = sum((f.quantity * f.price for f in left), ZERO)
        now = self._clock.now_ns()
        after = msgspec.structs.replace(
            order,
            filled=filled,
            average_price=paid / filled if filled else None,
            reason_code="FILL_BUSTED",
            reason_text=f"{fill.quantity.normalize():f} at {fill.price} taken back: {reason}.",
            updated_ns=now,
            version=order.version + 1,
        )
        await self._store.save_bust(fill.execution_id, after, reason)
        self._books.take_back(fill)
        self._order_log.publish(after, order.state)
        self._bus.publish(
            FillBusted(fill=fill, order=after, reason=reason, ts_event=now, ts_init=now)
        )
        self._incident(
            f"bust.{fill.execution_id}",
            "Execution taken back",
            f"{fill.quantity} {fill.symbol} at {fill.price} never happened: {reason}. The position "
            "and the day's profit were reckoned anew.",
        )
        return True


def _meant(order: Order, target: OrderState) -> OrderState:
    """A working order in our words: PARTIALLY_FILLED once something of it is in the books."""
    if target not in _PARTLY:
        return target
    return _S.PARTIALLY_FILLED if order.filled else _S.WORKING


def _is_old(order: Order, target: OrderState, ts_event: int, told_ns: int) -> bool:
    """Whether a newer report was heard; of an ended order of an earlier run nobody knows."""
    if ts_event < told_ns:
        return True
    legal = target in TRANSITIONS[order.state]
    return not legal and (ts_event == told_ns or not told_ns)


def _with_fill(order: Order, fill: Fill, late: bool) -> Order:
    filled = order.filled + fill.quantity
    paid = order.filled * (order.average_price or Decimal(0)) + fill.quantity * fill.price
    grown = msgspec.structs.replace(
        order,
        filled=filled,
        average_price=paid / filled,
        updated_ns=fill.ts_init,
        version=order.version + 1,
    )
    if late:
        return msgspec.structs.replace(
            grown,
            reason_code="FILL_LATE",
            reason_text=f"{fill.quantity.normalize():f} filled after it was {order.state.value}.",
        )
    if filled >= order.intent.quantity and order.intent.note != GUESSED:
        return grown.moved_to(_S.FILLED, fill.ts_init)
    if order.state in _BEFORE_FILLS:
        return grown.moved_to(_S.PARTIALLY_FILLED, fill.ts_init)
    return grown  # already partially filled, or a cancel is under way
