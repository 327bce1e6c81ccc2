"""A second process halts, asks and closes while the real program trades, hangs, or is gone."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from cockpit.cli.exits import Exit
from tests.support.headless import LEDGER, Outcome, cockpit, refused, rows, started
from tests.support.recordings import write_recording
from tests.support.waiting import wait_until

FILLS = "select count(*) from fill"
pytestmark = pytest.mark.timeout(240)
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows can't stop a process")


class Trading:
    """A headless replay under way, and a second terminal beside it."""

    def __init__(self, folder: Path, process: Popen[str]) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.process = process

    def ask(self, *arguments: object) -> Outcome:
        return cockpit(self.folder, *arguments, "--data-dir", self.data)

    def status(self) -> dict[str, Any]:
        told = self.ask("status", "--json")
        assert told.code == Exit.OK, told
        return json.loads(told.out)

    def reached(self) -> None:
        wait_until((self.data / "control" / "address.json").exists, 40, "the socket")

    def plays(self) -> None:
        """Wait until prices come: the start has written all it has to write."""
        wait_until(lambda: [lamp["health"] for lamp in self.status()["lamps"]] == ["up"] * 2, 40)

    def holds(self) -> None:
        """Wait until the strategy holds something."""
        wait_until(lambda: rows(self.data, FILLS) not in ([], [(0,)]), 40, "a fill")


@pytest.fixture
def trading(tmp_path: Path) -> Any:
    files = write_recording(tmp_path / "recording", held=8).files
    pace = ("--headless", "--speed", 40, "--approve", "all", "--data-dir", tmp_path / "data")
    with started(tmp_path, "replay", *files, *pace) as process:
        session = Trading(tmp_path, process)
        session.reached()
        yield session


def test_halt_flatten_and_status_while_it_trades(trading: Trading) -> None:
    trading.holds()
    before = trading.status()
    assert (before["running"], before["state"]) == (True, "active")
    assert before["pid"] == trading.process.pid
    assert before["positions"]

    halted = trading.ask("halt", "--reason", "Fire drill")
    assert halted.code == Exit.OK, halted
    assert "REPLAY-1 is HALTED: Fire drill. Kept in the ledger." in halted.out

    flat = trading.ask("flatten", "--all")
    assert flat.code == Exit.OK, flat
    assert "the broker confirms" in flat.out
    after = trading.status()
    assert (after["state"], after["positions"], after["orders"]) == ("halted", [], [])

    refused(trading.ask("resume"), Exit.USAGE, "--confirm")
    refused(trading.ask("resume", "--confirm", "RESUME LIVE"), Exit.REFUSED, "RESUME REPLAY-1")
    resumed = trading.ask("resume", "--confirm", "RESUME REPLAY-1")
    assert resumed.code == Exit.OK, resumed
    said = [json.loads(row[0]) for row in rows(trading.data, CONTROL)]
    assert [row["request"]["request"] for row in said] == ["halt", "flatten", "resume"]
    assert trading.ask("audit", "verify").code == Exit.OK


CONTROL = "select payload from audit where kind = 'control' order by seq"


@unix_only
def test_a_cockpit_that_hangs_takes_the_halt_up_when_it_moves_again(trading: Trading) -> None:
    trading.process.send_signal(signal.SIGSTOP)
    try:
        began = time.perf_counter()
        unheard = trading.ask("halt", "--reason", "It hangs")
        assert unheard.code == Exit.NO_ANSWER, unheard
        assert "does not answer" in unheard.err
        assert time.perf_counter() - began < 12
        refused(trading.ask("status"), Exit.NO_ANSWER, "does not answer")
    finally:
        trading.process.send_signal(signal.SIGCONT)
    wait_until(lambda: trading.status()["state"] == "halted", 20, "the halt")
    assert trading.status()["reason"] == "It hangs"


def test_a_locked_ledger_does_not_hold_up_a_halt(trading: Trading) -> None:
    with closing(sqlite3.connect(trading.data / LEDGER, isolation_level=None)) as other:
        other.execute("begin immediate")
        halted = trading.ask("halt", "--reason", "Locked")
        assert halted.code == Exit.OK, halted
        assert "HALTED: Locked" in halted.out
        assert "can't be written now" in halted.out
        assert trading.status()["state"] == "halted"
        other.execute("rollback")
    wait_until(
        lambda: any("Locked" in row[0] for row in rows(trading.data, STATES)), 20, "it is stored"
    )


STATES = "select payload from audit where kind = 'trading_state' order by seq"


def test_after_a_crash_the_ledger_still_tells(trading: Trading) -> None:
    trading.holds()
    trading.process.kill()
    trading.process.communicate()
    last = trading.ask("status")
    assert last.code == Exit.OK, last
    assert "REPLAY-1" in last.out
    assert "no cockpit runs. As of 20" in last.out
    assert "the broker was not asked" in last.out
    refused(trading.ask("flatten", "--all"), Exit.NOTHING_THERE, "ends with its session")
    halted = trading.ask("halt")
    assert halted.code == Exit.OK, halted
    assert "begins HALTED" in halted.out


def test_nothing_there(tmp_path: Path) -> None:
    for command in ("status", "halt"):
        told = cockpit(tmp_path, command, "--data-dir", tmp_path / "nowhere")
        refused(told, Exit.NOTHING_THERE, "nowhere")
    refused(cockpit(tmp_path, "flatten"), Exit.USAGE, "--all")
    refused(cockpit(tmp_path, "flatten", "ABC", "--all"), Exit.USAGE, "--all")


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own of 6 MB."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, check=False).returncode:
        pytest.skip("only root on Linux can make a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
        while filler.write(b"\0" * 4096):
            continue


def test_a_full_disk_does_not_hold_up_a_halt(tmp_path: Path) -> None:
    files = write_recording(tmp_path / "recording").files
    with small_disk(tmp_path / "data") as data:
        pace = ("--headless", "--speed", 20, "--approve", "all", "--data-dir", data)
        with started(tmp_path, "replay", *files, *pace) as process:
            session = Trading(tmp_path, process)
            session.reached()
            session.plays()
            fill(data)
            halted = session.ask("halt", "--reason", "Full")
            assert halted.code == Exit.OK, halted
            assert "HALTED" in halted.out
            assert session.status()["state"] == "halted"
            process.kill()
            process.communicate()
        # And cold: the ledger takes nothing, the latch's name at least is there.
        left = session.ask("halt", "--reason", "Full and gone")
        assert left.code == Exit.OK, left
        assert "begins HALTED" in left.out
        assert (data / "control" / "halted-live.json").exists()
        (data / "filler").unlink()


ON_THE_WAY = """select count(*) from orders
    where state in ('approved', 'reserved', 'sending', 'acked', 'unknown')"""
PAPER = """
mode = "paper"
active_strategies = ["opening-range-breakout"]
[autonomy]
opening-range-breakout = "bounded"
"""


def test_what_a_killed_paper_session_left_is_closed_cold(tmp_path: Path) -> None:
    config = tmp_path / "cockpit.toml"
    config.write_text(PAPER, encoding="utf-8")
    data = tmp_path / "data"
    with started(
        tmp_path,
        "run",
        "--headless",
        "--arm",
        "--speed",
        60,
        "--config",
        config,
        "--data-dir",
        data,
    ) as process:
        session = Trading(tmp_path, process)
        session.reached()
        session.holds()
        assert session.ask("disarm").code == Exit.OK  # nothing new is sent meanwhile
        looks: list[bool] = []

        def calm() -> bool:
            looks.append(rows(data, ON_THE_WAY) == [(0,)])
            return len(looks) > 10 and all(looks[-10:])

        wait_until(calm, 40, "nothing is on its way")
        process.kill()
        process.communicate()
    left = session.status()
    assert (left["running"], left["account_id"], left["mode"]) == (False, "PAPER-1", "paper")
    assert left["positions"]

    asked = session.ask("status", "--ask-broker", "--json", "--config", config)
    assert asked.code == Exit.OK, asked
    assert json.loads(asked.out)["asked"]

    flat = session.ask("flatten", "--all", "--config", config)
    assert flat.code == Exit.OK, flat
    assert "PAPER-1: the broker confirms that nothing of it is held" in flat.out
    after = session.status()
    assert (after["state"], after["positions"], after["orders"]) == ("halted", [], [])

    refused(session.ask("resume", "--confirm", "RESUME PAPER-2"), Exit.REFUSED, "RESUME PAPER-1")
    resumed = session.ask("resume", "--confirm", "RESUME PAPER-1")
    assert resumed.code == Exit.OK, resumed
    assert session.status()["state"] == "active"
    assert session.ask("audit", "verify").code == Exit.OK


def test_the_doctor_asks_the_cockpit_that_runs_and_arming_is_asked_for(trading: Trading) -> None:
    told = trading.ask("doctor", "--json")
    report = json.loads(told.out)
    assert (report["running"], report["account"], report["armed"]) == (True, "REPLAY-1", False)
    groups = {check["group"] for check in report["checks"]}
    assert {"session", "market", "ledger", "machine", "program"} <= groups
    required = {check["state"] for check in report["checks"] if check["required"]}
    assert required == {"ok"}, told

    armed = trading.ask("arm")
    assert armed.code == Exit.OK, armed
    assert "REPLAY-1 is ARMED." in armed.out
    status = trading.status()
    assert status["armed"]
    assert status["arming"].startswith("Armed from a terminal by")

    assert trading.ask("halt", "--reason", "Enough").code == Exit.OK
    assert not trading.status()["armed"]
    refused(trading.ask("arm"), Exit.REFUSED, "Trading is halted: Enough")
    said = [json.loads(row[0])["armed"] for row in rows(trading.data, ARMING)]
    assert said == [True, False]


ARMING = "select payload from audit where kind = 'arming' order by seq"


def test_nothing_to_arm_where_nothing_runs(tmp_path: Path) -> None:
    refused(cockpit(tmp_path, "arm", "--data-dir", tmp_path), Exit.NOTHING_THERE, "No cockpit runs")
    cold = cockpit(tmp_path, "doctor", "--data-dir", tmp_path)
    assert "No cockpit runs there" in cold.out
    assert "exchange calendar" in cold.out
