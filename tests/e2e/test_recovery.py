"""Somebody trades past the cockpit while it is off: the real window blocks until it is accepted."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cockpit.adapters.brokers.paper import books_of
from cockpit.adapters.brokers.paper.books import ADD, Books
from cockpit.domain.order import Side
from cockpit.kernel.clock import WallClock
from cockpit.ports.broker import ExecutionReport
from tests.support.program import Program, command_line, running
from tests.support.screen import Screen
from tests.support.waiting import wait_until

pytestmark = pytest.mark.window
ACCOUNT, SYMBOL = "PAPER-1", "KORVA"


@contextmanager
def paper(screen: Screen, folder: Path) -> Iterator[Program]:
    """The lasting paper account of `folder`, in a window."""
    command = [*command_line(), "run", "--mode", "paper", "--data-dir", str(folder / "data")]
    with running(screen, folder, command) as program:
        program.wait_for_window()
        program.find("Positions", kind="Blotter", within=60)
        yield program


def trade_elsewhere(folder: Path, quantity: int) -> None:
    """Long ago, so that it is in the venue's positions and in no list of late executions."""
    path = books_of(folder / "data", ACCOUNT)
    if not path.exists():
        asyncio.run(_begin(path))
    report = ExecutionReport(
        execution_id=f"past-{quantity}", client_order_id="past", venue_order_id="past",
        symbol=SYMBOL, side=Side.BUY, quantity=Decimal(quantity), price=Decimal(300),
        fee=Decimal(0), cumulative=Decimal(quantity), ts_event=1,
    )  # fmt: skip
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(ADD, (msgspec.json.encode(report).decode(),))


async def _begin(path: Path) -> None:
    books = Books(path, ACCOUNT, Decimal(100_000), WallClock(), known=False)
    await books.load()
    await books.close()


def held(program: Program) -> str:
    """The quantity that the row of the symbol shows."""
    rows = program.rows("Positions")
    return next((row[2] for row in rows if row[0] == SYMBOL), "")


@pytest.mark.timeout(240)
def test_a_difference_is_shown_and_accepted_by_mouse(screen: Screen, tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    trade_elsewhere(folder, 30)
    with paper(screen, folder) as program:  # the first start takes over what is held
        wait_until(lambda: held(program) == "30", 20, "the position taken over")
        assert not program.shows("Recovery banner")
    trade_elsewhere(folder, 5)
    with paper(screen, folder) as program:
        banner = program.find("Recovery banner", within=30)
        assert f"{SYMBOL}: 30 here, 35 at the broker" in banner["text"]
        assert program.shows("BLOCKED")
        program.save_picture("recovery-blocked")
        program.click(r"Accept the broker's positions\.\.\.")
        program.find("Accept the broker's positions\\?", within=10)
        program.save_picture("recovery-accept")
        program.click(f"Accept {SYMBOL}", kind="QPushButton")
        wait_until(lambda: not program.shows("Recovery banner"), 20, "the banner to go")
        assert not program.shows("BLOCKED")
        assert held(program) == "35"
        program.save_picture("recovery-accepted")
