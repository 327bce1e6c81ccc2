"""The real window, halted from a second terminal and watched by a second window."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from pathlib import Path

import pytest

from cockpit.app.control.calling import call
from cockpit.app.control.messages import Halted, HaltRequest
from tests.support.program import Program, command_line, running
from tests.support.screen import Screen
from tests.support.waiting import wait_until

pytestmark = pytest.mark.window

HOLDS_WITHIN_US = 50_000
ALERT = "Acknowledge: Trading is halted"


def halt(data_dir: Path, reason: str) -> Halted:
    answer = asyncio.run(call(data_dir, HaltRequest(reason=reason), print))
    assert isinstance(answer, Halted)
    return answer


@pytest.mark.timeout(600)
def test_a_second_terminal_halts_the_window_within_50_ms(cockpit):
    program: Program = cockpit("demo", "--speed", "20")
    program.find("Watchlist", kind="Blotter", within=60)
    code, said = program.run_beside("status")
    assert code == 0, said
    assert f"process {program.process.pid}" in said
    began = time.perf_counter()
    halted = halt(program.data_dir, "Fire drill")
    answered_ms = (time.perf_counter() - began) * 1000
    assert not halted.already
    assert halted.held_after_us < HOLDS_WITHIN_US
    print(f"held after {halted.held_after_us} us, answered after {answered_ms:.1f} ms")
    wait_until(lambda: program.shows("Fire drill"), 10, "the reason in the header")
    wait_until(lambda: program.shows(ALERT), 10, "an alert of a halt made elsewhere")
    program.save_picture("halted-from-a-terminal")
    code, said = program.run_beside("resume", "--confirm", "RESUME DEMO-1")
    assert code == 0, said
    wait_until(lambda: not program.shows("Fire drill"), 10, "the reason to go")
    wait_until(lambda: not program.shows(ALERT), 10, "the alert to be cleared")


@pytest.mark.timeout(600)
def test_a_second_window_watches_and_goes_grey(cockpit, screen: Screen, tmp_path: Path):
    program: Program = cockpit("demo", "--speed", "5")
    program.find("Watchlist", kind="Blotter", within=60)
    command = [*command_line(), "demo", "--data-dir", str(program.data_dir)]
    with running(screen, tmp_path / "viewer", command) as viewer:
        viewer.wait_for_window("VIEWER")
        viewer.find("Viewer banner", within=60)
        told = f"read-only, connected to process {program.process.pid}"
        wait_until(lambda: told in viewer.text("Viewer banner"), 60, "it says whom it watches")
        assert len(viewer.rows("Watchlist")) == len(program.rows("Watchlist"))
        for mark in viewer.landmarks():
            if mark["kind"] == "HoldButton" or mark["name"] in {"Draft recap", "Approve"}:
                assert not mark["enabled"], mark
        moving = viewer.rows("Watchlist")
        wait_until(lambda: viewer.rows("Watchlist") != moving, 20, "prices that move")
        viewer.save_picture("viewer")

        viewer.key("ctrl+shift+h")  # Halt trading: refused here
        wait_until(lambda: viewer.shows(".*only watches.*"), 10, "the refusal")
        status = json.loads(program.run_beside("status", "--json")[1])
        assert status["state"] == "active"

        program.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: "does not answer" in viewer.text("Viewer banner"), 10, "it says so")
        viewer.save_picture("viewer-of-a-cockpit-that-hangs")
        program.process.send_signal(signal.SIGCONT)
        wait_until(lambda: "read-only" in viewer.text("Viewer banner"), 15, "it is back")

        program.process.send_signal(signal.SIGTERM)
        program.wait_for_end()
        wait_until(lambda: "has ended" in viewer.text("Viewer banner"), 10, "it says so")
        viewer.save_picture("viewer-of-a-cockpit-that-ended")
        viewer.process.send_signal(signal.SIGTERM)
        assert viewer.wait_for_end() == 0
