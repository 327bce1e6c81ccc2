"""A recorded day, played, put on a tape, and played again from it: nothing may differ."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cockpit.adapters.tape.frames import ROWS, frames
from cockpit.adapters.tape.reader import open_tape
from cockpit.adapters.tape.writer import Room, TapeWriter
from cockpit.app.core import Core
from cockpit.app.data.playing import bars_of, record
from cockpit.app.launch import Approve, Launch
from cockpit.app.lifecycle import Session
from cockpit.app.recording import FOLDER, RecordingChecks
from cockpit.app.settings import TapeSettings
from cockpit.app.unattended.replaying import replay_headless
from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.kernel.clock import SECOND
from cockpit.market.grid import BarRule
from cockpit.market.recorder import Recorder
from cockpit.ports.feed import RawBar, RawTrade
from cockpit.ports.health import CheckState
from cockpit.ports.tape import Origin
from tests.support.recordings import DAY, write_recording
from tests.support.wall_core import TEN_O_CLOCK

ALWAYS = '[tape]\nrecord = "always"\n'


def launch(folder: Path, files: tuple[Path, ...], config: str = ALWAYS) -> Launch:
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "cockpit.toml"
    settings.write_text(config, encoding="utf-8")
    return Launch(
        mode=Mode.REPLAY,
        data_dir=folder / "data",
        feed="replay",
        options={"files": files},
        approve=Approve.ALL,
        interactive=False,
        speed="max",
        config=settings,
    )


def play(folder: Path, files: tuple[Path, ...], config: str = ALWAYS) -> dict[str, Any]:
    report = asyncio.run(replay_headless(launch(folder, files, config), None))
    del report["timings"]
    return report


def the_tape(folder: Path) -> Path:
    (path,) = (folder / "data" / FOLDER).iterdir()
    return path


def as_text(report: dict[str, Any]) -> str:
    return json.dumps(report, indent=2, sort_keys=True)


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return tuple(map(Path, write_recording(tmp_path_factory.mktemp("recording")).files))


def test_a_tape_plays_as_the_files_did_and_records_as_itself(
    tmp_path: Path, mini: tuple[Path, ...]
) -> None:
    first = play(tmp_path / "one", mini)
    tape = the_tape(tmp_path / "one")
    again = play(tmp_path / "two", (tape,))
    assert as_text(again) == as_text(first)
    assert first["fills"]["count"] > 0, "a day on which nothing happens proves nothing"
    assert the_tape(tmp_path / "two").read_bytes() == tape.read_bytes()


def test_a_torn_tape_plays_to_its_end_and_says_so(tmp_path: Path, mini: tuple[Path, ...]) -> None:
    play(tmp_path / "one", mini)
    whole = the_tape(tmp_path / "one")
    torn = tmp_path / "torn.tape"
    torn.write_bytes(whole.read_bytes()[:-20])
    report = play(tmp_path / "two", (torn,))
    assert report["events"]["quarantined"]["torn"] == 1


async def test_a_vendors_own_bars_are_recorded_and_played(tmp_path: Path) -> None:
    """A minute that lacks prints is made whole in the replay as it was in the session."""
    tape, again = tmp_path / "day.tape", tmp_path / "again.tape"
    writer = TapeWriter(
        tape, Origin(feed="alpaca", label="", instruments=(Instrument(symbol="ABC"),)),
        Room(1 << 40, 0), patient=True, on_failure=pytest.fail,
        call_in_loop=asyncio.get_running_loop().call_soon_threadsafe,
    )  # fmt: skip
    writer.open()
    seen: list[str] = []
    sink: Any = SimpleNamespace(on_rows=seen.append, on_bars=seen.append)
    now = TEN_O_CLOCK + 30 * SECOND
    recorder = Recorder(lambda: now, sink, writer)
    recorder.on_rows([RawTrade("ABC", 10.0, 100.0, now)])
    now = TEN_O_CLOCK + 61 * SECOND
    first = RawBar("ABC", 9.5, 10.5, 9.0, 10.0, 700.0, 9.9, 12, 60, TEN_O_CLOCK)
    recorder.on_bars([first])
    now = TEN_O_CLOCK + 200 * SECOND
    recorder.on_rows([RawTrade("ABC", 10.1, 50.0, now)])
    await writer.close({})
    assert len(seen) == 3, "it goes on to who listens"
    await record([tape], again)
    assert again.read_bytes() == tape.read_bytes()
    made = await bars_of([tape], BarRule.parse("1m"), whole_day=True)
    assert [(bar.volume, bar.trades) for bar in made] == [(700.0, 12), (50.0, 1)]


@pytest.mark.parametrize("mode", list(Mode))
def test_real_days_are_recorded_unless_asked_otherwise(mode: Mode) -> None:
    assert TapeSettings().wanted(mode) is (mode in {Mode.PAPER, Mode.LIVE})
    assert TapeSettings(record="always").wanted(mode)
    assert not TapeSettings(record="never").wanted(mode)


def test_a_replay_leaves_no_tape_unless_asked(tmp_path: Path, mini: tuple[Path, ...]) -> None:
    play(tmp_path, mini, "")
    assert not (tmp_path / "data" / FOLDER).exists()


def test_without_room_the_day_goes_on_and_the_alert_says_why(
    tmp_path: Path, mini: tuple[Path, ...]
) -> None:
    full = '[tape]\nrecord = "always"\nfree_mb = 1000000000\n'
    seen: list[Core] = []

    async def day() -> None:
        session = Session(launch(tmp_path, mini, full))
        core = await session.start()
        seen.append(core)
        try:
            await core.finished.wait()
        finally:
            await session.stop()

    asyncio.run(day())
    (alert,) = [alert for alert in seen[0].alerts.all() if alert.key == "tape"]
    assert "nearly full" in alert.text
    assert "Trading goes on" in alert.text
    assert seen[0].ingest.rows > 0
    (check,) = asyncio.run(RecordingChecks(seen[0]).checks())
    assert check.state is CheckState.WARNING
    assert "nearly full" in check.found
    assert list((tmp_path / "data" / FOLDER).iterdir()) == []


@pytest.mark.data
def test_the_recorded_session_takes_few_bytes_a_quote_and_none_is_lost(
    tmp_path: Path, shared_data: Path
) -> None:
    folder = shared_data / "intraday_us"
    files = tuple(folder / f"XXX_{DAY}_{kind}.csv.gz" for kind in ("quotes", "trades"))
    first = play(tmp_path / "one", files)
    tape = the_tape(tmp_path / "one")
    assert open_tape(tape).rows == first["events"]["read"] == 49_536 + 39_470
    assert tape.stat().st_size / 49_536 < 12, "prints included"
    with tape.open("rb") as file:
        file.read(16)
        assert sum(each.rows for each in frames(file) if each.kind == ROWS) == 89_006
    again = play(tmp_path / "two", (tape,))
    assert as_text(again) == as_text(first)
    assert the_tape(tmp_path / "two").read_bytes() == tape.read_bytes()
