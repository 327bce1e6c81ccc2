"""A second window shows what the cockpit says, can do nothing, and never calls old prices live."""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from cockpit.app.commands import Commands
from cockpit.app.control.messages import WatchRequest
from cockpit.app.core import Core
from cockpit.app.viewer import session as sessions
from cockpit.app.viewer import telling
from cockpit.app.viewer.commands import HARMLESS
from cockpit.app.viewer.errors import ViewerError
from cockpit.app.viewer.session import ViewerSession
from cockpit.app.viewer.telling import figures_of, snapshot_of
from cockpit.app.viewer.watchers import TOO_SLOW, Watchers
from cockpit.app.viewer.wire import Farewell, Snapshot, Word
from cockpit.domain.alert import Severity
from cockpit.domain.connection import Health
from cockpit.domain.events import AlertChanged, FillBooked, JournalEntryWritten, OrderChanged
from cockpit.domain.limits import TradingState
from cockpit.domain.market import Quote
from cockpit.journal.entries import EntryWords
from cockpit.journal.search import query_of
from cockpit.kernel.ipc import NobodyThereError, connect
from tests.support.waiting import eventually
from tests.unit.app.conftest import OpenSession


@asynccontextmanager
async def viewer(tmp_path: Path) -> AsyncIterator[Core]:
    watching = ViewerSession(tmp_path / "data")
    core = await watching.start()
    try:
        yield core
    finally:
        await watching.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ViewerSession, "RETRY_S", 0.02)


def same(seen: Core, core: Core) -> bool:
    """The two windows show the same orders, fills, positions, figures and state."""
    assert [o.state for o in seen.orders.all()] == [o.state for o in core.orders.all()]
    assert seen.orders.all() == core.orders.all()
    assert seen.journal.fills() == core.journal.fills()
    assert seen.journal.trades() == core.journal.trades()
    assert seen.portfolio.positions() == core.portfolio.positions()
    assert figures_of(seen.portfolio) == figures_of(core.portfolio)
    assert (seen.switch.state, seen.switch.reason) == (core.switch.state, core.switch.reason)
    assert seen.recovery.phase is core.recovery.phase
    assert seen.recovery.compared == core.recovery.compared
    assert [a.title for a in seen.alerts.active()] == [a.title for a in core.alerts.active()]
    assert seen.approvals.waiting() == core.approvals.waiting()
    assert seen.readiness.lamps == core.readiness.lamps
    assert seen.situation.account() == core.situation.account()
    for symbol in core.book.symbols:
        assert seen.book.quote(symbol) == core.book.quote(symbol)
        assert seen.book.last(symbol) == core.book.last(symbol)
        assert seen.book.volume(symbol) == core.book.volume(symbol)
        assert seen.book.change_fraction(symbol) == core.book.change_fraction(symbol)
        mine, theirs = seen.bars.series(symbol), core.bars.series(symbol)
        assert mine.closed == theirs.closed
        assert mine.close.tolist() == theirs.close.tolist()
        assert mine.volume.tolist() == pytest.approx(theirs.volume.tolist())
    return True


async def test_both_windows_show_the_same(session: OpenSession, tmp_path: Path) -> None:
    async with session(speed=400.0) as core, viewer(tmp_path) as seen:
        heard: list[object] = []
        for kind in (Quote, OrderChanged, FillBooked, AlertChanged):
            seen.bus.subscribe(kind, heard.append)
        assert seen.account_id == core.account_id
        assert seen.viewing is not None
        await core.finished.wait()
        await core.commands.halt("Enough.")
        core.alerts.raise_("test", Severity.WARNING, "Look", "at this", "test")
        await eventually(lambda: same(seen, core))
        assert {type(event) for event in heard} == {Quote, OrderChanged, FillBooked, AlertChanged}
        assert len(core.journal.fills()) > 2
        late = ViewerSession(tmp_path / "data")
        came = await late.start()  # who comes later sees it all at once
        await eventually(lambda: same(came, core))
        await late.stop()


async def test_a_stored_account_has_its_name_in_both_windows(
    session: OpenSession, tmp_path: Path
) -> None:
    async with session() as core:
        core.account_name = "main"
        async with viewer(tmp_path) as seen:
            assert seen.account_name == "main"
            assert seen.account_id == core.account_id


async def test_a_lock_of_the_day_is_told_to_who_watches_and_to_who_comes_later(
    session: OpenSession, tmp_path: Path
) -> None:
    async with session(speed=1.0) as core, viewer(tmp_path) as seen:
        assert not seen.lockout.holds
        core.lockout.limit_crossed("The day's loss is at its limit.")
        await eventually(lambda: seen.lockout.holds)
        assert seen.lockout.lock == core.lockout.lock
        assert 0 < seen.lockout.left_s <= 86_400
        async with viewer(tmp_path) as later:
            assert later.lockout.lock.why == "The day's loss is at its limit."
            assert later.lockout.holds


async def test_every_command_is_refused(session: OpenSession, tmp_path: Path) -> None:
    async with session(speed=1.0), viewer(tmp_path) as seen:
        commands = seen.commands
        refused = 0
        for name, _ in inspect.getmembers(Commands, inspect.isfunction):
            if name.startswith("_") or name in HARMLESS:
                continue
            with pytest.raises(ViewerError, match=name):
                await _given(getattr(commands, name))
            refused += 1
        assert refused > 15
        told: list[str] = []
        commands.run(commands.kill_all("Kill switch held"), "kill-switch", told.append)
        [text] = await eventually(lambda: told)
        assert "only watches" in text
        assert seen.switch.tighten(TradingState.HALTED, "by a viewer") is False


async def _given(command: Callable[..., object]) -> None:
    """Give a command, whatever it takes."""
    answer = command(None, None, anything=None)
    if inspect.isawaitable(answer):
        await answer


async def test_prices_are_grey_the_moment_the_cockpit_is_gone(
    session: OpenSession, tmp_path: Path
) -> None:
    watching = ViewerSession(tmp_path / "data")
    async with session(speed=1.0) as core:
        seen = await watching.start()
        await eventually(lambda: all(seen.book.age_s(s) is not None for s in core.book.symbols))
        symbol = core.book.symbols[0]
        assert seen.book.age_s(symbol) != math.inf
    assert seen.viewing is not None
    await eventually(lambda: seen.viewing.lost == sessions.GONE)
    assert seen.book.age_s(symbol) == math.inf
    assert {lamp.health for lamp in seen.readiness.lamps} == {Health.DOWN}
    assert seen.readiness.disconnected()
    with pytest.raises(NobodyThereError):
        await ViewerSession(tmp_path / "data").start()
    await watching.stop()


async def test_a_cockpit_that_falls_silent_is_no_longer_shown_as_live(
    session: OpenSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ViewerSession, "SILENCE_S", 0.3)
    async with session(speed=1.0), viewer(tmp_path) as seen:
        assert seen.viewing is not None
        with monkeypatch.context() as patched:
            patched.setattr(Watchers, "_put", lambda *_: None)
            await eventually(lambda: seen.viewing.lost == sessions.SILENT)
            assert all(seen.book.age_s(s) == math.inf for s in seen.book.symbols)
        await eventually(lambda: seen.viewing.lost == "")
        assert not any(seen.book.age_s(s) == math.inf for s in seen.book.symbols)


async def test_another_cockpit_on_the_folder_is_not_taken_for_the_first(
    session: OpenSession, tmp_path: Path
) -> None:
    watching = ViewerSession(tmp_path / "data")
    async with session(speed=1.0):
        seen = await watching.start()
    async with session(speed=1.0) as second:
        assert second.account_id != seen.account_id
        await eventually(lambda: seen.viewing.lost == sessions.ANOTHER)
        assert seen.account_id == "REPLAY-1"
    await watching.stop()


async def test_a_viewer_that_does_not_keep_up_is_let_go(
    session: OpenSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watchers, "MOST_UNSENT", 20_000)
    async with session(speed=50.0) as core, viewer(tmp_path) as good:
        async with connect(tmp_path / "data", 3.0) as slow:
            await slow.send(WatchRequest())
            first = await slow.take(Word, 3.0)
            assert isinstance(first, Snapshot)
            slow._reader._transport.pause_reading()
            text = "x" * 4_000
            for number in range(400):
                if core.alerts.all() and not number % 10:
                    await asyncio.sleep(0)
                core.alerts.raise_(f"flood-{number}", Severity.INFO, "flood", text, "test")
                await asyncio.sleep(0)
                assert good.viewing is not None
            slow._reader._transport.resume_reading()
            words: list[object] = []
            while not (words and isinstance(words[-1], Farewell)):
                words.append(await slow.take(Word, 3.0))
        assert words[-1] == Farewell(text=TOO_SLOW)
        await eventually(lambda: good.viewing is not None and good.viewing.lost == "")
        await eventually(lambda: len(good.alerts.all()) == len(core.alerts.all()))


async def test_nobody_watches_nothing_is_built(session: OpenSession, tmp_path: Path) -> None:
    async with session(speed=1.0) as core:
        before = {kind: len(handlers) for kind, handlers in core.bus._handlers.items()}
        async with viewer(tmp_path):
            assert any("viewers" in name for name in core.supervisor.names)
        await eventually(
            lambda: before == {k: len(v) for k, v in core.bus._handlers.items() if v or k in before}
        )
        await eventually(lambda: not any("viewers" in name for name in core.supervisor.names))


async def test_a_long_ledger_is_told_in_pieces(
    session: OpenSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PIECE", 3)
    monkeypatch.setattr(Watchers, "MOST_UNSENT", 4_000)  # all of it at once is not too slow
    async with session(speed=400.0) as core:
        await core.finished.wait()
        assert len(core.orders.all()) > 3
        async with viewer(tmp_path) as seen:
            await eventually(lambda: same(seen, core))
            assert seen.viewing is not None
            assert seen.viewing.lost == ""


async def test_a_snapshot_survives_the_wire(session: OpenSession) -> None:
    async with session() as core:
        await core.finished.wait()
        snapshot = snapshot_of(core, await core.store.entries(core.account_id), 1)
        assert msgspec.json.decode(msgspec.json.encode(snapshot), type=Word) == snapshot


async def test_what_is_written_about_a_trade_is_seen_before_and_meanwhile(
    session: OpenSession, tmp_path: Path
) -> None:
    async with session() as core:
        await eventually(core.journal.trades, 60)
        first, *_ = core.journal.trades()
        await core.commands.write_entry("", EntryWords(note="early"), first.trade_id)
        async with viewer(tmp_path) as seen:

            async def note() -> str:
                entry = await seen.store.entry(core.account_id, "", first.trade_id)
                return "" if entry is None else entry.note

            async def reads(wanted: str) -> None:
                for _ in range(3000):
                    if await note() == wanted:
                        return
                    await asyncio.sleep(0.02)
                raise AssertionError(f"it reads {await note()!r}")

            await reads("early")
            told: list[JournalEntryWritten] = []
            seen.bus.subscribe(JournalEntryWritten, told.append)
            await core.commands.write_entry("", EntryWords(note="late"), first.trade_id)
            await reads("late")
            await eventually(lambda: any(e.trade_id == first.trade_id for e in told), 60)
            assert [e.note for e in await seen.store.trade_entries(core.account_id)] == ["late"]
            [found] = await seen.store.search_entries(query_of("late"), core.account_id)
            assert found.entry.trade_id == first.trade_id
            day = await seen.store.entry(core.account_id, "2018-01-02")
            assert day is None or not day.trade_id  # the day's own stays what it was
