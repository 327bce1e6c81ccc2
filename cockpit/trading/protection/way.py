"""Room for who closes a position by other means: exits give way before, not after."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from decimal import Decimal

from cockpit.domain.order import FLATTEN, OrderIntent
from cockpit.domain.values import ZERO
from cockpit.ports.clock import Clock
from cockpit.trading.errors import TradingError
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.protection.exits import claimed_by_others


class MakeWay:
    """What is promised to orders that close and are not at the venue yet.

    `changed` is called with the symbol whenever exits must be looked at anew.
    """

    CHECKS = 50
    CHECK_EVERY_S = 0.04

    def __init__(self, orders: OrderBook, portfolio: Portfolio, clock: Clock) -> None:
        self._orders = orders
        self._portfolio = portfolio
        self._clock = clock
        self._promised: dict[str, tuple[str, Decimal]] = {}
        self._aside: list[str] = []
        self.changed: Callable[[str], None] = lambda _symbol: None

    def room(self, symbol: str) -> Decimal:
        """How much of the position is left for exits: what nobody else may close."""
        if symbol in self._aside:
            return ZERO
        held = self._portfolio.position(symbol).quantity
        still_open = self._orders.open(symbol)
        sent = {order.intent.intent_id for order in still_open}
        promised = sum(
            (
                quantity
                for intent_id, (of, quantity) in self._promised.items()
                if of == symbol and intent_id not in sent
            ),
            ZERO,
        )
        others = claimed_by_others(still_open, held, self._orders.line)
        return max(ZERO, abs(held) - others - promised)

    @contextmanager
    def aside(self, symbol: str) -> Generator[None]:
        """While somebody takes back all orders of `symbol` himself, no exit is put back."""
        self._aside.append(symbol)
        try:
            yield
        finally:
            self._aside.remove(symbol)
            self.changed(symbol)

    async def clear_for(
        self, intent: OrderIntent, quantity: Decimal, may_go: Callable[[], bool]
    ) -> None:
        """Make room for `quantity` of `intent` on its way to the door, until `done` is called.

        `may_go` says whether it would be let through then: for one that would not, no exit
        gives way. Raises TradingError when they did not in time.
        """
        if not self._closes(intent) or quantity == 0 or not may_go():
            return
        self._promised[intent.intent_id] = intent.symbol, quantity
        try:
            await self._until_free(intent.symbol)
        except BaseException:
            self.done(intent)
            raise

    def done(self, intent: OrderIntent) -> None:
        """The order is at the venue, or will never be."""
        if self._promised.pop(intent.intent_id, None) is not None:
            self.changed(intent.symbol)

    def _closes(self, intent: OrderIntent) -> bool:
        held = self._portfolio.position(intent.symbol).quantity
        ours = intent.protects or intent.strategy == FLATTEN
        return not ours and held * intent.side.sign < 0

    async def _until_free(self, symbol: str) -> None:
        for _ in range(self.CHECKS):
            if self._exits(symbol) <= self.room(symbol):
                return
            self.changed(symbol)
            await self._clock.sleep(self.CHECK_EVERY_S)
        raise TradingError(
            f"exits of {symbol} did not give way",
            code="PROTECTION_IN_THE_WAY",
            user_text=f"The broker did not confirm in time that the stop of {symbol} was taken "
            "back, so your order was not sent. The stop is held on. Look at the orders.",
        )

    def _exits(self, symbol: str) -> Decimal:
        exits = (o.remaining for o in self._orders.open(symbol) if o.intent.protects)
        return sum(exits, ZERO)
