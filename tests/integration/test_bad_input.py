"""Whatever is wrong: one clear sentence, the documented exit code, nothing left behind."""

from __future__ import annotations

import gzip
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.cli.exits import Exit
from tests.support.headless import LEDGER, Outcome, cockpit, refused, replay, rows, started
from tests.support.recordings import DAY, Recording, write_recording
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return write_recording(tmp_path_factory.mktemp("recording"))


@pytest.fixture(scope="module")
def played(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds one day; tests copy what they change."""
    folder = tmp_path_factory.mktemp("played")
    assert replay(folder, recording.files).code == 0
    return folder / "data"


def copy_of(data: Path, to: Path) -> Path:
    to.mkdir(parents=True)
    (to / LEDGER).write_bytes((data / LEDGER).read_bytes())
    return to


# files


def missing(folder: Path, _recording: Recording) -> Path:
    return folder / "not-there.csv.gz"


def a_folder(folder: Path, _recording: Recording) -> Path:
    return folder


def wrong_columns(folder: Path, _recording: Recording) -> Path:
    return text_file(folder / "wrong.csv", "time,open,close\n1,2,3\n")


def cut_off(folder: Path, recording: Recording) -> Path:
    path = folder / "cut.csv.gz"
    path.write_bytes(recording.quotes.read_bytes()[:5000])
    return path


def not_gzipped(folder: Path, _recording: Recording) -> Path:
    return text_file(folder / "plain.csv.gz", "ts,symbol,price,size\n")


def damaged(folder: Path, recording: Recording) -> Path:
    path = folder / "damaged.csv.gz"
    data = bytearray(recording.quotes.read_bytes())
    data[1000:1100] = bytes(100)
    path.write_bytes(data)
    return path


def unsorted(folder: Path, recording: Recording) -> Path:
    header, *body = gzip.decompress(recording.trades.read_bytes()).decode().splitlines()
    return text_file(folder / "unsorted.csv", "\n".join([header, *reversed(body)]))


def empty(folder: Path, _recording: Recording) -> Path:
    return text_file(folder / "empty.csv", "")


def header_only(folder: Path, _recording: Recording) -> Path:
    return text_file(folder / "header.csv", "ts,symbol,price,size\n")


def not_text(folder: Path, _recording: Recording) -> Path:
    path = folder / "picture.csv"
    path.write_bytes(b"ts,symbol,price,size\n\xff\xd8\xff\xe0\n")
    return path


def text_file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (missing, "there is no such file"),
        (a_folder, "not a file"),
        (wrong_columns, "lacks the columns ts, symbol, price, size"),
        (cut_off, "is cut off"),
        (not_gzipped, "isn't gzipped"),
        (damaged, "damaged"),
        (unsorted, "not sorted"),
        (empty, "is empty"),
        (header_only, "no row"),
        (not_text, "not a text file"),
    ],
)
def test_a_file_that_cannot_be_used(
    make: Callable[[Path, Recording], Path], words: str, recording: Recording, tmp_path: Path
) -> None:
    path = make(tmp_path, recording)
    outcome = replay(tmp_path, (str(path), str(recording.trades)), "--report", tmp_path / "r.json")
    refused(outcome, Exit.INPUT, str(path), words, "Nothing was played or changed.")
    assert not (tmp_path / "data").exists()
    assert not (tmp_path / "r.json").exists()


# the command line and the settings: a few here, all of them in tests/unit/cli


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--exchange", "ZZ"), Exit.INPUT, "No quote of exchange ZZ is in these files"),
        (("--speed", "fast"), Exit.USAGE, "nor 'max'"),
        (("--strategy", "nope"), Exit.SETTINGS, "no strategy called 'nope'"),
        (("--report", "not/there/r.json"), Exit.OUTPUT, "there is no folder"),
        (("--config", "not-there.toml"), Exit.SETTINGS, "no settings file not-there.toml"),
    ],
)
def test_an_option_that_cannot_be_used(
    options: tuple[str, str], code: Exit, words: str, recording: Recording, tmp_path: Path
) -> None:
    refused(replay(tmp_path, recording.files, *options), code, words)
    assert list(tmp_path.iterdir()) == []


def test_settings_that_cannot_be_used(recording: Recording, tmp_path: Path) -> None:
    settings = text_file(tmp_path / "cockpit.toml", "[limits]\nmax_order_value = nan\n")
    outcome = replay(tmp_path, recording.files, "--config", settings)
    refused(outcome, Exit.SETTINGS, "max_order_value")
    assert not (tmp_path / "data").exists()


def test_without_arguments_it_says_what_it_can_do(tmp_path: Path) -> None:
    said = cockpit(tmp_path)
    assert said.code == Exit.USAGE
    for command in ("demo", "run", "replay", "recap", "doctor"):
        assert f"\n  {command} " in said.out + said.err
    for code in Exit:
        assert f"\n    {int(code)}  " in said.out + said.err


def test_version(tmp_path: Path) -> None:
    said = cockpit(tmp_path, "--version")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("cockpit 0.")


# the data folder


def test_a_data_folder_that_is_a_file(recording: Recording, tmp_path: Path) -> None:
    text_file(tmp_path / "data", "mine")
    refused(replay(tmp_path, recording.files), Exit.DATA_FOLDER, "there is a file in its place")
    assert (tmp_path / "data").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write")
def test_a_data_folder_that_cannot_be_written(recording: Recording, tmp_path: Path) -> None:
    outcome = replay(tmp_path, recording.files, "--data-dir", "/proc/cockpit-data")
    refused(outcome, Exit.DATA_FOLDER, "/proc/cockpit-data can't be written")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="modes don't bind root")
def test_a_read_only_data_folder(recording: Recording, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)
    refused(replay(tmp_path, recording.files), Exit.DATA_FOLDER, "can't be written")


def test_a_log_that_cannot_be_written(recording: Recording, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    text_file(tmp_path / "data" / "logs", "mine")
    refused(replay(tmp_path, recording.files), Exit.DATA_FOLDER, "The log")
    assert not (tmp_path / "data" / LEDGER).exists()


def test_a_ledger_that_is_damaged(recording: Recording, played: Path, tmp_path: Path) -> None:
    data = copy_of(played, tmp_path / "data")
    content = bytearray((data / LEDGER).read_bytes())
    content[:64] = b"not a database, but somebody's novel".ljust(64)
    (data / LEDGER).write_bytes(content)

    refused(replay(tmp_path, recording.files), Exit.DATA_FOLDER, "is damaged")
    assert (data / LEDGER).read_bytes() == bytes(content)
    doctor = cockpit(tmp_path, "doctor", "--data-dir", data)
    assert doctor.code == Exit.FAILED
    assert "FAIL  ledger" in doctor.out


def test_a_ledger_from_a_newer_program(recording: Recording, played: Path, tmp_path: Path) -> None:
    data = copy_of(played, tmp_path / "data")
    with closing(sqlite3.connect(data / LEDGER)) as db, db:
        db.execute("update alembic_version set version_num = '9999'")
    fills = rows(data, "select * from fill")

    refused(replay(tmp_path, recording.files), Exit.DATA_FOLDER, "newer Cockpit")
    assert rows(data, "select * from fill") == fills


# the window


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is a screen")
def test_a_machine_without_a_screen(tmp_path: Path) -> None:
    said = cockpit(tmp_path, "demo", "--data-dir", tmp_path / "data")
    refused(said, Exit.FAILED, "There is no screen", "--headless")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("demo", "--data-dir", "mine"), Exit.DATA_FOLDER, "there is a file in its place"),
        (("demo", "--data-dir", "data", "--start", "25:00"), Exit.USAGE, "'25:00' is not a time"),
        (("replay", "none.csv", "--data-dir", "data"), Exit.INPUT, "none.csv: there is no such"),
    ],
)
def test_a_window_that_cannot_start_says_why_on_the_terminal(
    arguments: tuple[str, ...], code: Exit, words: str, tmp_path: Path
) -> None:
    text_file(tmp_path / "mine", "my own words")
    refused(cockpit(tmp_path, *arguments, offscreen=True), code, words)
    assert {path.name for path in tmp_path.iterdir()} == {"mine"}
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "my own words"


# recaps


def test_a_recap_of_what_is_not_there(played: Path, tmp_path: Path) -> None:
    def recap(*options: object) -> Outcome:
        return cockpit(tmp_path, "recap", "--out", tmp_path / "r.md", *options)

    refused(recap("--date", DAY, "--data-dir", tmp_path / "none"), Exit.NOTHING_THERE, "no ledger")
    refused(recap("--date", "2018-01-03", "--data-dir", played), Exit.NOTHING_THERE, "2018-01-03")
    nobody = recap("--date", DAY, "--account", "PAPER-9", "--data-dir", played)
    refused(nobody, Exit.NOTHING_THERE, "PAPER-9")
    assert not (tmp_path / "none").exists()
    assert not (tmp_path / "r.md").exists()


def test_a_recap_where_it_cannot_be_written(played: Path, tmp_path: Path) -> None:
    def recap(out: Path, *options: str) -> Outcome:
        return cockpit(
            tmp_path, "recap", "--date", DAY, "--out", out, "--data-dir", played, *options
        )

    mine = text_file(tmp_path / "mine.md", "my own words")
    refused(recap(mine), Exit.OUTPUT, "exists already and was not touched")
    assert mine.read_text(encoding="utf-8") == "my own words"
    refused(recap(tmp_path / "no" / "r.md"), Exit.OUTPUT, "can't be written")
    refused(recap(tmp_path), Exit.OUTPUT, str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {"mine.md"}
    kept = rows(played, "select count(*) from recap")

    assert recap(mine, "--overwrite").code == 0
    assert rows(played, "select count(*) from recap") == [(kept[0][0] + 1,)]
    assert mine.read_text(encoding="utf-8").startswith("---\ntitle: ")


# a second cockpit, and an impatient person


@dataclass(frozen=True)
class Slow:
    """A paced replay, stopped by the test long before its end."""

    folder: Path
    files: tuple[str, ...]

    @property
    def command(self) -> tuple[object, ...]:
        data = ("--data-dir", self.folder / "data")
        return ("replay", *self.files, "--headless", "--speed", 100, "--approve", "all", *data)


def filled(data: Path) -> list[tuple[str]]:
    return rows(data, "select execution_id from fill order by execution_id")


def test_ctrl_c_stops_in_order_and_keeps_what_was_traded(
    recording: Recording, tmp_path: Path
) -> None:
    """Beside it, a second cockpit on the same folder is turned away."""
    slow = Slow(tmp_path, write_recording(tmp_path / "long", held=20).files)
    data = tmp_path / "data"
    with started(tmp_path, *slow.command) as process:
        wait_until(lambda: filled(data), 40, "a fill in the ledger")
        refused(replay(tmp_path, recording.files), Exit.DATA_FOLDER, "Another cockpit is using")
        before = filled(data)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)

    refused(Outcome(process.returncode, out, err), Exit.INTERRUPTED, "What was stored is kept.")
    assert set(before) <= set(filled(data))
    assert rows(data, "pragma integrity_check") == [("ok",)]
    assert rows(data, "select count(*) from run") == [(1,)]
    done = replay(tmp_path, recording.files)
    assert done.code == 0, done
