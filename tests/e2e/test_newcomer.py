"""Somebody who never saw it: from nothing to an approved paper trade and an exported recap.

Only what stands on the screen is used, as docs/guide/three-minutes.md tells it.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.test_trading_day import wait_for_proposals
from tests.support.program import Program, command_line, running
from tests.support.screen import Screen
from tests.support.waiting import wait_until

pytestmark = pytest.mark.window
LONG = 120.0


def approved(program: Program) -> bool:
    """One proposal after the other, for on a busy machine the gate may make an opening wait."""
    wait_for_proposals(program, 1)
    program.click("Approve [A-Z]+ .*")
    return bool(wait_until(lambda: program.rows("Positions"), 10, "a position"))


def draft(program: Program) -> str:
    """The recap as it stands in the panel."""
    return str(program.find("Recap", kind="QTextBrowser")["text"])


@pytest.mark.timeout(1800)  # a session crawls on a busy machine
@pytest.mark.screen_size(1366, 768)
def test_from_nothing_to_a_trade_and_a_recap(screen: Screen, tmp_path: Path) -> None:
    folder = tmp_path / "somebody"
    began = time.monotonic()
    with running(screen, folder, [*command_line(), "run"]) as program:
        program.find("Open the demo", within=LONG)
        program.save_picture("newcomer-1-welcome")
        program.click_away("Open the demo")
        wait_for_proposals(program, 1)
        program.save_picture("newcomer-2-proposal")
        wait_until(lambda: approved(program), 600, "an approved trade")
        program.click("Recap", kind="CElidingLabel")
        program.click("Draft recap", kind="QPushButton")
        wait_until(lambda: "Simulated session" in draft(program), LONG, "the draft")
        program.save_picture("newcomer-3-recap")
        program.click(r"Export\.\.\.|Export recap.*", kind="QPushButton")
        program.find("File", kind="QLineEdit")
        program.click("Export", kind="QPushButton")
        written = wait_until(lambda: list(folder.glob("recap-*.md")), LONG, "the exported file")
        wait_until(lambda: written[0].stat().st_size, LONG, "its words")
        program.save_picture("newcomer-4-exported")
    print(f"from nothing to a recap in {time.monotonic() - began:.0f} s")
