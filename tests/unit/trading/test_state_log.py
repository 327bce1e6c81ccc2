"""The trading state: it holds at once, the ledger has it before anybody is told, and it lasts."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.audit_file import read_audit
from cockpit.domain.events import TradingStateChanged
from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderState
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.store import StoreError
from cockpit.trading.state import TradingSwitch
from cockpit.trading.state_log import KIND, KeptState, StateLog
from tests.support.desk import trading_desk
from tests.support.waiting import eventually

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
FILE = "cockpit.sqlite3"


class SlowStore:
    """A real store that hands records over when `open` is set, and refuses them while `full`.

    With `answers_late` it hands them over at once and answers when `open` is set.
    """

    def __init__(self, store):
        self._store = store
        self.open = asyncio.Event()
        self.open.set()
        self.full = False
        self.refused = 0
        self.answers_late = False

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def record(self, kind, account_id, ts_ns, payload):
        if not self.answers_late:
            await self.open.wait()
        if self.full:
            self.refused += 1
            raise StoreError("disk full", user_text="The disk is full.")
        await self._store.record(kind, account_id, ts_ns, payload)
        await self.open.wait()


class Room:
    """A switch on the wall clock with its ledger, and what it told."""

    def __init__(self, folder: Path, store: SlowStore) -> None:
        self.path, self.store = folder / FILE, store
        self.supervisor = Supervisor(WallClock())
        self.told: list[TradingStateChanged] = []
        self.switch = self.make_switch()

    def make_switch(self) -> TradingSwitch:
        bus = Bus()
        bus.subscribe(TradingStateChanged, self.told.append)
        log = StateLog(self.store, WallClock(), self.supervisor, "LIVE-1")
        return TradingSwitch(bus, WallClock(), log)

    @property
    def states_told(self) -> list[TradingState]:
        return [event.state for event in self.told]

    def rows(self) -> list[KeptState]:
        rows = [row for row in read_audit(self.path) if row.kind == KIND]
        return [msgspec.json.decode(row.payload, type=KeptState) for row in rows]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    store = SlowStore(await open_store(tmp_path / FILE, busy_timeout_ms=300))
    made = Room(tmp_path, store)
    yield made
    store.open.set()
    await made.supervisor.stop()
    await made.switch.close()
    await store.close()


async def test_it_holds_at_once_and_is_told_when_the_ledger_has_it(room: Room) -> None:
    rows_when_told: list[int] = []
    room.switch._bus.subscribe(
        TradingStateChanged, lambda _: rows_when_told.append(len(room.rows()))
    )
    assert room.switch.tighten(REDUCING, "Day loss")
    assert room.switch.tighten(HALTED, "Enough")
    assert (room.switch.state, room.told) == (HALTED, [])
    await eventually(lambda: room.states_told == [REDUCING, HALTED])
    assert rows_when_told[-1] == 2
    assert rows_when_told[0] >= 1
    assert room.rows() == [
        KeptState(REDUCING, ACTIVE, "Day loss"),
        KeptState(HALTED, REDUCING, "Enough"),
    ]


async def test_a_slow_store_keeps_nobody_waiting(room: Room) -> None:
    room.store.open.clear()
    room.switch.tighten(HALTED, "Enough")
    await eventually(lambda: room.states_told == [HALTED])
    assert room.rows() == []
    room.store.open.set()
    await eventually(lambda: len(room.rows()) == 1)
    assert room.states_told == [HALTED]  # told once


async def test_a_locked_ledger_does_not_hold_the_latch(room: Room) -> None:
    with contextlib.closing(sqlite3.connect(room.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.perf_counter()
        room.switch.tighten(HALTED, "Enough")
        assert time.perf_counter() - began < 1, "the ledger itself waits five seconds"
        assert room.switch.state is HALTED
        await eventually(lambda: room.states_told == [HALTED])
        other.execute("ROLLBACK")
    await eventually(lambda: len(room.rows()) == 1)


async def test_a_full_disk_is_tried_until_it_takes_it(room: Room) -> None:
    room.store.full = True
    room.switch.tighten(REDUCING, "Day loss")
    await eventually(lambda: room.states_told == [REDUCING])
    room.switch.tighten(HALTED, "Enough")
    await eventually(lambda: room.states_told == [REDUCING, HALTED])
    room.store.full = False
    await eventually(lambda: len(room.rows()) == 2)
    assert [row.state for row in room.rows()] == [REDUCING, HALTED]


async def test_a_resume_that_is_not_stored_does_not_hold(room: Room) -> None:
    room.switch.tighten(HALTED, "Enough")
    await eventually(lambda: len(room.rows()) == 1)
    room.store.full = True
    with pytest.raises(StoreError):
        await room.switch.resume("Resumed by you")
    assert room.switch.state is HALTED
    room.store.full = False
    await room.switch.close()
    assert [row.state for row in room.rows()] == [HALTED]  # it was forgotten, not put off
    assert await room.switch.resume("Resumed by you")
    assert [row.state for row in room.rows()] == [HALTED, ACTIVE]
    assert room.states_told == [HALTED, ACTIVE]
    assert not await room.switch.resume("again")


async def test_who_stops_wins_over_who_is_resuming(room: Room) -> None:
    room.switch.tighten(HALTED, "Enough")
    await eventually(lambda: room.states_told == [HALTED])
    room.store.open.clear()
    resuming = asyncio.ensure_future(room.switch.resume("Resumed by you"))
    await asyncio.sleep(0)
    assert room.switch.tighten(HALTED, "No, stay")
    room.store.open.set()
    assert await resuming is False
    assert (room.switch.state, room.switch.reason) == (HALTED, "No, stay")
    await eventually(lambda: len(room.rows()) == 3)
    assert room.rows()[-1].state is HALTED


async def test_a_resume_that_was_called_off_leaves_no_trace_in_the_next_session(
    room: Room,
) -> None:
    room.switch.tighten(HALTED, "Enough")
    await eventually(lambda: room.states_told == [HALTED])
    room.store.answers_late = True
    room.store.open.clear()
    resuming = asyncio.ensure_future(room.switch.resume("Resumed by you"))
    await eventually(lambda: room.rows()[-1].state is ACTIVE)  # stored, and not answered yet
    resuming.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await resuming
    room.store.open.set()
    assert room.switch.state is HALTED
    await eventually(lambda: room.rows()[-1] == KeptState(HALTED, HALTED, "Enough"))


async def test_a_second_resume_does_not_write_beside_the_first(room: Room) -> None:
    room.switch.tighten(HALTED, "Enough")
    await eventually(lambda: room.states_told == [HALTED])
    room.store.open.clear()
    first = asyncio.ensure_future(room.switch.resume("Resumed by you"))
    await asyncio.sleep(0)
    assert not await room.switch.resume("And again")
    room.store.open.set()
    assert await first
    assert [row.reason for row in room.rows()] == ["Enough", "Resumed by you"]


async def test_while_the_program_stops_it_is_told_at_once_and_stored_at_the_end(
    room: Room,
) -> None:
    await room.supervisor.stop()
    room.switch.tighten(HALTED, "Enough")
    assert room.states_told == [HALTED]
    await room.switch.close()
    assert [row.state for row in room.rows()] == [HALTED]
    assert room.states_told == [HALTED]


@pytest.mark.parametrize("state", [REDUCING, HALTED])
async def test_the_next_session_stands_where_this_one_stopped(
    room: Room, state: TradingState
) -> None:
    assert not await room.switch.take_over()
    room.switch.tighten(state, "Enough")
    await eventually(lambda: len(room.rows()) == 1)
    following, latched = room.make_switch(), list[TradingState]()
    following.on_latch(latched.append)
    assert await following.take_over()
    assert (following.state, following.reason) == (state, "Enough")
    assert latched == [state]
    assert len(room.rows()) == 1  # taken over, not written again
    await following.resume("Resumed by you")
    assert not await room.make_switch().take_over()


async def test_a_state_that_can_not_be_read_is_halted(room: Room) -> None:
    await room.store.record(KIND, "LIVE-1", 1, {"state": "happy"})
    assert await room.switch.take_over()
    assert room.switch.state is HALTED
    assert "can't be read" in room.switch.reason


async def test_what_is_not_sent_yet_dies_before_anybody_is_told(tmp_path: Path) -> None:
    store = SlowStore(await open_store(tmp_path / FILE))
    async with trading_desk(tmp_path, store=store) as desk:
        told: list[TradingStateChanged] = []
        desk.bus.subscribe(TradingStateChanged, told.append)
        order = await desk.oms.submit(desk.intent())
        store.open.clear()
        desk.switch.tighten(HALTED, "test")  # SENDING, but not a byte is out
        await eventually(lambda: desk.now(order).state is OrderState.DENIED)
        assert desk.now(order).reason_code == "STATE_TIGHTENED"
        assert told == []
        store.open.set()
        await desk.clock.settled()
        assert [event.state for event in told] == [HALTED]


async def test_nothing_is_sent_when_its_verdict_can_not_be_stored(tmp_path: Path) -> None:
    store = SlowStore(await open_store(tmp_path / FILE))
    async with trading_desk(tmp_path, store=store) as desk:
        store.full = True
        with pytest.raises(StoreError):
            await desk.oms.submit(desk.intent())
        store.full = False
        await desk.pass_time(5)
        assert not desk.fills
        assert not await desk.do(desk.broker.open_orders())


async def test_every_order_that_was_sent_has_its_verdict_before_it(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        await desk.oms.submit(desk.intent(quantity=100_000))  # far too large
        rows = list(read_audit(tmp_path / FILE))
        told = [(row.kind, msgspec.json.decode(row.payload)) for row in rows]
        judged = [told for kind, told in told if kind == "gate"]
        assert [(v["releasing"], v["passed"]) for v in judged] == [
            (False, True), (True, True), (False, False),
        ]  # fmt: skip
        assert len(judged[1]["results"]) > 10  # every control with what it measured
        sent = next(n for n, (kind, v) in enumerate(told) if v.get("state") == "sending")
        assert any(kind == "gate" and v["releasing"] for kind, v in told[:sent])
