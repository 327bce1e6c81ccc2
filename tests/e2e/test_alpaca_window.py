"""The flows of the demo at a toy Alpaca, in the real window, with the real SDK."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.e2e.test_trading_day import kill_by_click, proposals
from tests.support.program import Program, running
from tests.support.screen import Screen
from tests.support.venue import Venue
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.window, pytest.mark.timeout(240)]


def held(program: Program) -> list[str]:
    """The symbols of open positions; what was closed today stays in the table."""
    return [row[0] for row in program.rows("Positions") if "LONG" in row[1]]


def lamp(program: Program, word: str) -> bool:
    """Whether the feed's lamp says `word`."""
    names = [m["name"] for m in program.landmarks() if "alpaca feed" in m["name"]]
    assert names, "no lamp of the feed"
    return any(re.search(rf"\b({word})\b", name) for name in names)


def test_a_day_at_alpaca_in_the_window(screen: Screen, venue: Venue) -> None:
    command = [shutil.which("env") or "env", *venue.variables(), *venue.program("run")]
    with running(screen, venue.folder, command) as program:
        program.wait_for_window()
        wait_until(lambda: len(proposals(program)) >= 2, 60, "two proposals")
        first, second = proposals(program)[:2]
        program.save_picture("alpaca-proposals")

        program.click(rf"Approve {re.escape(first)}.*")
        wait_until(lambda: held(program) == [first.split()[2]], 20, "a position at the venue")
        [position] = venue.do(venue.toy.exchange.venue.positions)
        assert (position.symbol, position.quantity) == (first.split()[2], 10)
        kill_by_click(program, second)
        program.save_picture("alpaca-position")

        code, said = venue.run("halt", "--reason", "Fire drill")
        assert code == 0, said
        wait_until(lambda: "Fire drill" in str(program.landmarks()), 20, "the halt on the screen")
        code, said = venue.run("flatten", "--all")
        assert code == 0, said
        program.save_picture("alpaca-flat")
        wait_until(lambda: not held(program), 20, f"a flat account: {program.rows('Positions')}")
        assert not venue.do(venue.toy.exchange.venue.positions)

        venue.do(lambda: setattr(venue.toy.market.faults, "mute_at", "hello"))
        venue.do(venue.toy.market.cut)
        wait_until(lambda: lamp(program, "stale|down"), 20, "the lamp of a lost stream")
        program.save_picture("alpaca-stale")
        venue.do(lambda: setattr(venue.toy.market.faults, "mute_at", ""))
        wait_until(lambda: lamp(program, "up"), 40, "the lamp of a stream that is back")
    assert len(venue.do(lambda: list(venue.toy.exchange.orders))) == 2
