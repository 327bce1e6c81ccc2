"""What goes wrong by itself in the course of a day, put on the timeline by the seed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from cockpit.adapters.faults import FaultKind
from cockpit.app.simulation.process import ACCOUNT, Process
from cockpit.app.simulation.world import World
from cockpit.domain.errors import CockpitError
from cockpit.domain.order import Order, OrderIntent, OrderType, Side, TimeInForce
from cockpit.kernel.clock import SECOND

_F = FaultKind
ELSEWHERE = "ELSEWHERE"


class Troubles:
    """Each kind of the scenario happens one to four times."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dice = world.dice("troubles")
        self._elsewhere = 0
        self._ways: dict[FaultKind, Callable[[], None]] = {
            _F.RATE_LIMIT: lambda: self._storm(_F.RATE_LIMIT, 30),
            _F.STORE_FULL: lambda: self._storm(_F.STORE_FULL, 20),
            _F.STORE_LOCKED: lambda: self._storm(_F.STORE_LOCKED, 20),
            _F.STORE_SLOW: lambda: self._storm(_F.STORE_SLOW, 60),
            _F.STORE_AT_KILL: self._kill_without_ledger,
            _F.FEED_SILENCE: lambda: self._storm(_F.FEED_SILENCE, 120),
            _F.PARTIAL_THEN_CANCEL: self._partial_then_cancel,
            _F.OVERFILL: self._overfill,
            _F.BUST: self._bust,
            _F.ELSEWHERE: self._act_elsewhere,
            _F.HALT: self._halt,
            _F.SPLIT: self._split,
            _F.DISCONNECT: self._disconnect,
            _F.CLOCK_STEP: self._step_clock,
            _F.SLEEP: self._sleep,
        }

    def plan_day(self) -> None:
        """Put all of it on the timeline."""
        scenario, later = self._world.scenario, self._world.timeline.call_later
        for kind in scenario.kinds:
            way = self._ways.get(kind)
            for _ in range(self._dice.randint(1, 4) if way else 0):
                later(self._dice.uniform(10, scenario.minutes * 60), self._unless_quiet(way))

    def _unless_quiet(self, way: Callable[[], None] | None) -> Callable[[], None]:
        def strike() -> None:
            if way is not None and not self._world.plan.quiet:
                way()

        return strike

    def _storm(self, kind: FaultKind, longest: float) -> None:
        seconds = self._dice.uniform(1, longest)
        self._world.note(f"{kind.value} for {seconds:.0f} s")
        self._world.plan.begin(kind, self._world.timeline.now_ns + round(seconds * SECOND))

    def _kill_without_ledger(self) -> None:
        self._storm(self._dice.choice((_F.STORE_FULL, _F.STORE_LOCKED)), 40)
        for _ in range(self._dice.randint(1, 2)):
            self._world.timeline.call_later(self._dice.uniform(0, 10), self._flatten_all)

    def _flatten_all(self) -> None:
        process = self._world.process
        if process is None or self._world.asleep or not process.ready:
            return
        for symbol in self._world.scenario.symbols:
            self._world.market.quote(symbol)
        self._world.note("the person closes everything")
        process.loop.call_soon(_close_everything, process)

    def _partial_then_cancel(self) -> None:
        venue, now = self._world.venue, self._world.timeline.now_ns
        if resting := venue.resting:
            name = self._dice.choice(resting).client_order_id
            self._world.note(f"venue: fills a part of {name}, cancels the rest")
            venue.publish(venue.cancel_rest(name, now))

    def _overfill(self) -> None:
        venue = self._world.venue
        filled = [o for o in venue.all_orders if o.filled and o.remaining == 0]
        if filled:
            name = self._dice.choice(filled).client_order_id
            self._world.note(f"venue: overfills {name}")
            quantity = Decimal(self._dice.randint(1, 5))
            venue.publish(venue.overfill(name, quantity, self._world.timeline.now_ns))

    def _bust(self) -> None:
        venue = self._world.venue
        if standing := venue.all_executions:
            taken = self._dice.choice(standing)
            name = taken.execution_id
            self._world.note(f"venue: busts {name}")
            self._world.busted_ns[taken.client_order_id] = self._world.timeline.now_ns
            venue.publish(venue.bust(name, self._world.timeline.now_ns))

    def _act_elsewhere(self) -> None:
        """On the broker's web page: cancel something, or place an order."""
        venue, now = self._world.venue, self._world.timeline.now_ns
        resting = venue.resting
        try:
            if resting and self._dice.random() < 0.4:
                name = self._dice.choice(resting).client_order_id
                self._world.note(f"elsewhere: cancels {name}")
                venue.publish(venue.cancel(name, now))
            else:
                order = self._order_elsewhere()
                self._world.note(f"elsewhere: places {order.client_order_id}")
                venue.publish(venue.submit(order, now)[1])
        except CockpitError as error:
            self._world.note(f"elsewhere: {error}")

    def _order_elsewhere(self) -> Order:
        self._elsewhere += 1
        symbol = self._dice.choice(self._world.scenario.symbols)
        side = self._dice.choice((Side.BUY, Side.SELL))
        bid, ask = self._world.market.touch(symbol)
        limit = (ask if side is Side.BUY else bid) + Decimal(self._dice.randint(-30, 30)) / 100
        name = f"{ELSEWHERE}-{self._elsewhere}"
        return Order(
            client_order_id=name,
            intent=OrderIntent(
                intent_id=name,
                account_id=ACCOUNT,
                symbol=symbol,
                side=side,
                type=OrderType.LIMIT,
                quantity=Decimal(self._dice.randint(1, 30)),
                limit_price=limit,
                tif=TimeInForce.DAY,
            ),
        )

    def _halt(self) -> None:
        symbol = self._dice.choice(self._world.scenario.symbols)
        self._world.halt(symbol, halted=True)
        minutes = self._dice.uniform(0.5, 4)
        later = self._world.timeline.call_later
        later(minutes * 60, lambda: self._world.halt(symbol, halted=False))

    def _split(self) -> None:
        world = self._world
        held = [s for s in world.scenario.symbols if world.venue.held(s) and s not in world.split]
        if held:
            symbol = self._dice.choice(held)
            world.note(f"{symbol} is split, two for one")
            world.split.add(symbol)
            world.venue.publish(world.venue.split(symbol, 2, world.timeline.now_ns))
            world.market.split(symbol, 2)

    def _disconnect(self) -> None:
        process = self._world.process
        if process is not None:
            process.broker.drop(self._dice.uniform(0.2, 60))

    def _step_clock(self) -> None:
        self._world.step_clock(self._dice.choice((-1, 1)) * self._dice.uniform(0.5, 300))

    def _sleep(self) -> None:
        hours = self._dice.random() ** 4 * 8
        self._world.sleep(max(5.0, hours * 3600))


def _close_everything(process: Process) -> None:
    process.do(process.desk.kill_switch.fire("Close everything", flatten=True), "kill switch")
