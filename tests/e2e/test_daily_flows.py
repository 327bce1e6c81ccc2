"""The ten things a trader does every day, by keys and clicks in the real window, one after another.

One program lives through all of them. What happened is read from its ledger, its status socket
and its screen, never assumed after a time; each flow leaves a picture in artifacts/.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.test_trading_day import proposals, wait_for_proposals
from tests.support.program import Program, middle
from tests.support.waiting import wait_until

pytestmark = pytest.mark.window
LONG = 120.0
LATE = "running late"
"""Why the gate makes an opening wait on a busy machine; a person tries again, and so do we."""


def ledger(program: Program, query: str, *values: object) -> list[tuple]:
    """Rows of the program's own ledger, read beside it."""
    file = program.data_dir / "cockpit.sqlite3"
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=30)) as db:
        return db.execute(query, values).fetchall()


def status(program: Program) -> dict:
    """What a second terminal is told."""
    code, said = program.run_beside("status", "--json")
    assert code == 0, said
    return json.loads(said)


def tab(program: Program, name: str) -> None:
    program.click(name, kind="CElidingLabel")


def held(program: Program) -> list[str]:
    """Symbols of the positions that are not flat."""
    return [row[0] for row in program.rows("Positions") if row[1] in {"LONG", "SHORT"}]


def retype(program: Program, field: str, text: str) -> None:
    """Put `text` in the place of what stands in a field, and see that it stands there."""
    program.click_into(field, kind="QLineEdit")
    program.key("ctrl+a")
    program.screen.type(text)
    wait_until(lambda: program.find(field, kind="QLineEdit")["text"] == text, 60, f"{field} {text}")


def start(program: Program) -> None:
    """The window says what it is, and prices move."""
    program.find("DEMO")
    program.find("TRADING ACTIVE")
    before = program.rows("Watchlist")
    wait_until(lambda: program.rows("Watchlist") != before, LONG, "prices that move")
    assert status(program)["state"] == "active"
    program.save_picture("flow-01-start")


def arm(program: Program) -> None:
    """Armed by its keys, as soon as all checks are green; and disarmed again."""

    def armed() -> bool:
        program.key("ctrl+shift+a")
        return wait_until(lambda: program.shows("ARMED"), 5, "the word ARMED")

    wait_until(armed, LONG, "all checks to be green")
    assert status(program)["armed"]
    program.save_picture("flow-02-arm")
    program.key("ctrl+shift+d")
    program.find("DISARMED")


def pause(program: Program, button: str) -> None:
    """Hold the session, or let it go on: a proposal must not lapse while a slow machine types."""
    other = {"Pause": "Continue", "Continue": "Pause"}[button]
    program.click(f"{button} the session")
    program.find(f"{other} the session")


def edit(program: Program) -> None:
    """The framed proposal gets another size, and waits on."""
    before = proposals(program)[0]
    program.key("e")
    retype(program, "Quantity", "5")
    program.save_picture("flow-03-edit")

    def saved() -> bool:
        """A loop that is late makes a change wait too: the form stays, Save is there again."""
        program.click("Save the change")
        return bool(wait_until(lambda: re.search(r"\b5 ", proposals(program)[0]), 10, "a 5"))

    wait_until(saved, LONG, f"5 instead of {before}")


def kill_a_proposal(program: Program) -> None:
    """The second card goes, by its button; nothing was sent for it."""
    sentence = proposals(program)[1]
    program.click(rf"Kill {re.escape(sentence)}")
    wait_until(lambda: sentence not in proposals(program), LONG, "the card to go")
    symbol = sentence.split()[2]
    query = "SELECT state, venue_order_id FROM orders WHERE symbol = ?"
    wait_until(lambda: [row[1] for row in ledger(program, query, symbol)] == [None], LONG)
    program.save_picture("flow-04-kill-proposal")


def settled(rows: list[tuple]) -> list[tuple]:
    """The orders, once each of them is filled or denied."""
    return rows if all(state in {"filled", "denied"} for state, _why in rows) else []


def assert_filled_or_late(rows: list[tuple]) -> None:
    for state, why in rows:
        assert state == "filled" or LATE in why, why


def approve(program: Program) -> str:
    """A key sends the framed proposal; the symbol that is held then."""
    query = "SELECT state, reason_text FROM orders WHERE symbol = ? AND type = 'market'"

    def filled() -> str:
        symbol = wait_for_proposals(program, 1)[0].split()[2]
        program.key("a")
        wait_until(lambda: symbol not in " ".join(proposals(program)), LONG, "the card to go")
        rows = wait_until(lambda: settled(ledger(program, query, symbol)), LONG, f"{symbol} done")
        assert_filled_or_late(rows)
        return symbol if rows[-1][0] == "filled" else ""

    symbol = wait_until(filled, LONG, "an approval that went through")
    wait_until(lambda: symbol in held(program), LONG, "its position")
    program.save_picture("flow-05-approve")
    return symbol


def order(program: Program) -> str:
    """A market order of three shares through the ticket; the symbol it was for."""
    program.key("ctrl+n")
    symbol = str(program.find("Symbol", kind="QLineEdit")["text"])
    query = "SELECT state, reason_text FROM orders WHERE symbol = ? AND strategy = 'manual'"

    def sent() -> bool:
        known = len(ledger(program, query, symbol))
        retype(program, "Quantity", "3")
        program.click(rf"Send BUY 3 {symbol} MKT")
        rows = wait_until(
            lambda: settled(ledger(program, query, symbol)[known:]), LONG, f"{symbol} done"
        )
        assert_filled_or_late(rows)
        return rows[-1][0] == "filled"

    wait_until(sent, LONG, "an order that is filled")
    program.find(f"BUY 3 {symbol} MKT: filled at .*", within=LONG)
    program.save_picture("flow-06-order")
    program.click("Close", kind="QPushButton")
    return symbol


def flatten(program: Program, symbol: str) -> None:
    """Delete in the row asks; its answer closes the position."""
    tab(program, "Positions")
    wait_until(lambda: symbol in held(program), LONG, f"a position in {symbol}")
    program.click_row("Positions", lambda cells: cells[0] == symbol)
    program.key("Delete")
    program.find(f"Flatten {symbol}")
    program.save_picture("flow-07-flatten")
    program.click(f"Flatten {symbol}")
    wait_until(lambda: symbol not in held(program), LONG, "the position to be closed")


def kill_switch(program: Program) -> None:
    """Let go early and nothing happens; held to its end it halts, and says what was confirmed."""
    at = middle(program.find("KILL SWITCH, .*")["rect"])
    program.screen.xdotool("mousemove", *at, "mousedown", 1, "mouseup", 1)
    assert program.shows("TRADING ACTIVE")
    program.screen.xdotool("mousemove", *at, "mousedown", 1)
    program.find("TRADING HALTED", within=LONG)
    program.screen.xdotool("mouseup", 1)
    assert status(program)["state"] == "halted"
    program.find("Acknowledge: Kill switch fired", within=LONG)
    program.save_picture("flow-08-kill-switch")


def acknowledge(program: Program) -> None:
    program.click("Acknowledge: Kill switch fired")
    wait_until(lambda: not program.shows("Acknowledge: Kill switch fired"), LONG, "it to be seen")
    program.save_picture("flow-09-acknowledge")


def write_a_note(program: Program) -> None:
    """What is typed into the journal is a row of the ledger."""
    tab(program, "Journal")
    program.click("Show entry")
    program.click_into("Note of .*", kind="QPlainTextEdit")
    program.screen.type("Waited for the range")
    program.click("Save entry")
    query = "SELECT note FROM journal_entry"
    wait_until(lambda: ("Waited for the range",) in ledger(program, query), LONG, "the entry")
    program.save_picture("flow-10-note")


def export(program: Program, folder: Path) -> None:
    """The day's recap, as a file."""
    program.key("ctrl+e")
    retype(program, "File", str(folder / "recap.md"))
    program.save_picture("flow-11-export")
    program.click("Export", kind="QPushButton")
    file = folder / "recap.md"
    wait_until(lambda: file.is_file() and file.stat().st_size, LONG, "the exported recap")
    assert "Simulated session" in file.read_text(encoding="utf-8")


@pytest.mark.timeout(1800)  # a session crawls on a busy machine
def test_a_day_from_start_to_recap(cockpit, tmp_path: Path) -> None:
    program = cockpit("demo")
    start(program)
    arm(program)
    wait_for_proposals(program, 2)
    pause(program, "Pause")
    edit(program)
    kill_a_proposal(program)
    pause(program, "Continue")
    approved = approve(program)
    ordered = order(program)
    flatten(program, ordered)
    kill_switch(program)
    acknowledge(program)
    assert approved in held(program), "the kill switch cancels; it closes nothing by itself"
    write_a_note(program)
    export(program, tmp_path)
