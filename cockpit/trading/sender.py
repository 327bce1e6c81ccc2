"""The one send: one POST for a token, no retry, and what its answer means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container
from contextlib import suppress

import structlog

from cockpit.domain.order import Order, OrderState
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import (
    Ack,
    Broker,
    BrokerError,
    DuplicateIdError,
    GateToken,
    OrderRejectedError,
    OrderReport,
    TokenRefusedError,
)
from cockpit.ports.clock import Clock
from cockpit.trading.durable import Durable, Incident
from cockpit.trading.order_log import OrderLog
from cockpit.trading.venue_events import VenueEvents

_log = structlog.get_logger(__name__)
_S = OrderState
# A proposal that gives up was never shown to anybody: the queue takes it after its last write.
_UNSENT = (_S.DRAFT, _S.PENDING_APPROVAL, _S.APPROVED, _S.RESERVED)


class Sender:
    """Owns the sends: each runs as supervised work, never in a button's slot."""

    ASK_AGAIN_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

    def __init__(
        self,
        *,
        supervisor: Supervisor,
        broker: Broker,
        clock: Clock,
        log: OrderLog,
        durable: Durable,
        events: VenueEvents,
        look_for: Callable[[str], Awaitable[bool]],
        incident: Incident,
    ) -> None:
        self._supervisor = supervisor
        self._broker = broker
        self._clock = clock
        self._order_log = log
        self._durable = durable
        self._events = events
        self._look_for = look_for
        self._incident = incident

    def start(self, order: Order, token: GateToken, replaces: Order | None) -> None:
        """Send `order`, whose SENDING is durable; the outcome moves it on."""
        self._supervisor.work(
            self._send(order, token, replaces),
            name=f"send-{order.client_order_id}",
            owner="trading",
        )

    def give_up(self, order: Order, replaces: Order | None) -> None:
        """End an order that could not be made durable: not a byte of it went out."""
        self._order_log.orders.unreserve(order.client_order_id)
        with suppress(SupervisorStoppedError):  # what a stop leaves behind, the next start ends
            self._supervisor.work(
                self._give_up(order, replaces),
                name=f"give-up-{order.client_order_id}",
                owner="trading",
            )

    async def _give_up(self, order: Order, replaces: Order | None) -> None:
        text = "It could not be stored, so it was not sent."
        await self._move_on(order, _UNSENT, OrderState.DENIED, "STORE_REFUSED", text)
        if replaces is not None:
            await self.restore(replaces.client_order_id, OrderState.PENDING_REPLACE)

    async def restore(self, client_order_id: str, pending: OrderState) -> None:
        """Bring an order whose cancel or replace (`pending`) failed back to where it works."""
        await self._durable.write(lambda: self._restore_once(client_order_id, pending))

    async def _restore_once(self, client_order_id: str, pending: OrderState) -> None:
        async with self._order_log.lock(client_order_id):
            order = self._order_log.get(client_order_id)
            if order.state is pending:
                back = OrderState.PARTIALLY_FILLED if order.filled else OrderState.WORKING
                text = "The change did not get through; the order works on as it was."
                await self._order_log.move(order, back, "CHANGE_FAILED", text)

    async def _send(self, order: Order, token: GateToken, replaces: Order | None) -> None:
        try:
            ack = await self._sent(order, token, replaces)
        except TokenRefusedError as error:
            if error.code == TokenRefusedError.code:
                self._incident(f"token.{order.client_order_id}", "Order stopped", error.user_text)
            await self._from_sending(order, OrderState.DENIED, error.code, error.user_text)
        except OrderRejectedError as error:
            if isinstance(error, DuplicateIdError):
                await self._unknown(order, error)  # it is there: looked up and adopted
                return
            self._rejected(order, error)
        except Exception as error:  # noqa: BLE001 -- any other failure after the first byte
            await self._unknown(order, error)
            return
        else:
            self._acked(ack)
            return
        if replaces is not None:
            await self.restore(replaces.client_order_id, OrderState.PENDING_REPLACE)

    async def _sent(self, order: Order, token: GateToken, replaces: Order | None) -> Ack:
        if replaces is None:
            return await self._broker.submit(order, token)
        return await self._broker.replace(replaces, order, token)

    # Answers join the broker's own events, so that all of them keep their order.

    def _acked(self, ack: Ack) -> None:
        self._events.on_order(
            OrderReport(
                client_order_id=ack.client_order_id,
                venue_order_id=ack.venue_order_id,
                state=OrderState.ACKED,
                ts_event=ack.ts_event,
            )
        )

    def _rejected(self, order: Order, error: OrderRejectedError) -> None:
        self._events.on_order(
            OrderReport(
                client_order_id=order.client_order_id,
                venue_order_id="",
                state=OrderState.REJECTED,
                ts_event=self._clock.now_ns(),
                reason=error.user_text,
                code=error.code,
            )
        )

    async def _from_sending(self, order: Order, state: OrderState, code: str, text: str) -> None:
        """Move on an order that nothing has proved meanwhile."""
        await self._move_on(order, (OrderState.SENDING,), state, code, text)

    async def _move_on(
        self, order: Order, from_: Container[OrderState], state: OrderState, code: str, text: str
    ) -> None:
        async def step() -> None:
            async with self._order_log.lock(order.client_order_id):
                now = self._order_log.get(order.client_order_id)
                if now.state in from_:
                    await self._order_log.move(now, state, code, text)

        await self._durable.write(step)

    async def _unknown(self, order: Order, error: Exception) -> None:
        order_id = order.client_order_id
        _log.error("submit_unknown", order=order_id, exc_info=error)
        text = "Sent, but no answer came. It may be working; asking the broker."
        await self._from_sending(order, OrderState.UNKNOWN, "SUBMIT_UNKNOWN", text)
        if self._order_log.get(order_id).state is not OrderState.UNKNOWN:
            return  # an event has proved it meanwhile
        self._incident(
            f"unknown.{order_id}",
            "Order without an answer",
            f"{order.symbol}: the order {order_id} was sent and no answer came. No new orders on "
            f"{order.symbol} until it is known. It is never sent again.",
        )
        await self._ask_until_known(order_id)

    async def _ask_until_known(self, order_id: str) -> None:
        """Not found is no proof: it stays UNKNOWN until found or a person decides."""
        for seconds in self.ASK_AGAIN_S:
            await self._clock.sleep(seconds)
            if self._order_log.get(order_id).state is not OrderState.UNKNOWN:
                return
            try:
                if await self._look_for(order_id):
                    return
            except BrokerError as error:
                _log.warning("order_query_failed", order=order_id, error=str(error))
