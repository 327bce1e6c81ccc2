"""A second chart in the real window, by keys, and the same two again after a restart."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.support.program import Program, command_line, running
from tests.support.screen import Screen
from tests.support.waiting import wait_until

pytestmark = pytest.mark.window
LONG = 120.0


def charts(program: Program) -> list[str]:
    """The symbols of the charts on screen."""
    asking = ", choose another symbol"
    names = [str(mark["name"]) for mark in program.landmarks()]
    return sorted(name.removesuffix(asking) for name in names if name.endswith(asking))


@pytest.mark.timeout(600)
def test_a_second_chart_is_there_again_after_a_restart(cockpit, screen: Screen, tmp_path: Path):
    program: Program = cockpit("demo", "--speed", "5")
    program.find("Chart: link group 1", within=LONG)
    wait_until(lambda: charts(program), LONG, "the chart")
    first = charts(program)
    program.key("ctrl+shift+c")
    program.find("Chart 2: link group 2", within=LONG)
    wait_until(lambda: charts(program) == first * 2, LONG, "the same symbol in both")
    program.key("ctrl+k")
    program.find("Command palette", kind="Palette", within=LONG)
    screen.type("vellm")
    wait_until(lambda: program.find("Command", kind="QLineEdit")["text"] == "vellm", LONG, "vellm")
    screen.key("Return")
    wait_until(lambda: charts(program) == sorted([*first, "VELLM"]), LONG, "another in the second")
    wait_until(lambda: not program.shows("Command palette"), LONG, "the palette to go")
    program.save_picture("two-charts")
    program.process.send_signal(signal.SIGINT)
    program.wait_for_end(LONG)
    kept = json.loads((program.data_dir / "workspace.json").read_text(encoding="utf-8"))
    assert kept["symbols"] == {"2": "VELLM"}
    command = [*command_line(), "demo", "--speed", "5", "--data-dir", str(program.data_dir)]
    with running(screen, tmp_path / "again", command) as again:
        again.find("Chart 2: link group 2", within=LONG)
        wait_until(lambda: charts(again) == sorted([*first, "VELLM"]), LONG, "both as they were")
        again.click("Close Chart 2")
        wait_until(lambda: charts(again) == first, LONG, "the first one alone")
