"""The second keeper of a halt: written first, read at the start, removed by a person only."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from cockpit.app.control.latch import UNREADABLE, LatchFile
from cockpit.domain.account import Mode
from cockpit.domain.limits import TradingState
from cockpit.ports.store import StoreError
from tests.support.waiting import eventually
from tests.unit.app.conftest import OpenSession
from tests.unit.app.test_standing import LIVE


def test_what_was_written_is_read(tmp_path: Path) -> None:
    file = LatchFile(tmp_path, Mode.LIVE)
    assert file.read() is None
    left = file.write("Enough for today.", "me")
    assert file.read() == left
    assert (left.reason, left.who) == ("Enough for today.", "me")
    assert LatchFile(tmp_path, Mode.PAPER).read() is None
    if sys.platform != "win32":
        assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == ["halted-live.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\x00", b'{"latch_id": 1}', b"x" * 99_999])
def test_what_makes_no_sense_is_a_halt(tmp_path: Path, content: bytes) -> None:
    file = LatchFile(tmp_path, Mode.LIVE)
    file.write("before", "me")
    file.path.write_bytes(content)
    found = file.read()
    assert found is not None
    assert found.reason == UNREADABLE


def test_a_full_disk_still_takes_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = LatchFile(tmp_path, Mode.LIVE)
    (tmp_path / "control").mkdir(mode=0o700)
    fsync, calls = os.fsync, []

    def sync(handle: int) -> None:
        calls.append(handle)
        (full if len(calls) == 1 else fsync)(handle)

    monkeypatch.setattr(os, "fsync", sync)
    file.write("no room", "me")
    assert [path.name for path in file.path.parent.iterdir()] == ["halted-live.json"]
    found = file.read()
    assert found is not None
    assert found.reason == UNREADABLE


def test_only_a_known_latch_is_removed(tmp_path: Path) -> None:
    file = LatchFile(tmp_path, Mode.LIVE)
    seen = file.write("first", "me")
    file.write("second", "somebody else")
    assert not file.remove({seen.latch_id})
    assert file.read() is not None
    assert file.remove()
    assert file.read() is None
    assert file.remove({"anything"})


@pytest.mark.usefixtures("lasting")
async def test_a_start_finds_the_latch_and_a_resume_removes_it(
    session: OpenSession, tmp_path: Path
) -> None:
    file = LatchFile(tmp_path / "data", Mode.LIVE)
    file.write("Halted while nothing ran.", "me")
    async with session(**LIVE) as core:
        assert core.switch.state is TradingState.HALTED
        assert core.switch.reason == "Halted while nothing ran."
        assert any(alert.key == "latch" for alert in core.alerts.active())
        await core.commands.resume()
        await eventually(lambda: file.read() is None)
    async with session(**LIVE) as core:
        assert core.switch.state is TradingState.ACTIVE


@pytest.mark.usefixtures("lasting")
async def test_any_halt_of_a_lasting_account_is_in_the_file(
    session: OpenSession, tmp_path: Path
) -> None:
    file = LatchFile(tmp_path / "data", Mode.LIVE)
    async with session(**LIVE) as core:
        core.switch.tighten(TradingState.REDUCING, "The day's loss.")
        core.switch.tighten(TradingState.HALTED, "The day's loss, again.")
        found = await eventually(file.read)
        assert found.reason == "The day's loss, again."
    async with session(**LIVE) as core:
        assert core.switch.state is TradingState.HALTED


@pytest.mark.usefixtures("lasting")
async def test_a_latch_that_comes_while_it_runs_halts(session: OpenSession, tmp_path: Path) -> None:
    async with session(**LIVE) as core:
        LatchFile(tmp_path / "data", Mode.LIVE).write("From outside.", "me")
        await eventually(lambda: core.switch.state is TradingState.HALTED)
        assert core.switch.reason == "From outside."
        await core.commands.resume()
        LatchFile(tmp_path / "data", Mode.LIVE).write("And again.", "me")
        await eventually(lambda: core.switch.reason == "And again.")


@pytest.mark.usefixtures("lasting")
async def test_a_resume_that_the_ledger_refuses_leaves_it(
    session: OpenSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = LatchFile(tmp_path / "data", Mode.LIVE)
    async with session(**LIVE) as core:
        await core.commands.halt("Stop.")
        await eventually(file.read)
        await eventually(lambda: core.switch.in_ledger)

        async def refuse(*_given: object) -> None:
            raise StoreError("locked", user_text="The ledger is locked.")

        with monkeypatch.context() as patched:
            patched.setattr(core.store, "record", refuse)
            with pytest.raises(StoreError):
                await core.commands.resume()
        assert file.read() is not None


async def test_a_simulated_session_starts_afresh(session: OpenSession, tmp_path: Path) -> None:
    file = LatchFile(tmp_path / "data", Mode.REPLAY)
    file.write("of a cockpit that hung", "me")
    async with session() as core:
        assert core.switch.state is TradingState.ACTIVE
        assert file.read() is None
