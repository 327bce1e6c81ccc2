"""One seed from its first quote to the verdict."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cockpit.adapters.faults import FaultKind
from cockpit.app.simulation.invariants import (
    check_crash,
    check_now,
    check_sent,
    check_settled,
    check_start,
)
from cockpit.app.simulation.person import Person
from cockpit.app.simulation.process import Process
from cockpit.app.simulation.scenario import Scenario, scenario_of
from cockpit.app.simulation.trace import Trace
from cockpit.app.simulation.troubles import Troubles
from cockpit.app.simulation.world import START_NS, ViolatedError, World
from cockpit.domain.order import OrderState
from cockpit.kernel.clock import SECOND

LOOK_EVERY_S = 20.0
PEACE_S = 90.0
PATIENCE = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a seed went; `invariant` is empty when all held."""

    seed: int
    kinds: tuple[str, ...]
    minutes: float
    steps: int
    sends: int
    lives: int
    invariant: str = ""
    text: str = ""
    trace: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all invariants held."""
        return not self.invariant


def run_seed(
    seed: int, allowed: Collection[FaultKind], image: bytes, *, trace: bool = False
) -> Outcome:
    """Simulate one seed with faults out of `allowed` on a copy of the empty ledger `image`."""
    return run_scenario(scenario_of(seed, allowed), image, trace=trace)


def run_scenario(scenario: Scenario, image: bytes, *, trace: bool = False) -> Outcome:
    """Simulate one scenario."""
    lines = Trace(START_NS, on=trace)
    world = World(scenario, image, lines)
    invariant = text = ""
    try:
        _live(world)
    except ViolatedError as violated:
        invariant, text = violated.invariant, violated.text
        world.note(f"VIOLATED {violated}")
    steps = world.steps
    world.end()
    return Outcome(
        seed=scenario.seed,
        kinds=tuple(kind.value for kind in scenario.kinds),
        minutes=(world.timeline.now_ns - START_NS) / SECOND / 60,
        steps=steps,
        sends=len(world.sends),
        lives=world.life,
        invariant=invariant,
        text=text,
        trace=tuple(lines.lines),
    )


def _live(world: World) -> None:
    scenario = world.scenario
    world.note(f"seed {scenario.seed}: {', '.join(scenario.kinds) or 'no faults'}")
    world.on_sent = lambda sent: check_sent(world, sent)
    world.on_start = lambda process: check_start(world, process)
    world.on_crash = lambda: check_crash(world)
    world.market.open()
    world.start()
    Person(world).plan_day()
    Troubles(world).plan_day()
    for _ in range(round(scenario.minutes * 60 / LOOK_EVERY_S)):
        world.run_for(LOOK_EVERY_S)
        check_now(world)
    _settle(world)


def _settle(world: World) -> None:
    """Let the dust settle: no more faults, the program up, its session too, and peace."""
    world.note("the dust settles")
    world.plan.quiet = True
    world.no_more_crashes()
    while world.asleep:
        world.run_for(600)
    while world.market.halted:  # stops wait for it, and go out when it is over
        world.run_for(60)
    for _ in range(PATIENCE):
        process = world.process
        if process is not None and process.ready and process.broker.up:
            break
        world.run_for(PEACE_S)
        _clear_up(world)
    world.run_for(PEACE_S)
    _clear_up(world)
    world.market.close()
    world.run_for(PEACE_S)
    process = world.process
    if process is None:
        raise ViolatedError("comes-back", "the program does not run in the end")
    check_settled(world, process)


def _clear_up(world: World) -> None:
    """What only a person can end: orders nobody knows of, positions nobody can explain.

    And an order that was declared absent and works there, which is cancelled on the web page.
    """
    process = world.process
    if process is None or not process.started:
        return
    for name in _declared_absent(world, process):
        world.note(f"elsewhere: cancels {name}, which blocks")
        world.venue.publish(world.venue.cancel(name, world.timeline.now_ns))
    with process.loop.entered():
        for order in process.desk.orders.open():
            if order.state is OrderState.UNKNOWN:
                name = order.client_order_id
                process.do(process.desk.settlement.resolve_unknown(name), f"resolve {name}")
        for symbol in world.scenario.symbols if _unexplained(world) else ():
            process.do(process.desk.settlement.accept_positions(symbol), f"accept {symbol}")
    world.run_for(10)


def _declared_absent(world: World, process: Process) -> list[str]:
    if process.ready:
        return []
    orders = (process.desk.orders.get(o.client_order_id) for o in world.venue.resting)
    return [
        order.client_order_id
        for order in orders
        if order is not None and order.reason_code == "RESOLVED_ABSENT"
    ]


def _unexplained(world: World) -> bool:
    """Whether positions changed by what no execution tells: a split, or a bust nobody heard of."""
    return bool(world.split) or FaultKind.BUST in world.scenario.kinds
