"""A paper account outlives its process: what it told anybody is there again, and nothing else."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.adapters.brokers.paper import PaperBroker, PaperSettings, books_of, last_seen
from cockpit.adapters.brokers.paper.books import Books
from cockpit.domain.account import Mode
from cockpit.domain.order import OrderState, Side, TimeInForce
from cockpit.kernel.clock import SECOND, VirtualClock, WallClock
from cockpit.ports.broker import (
    Ack,
    BrokerError,
    ExecutionReport,
    OrderRejectedError,
    OrderReport,
    SubmitUnknownError,
)
from tests.unit.adapters.brokers.paper_kit import (
    ACCOUNT,
    START,
    STOCK,
    TOKEN,
    D,
    Desk,
    Recorder,
    order,
    quote,
)

Open = Callable[..., Awaitable[Desk]]
DAY = 24 * 3600 * SECOND


@pytest.fixture
async def open_(tmp_path: Path) -> AsyncIterator[Open]:
    """Open the account in a folder; each call is a process of its own."""
    desks: list[Desk] = []

    async def opened(folder: Path = tmp_path / "first", **given: object) -> Desk:
        desk = Desk(folder=folder, jitter_fraction=0, **given)  # type: ignore[arg-type]
        desks.append(desk)
        return await desk.connected()

    yield opened
    for desk in desks:
        await desk.broker.close()
        await desk.supervisor.stop()


def killed(folder: Path) -> Path:
    """What a SIGKILL at this moment would leave: the files as they are, in another folder."""
    left = folder.with_name(f"{folder.name}-left")
    shutil.copytree(folder, left)
    return left


def size_of(path: Path) -> int:
    return path.stat().st_size


async def ask(desk: Desk, name: str) -> dict[str, object]:
    """All that a cockpit can ask of the venue."""
    broker = desk.broker
    found = await desk.run(f"{name}-found", broker.find_order("o-filled"))
    return {
        "positions": await desk.run(f"{name}-positions", broker.positions()),
        "open": [
            (o.client_order_id, o.report.filled, o.report.state, o.quantity, o.limit_price)
            for o in await desk.run(f"{name}-open", broker.open_orders())
        ],
        "executions": await desk.run(f"{name}-executions", broker.executions(0)),
        "cash": (await desk.run(f"{name}-account", broker.account())).cash,
        "ended": (found.report.state, found.report.filled, found.report.average_price),
    }


async def traded(desk: Desk) -> None:
    """One order filled, one half filled and resting, one resting, one cancelled."""
    desk.quote(bid_size=300, ask_size=300)
    await desk.submit(order("o-filled"))
    desk.quote(bid_size=300, ask_size=40)
    await desk.submit(order("o-part", limit="10.02"))
    await desk.submit(order("o-resting", limit="9.00", tif=TimeInForce.GTC))
    await desk.submit(order("o-cancelled", limit="9.10"))
    await desk.run("cancel", desk.broker.cancel(order("o-cancelled")))


async def test_after_a_kill_everything_that_was_told_is_there(open_: Open, tmp_path: Path) -> None:
    desk = await open_()
    await traded(desk)
    before = await ask(desk, "before")
    left = killed(tmp_path / "first")
    again = await open_(left, known=True, at=desk.clock.now_ns())
    assert await ask(again, "after") == before
    assert [row[0] for row in before["open"]] == ["o-part", "o-resting"]  # type: ignore[attr-defined]


async def test_ids_are_refused_for_ever_and_go_on_counting(open_: Open, tmp_path: Path) -> None:
    desk = await open_()
    await traded(desk)
    again = await open_(killed(tmp_path / "first"), known=True, at=desk.clock.now_ns())
    again.quote()
    for name in ("o-filled", "o-part", "o-cancelled"):
        refusal = await again.submit(order(name))
        assert isinstance(refusal, OrderRejectedError)
        assert refusal.code == "VENUE_DUPLICATE_ID"
        assert "client_order_id must be unique" in str(refusal)
    again.quote()
    ack = await again.submit(order("o-new", Side.SELL))
    assert isinstance(ack, Ack)
    assert ack.venue_order_id == f"{ACCOUNT}-V5"
    known = {e.execution_id for e in await again.run("all", again.broker.executions(0))}
    assert known == {f"{ACCOUNT}-E{n}" for n in (1, 2, 3, 4)}  # the quote filled o-part further


async def test_what_rests_waits_for_a_new_quote(open_: Open, tmp_path: Path) -> None:
    desk = await open_()
    await traded(desk)
    again = await open_(killed(tmp_path / "first"), known=True, at=desk.clock.now_ns())
    await again.pass_time(5)
    assert again.sink.executions == []
    again.quote(ask=10.01, ask_size=1000)
    await again.pass_time(1)
    assert [(e.client_order_id, e.quantity, e.cumulative) for e in again.sink.executions] == [
        ("o-part", D(60), D(100))
    ]


async def test_a_stop_once_triggered_stays_so(open_: Open, tmp_path: Path) -> None:
    desk = await open_()
    desk.quote(10.0, 10.02)
    await desk.submit(order("o-stop", stop="10.10", limit="10.10"))
    desk.quote(10.13, 10.15)  # reaches the stop, is beyond the limit
    await desk.pass_time(1)
    again = await open_(killed(tmp_path / "first"), known=True, at=desk.clock.now_ns())
    again.quote(10.0, 10.02)
    await again.pass_time(1)
    assert [e.client_order_id for e in again.sink.executions] == ["o-stop"]


async def test_day_orders_end_with_the_session_nobody_was_there_for(
    open_: Open, tmp_path: Path
) -> None:
    desk = await open_()
    await traded(desk)
    left = killed(tmp_path / "first")
    again = await open_(left, known=True, at=START + DAY)
    found = await again.run("part", again.broker.find_order("o-part"))
    assert (found.report.state, found.report.filled) == (OrderState.EXPIRED, D(40))
    assert [o.client_order_id for o in await again.run("o", again.broker.open_orders())] == [
        "o-resting"
    ]
    third = await open_(killed(left), known=True, at=START + DAY)
    kept = await third.run("kept", third.broker.find_order("o-part"))
    assert kept.report.state is OrderState.EXPIRED


async def test_executions_since(open_: Open, tmp_path: Path) -> None:
    desk = await open_()
    await traded(desk)
    every = await desk.run("every", desk.broker.executions(0))
    again = await open_(killed(tmp_path / "first"), known=True, at=desk.clock.now_ns())
    since = every[1].ts_event
    assert await again.run("since", again.broker.executions(since)) == every[1:]


async def test_the_cash_it_began_with_is_its_own(open_: Open, tmp_path: Path) -> None:
    desk = await open_()
    left = killed(tmp_path / "first")
    again = await open_(left, at=desk.clock.now_ns(), starting_cash=5)
    assert (await again.run("account", again.broker.account())).cash == D(100_000)


async def test_a_torn_end_is_what_never_was(open_: Open, tmp_path: Path) -> None:
    """A transaction that the disk holds in part only was never told to anybody."""
    desk = await open_()
    await desk.submit(order("o-1", limit="9.00"))
    wal = Path(f"{books_of(tmp_path / 'first', ACCOUNT)}-wal")
    whole = size_of(wal)
    desk.quote()
    await desk.submit(order("o-2"))
    left = killed(tmp_path / "first")
    os.truncate(left / wal.relative_to(tmp_path / "first"), whole + 2000)
    again = await open_(left, known=True, at=desk.clock.now_ns())
    assert await again.run("no", again.broker.find_order("o-2")) is None
    assert await again.run("none", again.broker.executions(0)) == []
    assert (await again.run("yes", again.broker.find_order("o-1"))).report.state.at_venue


# books that are no good


@pytest.mark.parametrize("how", ["garbage", "empty", "gone", "row", "other"])
async def test_books_that_cannot_be_read_are_never_an_empty_account(
    open_: Open, tmp_path: Path, how: str
) -> None:
    desk = await open_()
    await traded(desk)
    await desk.broker.close()
    path = books_of(tmp_path / "first", ACCOUNT)
    if how == "garbage":
        path.write_bytes(b"no database" * 400)
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "gone":
        path.unlink()
    else:
        change = {
            "row": "UPDATE executions SET body = '{}' WHERE number = 1",
            "other": "UPDATE about SET value = 'PAPER-9' WHERE name = 'account_id'",
        }[how]
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(change)
    with pytest.raises(BrokerError) as caught:
        await open_(known=True, at=desk.clock.now_ns())
    assert caught.value.code == "PAPER_BOOKS"
    assert str(path) in caught.value.user_text


async def test_time_does_not_go_back(open_: Open, tmp_path: Path) -> None:
    desk = await open_()
    await traded(desk)
    seen = last_seen(books_of(tmp_path / "first", ACCOUNT))
    assert seen > START
    left = killed(tmp_path / "first")
    with pytest.raises(BrokerError) as caught:
        await open_(left, known=True, at=START - DAY)
    assert caught.value.code == "PAPER_TIME"
    again = await open_(left, known=True, at=seen - 2 * SECOND)  # set right by a moment
    again.quote()
    await again.submit(order("o-new"))
    times = [report.ts_event for report in again.sink.of(OrderReport)]
    assert times
    assert min(times) >= seen


async def test_nothing_is_told_before_the_disk_has_it(
    open_: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that refuses: no answer, no event; when it takes again, all of it, in order."""
    desk = await open_()
    desk.quote()
    books = desk.broker._books  # the one place where the disk can be made to refuse
    assert books is not None
    put, refused = books._put, [0]

    def full(batch: object) -> None:
        refused[0] += 1
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(books, "_put", full)
    answer = await desk.submit(order("o-1"))
    assert isinstance(answer, SubmitUnknownError)
    assert "disk is full" in answer.user_text
    await desk.pass_time(3)
    assert desk.sink.of(OrderReport) == []
    assert desk.sink.executions == []
    assert refused[0] >= 3
    question = await desk.run("question", desk.broker.find_order("o-1"), 2)
    assert isinstance(question, BrokerError)
    monkeypatch.setattr(books, "_put", put)
    await desk.pass_time(2)
    assert desk.sink.states("o-1") == ["working", "filled"]
    again = await desk.run("now", desk.broker.find_order("o-1"))
    assert again.report.state is OrderState.FILLED


async def test_the_venue_goes_on_while_the_line_is_down(open_: Open) -> None:
    desk = await open_()
    await desk.submit(order("o-1", limit="10.00"))
    await desk.broker.close()
    desk.quote(9.97, 9.99)
    await desk.connected()
    found = await desk.run("found", desk.broker.find_order("o-1"))
    assert found.report.state is OrderState.FILLED


async def test_on_the_machines_own_clock(tmp_path: Path) -> None:
    """No virtual time to stand still: the wire itself waits for the disk."""
    clock = WallClock()
    path = books_of(tmp_path, ACCOUNT)
    books = Books(path, ACCOUNT, D(100_000), clock, known=False)
    settings = PaperSettings(latency_ms=0)
    broker = PaperBroker(
        settings, clock=clock, redeem=lambda *_: None, account_id=ACCOUNT, mode=Mode.PAPER,
        books=books,
    )  # fmt: skip
    told = asyncio.Event()

    class Listener(Recorder):
        def on_execution(self, report: ExecutionReport) -> None:
            told.set()

    sink = Listener(VirtualClock(0))
    broker.on_instrument(STOCK)
    await broker.connect(sink)
    broker.on_quote(quote(at=clock.now_ns()))
    ack = await asyncio.wait_for(broker.submit(order("o-1"), TOKEN), 5)
    assert ack.client_order_id == "o-1"
    with closing(sqlite3.connect(path)) as db:  # the answer is here, so it is there
        assert db.execute("SELECT count(*) FROM executions").fetchone() == (1,)
    await asyncio.wait_for(told.wait(), 5)
    await broker.close()
