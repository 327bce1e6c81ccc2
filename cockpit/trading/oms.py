"""Order management: from an intent to the one send, and every command on an order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal

import msgspec

from cockpit.domain.approval import ApprovalOutcome, ApprovalRequest, Autonomy
from cockpit.domain.events import ApprovalRequested, ApprovalResolved
from cockpit.domain.limits import TradingState, Verdict
from cockpit.domain.order import FLATTEN, MANUAL, Order, OrderIntent, OrderState
from cockpit.domain.values import ZERO
from cockpit.kernel.bus import Bus
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import Broker, BrokerError
from cockpit.ports.clock import Clock
from cockpit.ports.store import StoreError
from cockpit.risk.view import ApprovalView
from cockpit.trading.approvals import Approvals
from cockpit.trading.drafts import Drafts, changed, unasked
from cockpit.trading.durable import Durable
from cockpit.trading.errors import NoSuchOrderError, TradingError
from cockpit.trading.gate import Gate
from cockpit.trading.gate.situation import Situation
from cockpit.trading.judge import Judge
from cockpit.trading.order_log import OrderLog
from cockpit.trading.protection.way import MakeWay
from cockpit.trading.sender import Sender

SECOND_NS = 1_000_000_000
_S = OrderState
_REPLACEABLE = frozenset({_S.ACKED, _S.WORKING, _S.HELD, _S.SUSPENDED, _S.PARTIALLY_FILLED})
_CANCELLABLE = _REPLACEABLE | {_S.PENDING_REPLACE, _S.UNKNOWN}


class Oms:
    """The desk behind the door. Every method may raise StoreError; nothing was sent then."""

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        supervisor: Supervisor,
        broker: Broker,
        gate: Gate,
        judge: Judge,
        situation: Situation,
        log: OrderLog,
        approvals: Approvals,
        sender: Sender,
        autonomy: Callable[[str], Autonomy],
        drafts: Drafts,
        durable: Durable,
        way: MakeWay,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._supervisor = supervisor
        self._broker = broker
        self._gate = gate
        self._judge = judge
        self._situation = situation
        self._log = log
        self._approvals = approvals
        self._sender = sender
        self._autonomy = autonomy
        self._durable = durable
        self._way = way
        self._drafts = drafts

    async def submit(self, intent: OrderIntent) -> Order:
        """Make the intent an order and bring it as far as it may go without a person.

        Returns it DENIED, PENDING_APPROVAL or SENDING; later states come as events.
        Raises TradingError for an intent that was already submitted or is of another account.
        """
        draft = self._drafts.make(intent, self._clock.now_ns())
        order = await self._log.record(draft, None)
        return await self._with_room(order, lambda: self._bring(order))

    def preview(
        self, intent: OrderIntent, replaces: str | None = None, *, cleared: bool = False
    ) -> Verdict:
        """The gate's word now, `cleared` as if its symbol had no other order. Nothing is made."""
        return self._judge.preview(intent, replaces, cleared=cleared)

    async def turn_away(self, intent: OrderIntent, verdict: Verdict) -> Order:
        """Write down an order that `preview` would not let through, DENIED for that reason."""
        order = await self._log.record(self._drafts.make(intent, self._clock.now_ns()), None)
        try:
            await self._log.judged(order, verdict)
            return await self._deny(order, verdict)
        except StoreError:
            self._sender.give_up(order, None)
            raise

    async def _with_room(
        self, order: Order, step: Callable[[], Awaitable[Order]], more: Decimal | None = None
    ) -> Order:
        """Do `step` once exits have given way to what `order`, or `more` of it, closes."""
        try:
            if (refusal := await self._in_the_way(order, more)) is not None:
                return await self._log.move(order, _S.DENIED, refusal.code, refusal.user_text)
            return await step()
        except StoreError:
            self._sender.give_up(order, None)
            raise
        finally:
            self._way.done(order.intent)

    async def _in_the_way(self, order: Order, more: Decimal | None) -> TradingError | None:
        quantity = order.intent.quantity if more is None else more
        try:
            await self._way.clear_for(order.intent, quantity, lambda: self._judge.fits_alone(order))
        except TradingError as error:
            return error
        return None

    async def _bring(self, order: Order) -> Order:
        intent = order.intent
        needs = self._needs_approval(order)
        if self._is_idle(order):
            text = f"{intent.strategy} is set to manual: a person places its trades."
            return await self._log.move(order, _S.DENIED, "AUTONOMY_MANUAL", text)
        verdict, reduces = self._judge.of(order, unasked(needs))
        await self._log.judged(order, verdict)
        if not verdict.passed:
            return await self._deny(order, verdict)
        if needs and not reduces:
            return await self._ask(order, verdict)
        order = await self._log.move(order, _S.APPROVED)
        if not (needs or reduces) and self._needs_approval(order):  # while that was written
            text = f"{intent.strategy} may not act alone any more: the session was disarmed."
            return await self._log.move(order, _S.DENIED, "AUTONOMY_DISARMED", text)
        return await self._release(order, unasked(needs))

    async def approve(self, request_id: str) -> Order:
        """A person's yes: run the whole gate again and send.

        Raises NoSuchOrderError when the request has ended.
        """
        async with self._log.lock(request_id):
            request = self._approvals.get(request_id)
            order = await self._log.move(self._log.get(request_id), _S.APPROVED)
            # Taken only now: if the store had refused, the request would still be waiting.
            self._approvals.take(request_id)
            self._resolved(request, ApprovalOutcome.APPROVED)
            asked = ApprovalView(
                needed=True,
                releasing=True,
                given_for=request.fingerprint,
                expires_ns=request.expires_ns,
            )
            return await self._with_room(order, lambda: self._release(order, asked))

    async def edit(
        self, request_id: str, *, quantity: Decimal | None, limit_price: Decimal | None
    ) -> ApprovalRequest:
        """Change a waiting order; it is evaluated anew and waits on, its time running.

        Raises TradingError, leaving it as it was, when the changed order would be denied.
        """
        async with self._log.lock(request_id):
            request = self._approvals.get(request_id)
            before = self._log.get(request_id)
            after = changed(before, quantity, limit_price, self._clock.now_ns())
            verdict, _ = self._judge.of(after, unasked(needed=True))
            await self._log.judged(after, verdict)
            if (denial := verdict.denial) is not None:
                raise TradingError(
                    f"edit of {request_id} denied: {denial.code}",
                    code=denial.code,
                    user_text=f"{denial.text} The order was left as it was.",
                )
            await self._log.record(after, before.state)
            edited = msgspec.structs.replace(
                request,
                order=after,
                fingerprint=after.fingerprint,
                verdict=verdict,
                quote=self._situation.prices.quote(after.symbol),
            )
            self._approvals.update(edited)
        self._publish_request(edited)
        return edited

    async def kill(self, request_id: str) -> Order:
        """A person's no. Raises NoSuchOrderError when the request has ended."""
        text = "Killed before it was sent."
        return await self._refuse(request_id, ApprovalOutcome.KILLED, "APPROVAL_KILLED", text)

    async def cancel(self, client_order_id: str) -> None:
        """Ask the venue to cancel; kills it when it still waits for approval.

        Cancels skip the gate. Raises TradingError when there is nothing to cancel.
        """
        if self._log.get(client_order_id).state is _S.PENDING_APPROVAL:
            await self.kill(client_order_id)
            return
        async with self._log.lock(client_order_id):
            order = self._log.get(client_order_id)
            if order.state not in _CANCELLABLE:
                raise TradingError(
                    f"cancel of {client_order_id} in {order.state}",
                    code="ORDER_NOT_OPEN",
                    user_text=f"The order is {order.state.value}: there is nothing to cancel.",
                )
            if order.state is not _S.UNKNOWN:
                order = await self._log.move(order, _S.PENDING_CANCEL)
        self._gate.traffic.message_sent(self._clock.now_ns())
        await self._ask_cancel(order)

    async def replace(
        self, client_order_id: str, change: Callable[[OrderIntent], OrderIntent]
    ) -> Order:
        """Replace a working order by a changed one; the new one passes the whole gate.

        `change` gets the intent with what is still unfilled as its quantity: the new order
        is one of its own and must not ask again for what the old one has filled.
        Raises TradingError when the order isn't working or the new one is denied.
        """
        async with self._log.lock(client_order_id):
            old = self._replaceable(client_order_id)
            rest = msgspec.structs.replace(old.intent, quantity=old.remaining)
            now = self._clock.now_ns()
            draft = self._drafts.make(change(rest), now, replaces=client_order_id)
            new = await self._log.record(draft, None)
        more = max(ZERO, new.intent.quantity - old.remaining)
        return await self._with_room(new, lambda: self._replace(old, new), more)

    async def _replace(self, known: Order, new: Order) -> Order:
        async with self._log.lock(known.client_order_id):
            old = self._log.get(known.client_order_id)
            if old.state not in _REPLACEABLE or old.filled != known.filled:
                text = "The order was filled further or ended; it was not changed."
                return await self._log.move(new, _S.DENIED, "ORDER_NOT_OPEN", text)
            verdict, _ = self._judge.of(new, unasked(needed=False))
            await self._log.judged(new, verdict)
            if not verdict.passed:
                return await self._deny(new, verdict)
            new = await self._log.move(new, _S.APPROVED)
            old = await self._log.move(old, _S.PENDING_REPLACE)
        return await self._release(new, unasked(needed=False), replaces=old)

    def _replaceable(self, client_order_id: str) -> Order:
        old = self._log.get(client_order_id)
        if old.state not in _REPLACEABLE:
            raise TradingError(
                f"replace of {client_order_id} in {old.state}",
                code="ORDER_NOT_OPEN",
                user_text=f"The order is {old.state.value}: it can't be changed any more.",
            )
        return old

    def _needs_approval(self, order: Order) -> bool:
        strategy = order.intent.strategy
        return (
            strategy not in (MANUAL, FLATTEN) and self._autonomy(strategy) is not Autonomy.BOUNDED
        )

    def _is_idle(self, order: Order) -> bool:
        """True for an automation that may not even propose; what only closes may go."""
        strategy = order.intent.strategy
        if strategy in (MANUAL, FLATTEN) or self._autonomy(strategy) is not Autonomy.MANUAL:
            return False
        return not self._judge.only_reduces(order)

    async def _release(
        self, order: Order, approval: ApprovalView, replaces: Order | None = None
    ) -> Order:
        """The last gate, the reservation and the durable SENDING; then the one send."""
        try:
            return await self._pass_and_send(order, approval, replaces)
        except StoreError:
            self._sender.give_up(order, replaces)
            raise

    async def _pass_and_send(
        self, order: Order, approval: ApprovalView, replaces: Order | None
    ) -> Order:
        verdict, reduces = self._judge.of(order, msgspec.structs.replace(approval, releasing=True))
        if not verdict.passed:
            if replaces is not None:
                await self._sender.restore(replaces.client_order_id, _S.PENDING_REPLACE)
            await self._log.judged(order, verdict, releasing=True)
            return await self._deny(order, verdict)
        # Reserved and counted in the same step as the verdict: nothing can slip in between.
        self._log.orders.reserve(order)
        token = self._gate.open_for(order, verdict, verdict.ts_ns, entry=not reduces, by=approval)
        await self._log.judged(order, verdict, releasing=True)
        order = await self._log.move(order, _S.RESERVED)
        order = await self._log.move(order, _S.SENDING)
        self._sender.start(order, token, replaces)
        return order

    async def _ask(self, order: Order, verdict: Verdict) -> Order:
        order = await self._log.move(order, _S.PENDING_APPROVAL)
        if self._situation.switch.state is TradingState.HALTED:  # while that was written
            return await self._log.move(order, _S.DENIED, "STATE_HALTED", "Trading was halted.")
        limits = self._situation.limits.of(order.intent.strategy, order.symbol)
        request = ApprovalRequest(
            order=order,
            fingerprint=order.fingerprint,
            verdict=verdict,
            quote=self._situation.prices.quote(order.symbol),
            created_ns=order.created_ns,
            expires_ns=order.created_ns + int(limits.approval_seconds * SECOND_NS),
        )
        self._approvals.add(request, lambda: self._expire(request.request_id))
        self._publish_request(request)
        return order

    def _expire(self, request_id: str) -> None:
        with suppress(SupervisorStoppedError):  # the next start denies what was never sent
            self._supervisor.work(
                self._expired(request_id), name=f"expire-{request_id}", owner="trading"
            )

    async def _expired(self, request_id: str) -> None:
        code, text = "APPROVAL_EXPIRED", "Nobody approved it in time."
        try:
            await self._durable.write(
                lambda: self._refuse(request_id, ApprovalOutcome.EXPIRED, code, text)
            )
        except NoSuchOrderError:
            return  # decided in the same instant

    async def _refuse(
        self, request_id: str, outcome: ApprovalOutcome, code: str, text: str
    ) -> Order:
        async with self._log.lock(request_id):
            request = self._approvals.get(request_id)
            order = await self._log.move(self._log.get(request_id), _S.DENIED, code, text)
            self._approvals.take(request_id)
        self._resolved(request, outcome)
        return order

    async def _deny(self, order: Order, verdict: Verdict) -> Order:
        denial = verdict.denial
        code, text = (denial.code, denial.text) if denial else ("GATE_EMPTY", "No control ran.")
        return await self._log.move(order, _S.DENIED, code, text)

    async def _ask_cancel(self, order: Order) -> None:
        try:
            await self._broker.cancel(order)
        except BrokerError:
            await self._sender.restore(order.client_order_id, _S.PENDING_CANCEL)
            raise

    def _publish_request(self, request: ApprovalRequest) -> None:
        now = self._clock.now_ns()
        self._bus.publish(ApprovalRequested(request=request, ts_event=now, ts_init=now))

    def _resolved(self, request: ApprovalRequest, outcome: ApprovalOutcome) -> None:
        now = self._clock.now_ns()
        self._bus.publish(
            ApprovalResolved(request=request, outcome=outcome, ts_event=now, ts_init=now)
        )
