"""Triggers of a session: changes hold at once, and are kept."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cockpit.app.telling.alerts import Alerts
from cockpit.app.trigger_desk import (
    FILE,
    TriggerDesk,
    TriggerError,
    load_triggers,
    watch_triggers,
)
from cockpit.domain.account import Mode
from cockpit.domain.events import TriggersChanged
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote
from cockpit.kernel.bus import Bus, HandlerFailed
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.triggers import Trigger
from tests.support.waiting import eventually

T0 = 1_514_903_400 * SECOND
BREAK = Trigger(name="break", symbol="ABC", when="crosses 100")


class Room:
    """A bus, a book and alerts as a session has them."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        self.bus, self.clock, self.data_dir, self.mode = Bus(), VirtualClock(T0), folder, mode
        self.book = Book(self.clock)
        self.book.add(Instrument(symbol="ABC", currency="USD"))
        self.bars = BarBook(self.bus)
        self.alerts = Alerts(self.bus, self.clock)
        self.supervisor = Supervisor(self.clock, lambda crash: pytest.fail(str(crash)))
        self.closely: list[Any] = []
        self.ingest = SimpleNamespace(watch_closely=self.closely.append)
        self.feed_label = ""
        self.changes: list[str] = []
        self.bus.subscribe(TriggersChanged, lambda changed: self.changes.append(changed.name))

    def quote(self, mid: float) -> None:
        now = self.clock.now_ns()
        quote = Quote(
            symbol="ABC", bid=mid - 0.01, ask=mid + 0.01, bid_size=1.0, ask_size=1.0,
            ts_event=now, ts_init=now,
        )  # fmt: skip
        self.book.on_quote(quote)
        self.bus.publish(quote)

    async def open(self) -> TriggerDesk:
        core: Any = self
        desk = await watch_triggers(core)
        assert desk is not None
        return desk


async def test_what_is_made_is_watched_at_once_and_kept(tmp_path) -> None:
    room = Room(tmp_path, Mode.PAPER)
    desk = await room.open()
    await desk.put(BREAK)
    assert load_triggers(tmp_path) == [BREAK]
    assert "ABC" in room.closely[0]
    room.quote(99.0)
    room.quote(101.0)
    assert [alert.title for alert in room.alerts.all()] == ["ABC: break"]
    (spoken,) = desk.all()
    assert (spoken.spent, spoken.fired_ns) == (True, T0)
    await eventually(lambda: load_triggers(tmp_path) == [spoken])
    await room.supervisor.stop()
    await desk.close()
    assert room.changes == ["break", "break"]


async def test_a_replay_speaks_and_keeps_nothing_of_it(tmp_path) -> None:
    room = Room(tmp_path, Mode.REPLAY)
    desk = await room.open()
    await desk.put(BREAK)
    room.quote(99.0)
    room.quote(101.0)
    assert desk.all()[0].spent
    assert load_triggers(tmp_path) == [BREAK]


async def test_one_is_renamed_turned_off_and_on(tmp_path) -> None:
    room = Room(tmp_path, Mode.PAPER)
    desk = await room.open()
    await desk.put(BREAK)
    other = Trigger(name="other", symbol="XYZ", when="moves 3%", again=True)
    await desk.put(other, replaces="break")
    assert desk.all() == load_triggers(tmp_path) == [other]
    assert not desk.in_session(other)
    await desk.put(BREAK)
    await desk.switch("break", on=False)
    room.quote(99.0)
    room.quote(101.0)
    assert room.alerts.all() == []
    await desk.switch("break", on=True)
    room.quote(101.0)
    room.quote(99.0)
    assert len(room.alerts.all()) == 1
    await room.supervisor.stop()


async def test_a_name_that_is_taken_changes_nothing(tmp_path) -> None:
    room = Room(tmp_path, Mode.PAPER)
    desk = await room.open()
    await desk.put(BREAK)
    with pytest.raises(TriggerError) as refused:
        await desk.put(Trigger(name="break", symbol="ABC", when="moves 3%"))
    assert "choose another name" in refused.value.user_text
    assert desk.all() == [BREAK]


async def test_what_is_removed_can_be_put_back(tmp_path) -> None:
    room = Room(tmp_path, Mode.PAPER)
    desk = await room.open()
    await desk.put(BREAK)
    removed = await desk.remove("break")
    assert (desk.all(), load_triggers(tmp_path)) == ([], [])
    await desk.put(removed)
    assert desk.all() == [BREAK]


async def test_one_that_speaks_just_before_the_stop_is_kept_as_spoken(tmp_path) -> None:
    room = Room(tmp_path, Mode.PAPER)
    desk = await room.open()
    await desk.put(BREAK)
    room.quote(99.0)
    room.quote(101.0)
    await room.supervisor.stop()  # before the note of it could be written
    await desk.close()
    (kept,) = load_triggers(tmp_path)
    assert (kept.spent, kept.fired_ns) == (True, T0)


async def test_one_that_speaks_while_all_is_stopping_is_kept_as_spoken(tmp_path) -> None:
    room = Room(tmp_path, Mode.PAPER)
    failures: list[HandlerFailed] = []
    room.bus.subscribe(HandlerFailed, failures.append)
    desk = await room.open()
    await desk.put(BREAK)
    room.quote(99.0)
    await room.supervisor.stop()
    room.quote(101.0)
    await desk.close()
    assert [alert.title for alert in room.alerts.all()] == ["ABC: break"]
    assert load_triggers(tmp_path)[0].spent
    assert failures == []


async def test_a_note_that_fails_is_written_at_the_end(tmp_path) -> None:
    room = Room(tmp_path, Mode.PAPER)
    desk = await room.open()
    await desk.put(BREAK)
    file = tmp_path / FILE
    whole = file.read_bytes()
    file.write_bytes(b"torn")
    room.quote(99.0)
    room.quote(101.0)
    await eventually(lambda: "Triggers are not kept" in [a.title for a in room.alerts.all()])
    file.write_bytes(whole)
    await room.supervisor.stop()
    await desk.close()
    assert load_triggers(tmp_path)[0].spent


async def test_what_is_made_while_another_speaks_is_not_lost(tmp_path) -> None:
    room = Room(tmp_path, Mode.PAPER)
    desk = await room.open()
    await desk.put(BREAK)
    room.quote(99.0)
    for number in range(20):
        room.quote(101.0)
        await desk.put(Trigger(name=f"other {number}", symbol="XYZ", when="moves 3%"))
        await desk.switch("break", on=True)
        room.quote(99.0)
    await room.supervisor.stop()
    await desk.close()
    assert load_triggers(tmp_path) == desk.all()
    assert len(desk.all()) == 21
