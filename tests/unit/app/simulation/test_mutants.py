"""A core with one protection taken away: the simulator must name a seed that fails."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from cockpit.adapters.faults import FaultKind
from cockpit.adapters.storage import ledger_rows, writer
from cockpit.adapters.storage.inline import InlineWriter, template
from cockpit.app.simulation.scenario import scenario_of
from cockpit.app.simulation.simulation import Outcome, run_scenario
from cockpit.domain.order import AT_VENUE, FLATTEN, Order, OrderState
from cockpit.journal.journal import Journal
from cockpit.kernel import log
from cockpit.ports.broker import GateToken
from cockpit.trading import booking, orders
from cockpit.trading.books import FillBooks
from cockpit.trading.durable import Durable
from cockpit.trading.gate import Turnstile
from cockpit.trading.judge import Judge
from cockpit.trading.order_log import OrderLog
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.recovery import Loader, Sweeper
from cockpit.trading.sender import Sender
from cockpit.trading.state import TradingSwitch

F = FaultKind
WITHIN = 150
Patch = pytest.MonkeyPatch
Mutant = Callable[[Patch], None]


def resend_on_timeout(patch: Patch) -> None:
    """A time-out is answered by sending again."""

    async def again(self: Sender, order: Order, _error: Exception) -> None:
        self._broker._redeem = lambda _token, _order: None
        await self._broker.submit(order, GateToken("", ""))

    patch.setattr(Sender, "_unknown", again)


def duplicates_booked(patch: Patch) -> None:
    """An execution that is known is booked again."""
    save_fill = ledger_rows.save_fill
    patch.setattr(FillBooks, "is_booked", lambda *_args: False)
    patch.setattr(ledger_rows, "save_fill", lambda *args: save_fill(*args) or True)


def unknown_not_reserved(patch: Patch) -> None:
    """An order without an answer gives its capacity back."""
    patch.setattr(orders, "_CLAIMING", AT_VENUE - {OrderState.UNKNOWN, OrderState.SENDING})


def gate_not_recorded(patch: Patch) -> None:
    """Orders go out past the gate's record."""
    judged = OrderLog.judged

    async def silent(self: OrderLog, *args: Any, releasing: bool = False) -> None:
        if not releasing:
            await judged(self, *args)

    patch.setattr(OrderLog, "judged", silent)


def sending_not_durable(patch: Patch) -> None:
    """SENDING is told, and stored when there is time."""
    record = OrderLog.record

    async def later(self: OrderLog, order: Order, previous: OrderState | None) -> Order:
        if order.state is not OrderState.SENDING:
            return await record(self, order, previous)
        self.publish(order, previous)
        return order

    patch.setattr(OrderLog, "record", later)


def sending_forgotten(patch: Patch) -> None:
    """A start takes what was being sent for never sent."""
    settle = Loader._settle

    async def forget(self: Loader, order: Order) -> None:
        if order.state is OrderState.SENDING:
            await self._order_log.move(order, OrderState.DENIED, "RECOVERY_NOT_SENT", "")
        else:
            await settle(self, order)

    patch.setattr(Loader, "_settle", forget)


def latch_forgotten(patch: Patch) -> None:
    """A halt ends with the program."""

    async def fresh(_self: TradingSwitch) -> bool:
        return False

    patch.setattr(TradingSwitch, "take_over", fresh)


def latch_passed(patch: Patch) -> None:
    """An order that has passed the gate goes out although trading was halted meanwhile."""
    patch.setattr(Turnstile, "tighten", lambda _self, _state: None)


def answered_too_early(patch: Patch) -> None:
    """The store answers before the disk has it."""
    write = InlineWriter._write

    def early(self: InlineWriter) -> None:
        batch = list(self._jobs)
        write(self)
        writer.answered(batch)
        self._on_durable()

    patch.setattr(InlineWriter, "_write", early)


def never_swept(patch: Patch) -> None:
    """Nobody looks at the broker's books between start and end."""
    patch.setattr(Sweeper, "start", lambda _self: None)
    patch.setattr(Sweeper, "soon", lambda _self: None)


def late_fills_dropped(patch: Patch) -> None:
    """An execution of an ended order is thrown away."""
    execution = booking.Booking._execution

    async def dropped(self: booking.Booking, order: Order | None, report: Any) -> bool:
        if order is not None and order.state.terminal:
            return False
        return await execution(self, order, report)

    patch.setattr(booking.Booking, "_execution", dropped)


def fills_lost_when_the_store_refuses(patch: Patch) -> None:
    """What can't be stored is tried once."""

    async def once(_self: Durable, step: Callable[[], Any]) -> None:
        await step()

    patch.setattr(Durable, "write", once)


def flatten_doubled(patch: Patch) -> None:
    """Closing a position sells it twice over."""
    from cockpit.trading import kill_switch

    intent = kill_switch.OrderIntent

    def doubled(**given: Any) -> Any:
        return intent(**{**given, "quantity": given["quantity"] * Decimal(2)})

    patch.setattr(kill_switch, "OrderIntent", doubled)
    patch.setattr("cockpit.trading.desk._outgrown", lambda *_seen: False)
    judged = Judge.of

    def waved_through(self: Judge, order: Order, approval: Any, **how: Any) -> Any:
        if order.intent.strategy == FLATTEN:
            half = msgspec.structs.replace(order.intent, quantity=order.intent.quantity / 2)
            order = msgspec.structs.replace(order, intent=half)
        return judged(self, order, approval, **how)

    patch.setattr(Judge, "of", waved_through)


def equity_forgotten(patch: Patch) -> None:
    """A start within the day does not know the equity that the day began with."""
    patch.setattr(Portfolio, "go_on_from", lambda *_args: None)


def busts_not_in_the_journal(patch: Patch) -> None:
    """The journal keeps what the venue took back."""
    patch.setattr(Journal, "_on_bust", lambda *_args: None)


MUTANTS: dict[Mutant, set[FaultKind]] = {
    resend_on_timeout: {F.LOST_RESPONSE, F.LOST_REQUEST},
    duplicates_booked: {F.DUPLICATE_EVENT},
    unknown_not_reserved: {F.LOST_RESPONSE, F.LATE_ACCEPT, F.LOST_REQUEST},
    gate_not_recorded: set(),
    sending_not_durable: set(),
    sending_forgotten: {F.CRASH, F.LOST_RESPONSE},
    latch_forgotten: {F.CRASH},
    latch_passed: set(),
    answered_too_early: {F.CRASH},
    never_swept: {F.DROPPED_EVENT},
    late_fills_dropped: {F.OVERFILL, F.REORDERED_EVENT},
    fills_lost_when_the_store_refuses: {F.STORE_FULL, F.STORE_LOCKED},
    flatten_doubled: set(),
    equity_forgotten: {F.CRASH},
    busts_not_in_the_journal: {F.BUST},
}


@pytest.fixture(scope="module")
def image() -> bytes:
    return template()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with log.silenced():
        yield


def first_failure(image: bytes, kinds: set[FaultKind]) -> Outcome | None:
    for seed in range(5000, 5000 + WITHIN):
        scenario = scenario_of(seed, kinds)
        outcome = run_scenario(replace(scenario, kinds=tuple(sorted(kinds))), image)
        if not outcome.passed:
            return outcome
    return None


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_is_caught(mutant: Mutant, monkeypatch: Patch, image: bytes) -> None:
    mutant(monkeypatch)
    caught = first_failure(image, MUTANTS[mutant])
    assert caught is not None, f"{mutant.__doc__} Nobody noticed in {WITHIN} seeds."
    print(f"{mutant.__name__}: seed {caught.seed}, {caught.invariant}: {caught.text}")
