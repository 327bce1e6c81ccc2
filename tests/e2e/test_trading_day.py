"""The flows of a trading day in the real window, driven by keys and clicks from outside."""

from __future__ import annotations

import re

import pytest

from tests.support.program import Program, middle
from tests.support.waiting import wait_until

pytestmark = pytest.mark.window

PROPOSED_WITHIN = 600.0  # of a session that crawls on a busy machine


def proposals(program: Program) -> list[str]:
    """The orders that wait for approval, as sentences, top card first."""
    cards = [m["name"] for m in program.landmarks() if m["kind"] == "ApprovalCard"]
    return [name.removeprefix("Proposal ") for name in cards]


def wait_for_proposals(program: Program, count: int) -> list[str]:
    wait_until(lambda: len(proposals(program)) >= count, PROPOSED_WITHIN, f"{count} proposals")
    return proposals(program)


def figure(program: Program, what: str) -> float:
    """The figure of a control whose name ends in it, such as `Day P&L ▼ -$1.20`."""
    name = program.find(rf"{re.escape(what)} (?:[▲▼] )?[+\u2212]?\$[\d,.]+")["name"]
    sign = -1 if "\u2212" in name else 1
    return sign * float(name.rpartition("$")[2].replace(",", ""))


def symbol_of(sentence: str) -> str:
    """The symbol in `SELL 27 TALVO at market`."""
    return sentence.split()[2]


def kill_by_click(program: Program, sentence: str) -> None:
    """Click until it is gone: a click in the moment the cards move is not taken, and told."""

    def gone() -> bool:
        name = rf"Kill {re.escape(sentence)}"
        if program.shows(name):
            program.screen.click(*middle(program.find(name, within=2)["rect"]))
        return wait_until(lambda: sentence not in proposals(program), 2, "it to go")

    wait_until(gone, 30, "the killed proposal to go")


@pytest.mark.timeout(900)
def test_approve_by_key_and_kill_by_click(cockpit):
    program = cockpit("demo")
    assert figure(program, "Day P&L") == 0
    first, second = wait_for_proposals(program, 2)[:2]

    program.key("a")
    held = wait_until(lambda: program.rows("Positions"), 20, "a position after the approval")
    assert [row[0] for row in held] == [symbol_of(first)]
    wait_until(lambda: figure(program, "Day P&L") != 0, 20, "a day P&L that moves")
    program.save_picture("approved-by-key")

    kill_by_click(program, second)
    program.click("Orders", kind="CElidingLabel")
    program.click("Show all orders")
    killed = wait_until(
        lambda: [r for r in program.rows("Orders") if symbol_of(second) in r], 20, "its row"
    )
    assert any("Killed" in cell for cell in killed[0])
    program.save_picture("killed-by-click")
    program.click("Positions", kind="CElidingLabel")
    assert symbol_of(second) not in [row[0] for row in program.rows("Positions")]
