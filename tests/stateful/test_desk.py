"""A person, a strategy, the market and bad luck at the real desk, in any order.

The desk is all real parts: SQLite store, gate, paper broker, virtual clock. After every step
the ledger, memory and the venue must agree, and at the end, with all faults gone, exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.domain.approval import Autonomy
from cockpit.domain.limits import Limits
from cockpit.domain.order import MANUAL, Order, OrderIntent, OrderState, Side, TimeInForce
from cockpit.domain.order import OrderType as Type
from cockpit.domain.protection import Protection
from tests.stateful.checks import (
    check_a_restart_shows_the_same,
    check_all,
    check_when_all_is_quiet,
)
from tests.stateful.profile import looking
from tests.stateful.watched_desk import ACCOUNT, SYMBOLS, THEIRS, WatchedDesk
from tests.support.desk import STRATEGY

pytestmark = pytest.mark.timeout(400)  # a finding takes its time to be made short
symbols = st.sampled_from(SYMBOLS)
sides = st.sampled_from(Side)
quantities = st.integers(1, 60)
cents = st.integers(-150, 150)
who = st.sampled_from([MANUAL, STRATEGY])
pauses = st.sampled_from([0.5, 0.5, 1.0, 2.5, 6.0, 61.0])
TROUBLES = ["kill switch", "cancel all", "reduce", "venue halt", "full disk", "lamp"]
WIDE = Limits(
    max_active_orders=50,
    max_messages_per_second=100,
    max_messages_per_minute=1_000,
    max_strategy_entries=50,
    duplicate_window_s=Decimal("0.001"),
    max_position_fraction=Decimal("0.3"),
)


class TradingDay(RuleBasedStateMachine):
    """Every rule begins something and lets it run until it waits for time to pass."""

    @initialize(
        limits=st.sampled_from([WIDE, WIDE, Limits()]),
        autonomy=st.sampled_from([*Autonomy, Autonomy.APPROVE, Autonomy.BOUNDED]),
        rates=st.sampled_from([(0.0, 0.0), (0.0, 0.0), (0.3, 0.0), (0.0, 0.2), (0.2, 0.2)]),
        latency=st.sampled_from([0.0, 40.0, 400.0]),
        seed=st.integers(0, 99),
    )
    def open(self, limits, autonomy, rates, latency, seed):
        lost, rejected = rates
        settings = PaperSettings(
            latency_ms=latency,
            seed=seed,
            reject_rate=rejected,
            lost_answer_rate=lost,
            lost_answer_after_s=3.0,
        )
        self.number = 0
        self.mids = dict.fromkeys(SYMBOLS, 10_000)
        self.w = WatchedDesk(settings, limits, autonomy)
        for symbol in SYMBOLS:
            self._quote(symbol, 1, 1_000)

    # what a person and a strategy do

    @rule(data=st.data(), count=st.integers(1, 3), fresh=st.sampled_from([True, True, False]))
    def place(self, data, count, fresh):
        """One order, or several in the same instant, on fresh quotes or on what is there."""
        if fresh:
            for symbol in SYMBOLS:
                self._quote(symbol, 1, 1_000)
        for _ in range(count):
            intent = self._intent(data)
            self._begin(lambda intent=intent: self.w.desk.oms.submit(intent))
        self.w.settle()

    @precondition(lambda self: self.w.desk.approvals.waiting())
    @rule(data=st.data(), verb=st.sampled_from(["approve", "approve", "kill", "edit", "both"]))
    def decide(self, data, verb):
        request = data.draw(st.sampled_from(self._requests()))
        oms, quantity = self.w.desk.oms, data.draw(quantities)
        if verb in ("approve", "both"):
            self._begin(lambda: oms.approve(request))
        if verb in ("kill", "both"):
            self._begin(lambda: oms.kill(request))
        if verb == "edit":
            size = Decimal(quantity)
            self._begin(lambda: oms.edit(request, quantity=size, limit_price=None))
        self.w.settle()

    @precondition(lambda self: self.w.desk.orders.open())
    @rule(data=st.data(), twice=st.booleans())
    def cancel(self, data, twice):
        order_id = data.draw(st.sampled_from(self._open()))
        for _ in range(1 + twice):
            self._begin(lambda: self.w.desk.oms.cancel(order_id))
        self.w.settle()

    @precondition(lambda self: self.w.desk.orders.open())
    @rule(data=st.data(), quantity=st.none() | quantities, move=cents)
    def replace(self, data, quantity, move):
        order_id = data.draw(st.sampled_from(self._open()))
        self.number += 1
        wish = f"again-{self.number}"

        def change(intent: OrderIntent) -> OrderIntent:
            given: dict[str, Any] = {"intent_id": wish}
            if intent.limit_price is not None:
                given["limit_price"] = intent.limit_price + Decimal(move) / 100
            if quantity is not None:
                given["quantity"] = Decimal(quantity)
            return msgspec.structs.replace(intent, **given)

        self._begin(lambda: self.w.desk.oms.replace(order_id, change))
        self.w.settle()

    @rule(symbol=symbols)
    def flatten(self, symbol):
        self._begin(lambda: self.w.desk.kill_switch.flatten(symbol))
        self.w.settle()

    # what the market and bad luck do

    @rule(symbol=symbols, move=cents, spread=st.integers(1, 8), size=st.integers(1, 200))
    def quote(self, symbol, move, spread, size):
        self.mids[symbol] = min(12_000, max(8_000, self.mids[symbol] + move))
        self._quote(symbol, spread, size)
        self.w.settle()

    @rule(seconds=st.sampled_from([0.001, 0.02, 0.041, 0.1]))
    def an_instant_passes(self, seconds):
        self.w.wait(seconds)

    @rule(seconds=pauses)
    def time_passes(self, seconds):
        self.w.wait(seconds)

    @rule(kind=st.sampled_from(TROUBLES), symbol=symbols, flatten=st.booleans())
    def trouble(self, kind, symbol, flatten):
        self.w.trouble(kind, symbol, flatten=flatten)

    @rule(data=st.data(), side=sides, quantity=quantities, told=st.booleans())
    def somebody_else_trades(self, data, side, quantity, told):
        """The same account, from another program."""
        self.number += 1
        symbol, kind = data.draw(symbols), data.draw(st.sampled_from([Type.MARKET, Type.LIMIT]))
        near = Decimal(self.mids[symbol] + data.draw(cents)) / 100
        intent = OrderIntent(
            intent_id=f"{THEIRS}{self.number}",
            account_id=ACCOUNT,
            symbol=symbol,
            side=side,
            type=kind,
            quantity=Decimal(quantity),
            limit_price=near if kind.needs_limit else None,
        )
        self.w.from_elsewhere(intent, told=told)
        self.w.settle()

    @rule()
    def stream_drops(self):
        self.w.lose_what_is_under_way()

    @precondition(lambda self: not self.w.store.full)
    @rule()
    def restart(self):
        self.w.restart()

    @rule()
    def calm(self):
        self.w.calm()

    @invariant()
    def all_agree(self):
        if hasattr(self, "w"):
            check_all(self.w)

    def teardown(self):
        if hasattr(self, "w"):
            self.w.end(self._let_it_end)

    def _let_it_end(self) -> None:
        """Take the faults away and let more time pass than anything waits for."""
        self.w.heal()
        self.w.wait(200)
        check_all(self.w)
        self._resolve_what_never_arrived()
        self.w.wait(100)  # a stop that never was is put in its place again
        check_when_all_is_quiet(self.w)
        check_a_restart_shows_the_same(self.w)

    def _resolve_what_never_arrived(self) -> None:
        """Not found is no proof, so an order that was being sent at the end waits for a person."""
        desk, there = self.w.desk, self.w.desk.broker._venue._orders
        for order in desk.orders.open():
            if order.client_order_id not in there:
                assert order.state is OrderState.UNKNOWN, order
                self.w.run(desk.do(desk.settlement.resolve_unknown(order.client_order_id)))

    def _begin(self, command: Callable[[], Any]) -> None:
        self.w.start(command)

    def _quote(self, symbol: str, spread: int, size: int) -> None:
        mid = self.mids[symbol]
        self.w.quote(symbol, (mid - spread) / 100, (mid + spread) / 100, size)

    def _requests(self) -> list[str]:
        return [request.request_id for request in self.w.desk.approvals.waiting()]

    def _open(self) -> list[str]:
        return [order.client_order_id for order in _oldest_first(self.w.desk.orders.open())]

    def _intent(self, data: Any) -> OrderIntent:
        self.number += 1
        symbol, side = data.draw(symbols), data.draw(sides)
        kind = data.draw(st.sampled_from(Type))
        near = Decimal(self.mids[symbol] + data.draw(cents)) / 100
        return OrderIntent(
            intent_id=f"wish-{self.number}",
            account_id=ACCOUNT,
            symbol=symbol,
            side=side,
            type=kind,
            quantity=Decimal(data.draw(quantities)),
            limit_price=near if kind.needs_limit else None,
            stop_price=near if kind.needs_stop else None,
            tif=TimeInForce.DAY if kind.needs_stop else data.draw(st.sampled_from(TimeInForce)),
            strategy=data.draw(who),
            protection=self._protection(data, near, side),
        )

    def _protection(self, data: Any, near: Decimal, side: Side) -> Protection | None:
        """None for most; else a stop, at times one that trails, and at times a target."""
        kind = data.draw(st.sampled_from(["", "", "stop", "stop and target", "trail"]))
        away = Decimal(data.draw(st.integers(50, 300))) / 100 * side.sign
        if kind == "trail":
            return Protection(trail=abs(away))
        target = near + away if kind == "stop and target" else None
        return Protection(stop=near - away, target=target) if kind else None


def _oldest_first(orders: list[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: order.client_order_id)


TradingDay.TestCase.settings = looking(examples=80, steps=40)
TestTradingDay = TradingDay.TestCase
