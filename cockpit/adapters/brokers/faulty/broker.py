"""One process's session with the faulty venue, under the broker port.

The process can die: `cut` shuts the door for good. A request that is on its way then still
arrives at the venue, an answer or event goes nowhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec

from cockpit.adapters.brokers.faulty.venue import FaultyVenue, News
from cockpit.adapters.faults import FaultKind, Plan
from cockpit.domain.account import Account
from cockpit.domain.connection import Connection, Health
from cockpit.domain.order import Order, OrderState
from cockpit.kernel.chance import Chance
from cockpit.kernel.clock import SECOND
from cockpit.kernel.stepped import SteppedLoop, Timeline
from cockpit.ports.broker import (
    Ack,
    BrokerError,
    BrokerOrder,
    BrokerPosition,
    BrokerSink,
    BustReport,
    ExecutionReport,
    GateToken,
    OrderRejectedError,
    OrderReport,
    Redeem,
    SubmitUnknownError,
)

T = TypeVar("T")
_F = FaultKind
_LINE = (_F.RATE_LIMIT, _F.LOST_REQUEST, _F.LATE_ACCEPT, _F.LOST_RESPONSE, _F.ERROR_AFTER_ACCEPT)
_LOST = "The broker did not answer."
TIMEOUT_S = 5.0
LATEST_S = 60.0


class Sent(msgspec.Struct, frozen=True):
    """An order whose first byte went out."""

    order: Order
    replaces: Order | None
    ts_ns: int


class FaultyBroker:
    """Implements `Broker`. `door` hears of each order in the moment it goes out."""

    name = "faulty"

    def __init__(
        self,
        venue: FaultyVenue,
        *,
        timeline: Timeline,
        loop: SteppedLoop,
        plan: Plan,
        chance: Chance,
        redeem: Redeem,
        door: Callable[[Sent], None],
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._venue = venue
        self._timeline = timeline
        self._loop = loop
        self._plan = plan
        self._chance = chance
        self._redeem = redeem
        self._door = door
        self._tell = tell
        self._sink: BrokerSink | None = None
        self._alive = True
        self._up = False
        self._last_due = 0
        self._waiting: dict[int, Callable[[], None]] = {}
        self._requests = 0
        self._sound = plan.kinds.isdisjoint(_LINE)

    # What the world does to it.

    def cut(self) -> None:
        """The process is dead: nothing goes in or out any more."""
        self._alive = self._up = False
        self._venue.listener = None
        self._waiting.clear()

    def drop(self, seconds: float) -> None:
        """Break the session, and bring it back after `seconds`."""
        if self._sink is None or not self._up:
            return
        self._up = False
        self._venue.listener = None
        for fail in tuple(self._waiting.values()):
            fail()
        self._lamp(Health.DOWN)
        self._timeline.call_later(seconds, self._come_back)

    @property
    def up(self) -> bool:
        """Whether the session is there."""
        return self._up

    def _come_back(self) -> None:
        if self._alive and self._sink is not None:
            self._up = True
            self._venue.listener = self._on_messages
            self._lamp(Health.UP)

    # The port.

    async def connect(self, sink: BrokerSink) -> None:
        """Sign in; may fail when the session is bad today."""
        await self._ask("connect", lambda _now: (None, ()), signing_in=True)
        self._sink = sink
        self._up = True
        self._venue.listener = self._on_messages
        self._lamp(Health.UP)

    async def close(self) -> None:
        """End the session."""
        self._up = False
        self._venue.listener = None
        self._sink = None

    async def submit(self, order: Order, token: GateToken) -> Ack:
        """Send a new order."""
        return await self._send(order, token, None, lambda now: self._venue.submit(order, now))

    async def replace(self, order: Order, replacement: Order, token: GateToken) -> Ack:
        """Replace a working order."""
        return await self._send(
            replacement, token, order, lambda now: self._venue.replace(order, replacement, now)
        )

    async def cancel(self, order: Order) -> None:
        """Ask for cancellation."""
        name = f"cancel {order.client_order_id}"
        await self._ask(name, lambda now: (None, self._venue.cancel(order.client_order_id, now)))

    async def cancel_all(self) -> None:
        """Ask for cancellation of everything."""
        await self._ask("cancel all", lambda now: (None, self._venue.cancel_all(now)))

    async def account(self) -> Account:
        """Money now."""
        return await self._query("account", self._venue.account)

    async def positions(self) -> Sequence[BrokerPosition]:
        """What is held."""
        return await self._query("positions", lambda _now: self._venue.positions())

    async def open_orders(self) -> Sequence[BrokerOrder]:
        """What is open."""
        return await self._query("open orders", self._venue.open_orders)

    async def find_order(self, client_order_id: str) -> BrokerOrder | None:
        """Where one order stands."""
        return await self._query(
            f"find {client_order_id}", lambda now: self._venue.find_order(client_order_id, now)
        )

    async def executions(self, since_ns: int) -> Sequence[ExecutionReport]:
        """What was traded."""
        return await self._query("executions", lambda _now: self._venue.executions(since_ns))

    # The line.

    async def _send(
        self,
        order: Order,
        token: GateToken,
        replaces: Order | None,
        act: Callable[[int], tuple[Ack, Sequence[News]]],
    ) -> Ack:
        self._redeem(token, order)
        if not self._up:
            raise OrderRejectedError("not connected", user_text=_LOST, code="BROKER_NOT_CONNECTED")
        self._door(Sent(order, replaces, self._timeline.now_ns))
        name = f"{'replace' if replaces else 'submit'} {order.client_order_id}"
        return await self._exchange(name, act, SubmitUnknownError, OrderRejectedError)

    def _query(self, name: str, read: Callable[[int], T]) -> Awaitable[T]:
        if self._plan.strikes(_F.QUERY_ERROR, 0.15):
            return self._ask(name, _failing)
        return self._ask(name, lambda now: (read(now), ()))

    def _ask(
        self,
        name: str,
        act: Callable[[int], tuple[T, Sequence[News]]],
        *,
        signing_in: bool = False,
    ) -> Awaitable[T]:
        if not (self._up or signing_in) or not self._alive:
            raise BrokerError("not connected", user_text=_LOST, code="BROKER_NOT_CONNECTED")
        return self._exchange(name, act, BrokerError, BrokerError)

    def _exchange(
        self,
        name: str,
        act: Callable[[int], tuple[T, Sequence[News]]],
        lost: type[BrokerError],
        refused: type[BrokerError],
    ) -> Awaitable[T]:
        """There and back, as far as the plan lets it."""
        answer: Any = self._loop.create_future()
        self._requests += 1
        number = self._requests

        def settle(value: object, error: BrokerError | None) -> None:
            self._waiting.pop(number, None)
            if not self._alive:
                return
            self._loop.call_soon(_resolve, answer, value, error)

        def cut_off() -> None:
            settle(None, lost(f"{name}: the session broke", user_text=_LOST))

        self._waiting[number] = cut_off
        self._travel(name, act, settle, lost, refused)
        return answer

    def _travel(
        self,
        name: str,
        act: Callable[[int], tuple[T, Sequence[News]]],
        settle: Callable[[object, BrokerError | None], None],
        lost: type[BrokerError],
        refused: type[BrokerError],
    ) -> None:
        plan, later = self._plan, self._timeline.call_later

        def time_out() -> None:
            settle(None, lost(f"{name}: timed out", user_text=_LOST))

        if self._sound or plan.quiet:
            later(self._latency(), partial(self._arrive, name, act, settle))
        elif plan.lasts(_F.RATE_LIMIT, self._timeline.now_ns):
            self._note(f"{name}: refused, too many requests")
            error = refused(f"{name}: 429", user_text="Too many requests.", code="VENUE_RATE")
            later(self._latency(), partial(settle, None, error))
        elif plan.strikes(_F.LOST_REQUEST, 0.06):
            self._note(f"{name}: the request is lost")
            later(TIMEOUT_S, time_out)
        elif plan.strikes(_F.LATE_ACCEPT, 0.06):
            delay = self._chance.uniform(TIMEOUT_S, LATEST_S)
            self._note(f"{name}: arrives {delay:.1f} s late")
            later(TIMEOUT_S, time_out)
            later(delay, partial(self._arrive, name, act, _unheard))
        elif plan.strikes(_F.LOST_RESPONSE, 0.06):
            self._note(f"{name}: the answer is lost")
            later(TIMEOUT_S, time_out)
            later(self._latency(), partial(self._arrive, name, act, _unheard))
        elif plan.strikes(_F.ERROR_AFTER_ACCEPT, 0.06):
            self._note(f"{name}: acted on, answered 503")
            error = lost(f"{name}: 503", user_text=_LOST)
            later(
                self._latency(), lambda: self._arrive(name, act, lambda _v, _e: settle(None, error))
            )
        else:
            later(self._latency(), partial(self._arrive, name, act, settle))

    def _arrive(
        self,
        name: str,
        act: Callable[[int], tuple[T, Sequence[News]]],
        settle: Callable[[object, BrokerError | None], None],
    ) -> None:
        """At the venue: it acts whether or not the sender still lives."""
        value: object = None
        error: BrokerError | None = None
        messages: Sequence[News] = ()
        try:
            value, messages = act(self._timeline.now_ns)
        except BrokerError as refusal:
            error = refusal
        if self._tell is not None:
            self._tell(f"venue: {name}: {f'refuses, {error}' if error else 'done'}")
        self._timeline.call_later(self._latency(), partial(settle, value, error))
        self._venue.publish(messages)

    # Events.

    def _on_messages(self, messages: Sequence[News]) -> None:
        for message in messages:
            self._deliver(message)

    def _deliver(self, message: News) -> None:
        plan = self._plan
        if plan.strikes(_F.DROPPED_EVENT, 0.05):
            self._note(f"event lost: {_short(message)}")
            return
        if isinstance(message, OrderReport) and plan.strikes(_F.UNKNOWN_STATUS, 0.04):
            message = msgspec.structs.replace(
                message, state=OrderState.UNKNOWN, reason="calculated_pending_v2"
            )
        due = max(self._last_due + 1, self._timeline.now_ns + round(self._latency() * SECOND))
        if plan.strikes(_F.REORDERED_EVENT, 0.08):
            due += round(self._chance.uniform(0.1, 8.0) * SECOND)
            self._note(f"event delayed: {_short(message)}")
        else:
            self._last_due = due
        copies = 1
        if plan.strikes(_F.DUPLICATE_EVENT, 0.08):
            copies = self._chance.randint(2, 3)
        for copy in range(copies):
            self._timeline.call_at(due + copy * SECOND, partial(self._hand_over, message))

    def _hand_over(self, message: News) -> None:
        if self._up and self._sink is not None:
            if self._tell is not None:
                self._tell(f"event: {_short(message)}")
            self._loop.call_soon(self._into_sink, message)

    def _into_sink(self, message: News) -> None:
        sink = self._sink
        if sink is None or not self._up:
            return
        if isinstance(message, OrderReport):
            sink.on_order(message)
        elif isinstance(message, ExecutionReport):
            sink.on_execution(message)
        elif isinstance(message, BustReport):
            sink.on_bust(message)
        else:
            sink.on_account(message)

    def _lamp(self, health: Health) -> None:
        self._note(f"session {health.value}")
        lamp = Connection(name=self.name, kind="broker", health=health, ts_ns=self._timeline.now_ns)
        self._loop.call_soon(self._show, lamp)

    def _show(self, lamp: Connection) -> None:
        if self._sink is not None:
            self._sink.on_connection(lamp)

    def _latency(self) -> float:
        return self._chance.uniform(0.01, 0.08)

    def _note(self, text: str) -> None:
        if self._tell is not None:
            self._tell(text)


def _unheard(_value: object, _error: BrokerError | None) -> None:
    """An answer that comes to nobody."""


def _failing(_now: int) -> Any:
    raise BrokerError("500 while asking", user_text=_LOST)


def _resolve(answer: Any, value: object, error: BrokerError | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(value)
    else:
        answer.set_exception(error)


def _short(message: News) -> str:
    if isinstance(message, OrderReport):
        return f"{message.client_order_id} {message.state.value} filled {message.filled}"
    if isinstance(message, ExecutionReport):
        return (
            f"{message.execution_id} of {message.client_order_id}: {message.side.value} "
            f"{message.quantity} {message.symbol} at {message.price}"
        )
    if isinstance(message, BustReport):
        return f"bust of {message.execution_id}"
    return f"account cash {message.cash}"
