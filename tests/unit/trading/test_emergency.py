"""A kill that flattens while the ledger refuses: nothing twice, nothing unrecorded."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.aside import NAME, SIZE
from cockpit.adapters.storage.audit_file import read_audit, verify_audit
from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.order import FLATTEN, Order, OrderState, OrderType, Side
from cockpit.ports.broker import BrokerError, BrokerOrder, BrokerPosition, SubmitUnknownError
from cockpit.ports.store import StoreError
from cockpit.trading.kill_switch import KillReport
from tests.support.desk import Desk, restarted, trading_desk

LEDGER = "cockpit.sqlite3"
WIDE = Limits(max_position_fraction=Decimal(1), duplicate_window_s=Decimal("0.001"))
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_another_process(ledger: Path) -> Iterator[None]:
    """Another program writes to the ledger and does not end."""
    command = [sys.executable, "-c", HOLD, str(ledger)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield
        process.kill()


@asynccontextmanager
async def holding(folder: Path, limits: Limits = WIDE) -> AsyncIterator[Desk]:
    """A desk that holds 10 ABC, and whose ledger gives up on a lock soon."""
    store = await open_store(folder / LEDGER, busy_timeout_ms=20)
    async with trading_desk(folder, store=store, limits=limits) as desk:
        await desk.bought(10)
        desk.quote(99.99, 100.01)
        yield desk


async def kill(desk: Desk) -> KillReport:
    return await desk.do(desk.kill_switch.fire("test", flatten=True))


def at_venue(desk: Desk) -> list[Order]:
    """Closing orders that the venue has."""
    orders = [taken.order for taken in desk.broker._venue._orders.values()]
    return [order for order in orders if order.intent.strategy == FLATTEN]


def held(desk: Desk) -> Decimal:
    return desk.broker._venue._money.held("ABC")


def is_empty(folder: Path) -> bool:
    return (folder / NAME).read_bytes() == bytes(SIZE)


def checked(folder: Path) -> None:
    """The log is whole, and the tables are what it tells."""
    report = verify_audit(folder / LEDGER)
    assert report is not None
    assert (report.fault, report.difference) == ("", "")


async def test_with_a_ledger_that_works_all_goes_the_usual_way(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        report = await kill(desk)
        assert (report.aside, report.problems, report.positions_left) == ("", (), ())
        assert is_empty(tmp_path)
        assert [row.kind for row in read_audit(tmp_path / LEDGER)].count("kill") == 1


async def test_positions_are_closed_while_another_process_holds_the_ledger(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        with held_by_another_process(tmp_path / LEDGER):
            report = await kill(desk)
            assert held(desk) == 0
            assert report.confirmed
            assert report.positions_left == ()
            assert report.problems == ()
            assert report.aside == str(tmp_path / NAME)
            assert not is_empty(tmp_path)
            [order] = at_venue(desk)
            assert desk.now(order).state is OrderState.SENDING  # as far as is stored anywhere
            assert desk.switch.state is TradingState.HALTED
        await desk.pass_time(5)
        assert desk.now(order).state is OrderState.FILLED
        assert desk.portfolio.position("ABC").quantity == 0
        history = await desk.store.order_history(order.client_order_id)
        states = [version.state.value for version in history]
        assert states[:4] == ["draft", "approved", "reserved", "sending"]
        assert states[-1] == "filled"
        assert is_empty(tmp_path)
    checked(tmp_path)
    kinds = [row.kind for row in read_audit(tmp_path / LEDGER)]
    told = kinds.index("emergency")
    assert kinds[told + 1 : told + 4] == ["order", "gate", "order"]


async def test_a_second_kill_meanwhile_sends_nothing_more(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        with held_by_another_process(tmp_path / LEDGER):
            await kill(desk)
            again = await kill(desk)
            assert len(at_venue(desk)) == 1
            assert again.positions_left == ()
        await desk.pass_time(5)
        assert held(desk) == 0


@pytest.mark.parametrize(("behind_s", "closes"), [(0.3, 6), (60.0, None)])
async def test_positions_that_lag_behind_a_fill_are_not_closed_twice(
    tmp_path: Path, behind_s: float, closes: int | None
) -> None:
    """The broker calls an order filled before its list of positions shows it."""
    async with holding(tmp_path) as desk:
        before, ask = await desk.do(desk.broker.positions()), desk.broker.positions
        desk.quote(99.99, 100.01)
        await desk.oms.submit(desk.intent(Side.SELL, 4))
        with held_by_another_process(tmp_path / LEDGER):
            await desk.pass_time(0.5)
            assert held(desk) == 6
            desk.quote(99.99, 100.01)
            first: list[int] = []

            async def behind():
                first.append(desk.clock.now_ns())
                return before if desk.clock.now_ns() - first[0] < behind_s * 1e9 else await ask()

            desk.broker.positions = behind
            report = await kill(desk)
            assert [order.intent.quantity for order in at_venue(desk)] == (
                [closes] if closes else []
            )
            assert held(desk) == (0 if closes else 6)
            assert ("does not show yet" in " ".join(report.problems)) is (closes is None)


async def test_positions_that_show_one_of_two_fills_are_not_closed_twice(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        desk.quote(99.99, 100.01)
        await desk.oms.submit(desk.intent(Side.SELL, 4))
        await desk.oms.submit(desk.intent(Side.SELL, 5))
        with held_by_another_process(tmp_path / LEDGER):
            await desk.pass_time(0.5)
            assert held(desk) == 1
            desk.quote(99.99, 100.01)
            [now] = await desk.do(desk.broker.positions())

            async def shows_the_first_only():
                return [msgspec.structs.replace(now, quantity=Decimal(6))]

            desk.broker.positions = shows_the_first_only
            report = await kill(desk)
            assert not at_venue(desk)
            assert held(desk) == 1
            assert "does not show yet" in " ".join(report.problems)


@pytest.mark.parametrize("proven", [True, False])
async def test_what_an_order_bought_is_told_before_the_broker_lists_it(
    tmp_path: Path, proven: bool
) -> None:
    """Nothing of it is in the ledger or in the broker's list: yet it is held, or may be."""
    store = await open_store(tmp_path / LEDGER, busy_timeout_ms=20)
    async with trading_desk(tmp_path, store=store, limits=WIDE) as desk:
        order = await desk.oms.submit(desk.intent(Side.BUY, 10))
        with held_by_another_process(tmp_path / LEDGER):
            await desk.pass_time(0.5)
            assert held(desk) == 10
            desk.broker.positions = list_of_nothing
            if not proven:
                desk.broker.find_order = cannot_say
            report = await kill(desk)
            assert not at_venue(desk)
            [problem] = report.problems
            assert problem.startswith("ABC: not closed")
            assert ("does not show yet" in problem) is proven
            assert (order.client_order_id in problem) is not proven


async def test_what_was_taken_back_unfilled_is_no_problem(tmp_path: Path) -> None:
    store = await open_store(tmp_path / LEDGER, busy_timeout_ms=20)
    async with trading_desk(tmp_path, store=store, limits=WIDE) as desk:
        await desk.oms.submit(desk.intent(Side.BUY, 10, type=OrderType.LIMIT, limit="99.00"))
        await desk.pass_time(0.5)
        with held_by_another_process(tmp_path / LEDGER):
            report = await kill(desk)
        assert (report.still_open, report.positions_left, report.problems) == ((), (), ())


async def list_of_nothing() -> list[BrokerPosition]:
    return []


async def cannot_say(client_order_id: str) -> BrokerOrder | None:
    raise BrokerError(f"503: {client_order_id}", user_text="The broker does not answer.")


async def test_two_kills_at_the_same_time_close_once(tmp_path: Path) -> None:
    """The second had asked what is held before the first one's order was filled."""
    async with holding(tmp_path) as desk:
        with held_by_another_process(tmp_path / LEDGER):
            reports: list[KillReport] = []

            async def fire() -> None:
                reports.append(await desk.kill_switch.fire("test", flatten=True))

            first = desk.supervisor.work(fire(), name="first", owner="test")
            second = desk.supervisor.work(fire(), name="second", owner="test")
            await desk.clock.run_until_done(first)
            await desk.clock.run_until_done(second)
            assert held(desk) == 0
            assert len(at_venue(desk)) == 1
            assert [report.positions_left for report in reports] == [(), ()]


async def test_what_trades_while_the_broker_is_asked_is_not_closed_twice(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        positions, asked = desk.broker.positions, 0

        async def then_sold():
            nonlocal asked
            answer = await positions()
            asked += 1
            if asked == 2:  # the answer is on its way, and old when it comes
                sold = Order(client_order_id="PAPER-1-late", intent=desk.intent(Side.SELL, 10))
                desk.orders.put(
                    msgspec.structs.replace(sold, state=OrderState.FILLED, filled=Decimal(10))
                )
                desk.orders.put(msgspec.structs.replace(sold, state=OrderState.SENDING))
            return answer

        desk.broker.positions = then_sold
        with held_by_another_process(tmp_path / LEDGER):
            report = await kill(desk)
        assert not at_venue(desk)
        assert report.problems == ("ABC: not closed, for it changed just then. Try again",)
        desk.orders.put(
            msgspec.structs.replace(desk.orders.get("PAPER-1-late"), state=OrderState.CANCELED)
        )


async def test_an_answer_that_never_came_is_not_sent_again(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        submit, sent = desk.broker.submit, []

        async def lost(order, token):
            desk.turnstile.redeem(token, order)
            sent.append(order.client_order_id)
            raise SubmitUnknownError("time-out", user_text="No answer came.")

        desk.broker.submit = lost
        with held_by_another_process(tmp_path / LEDGER):
            first = await kill(desk)
            second = await kill(desk)
        assert len(sent) == 1
        assert first.positions_left == ("ABC",)
        assert second.positions_left == ("ABC",)
        [problem] = second.problems
        assert sent[0] in problem
        desk.broker.submit = submit
        await desk.pass_time(3)
        assert desk.orders.get(sent[0]).state is OrderState.UNKNOWN


async def test_the_gate_has_its_say(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        await desk.pass_time(60)  # the quote is old by now
        with held_by_another_process(tmp_path / LEDGER):
            report = await kill(desk)
        assert not at_venue(desk)
        assert report.positions_left == ("ABC",)
        [problem] = report.problems
        assert "MARKETDATA_STALE" in problem
        await desk.pass_time(3)
        [denied] = [o for o in desk.orders.all() if o.intent.strategy == FLATTEN]
        assert (await desk.store.order_history(denied.client_order_id))[-1] == denied
    checked(tmp_path)


async def test_what_the_ledger_has_not_heard_of_is_closed_as_the_broker_says(
    tmp_path: Path,
) -> None:
    async with holding(tmp_path) as desk:
        order = await desk.oms.submit(desk.intent(Side.SELL, 4))
        with held_by_another_process(tmp_path / LEDGER):
            await desk.pass_time(0.5)
            assert held(desk) == 6
            assert desk.portfolio.position("ABC").quantity == 10  # its fill can't be stored
            desk.quote(99.99, 100.01)
            await kill(desk)
            [closing] = at_venue(desk)
            assert closing.intent.quantity == 6
            assert held(desk) == 0
        await desk.pass_time(5)
        assert desk.now(order).state is OrderState.FILLED
        assert desk.portfolio.position("ABC").quantity == 0


async def test_a_flatten_that_waits_for_the_ledger_does_not_follow(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        slow, reserving, record = asyncio.Event(), asyncio.Event(), desk.store.save_order

        async def stuck(order):
            if order.intent.strategy == FLATTEN and order.state is OrderState.RESERVED:
                reserving.set()
                await slow.wait()
            await record(order)

        desk.store.save_order = stuck
        waiting = desk.supervisor.serve(
            lambda: desk.kill_switch.flatten("ABC"), name="flatten", owner="test"
        )
        await reserving.wait()
        with held_by_another_process(tmp_path / LEDGER):
            await kill(desk)
            assert held(desk) == 0
        slow.set()
        await waiting
        await desk.pass_time(5)
        assert held(desk) == 0
        assert len(at_venue(desk)) == 1


async def test_a_broker_that_cannot_say_what_is_held_is_not_flat(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:

        async def refuse():
            raise BrokerError("503", user_text="The broker does not answer.")

        desk.broker.positions = refuse
        with held_by_another_process(tmp_path / LEDGER), pytest.raises(BrokerError):
            await kill(desk)
        assert not at_venue(desk)


async def test_without_any_place_for_the_record_nothing_is_sent(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:

        async def refuse(_facts):
            raise StoreError("no", user_text="Neither can be written.")

        desk.store.keep_aside = refuse
        with held_by_another_process(tmp_path / LEDGER):
            report = await kill(desk)
        assert not at_venue(desk)
        assert report.positions_left == ("ABC",)
        assert report.problems == ("ABC: Neither can be written.",)
        await desk.pass_time(3)
        assert not desk.orders.open()


async def test_a_full_disk_does_not_keep_a_position_open(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        database = await desk.store.call(lambda db: db)
        await desk.store.call(lambda db: db.execute("PRAGMA max_page_count=1", {}).close())
        report = await kill(desk)
        assert report.aside
        assert report.positions_left == ()
        assert held(desk) == 0
        database.beside, folding = None, database.beside
        await desk.store.call(lambda db: db.execute("PRAGMA max_page_count=100000", {}).close())
        database.beside = folding
        await desk.pass_time(5)
        [order] = at_venue(desk)
        assert desk.now(order).state is OrderState.FILLED
    checked(tmp_path)


class DiedError(BaseException):
    """The program ends here."""


async def test_a_death_between_record_and_wire_sends_nothing_later(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        desk.room.kill_switch._emergency._sender.start = lambda *_: None  # it ends right here
        with held_by_another_process(tmp_path / LEDGER):
            await kill(desk)
            assert not is_empty(tmp_path)
            await desk.supervisor.stop()
        async with restarted(desk) as anew:
            [order] = [o for o in anew.orders.all() if o.intent.strategy == FLATTEN]
            assert order.state is OrderState.UNKNOWN
            await anew.pass_time(40)
            assert not at_venue(anew)
            assert held(anew) == 10
    checked(tmp_path)


async def test_a_death_between_wire_and_answer_is_found_and_adopted(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        with held_by_another_process(tmp_path / LEDGER):
            await kill(desk)
            assert held(desk) == 0
            await desk.supervisor.stop()  # not a word of the answer is stored
        async with restarted(desk) as anew:
            [order] = [o for o in anew.orders.all() if o.intent.strategy == FLATTEN]
            assert order.state is OrderState.FILLED
            assert anew.portfolio.position("ABC").quantity == 0
            assert len(at_venue(anew)) == 1
            assert is_empty(tmp_path)
            report = await kill(anew)
            assert report.positions_left == ()
            assert len(at_venue(anew)) == 1
    checked(tmp_path)


async def test_resting_orders_are_taken_back_before_anything_closes(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        resting = await desk.oms.submit(
            desk.intent(Side.SELL, 10, type=OrderType.LIMIT, limit="101.00")
        )
        await desk.pass_time(0.5)
        with held_by_another_process(tmp_path / LEDGER):
            await kill(desk)
            assert held(desk) == 0
        await desk.pass_time(5)
        assert desk.now(resting).state is OrderState.CANCELED


def test_a_lock_of_another_process_really_refuses(tmp_path: Path) -> None:
    path = tmp_path / "any.sqlite3"
    sqlite3.connect(path).close()
    with held_by_another_process(path):
        db = sqlite3.connect(path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            db.execute("BEGIN IMMEDIATE")
        db.close()


async def test_a_flatten_that_is_turned_away_while_the_ledger_refuses_ends(tmp_path: Path) -> None:
    async with holding(tmp_path) as desk:
        record = desk.store.record

        async def refuse(kind, *rest):
            if kind == "gate":
                raise StoreError("busy", user_text="Locked.")
            await record(kind, *rest)

        await desk.pass_time(60)  # the quote is old: the gate would say no
        desk.store.record = refuse
        with pytest.raises(StoreError):
            await desk.do(desk.kill_switch.flatten("ABC"))
        await desk.pass_time(3)
        [order] = [o for o in desk.orders.all() if o.intent.strategy == FLATTEN]
        assert (order.state, order.reason_code) == (OrderState.DENIED, "STORE_REFUSED")
