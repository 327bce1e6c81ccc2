"""Feeds a strategy from the bus and turns its actions into commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal

from cockpit.domain.errors import DomainError
from cockpit.domain.events import OrderChanged
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Bar, Quote
from cockpit.domain.order import FLATTEN, MANUAL, Order, OrderIntent, OrderType
from cockpit.domain.values import ZERO
from cockpit.kernel.bus import Bus, Unsubscribe
from cockpit.strategies.base import Action, Close, Proposal, Strategy, Withdrawal


class StrategyHost:
    """Runs one strategy for one account. `place` and `cancel` start commands and return.

    `left` says how much is left of what an order opened, as far as the core protects it.
    Intents are named `account/strategy/key`, so a proposal made twice is one order. Raises
    DomainError for a strategy with the name of a person's own orders: it would need no approval.
    """

    def __init__(
        self,
        *,
        strategy: Strategy,
        account_id: str,
        bus: Bus,
        place: Callable[[OrderIntent], None],
        cancel: Callable[[str], None],
        left: Callable[[str], Decimal],
    ) -> None:
        if strategy.name in (MANUAL, FLATTEN):
            raise DomainError(f"a strategy called {strategy.name!r} would pass for a person")
        self._strategy = strategy
        self._account_id = account_id
        self._bus = bus
        self._place = place
        self._cancel = cancel
        self._left = left
        self._closings: Counter[str] = Counter()
        self._prefix = f"{account_id}/{strategy.name}/"
        self._orders: dict[str, Order] = {}
        self._subscriptions: list[Unsubscribe] = []

    def start(self, instruments: Sequence[Instrument]) -> None:
        """Begin to listen."""
        self._strategy.start(instruments)
        name = f"strategy.{self._strategy.name}"
        self._subscriptions = [
            self._bus.subscribe(Quote, self._on_quote, name=name),
            self._bus.subscribe(Bar, self._on_bar, name=name),
            self._bus.subscribe(OrderChanged, self._on_order, name=name),
        ]

    def stop(self) -> None:
        """Stop listening; what was placed stays."""
        for unsubscribe in self._subscriptions:
            unsubscribe()
        self._subscriptions = []

    def _on_quote(self, quote: Quote) -> None:
        for action in self._strategy.on_quote(quote):
            self._act(action)

    def _on_bar(self, bar: Bar) -> None:
        for action in self._strategy.on_bar(bar):
            self._act(action)

    def _on_order(self, event: OrderChanged) -> None:
        intent_id = event.order.intent.intent_id
        if not intent_id.startswith(self._prefix):
            return
        key, _, _ = intent_id.removeprefix(self._prefix).partition("#")
        self._orders[key] = event.order
        for action in self._strategy.on_order(key, event.order):
            self._act(action)

    def _act(self, action: Action) -> None:
        if isinstance(action, Proposal):
            self._place(self._intent(action))
        elif isinstance(action, Close):
            self._close(action)
        else:
            self._withdraw(action)

    def _close(self, close: Close) -> None:
        entry = self._orders.get(close.key)
        left = ZERO if entry is None else self._left(entry.client_order_id)
        if entry is None or left == 0:
            return
        self._closings[close.key] += 1  # one that was denied may be tried again, as another wish
        self._place(
            OrderIntent(
                intent_id=f"{self._prefix}{close.key}-close#{self._closings[close.key]}",
                account_id=self._account_id,
                strategy=self._strategy.name,
                symbol=entry.symbol,
                side=entry.intent.side.opposite,
                type=OrderType.MARKET,
                quantity=left,
                note=close.note,
            )
        )

    def _withdraw(self, action: Withdrawal) -> None:
        order = self._orders.get(action.key)
        if order is not None and not order.state.terminal:
            self._cancel(order.client_order_id)

    def _intent(self, proposal: Proposal) -> OrderIntent:
        return OrderIntent(
            intent_id=self._prefix + proposal.key,
            account_id=self._account_id,
            strategy=self._strategy.name,
            symbol=proposal.symbol,
            side=proposal.side,
            type=proposal.type,
            quantity=proposal.quantity,
            limit_price=proposal.limit_price,
            stop_price=proposal.stop_price,
            tif=proposal.tif,
            planned_stop=proposal.planned_stop,
            planned_target=proposal.planned_target,
            note=proposal.note,
            protection=proposal.protection,
            tactic=proposal.tactic,
        )
