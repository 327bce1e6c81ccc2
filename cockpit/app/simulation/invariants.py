"""What must hold, whatever goes wrong; docs/simulation.md prints this table.

Each is checked by name. `SENT` ones hold for each order in the moment its first byte goes
out, `ALWAYS` ones whenever somebody looks, `SETTLED` ones once the dust has settled: no new
faults, session up, recovery done, two minutes of peace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from cockpit.adapters.brokers.faulty import Sent
from cockpit.app.simulation.process import ACCOUNT, Process
from cockpit.app.simulation.reckoning import (
    cash,
    cash_of_fills,
    differences,
    reserved,
    reserved_by_gate,
    without_exits,
)
from cockpit.app.simulation.troubles import ELSEWHERE
from cockpit.app.simulation.world import VENUE, ViolatedError, World
from cockpit.domain.limits import TradingState
from cockpit.domain.order import FLATTEN
from cockpit.domain.trade import Direction
from cockpit.domain.values import ZERO
from cockpit.kernel.clock import SECOND
from cockpit.trading.state_log import KIND

SWEPT_NS = 60 * SECOND
"""When the stream loses that an execution was taken back, the next sweep tells it, or three
sweeps have failed by then and the program is not ready any more."""


class When(StrEnum):
    """When an invariant is looked at."""

    SENT = "each send"
    CRASH = "each crash"
    START = "each start"
    ALWAYS = "always"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule by name; `check` gives what contradicts it."""

    name: str
    when: When
    text: str
    check: Callable[..., Iterator[str]]


def _of_ours(order_id: str) -> bool:
    return not order_id.startswith(ELSEWHERE)


def one_send(world: World, sent: Sent) -> Iterator[str]:
    """An order goes out once: the same client order id is never sent again."""
    name = sent.order.client_order_id
    if any(before.order.client_order_id == name for before in world.sends):
        yield f"{name} is sent a second time"


def one_order_per_intent(world: World, sent: Sent) -> Iterator[str]:
    """One intent becomes at most one order at the venue, over all lives of the program."""
    intent = sent.order.intent.intent_id
    for before in world.sends:
        if before.order.intent.intent_id == intent:
            yield f"{intent} is sent as {sent.order.client_order_id} and was sent as "
            yield before.order.client_order_id


def gate_first(world: World, sent: Sent) -> Iterator[str]:
    """Before an order goes out the audit log durably holds that the gate let it through."""
    if not world.disk.gate_passed(sent.order.client_order_id, world.durable[0]):
        yield f"{sent.order.client_order_id} goes out without a record of the gate"


def durable_first(world: World, sent: Sent) -> Iterator[str]:
    """Before an order goes out the ledger durably says that it is being sent."""
    if not world.disk.was_sending(sent.order.client_order_id, world.durable[0]):
        yield f"{sent.order.client_order_id} goes out before SENDING is durable"


def latch_holds(world: World, sent: Sent) -> Iterator[str]:
    """While trading is halted nothing goes out but a person's flatten."""
    process = world.process
    state = process.desk.switch.state if process else TradingState.ACTIVE
    if state is TradingState.HALTED and sent.order.intent.strategy != FLATTEN:
        yield f"{sent.order.client_order_id} goes out while trading is halted"


def exit_not_larger(world: World, sent: Sent) -> Iterator[str]:
    """An order that closes a position is never larger than the position."""
    intent = sent.order.intent
    if not (intent.strategy == FLATTEN or intent.protects) or world.process is None:
        return
    held = world.process.desk.portfolio.position(intent.symbol).quantity
    if world.disk.is_aside(sent.order.client_order_id):  # closed by the broker's word
        held = world.venue.held(intent.symbol)
    if intent.quantity > max(ZERO, -held * intent.side.sign):
        yield f"{sent.order.client_order_id} closes {intent.quantity}, held are {held}"


def open_is_counted(world: World, process: Process) -> Iterator[str]:
    """Once ready, each of our orders that works at the venue counts as open here."""
    if not process.ready:
        return
    now = world.timeline.now_ns
    here = {order.client_order_id: order for order in process.desk.orders.open()}
    for order in world.venue.resting:
        name = order.client_order_id
        if not _of_ours(name) or now - world.busted_ns.get(name, -SWEPT_NS) < SWEPT_NS:
            continue
        if name not in here:
            known = process.desk.orders.get(name)
            yield f"{name} works at the venue, here it is {known.state.value if known else 'lost'}"
        elif here[name].remaining < order.remaining:
            yield f"{name} has {order.remaining} left there, {here[name].remaining} here"


def reservations(_world: World, process: Process) -> Iterator[str]:
    """What open and unknown orders may add is reserved at its worst, reckoned a second way."""
    wanted, found = reserved(process), reserved_by_gate(process)
    for key in sorted({*wanted, *found}):
        if found.get(key, ZERO) < wanted.get(key, ZERO):
            yield f"{key}: {found.get(key, ZERO)} reserved, {wanted[key]} may be opened"


def stored_is_kept(world: World, _subject: object) -> Iterator[str]:
    """What the store has acknowledged is there after a crash, and nothing else is."""
    if world.disk.head() != world.durable:
        yield f"row {world.durable[0]} was acknowledged, row {world.disk.head()[0]} is the last"


def halt_is_kept(world: World, process: Process) -> Iterator[str]:
    """A halt that was stored holds over the end of the program."""
    left = world.disk.newest(KIND, ACCOUNT)
    state = process.desk.switch.state
    if left is not None and f'"state":"{state.value}"' not in left:
        yield f"the program starts {state.value}, the ledger says {left}"


def nothing_breaks(world: World, _process: Process) -> Iterator[str]:
    """No task dies and no listener fails, whatever the faults."""
    if world.broken:
        yield world.broken


def comes_back(_world: World, process: Process) -> Iterator[str]:
    """The program finds back to READY by itself, or says what it waits for a person to accept."""
    if not process.ready:
        yield f"the program is not ready in the end: {process.desk.recovery.text}"


def audit_whole(world: World, _process: Process) -> Iterator[str]:
    """The audit log's chain of hashes is whole."""
    if fault := world.disk.checked().fault:
        yield fault


def positions_agree(world: World, process: Process) -> Iterator[str]:
    """Fills, with adjustments, add up to the position; and that is what the venue holds."""
    for symbol in world.scenario.symbols:
        ours, theirs = process.desk.portfolio.position(symbol).quantity, world.venue.held(symbol)
        if ours != theirs:
            yield f"{symbol}: {ours} here, {theirs} at the venue"


def journal_agrees(world: World, process: Process) -> Iterator[str]:
    """The journal holds the fills that the ledger holds, and its open lots are the positions."""
    stored = {fill.execution_id for fill in world.disk.standing_fills(ACCOUNT)}
    told = {fill.execution_id for fill in process.journal.fills()}
    if stored != told:
        yield f"fills only in the ledger or the journal: {sorted(stored ^ told)}"
    for symbol in world.scenario.symbols:
        held = process.desk.portfolio.position(symbol).quantity
        lots = process.journal.lots(symbol)
        signed = (-x.quantity if x.direction is Direction.SHORT else x.quantity for x in lots)
        if held != (left := sum(signed, ZERO)):
            yield f"{symbol}: {held} in the portfolio, {left} in the journal's lots"


def risk_is_watched(world: World, _process: Process) -> Iterator[str]:
    """The risk monitor never fails to evaluate."""
    if "incident.risk" in world.told:
        yield world.told["incident.risk"]


def cash_conserved(world: World, process: Process) -> Iterator[str]:
    """Money is conserved: start, less what was bought, less fees, there and in our fills."""
    start = VENUE.starting_cash
    theirs = start + cash(
        (e.side.sign, e.quantity, e.price, e.fee) for e in world.venue.all_executions
    )
    if theirs != world.venue.cash:
        yield f"the venue has {world.venue.cash}, its executions make {theirs}"
    ours = start + cash_of_fills(world.disk.standing_fills(ACCOUNT))
    guessed = world.accepted or any(key.startswith("incident.missing.") for key in world.told)
    if ours != theirs and not guessed:
        yield f"our fills make {ours}, the venue has {theirs}"


def nobody_stuck(world: World, process: Process) -> Iterator[str]:
    """No order is left hanging without somebody having been told."""
    open_there = {order.client_order_id for order in world.venue.resting}
    for order in process.desk.orders.open():
        name = order.client_order_id
        if name not in open_there and not any(name in key for key in world.told):
            yield f"{name} is {order.state.value} here, ended at the venue, and nobody was told"


def recovered_once(world: World, process: Process) -> Iterator[str]:
    """To recover twice is to recover once: ledger and state stay as they are."""
    before, rows = process.desk.snapshot(), set(world.disk.dump())
    with process.loop.entered():
        process.do(process.desk.recovery.run("once more"), "recover again")
    world.run_for(30)
    if process.desk.snapshot() != before:
        yield differences(before, process.desk.snapshot())
    if added := [row for row in world.disk.dump() if row not in rows]:
        yield f"{len(added)} rows came, the first in {added[0][0]}"


def replay_is_live(world: World, process: Process) -> Iterator[str]:
    """A core that starts from the ledger stands as the one before it, byte for byte."""
    live = process.desk.snapshot()
    world.crash("to compare", seconds=1)
    world.run_for(60)
    fresh = world.process
    replayed = fresh.desk.snapshot() if fresh is not None and fresh.ready else b"not ready"
    if world.given_up:  # a fresh core tries anew to place what was refused before
        live, replayed = without_exits(live), without_exits(replayed)
    if replayed != live:
        yield differences(live, replayed)


INVARIANTS: tuple[Invariant, ...] = tuple(
    Invariant(check.__name__.replace("_", "-"), when, check.__doc__ or "", check)
    for when, checks in (
        (When.SENT, (one_send, one_order_per_intent, gate_first, durable_first, latch_holds)),
        (When.SENT, (exit_not_larger,)),
        (When.CRASH, (stored_is_kept,)),
        (When.START, (halt_is_kept,)),
        (When.ALWAYS, (nothing_breaks, open_is_counted, reservations, risk_is_watched)),
        (When.SETTLED, (comes_back,)),
        (When.SETTLED, (audit_whole, positions_agree, journal_agrees, cash_conserved)),
        (When.SETTLED, (nobody_stuck, recovered_once, replay_is_live)),
    )
    for check in checks
)


def check_sent(world: World, sent: Sent) -> None:
    """Look at an order that goes out. Raises ViolatedError."""
    _check(When.SENT, world, sent)


def check_crash(world: World) -> None:
    """Look at the disk that a crash leaves behind. Raises ViolatedError."""
    _check(When.CRASH, world, None)


def check_start(world: World, process: Process) -> None:
    """Look at a program that comes up. Raises ViolatedError."""
    _check(When.START, world, process)


def check_now(world: World) -> None:
    """Look at the program as it is. Raises ViolatedError."""
    if world.process is not None and world.process.started and not world.asleep:
        _check(When.ALWAYS, world, world.process)


def check_settled(world: World, process: Process) -> None:
    """Look at the end. Raises ViolatedError."""
    _check(When.SETTLED, world, process)


def _check(when: When, world: World, subject: object) -> None:
    for invariant in INVARIANTS:
        if invariant.when is when:
            contradiction = " ".join(invariant.check(world, subject))
            if contradiction:
                raise ViolatedError(invariant.name, contradiction)
