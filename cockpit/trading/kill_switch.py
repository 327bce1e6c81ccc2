"""Stop everything: latch, cancel, flatten if asked, and ask the broker until it agrees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

import msgspec
import structlog

from cockpit.domain.errors import CockpitError
from cockpit.domain.limits import TradingState
from cockpit.domain.order import FLATTEN, Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.position import Position
from cockpit.domain.recovery import Recovering, RecoveryPhase
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import Broker, BrokerError, BrokerOrder
from cockpit.ports.clock import Clock
from cockpit.ports.store import StoreError
from cockpit.trading.approvals import Approvals
from cockpit.trading.emergency import Closed, Emergency
from cockpit.trading.errors import TradingError
from cockpit.trading.oms import Oms
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.protection.way import MakeWay
from cockpit.trading.state import TradingSwitch
from cockpit.trading.withdrawal import Withdrawal

_log = structlog.get_logger(__name__)
# Nothing to cancel yet (APPROVED counts as open once its capacity is taken), or asked already.
_TOO_EARLY = (
    OrderState.APPROVED,
    OrderState.RESERVED,
    OrderState.SENDING,
    OrderState.PENDING_CANCEL,
)
_UNPROVEN = (OrderState.SENDING, OrderState.UNKNOWN)
_NOTHING = Closed(orders=(), problems=())


class KillReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the broker confirmed: the orders it still calls open; empty is what we want.

    `positions_left` are what it calls held, `problems` say why something could not be closed, and
    `aside` is where the record of the closing orders stands when the ledger refused them.
    """

    still_open: tuple[BrokerOrder, ...]
    positions_left: tuple[str, ...]
    aside: str = ""
    problems: tuple[str, ...] = ()

    @property
    def confirmed(self) -> bool:
        """True when the broker says that nothing is open."""
        return not self.still_open


class KillSwitch:
    """Halts first, always; whatever fails afterwards, nothing new goes out."""

    CHECKS = 40
    CHECK_EVERY_S = 0.1

    def __init__(
        self,
        *,
        switch: TradingSwitch,
        oms: Oms,
        approvals: Approvals,
        orders: OrderBook,
        portfolio: Portfolio,
        broker: Broker,
        clock: Clock,
        supervisor: Supervisor,
        account_id: str,
        next_id: Callable[[str], str],
        way: MakeWay,
        stand_down: Callable[[str], None],
        recovery: Recovering,
        emergency: Emergency,
    ) -> None:
        self._switch = switch
        self._oms = oms
        self._approvals = approvals
        self._orders = orders
        self._portfolio = portfolio
        self._broker = broker
        self._clock = clock
        self._supervisor = supervisor
        self._account_id = account_id
        self._next_id = next_id
        self._way = way
        self._stand_down = stand_down
        self._recovery = recovery
        self._emergency = emergency
        self._withdrawal = Withdrawal(
            broker=broker,
            clock=clock,
            supervisor=supervisor,
            orders=orders,
            account_id=account_id,
        )

    async def fire(self, reason: str, *, flatten: bool) -> KillReport:
        """Halt, kill what waits, cancel all, flatten if asked, then verify at the broker.

        While the ledger refuses, positions are closed by the broker's word, with the record
        aside. Raises BrokerError when the broker can't be asked; trading stays halted.
        """
        self._switch.tighten(TradingState.HALTED, reason)
        probe = self._emergency.probe(reason) if flatten else None
        with suppress(BrokerError):  # what is open is taken back one by one then
            await self.cancel_all()
        if probe is None:
            return await self._report(await self._withdrawal.proven(cancelling=True))
        stored = await self._emergency.ledger_answers(probe)
        still_open = await self._withdrawal.proven(cancelling=True, stored=stored)
        closed = await self._flatten_all() if stored else None
        if closed is None:
            return await self._close_without_ledger(still_open)
        return await self._report(await self._withdrawal.proven(cancelling=False), closed)

    async def _report(
        self, still_open: Sequence[BrokerOrder], closed: Closed = _NOTHING
    ) -> KillReport:
        """What the broker says is left; where it can't say, what is known here and that it can't.

        The positions get a moment to show what was sent to close them.
        """
        problems = [*closed.problems, *_denials(closed.orders), *self._unanswered(still_open)]
        try:
            left = await self._left(wait=bool(closed.orders))
        except BrokerError as error:
            left = [position.symbol for position in self._portfolio.open_positions()]
            told = error.user_text.rstrip(".")
            problems.append(f"The broker does not say what is held, this is from here: {told}")
        if left and (why := not_closing(self._recovery)) and why not in problems:
            problems.append(why)
        return KillReport(
            still_open=tuple(still_open), positions_left=tuple(left), problems=tuple(problems)
        )

    def _unanswered(self, still_open: Sequence[BrokerOrder]) -> list[str]:
        """Orders that the broker does not call open, and may take in yet: not found is no proof."""
        listed = {order.client_order_id for order in still_open}
        return [
            f"{order.symbol}: no answer came for the order {order.client_order_id}, so it may come "
            "in at the broker yet. Look for it there"
            for order in self._orders.open()
            if order.state in _UNPROVEN and order.client_order_id not in listed
        ]

    async def _flatten_all(self) -> Closed | None:
        """Close all that is held; None when the ledger has begun to refuse on the way.

        What is being compared with the broker gets a moment: nothing goes out before.
        """
        orders, problems = list[Order](), list[str]()
        for _ in range(self.CHECKS):
            if self._recovery.phase is not RecoveryPhase.RECOVERING:
                break
            await self._clock.sleep(self.CHECK_EVERY_S)
        if why := not_closing(self._recovery):
            return Closed(orders=(), problems=(why,) if self._portfolio.open_positions() else ())
        for position in self._portfolio.open_positions():
            try:
                closing = await self.flatten(position.symbol)
            except StoreError as error:
                _log.error("flatten_failed", symbol=position.symbol, error=str(error))
                return None
            except CockpitError as error:  # one that can't be closed must not keep others open
                _log.error("flatten_failed", symbol=position.symbol, error=str(error))
                problems.append(error.user_text)
            else:
                orders += [] if closing is None else [closing]
        return Closed(orders=tuple(orders), problems=tuple(problems))

    async def _close_without_ledger(self, still_open: Sequence[BrokerOrder]) -> KillReport:
        closed = await self._emergency.close_all(still_open)
        left = await self._left(wait=bool(closed.orders))
        return KillReport(
            still_open=tuple(await self._withdrawal.proven(cancelling=False, stored=False)),
            positions_left=tuple(left),
            aside=self._emergency.where if closed.orders else "",
            problems=(*closed.problems, *_denials(closed.orders)),
        )

    async def _left(self, *, wait: bool) -> list[str]:
        """What the broker calls held, once it had time to close it if that was asked of it."""
        left = await self._emergency.left()
        for _ in range(self.CHECKS if wait else 0):
            if not left:
                break
            await self._clock.sleep(self.CHECK_EVERY_S)
            left = await self._emergency.left()
        return [position.symbol for position in left]

    async def cancel_all(self) -> None:
        """Cancel in bulk, and kill the waiting requests, whatever fails on the way.

        No exit is put back afterwards: what is left bare is told.
        Raises BrokerError when the bulk did not get through; each open order is then being
        cancelled by itself.
        """
        self._stand_down("Everything was cancelled")
        for request in self._approvals.waiting():
            self._kill_beside(request.request_id)
        await self._withdrawal.ask_for_all()

    async def cancel_all_verified(self) -> KillReport:
        """Cancel in bulk, then ask the broker until it says that nothing is open.

        What is held is not asked for. Raises BrokerError when the broker can't be asked.
        """
        with suppress(BrokerError):
            await self.cancel_all()
        still_open = await self._withdrawal.proven(cancelling=True)
        return KillReport(
            still_open=tuple(still_open),
            positions_left=(),
            problems=tuple(self._unanswered(still_open)),
        )

    async def held_at_broker(self, symbols: Collection[str] | None) -> Sequence[Position]:
        """What the broker still calls held of `symbols`, or of all, once it had time to close it.

        Raises BrokerError: a failed question is never "flat".
        """
        held: list[Position] = []
        for check in range(self.CHECKS):
            if check:
                await self._clock.sleep(self.CHECK_EVERY_S)
            held = [
                Position(
                    account_id=self._account_id,
                    symbol=theirs.symbol,
                    quantity=theirs.quantity,
                    average_cost=theirs.average_cost,
                )
                for theirs in await self._broker.positions()
                if theirs.quantity != 0 and (symbols is None or theirs.symbol in symbols)
            ]
            if not held:
                break
        return held

    async def flatten(self, symbol: str) -> Order | None:
        """Cancel what works on `symbol`, then close its position at the market.

        Returns the closing order; None when already flat. Raises TradingError when the
        cancels were not confirmed in time: then nothing was sent. Exits of the position are
        held again for what is left, should the closing order not fill. When the gate would deny
        the closing order anyway, what protects the position stays where it is.
        """
        closing = self._closing(symbol)
        verdict = None if closing is None else self._oms.preview(closing, cleared=True)
        if closing is not None and verdict is not None and not verdict.passed:
            await self._cancel_openings(closing)
            return await self._oms.turn_away(closing, verdict)
        with self._way.aside(symbol):
            return await self._flatten(symbol)

    async def _flatten(self, symbol: str) -> Order | None:
        if not await self._all_taken_back(symbol):
            raise TradingError(
                f"flatten {symbol}: orders still open",
                code="FLATTEN_OPEN_ORDERS",
                user_text=f"{symbol} still has open orders, so nothing was sent to close it. "
                "Look at the orders and try again.",
            )
        closing = self._closing(symbol)
        return None if closing is None else await self._oms.submit(closing)

    def _closing(self, symbol: str) -> OrderIntent | None:
        """All that is held of `symbol`, at the market; None when nothing is."""
        quantity = self._portfolio.position(symbol).quantity
        if quantity == 0:
            return None
        return OrderIntent(
            intent_id=self._next_id("flatten"),
            account_id=self._account_id,
            symbol=symbol,
            side=Side.SELL if quantity > 0 else Side.BUY,
            type=OrderType.MARKET,
            quantity=abs(quantity),
            strategy=FLATTEN,
            note="Close the position",
        )

    async def _cancel_openings(self, closing: OrderIntent) -> None:
        for order in self._orders.open(closing.symbol):
            if order.intent.side is not closing.side and order.state not in _TOO_EARLY:
                await self._cancel_quietly(order)

    def _kill_beside(self, request_id: str) -> None:
        """A ledger that is slow or locked must not hold up what the broker is asked."""
        with suppress(SupervisorStoppedError):
            self._supervisor.work(
                self._kill_quietly(request_id), name=f"kill-{request_id}", owner="trading"
            )

    async def _kill_quietly(self, request_id: str) -> None:
        """A request that can't be killed can't be approved either: trading is halted."""
        try:
            await self._oms.kill(request_id)
        except CockpitError as error:
            _log.warning("kill_failed", order=request_id, error=str(error))

    async def _cancel_quietly(self, order: Order) -> None:
        try:
            await self._oms.cancel(order.client_order_id)
        except (BrokerError, TradingError) as error:
            _log.warning("cancel_failed", order=order.client_order_id, error=str(error))

    async def _all_taken_back(self, symbol: str) -> bool:
        """Cancel what is open on `symbol`, each once, as soon as it can be; True when none is."""
        asked: set[str] = set()
        for _ in range(self.CHECKS):
            still_open = self._orders.open(symbol)
            if not still_open:
                return True
            for order in still_open:
                if order.state not in _TOO_EARLY and order.client_order_id not in asked:
                    asked.add(order.client_order_id)
                    await self._cancel_quietly(order)
            await self._clock.sleep(self.CHECK_EVERY_S)
        return False


def not_closing(recovery: Recovering) -> str:
    """Why nothing can be closed from here, and what to do instead; empty once READY."""
    if recovery.phase is RecoveryPhase.READY:
        return ""
    why = recovery.text.rstrip(".")
    if recovery.phase is not RecoveryPhase.BLOCKED:
        return f"Nothing can be closed from here yet: {why}. Flatten again in a moment"
    way = "Close what is held at the broker"
    if recovery.differences:
        way += ", or accept its positions in the window if they are right, and flatten again then"
    return f"Nothing can be closed from here: {why}. {way}"


def _denials(orders: Sequence[Order]) -> tuple[str, ...]:
    denied = (order for order in orders if order.state is OrderState.DENIED)
    return tuple(f"{order.symbol}: {order.reason_text} ({order.reason_code})" for order in denied)
