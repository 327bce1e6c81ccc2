"""The simulated trader and his strategies: one seeded thing to do after the other."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from cockpit.app.simulation.process import ACCOUNT, MACHINE, ROBOT, Process
from cockpit.app.simulation.scenario import Since
from cockpit.app.simulation.world import World
from cockpit.domain.limits import TradingState
from cockpit.domain.order import (
    MANUAL,
    Order,
    OrderIntent,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
)
from cockpit.domain.protection import Protection
from cockpit.domain.recovery import RecoveryPhase

CENT = Decimal("0.01")
Act = Callable[[Process], None]


class Person:
    """Acts while the program runs; `actions` of the scenario, spread over its minutes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dice = world.dice("person")
        acts: tuple[tuple[Act, float], ...] = (
            (self.place, 40),
            (self.approve, 22),
            (self.edit, 5),
            (self.kill, 4),
            (self.cancel, 12),
            (self.replace, 10),
            (self.flatten, 5),
            (self.protect, 6),
            (self.unprotect, 1),
            (self.resume, 10),
            (self.halt, 1),
            (self.cancel_all, 1),
            (self.fire, 2),
            (self.change_of_mind, 4),
            (self.resolve, 8),
            (self.accept, 8),
        )
        self._acts = [act for act, _ in acts]
        self._odds = list(itertools.accumulate(weight for _, weight in acts))

    def plan_day(self) -> None:
        """Put all that will be done on the timeline."""
        scenario, later = self._world.scenario, self._world.timeline.call_later
        for _ in range(scenario.actions):
            later(self._dice.uniform(5, scenario.minutes * 60), self.act)

    def act(self) -> None:
        """Do one thing; now and then two at once."""
        for _ in range(2 if self._dice.random() < 0.1 else 1):
            self._act_once()
        if self._dice.random() < 0.5:
            self._world.timeline.call_later(self._dice.uniform(0.05, 20), self._decide)

    def _act_once(self) -> None:
        process = self._ready()
        act = self._dice.choices(self._acts, cum_weights=self._odds)[0]
        if process is not None:
            halted = process.desk.switch.state is not TradingState.ACTIVE
            if halted and self._dice.random() < 0.4:
                act = self.resume
            process.loop.call_soon(act, process)
            self._world.count(Since.ACT)

    def _decide(self) -> None:
        process = self._ready()
        if process is not None:
            process.loop.call_soon(self.approve, process)

    def _ready(self) -> Process | None:
        process = self._world.process
        if process is None or self._world.asleep or not process.started:
            return None
        for symbol in self._world.scenario.symbols:
            self._world.market.quote(symbol)
        return process

    # What can be done, in the program's loop.

    def place(self, process: Process) -> None:
        """Place an order, or let a strategy propose one."""
        intent = self._intent()
        text = f"{intent.side.value} {intent.quantity} {intent.symbol} {intent.type.value}"
        self._world.note(f"{intent.strategy} asks for {intent.intent_id}: {text}")
        process.do(process.desk.oms.submit(intent), f"place {intent.intent_id}")

    def approve(self, process: Process) -> None:
        """Say yes to a proposal."""
        if name := self._waiting(process):
            process.do(process.desk.oms.approve(name), f"approve {name}")

    def edit(self, process: Process) -> None:
        """Change a proposal."""
        if name := self._waiting(process):
            quantity = Decimal(self._dice.randint(1, 40))
            change = process.desk.oms.edit(name, quantity=quantity, limit_price=None)
            process.do(change, f"edit {name}")

    def kill(self, process: Process) -> None:
        """Say no to a proposal."""
        if name := self._waiting(process):
            process.do(process.desk.oms.kill(name), f"kill {name}")

    def cancel(self, process: Process) -> None:
        """Cancel an open order."""
        if order := self._open(process):
            name = order.client_order_id
            process.do(_cancelled(process, name), f"cancel {name}")

    def replace(self, process: Process) -> None:
        """Change a working order."""
        order = self._open(process)
        if order is None or order.intent.protects:
            return  # exits are changed by their protection
        given: dict[str, Any] = {"intent_id": self._name("replace")}
        if order.intent.limit_price is not None and self._dice.random() < 0.7:
            given["limit_price"] = order.intent.limit_price + CENT * self._dice.randint(-20, 20)
        else:
            given["quantity"] = Decimal(self._dice.randint(1, 40))
        change = process.desk.oms.replace(
            order.client_order_id, lambda intent: msgspec.structs.replace(intent, **given)
        )
        process.do(change, f"replace {order.client_order_id}")

    def flatten(self, process: Process) -> None:
        """Close a position."""
        symbol = self._dice.choice(self._world.scenario.symbols)
        process.do(process.desk.kill_switch.flatten(symbol), f"flatten {symbol}")

    def protect(self, process: Process) -> None:
        """Give a position a stop, a trailing stop or a bracket."""
        held = process.desk.portfolio.open_positions()
        if held:
            position = self._dice.choice(held)
            side = Side.BUY if position.quantity > 0 else Side.SELL
            bid, ask = self._world.market.touch(position.symbol)
            plan = self._plan(side, bid if side is Side.BUY else ask)
            process.do(process.desk.protector.protect(position.symbol, plan), "protect")

    def unprotect(self, process: Process) -> None:
        """Take the exits of a position back."""
        symbol = self._dice.choice(self._world.scenario.symbols)
        process.do(process.desk.protector.unprotect(symbol), f"unprotect {symbol}")

    def _plan(self, side: Side, price: Decimal) -> Protection:
        """Exits some cents away, so that they have something to do."""
        dice = self._dice
        stop = price - side.sign * CENT * dice.randint(3, 40)
        target = price + side.sign * CENT * dice.randint(3, 40) if dice.random() < 0.5 else None
        if dice.random() < 0.3:
            return Protection(trail=CENT * dice.randint(3, 40), target=target)
        return Protection(stop=stop, target=target)

    def change_of_mind(self, process: Process) -> None:
        """Place an order, and halt while it is on its way through the core."""
        self.place(process)
        hops = self._dice.randint(1, 25)

        def hop(left: int) -> None:
            if left:
                process.loop.call_soon(hop, left - 1)
            else:
                self.halt(process)

        hop(hops)

    def halt(self, process: Process) -> None:
        """Let nothing new out."""
        self._world.note("the person halts trading")
        process.desk.switch.tighten(TradingState.HALTED, "Halted by you")

    def resume(self, process: Process) -> None:
        """Trade again."""
        if process.desk.switch.state is not TradingState.ACTIVE:
            process.do(process.desk.switch.resume("Resumed by you"), "resume")

    def cancel_all(self, process: Process) -> None:
        """Cancel everything."""
        process.do(process.desk.kill_switch.cancel_all(), "cancel all")

    def fire(self, process: Process) -> None:
        """Hold the kill switch."""
        flatten = self._dice.random() < 0.5
        self._world.note("the person fires the kill switch")
        process.do(process.desk.kill_switch.fire("Kill switch", flatten=flatten), "kill switch")

    def resolve(self, process: Process) -> None:
        """State that an order without an answer never came to the venue."""
        for order in process.desk.orders.open():
            if order.state is OrderState.UNKNOWN:
                name = order.client_order_id
                process.do(process.desk.settlement.resolve_unknown(name), f"resolve {name}")

    def accept(self, process: Process) -> None:
        """Take the broker's word for what is held, when that is what is asked for."""
        if process.desk.recovery.phase is RecoveryPhase.BLOCKED:
            for symbol in self._world.scenario.symbols:
                process.do(process.desk.settlement.accept_positions(symbol), f"accept {symbol}")

    def _waiting(self, process: Process) -> str:
        waiting = process.desk.approvals.waiting()
        return self._dice.choice(waiting).request_id if waiting else ""

    def _open(self, process: Process) -> Order | None:
        candidates = [o for o in process.desk.orders.open() if o.state is not OrderState.RESERVED]
        return self._dice.choice(candidates) if candidates else None

    def _name(self, kind: str) -> str:
        process = self._world.process
        return process.ids.next(kind) if process else kind

    def _intent(self) -> OrderIntent:
        dice = self._dice
        symbol = dice.choice(self._world.scenario.symbols)
        side = dice.choice((Side.BUY, Side.SELL))
        bid, ask = self._world.market.touch(symbol)
        touch = ask if side is Side.BUY else bid
        kind = dice.choices(tuple(OrderType), (35, 45, 12, 8))[0]
        away = CENT * dice.randint(-15, 15)
        stop = touch + side.sign * CENT * dice.randint(2, 30) if kind.needs_stop else None
        limit = (stop or touch) + away if kind.needs_limit else None
        tif = dice.choices((TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC), (70, 20, 10))[0]
        if kind.needs_stop and tif is TimeInForce.IOC:
            tif = TimeInForce.DAY
        protection = self._plan(side, limit or stop or touch) if dice.random() < 0.2 else None
        return OrderIntent(
            intent_id=self._name("wish"),
            account_id=ACCOUNT,
            symbol=symbol,
            side=side,
            type=kind,
            quantity=Decimal(dice.randint(1, 60)),
            limit_price=limit,
            stop_price=stop,
            tif=tif,
            protection=protection,
            strategy=dice.choices((MANUAL, ROBOT, MACHINE), (50, 25, 25))[0],
        )


async def _cancelled(process: Process, client_order_id: str) -> None:
    """As the command does it: with an exit its protection ends."""
    await process.desk.protector.release(client_order_id)
    await process.desk.oms.cancel(client_order_id)
