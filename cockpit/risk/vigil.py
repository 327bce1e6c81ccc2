"""Orders that have been open for long, and positions that no live stop protects."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from cockpit.domain.order import Order
from cockpit.ports.clock import Clock
from cockpit.risk import rules
from cockpit.risk.board import Board
from cockpit.risk.limit_book import LimitBook
from cockpit.risk.resting import Deadlines, RestingOrders

SECOND_NS = 1_000_000_000
Guard = Callable[[Callable[[], None]], Callable[[], None]]


class Vigil:
    """Looks at one symbol when its orders or position changed, and again when time is up.

    Orders that can only close don't age: stops and targets wait by design. `position`
    gives the signed quantity held; `guard` wraps what a timer calls.
    """

    def __init__(
        self,
        limits: LimitBook,
        clock: Clock,
        board: Board,
        position: Callable[[str], Decimal],
        guard: Guard,
    ) -> None:
        self._clock = clock
        self._board = board
        self._position = position
        self._guard = guard
        self._limits = limits
        self._take_limits()
        self._orders = RestingOrders()
        self._aging, self._unstopped = Deadlines(clock), Deadlines(clock)
        self._began: dict[str, int] = {}  # by the time that has passed, as is `_since`
        self._since: dict[str, int] = {}

    def on_order(self, order: Order) -> None:
        """An order changed."""
        self._orders.take(order)
        if not order.state.at_venue:
            self._forget(order.client_order_id)
        self.look_at(order.symbol)

    def look_at(self, symbol: str) -> None:
        """Judge the symbol's orders and position anew."""
        held = self._position(symbol)
        for order in self._orders.on(symbol):
            if held * order.intent.side.sign >= 0:
                self._let_age(order)
            else:
                self._forget(order.client_order_id)
        self._check_stop(symbol, held)

    def limits_changed(self) -> None:
        """Time what waits by the limits of now."""
        self._take_limits()
        self.close()
        for symbol in self._orders.symbols() | self._since.keys():
            self._guard(partial(self.look_at, symbol))()

    def _take_limits(self) -> None:
        limits = self._limits.account
        self._age_s, self._grace_s = float(limits.max_order_age_s), float(limits.stop_grace_s)
        self._age_ns = _up_to_ns(limits.max_order_age_s)
        self._grace_ns = _up_to_ns(limits.stop_grace_s)

    def close(self) -> None:
        """Call off what waits for its time."""
        self._aging.close()
        self._unstopped.close()

    def _let_age(self, order: Order) -> None:
        name, age_ns = order.client_order_id, self._clock.now_ns() - order.created_ns
        began = self._began.setdefault(name, self._clock.elapsed_ns() - max(0, age_ns))

        def old() -> None:
            self._measure(rules.ORDER_AGE, self._seconds_from(began), self._age_s, name)

        self._aging.start(name, self._on_clock(began + self._age_ns), self._guard(old))

    def _seconds_from(self, began: int) -> float:
        return (self._clock.elapsed_ns() - began) / SECOND_NS

    def _on_clock(self, at_ns: int) -> int:
        """What the clock shows when so much time has passed, unless it is set."""
        return self._clock.now_ns() + at_ns - self._clock.elapsed_ns()

    def _forget(self, order_id: str) -> None:
        self._began.pop(order_id, None)
        self._aging.drop(order_id)
        self._board.settle(rules.ORDER_AGE, order_id, self._clock.now_ns())

    def _check_stop(self, symbol: str, held: Decimal) -> None:
        if held == 0 or self._orders.protects(symbol, held):
            self._since.pop(symbol, None)
            self._unstopped.drop(symbol)
            self._board.settle(rules.NO_STOP, symbol, self._clock.now_ns(), gone=held == 0)
            return
        since = self._since.setdefault(symbol, self._clock.elapsed_ns())

        def unprotected() -> None:
            self._measure(rules.NO_STOP, self._seconds_from(since), self._grace_s, symbol)

        unprotected()
        due_ns = self._on_clock(since + self._grace_ns)
        self._unstopped.start(symbol, due_ns, self._guard(unprotected))

    def _measure(self, rule: rules.Rule, value: float, limit: float, subject: str) -> None:
        self._board.measure(rule, value, limit, self._clock.now_ns(), subject)


def _up_to_ns(seconds: Decimal) -> int:
    """Never early: a part of a nanosecond counts whole."""
    return math.ceil(seconds * SECOND_NS)
