"""Ends what neither side can prove: positions taken over, UNKNOWN orders that never were."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.events import OrderChanged, PositionAdjusted
from cockpit.domain.order import Order, OrderState, TimeInForce
from cockpit.domain.recovery import Difference
from cockpit.domain.values import session_date
from cockpit.kernel.bus import Bus
from cockpit.ports.broker import BrokerPosition
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store
from cockpit.trading.errors import TradingError
from cockpit.trading.order_log import OrderLog
from cockpit.trading.recovery.reconciler import Reconciler

UNKNOWN_FOR_NS = 60_000_000_000


class Settlement:
    """Entries of their own in the ledger; never an order to make both sides equal."""

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        store: Store,
        log: OrderLog,
        reconciler: Reconciler,
        account_id: str,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._store = store
        self._order_log = log
        self._reconciler = reconciler
        self._account_id = account_id
        self._began_ns = clock.elapsed_ns()
        self._unknown_since: dict[str, int] = {}
        bus.subscribe(OrderChanged, self._on_order, name="settlement.order")

    async def take_over(self, symbols: Iterable[str]) -> None:
        """Enter what was held before the cockpit first saw the account.

        Raises BrokerError and StoreError.
        """
        positions = {p.symbol: p for p in await self._reconciler.positions()}
        for symbol in symbols:
            text = "Held before the cockpit first saw the account"
            await self._adjust(symbol, positions.get(symbol), AdjustmentKind.OPENING, text)

    async def accept_positions(self, symbol: str, seen: Difference | None = None) -> None:
        """A person takes the broker's word for what is held of `symbol`.

        A fill on its way is booked first, or after it, never on top of what it is in already.
        When there are more or fewer units for the same money it is entered as a split.
        Raises BrokerError when it can't be asked, StoreError, and TradingError when both
        sides agree already, no longer differ as `seen`, or keep changing.
        """
        async with self._reconciler.settled(symbol) as standing:
            found = standing.difference
            if found is None:
                raise TradingError(
                    f"{symbol} does not differ",
                    code="POSITIONS_AGREE",
                    user_text=f"The broker holds the same of {symbol} as the cockpit. "
                    "Nothing was changed.",
                )
            if seen is not None and found != seen:
                raise TradingError(
                    f"{symbol} differs in another way by now",
                    code="POSITIONS_CHANGED",
                    user_text=f"{symbol} has changed since you looked: {found.here.normalize():f} "
                    f"here, {found.at_broker.normalize():f} at the broker. Nothing was changed. "
                    "Look again.",
                )
            kind, reason = AdjustmentKind.ACCEPTED, "Accepted by you"
            if standing.split is not None:
                kind, reason = AdjustmentKind.SPLIT, f"{reason}: {_for_one(standing.split)}"
            await self._adjust(symbol, standing.position, kind, reason)

    async def resolve_unknown(self, client_order_id: str) -> None:
        """A person states that the broker never took in an UNKNOWN order.

        The broker is asked once more. Raises BrokerError when it can't be, StoreError, and
        TradingError when the order is known, or too young: it may still arrive.
        """
        order = self._order_log.get(client_order_id)
        if refusal := self._not_resolvable(order):
            raise TradingError(
                f"{client_order_id} can't be resolved",
                code="UNKNOWN_UNRESOLVED",
                user_text=f"{refusal} Nothing was changed.",
            )
        await self._reconciler.look_for(client_order_id)
        text = "You stated that the broker does not have it."
        await self._end(client_order_id, OrderState.CANCELED, "RESOLVED_ABSENT", text)

    def resolvable(self, client_order_id: str) -> bool:
        """Whether a person may state now that the broker does not have the order."""
        order = self._order_log.orders.get(client_order_id)
        return order is not None and not self._not_resolvable(order)

    async def settle_unknown(self) -> None:
        """An order for a day that is over, in books that agree without it, was never there."""
        today = session_date(self._clock.now_ns())
        for order in self._order_log.orders.open():
            lasting = order.intent.tif is TimeInForce.GTC
            if order.state is not OrderState.UNKNOWN or lasting:
                continue
            if session_date(order.created_ns) < today:
                text = "Its day is over and the broker's books agree without it."
                name = order.client_order_id
                await self._end(name, OrderState.EXPIRED, "RECONCILED_ABSENT", text)

    def _on_order(self, event: OrderChanged) -> None:
        name = event.order.client_order_id
        if event.order.state is OrderState.UNKNOWN:
            self._unknown_since.setdefault(name, self._clock.elapsed_ns())
        else:
            self._unknown_since.pop(name, None)

    def _not_resolvable(self, order: Order) -> str:
        if order.state is not OrderState.UNKNOWN:
            return f"The order is {order.state.value}, not unknown."
        # By time that has passed here: a clock that was set forwards must not make it old.
        since_ns = self._unknown_since.get(order.client_order_id, self._began_ns)
        if self._clock.elapsed_ns() - since_ns < UNKNOWN_FOR_NS:
            return "It is unknown for less than 60 s and may still arrive."
        return ""

    async def _end(self, name: str, state: OrderState, code: str, text: str) -> None:
        async with self._order_log.lock(name):
            order = self._order_log.get(name)
            if order.state is OrderState.UNKNOWN:
                await self._order_log.move(order, state, code, text)

    async def _adjust(
        self, symbol: str, theirs: BrokerPosition | None, kind: AdjustmentKind, reason: str
    ) -> None:
        now = self._clock.now_ns()
        adjustment = Adjustment(
            adjustment_id=f"{symbol}/{kind.value}/{now}",
            account_id=self._account_id,
            symbol=symbol,
            quantity=theirs.quantity if theirs else Decimal(0),
            average_cost=theirs.average_cost if theirs else Decimal(0),
            kind=kind,
            reason=reason,
            ts_event=now,
            ts_init=now,
        )
        if await self._store.save_adjustment(adjustment):
            self._bus.publish(PositionAdjusted(adjustment=adjustment, ts_event=now, ts_init=now))


def _for_one(ratio: Decimal) -> str:
    old, new = (1, ratio) if ratio > 1 else (1 / ratio, 1)
    return f"a split, {_short(new)} for {_short(old)}"


def _short(number: Decimal | int) -> str:
    return f"{round(Decimal(number), 3).normalize():f}"
