"""A day from a tape in the real window: the whole screen follows it to its last print."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cockpit.app.data.playing import bars_of, record
from cockpit.market.grid import BarRule
from tests.support.program import Program
from tests.support.recordings import write_recording
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.window, pytest.mark.timeout(600)]


def lasts(program: Program) -> dict[str, str]:
    """The last price of each symbol in the watchlist."""
    return {row[0]: row[1] for row in program.rows("Watchlist")}


def test_a_tape_is_followed_by_the_whole_screen(cockpit, tmp_path: Path) -> None:
    files = [Path(file) for file in write_recording(tmp_path).files]
    tape = tmp_path / "day.tape"
    asyncio.run(record(files, tape))
    bars = asyncio.run(bars_of([tape], BarRule.parse("1m"), whole_day=True))
    ends = {bar.symbol: f"{bar.close:.2f}" for bar in bars}

    program: Program = cockpit("replay", str(tape), "--speed", "1000")
    wait_until(lambda: set(lasts(program)) == set(ends), 60, "the symbols of the tape")
    wait_until(lambda: lasts(program) == ends, 60, f"the last prints {ends}")
    assert program.shows("REPLAY 2018-01-02.*")
    program.find("(ACME|BOLT), choose another symbol", within=20)
    program.save_picture("tape-replayed")
