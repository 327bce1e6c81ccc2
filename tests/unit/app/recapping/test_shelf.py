"""The list of stored recaps says of each what is true now, whatever became of its account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.adapters.writers.template import TemplateWriter
from cockpit.app.bookkeeping.books import book_of
from cockpit.app.recapping.acts import ListAct
from cockpit.app.recapping.shelf import Shelf
from cockpit.domain.imported import Booking, Execution
from cockpit.domain.order import Side
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.imports import ImportBatch
from cockpit.recap.desk import RecapDesk
from cockpit.recap.material import Material
from cockpit.recap.state import state_of
from tests.support.fills import MINUTE, NINE_THIRTY

DAY, ACCOUNT = "2018-01-02", "mine"


def booking(number: int, side: Side, price: int) -> Booking:
    entry = Execution(symbol="XXX", side=side, quantity=Decimal(10), price=Decimal(price))
    when = NINE_THIRTY + number * MINUTE
    return Booking(key=f"k{number}", account_id=ACCOUNT, ts_event=when, entry=entry)


def batch(name: str) -> ImportBatch:
    return ImportBatch(batch_id=name, format="x", file_name=name, digest=name, imported_ns=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await open_store(tmp_path / "cockpit.db")
    await opened.save_import(batch("a"), [booking(1, Side.BUY, 10), booking(2, Side.SELL, 11)])
    await opened.save_import(batch("b"), [booking(3, Side.BUY, 10), booking(4, Side.SELL, 12)])
    yield opened
    await opened.close()


@pytest.fixture
async def shelf(store: SqliteStore) -> Shelf:
    writer, clock = TemplateWriter(), VirtualClock(NINE_THIRTY)
    desk = RecapDesk(store, writer, writer, clock)
    book = await book_of(store, ACCOUNT)
    assert book is not None
    recap = await desk.draft("daily", DAY, Material(book=book))
    await store.approve_recap(ACCOUNT, recap.recap_id, 1)
    return Shelf(store=store, desk=desk, clock=clock)


@pytest.mark.parametrize(("undone", "state"), [("", "approved"), ("b", "stale"), ("ab", "stale")])
async def test_the_list_says_what_the_page_says(
    store: SqliteStore, shelf: Shelf, undone: str, state: str
) -> None:
    for name in undone:
        assert await store.withdraw_import(name, 1)
    for account in ("", ACCOUNT):
        (listed,) = await shelf.done(ListAct(account=account))
        assert state_of(listed) == state
        assert not listed.facts_json
