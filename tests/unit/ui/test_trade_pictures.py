"""A trade's chart is kept as it opened and as it closed, and nobody waits for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QToolButton

from cockpit.adapters.storage import open_store
from cockpit.domain.events import FillBooked
from cockpit.domain.fill import Fill
from cockpit.domain.market import TradePrint
from cockpit.kernel.bus import Bus
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.ports.entries import Attachment, AttachmentKind
from cockpit.trading.orders import OrderBook
from cockpit.ui import trade_pictures
from cockpit.ui.charts.look import ChartLook
from cockpit.ui.drawings import Drawings
from cockpit.ui.theme import Theme
from cockpit.ui.trade_pictures import TradePictures
from tests.support import eventually
from tests.support.fills import MINUTE, NINE_THIRTY, fill
from tests.unit.journal.test_journal import order_of
from tests.unit.ui.panels.test_journal import Stage


class Room(Stage):
    """The journal's stage with a market, and whoever takes the pictures."""

    def __init__(self, store: Any, folder: Path) -> None:
        super().__init__(store, folder)
        self.bars = BarBook(Bus())
        for second in range(0, 600, 20):
            at = NINE_THIRTY + second * 10**9
            self.bars.on_print(
                TradePrint(symbol="XXX", price=100 + second / 100, size=10.0, ts_event=at,
                           ts_init=at)
            )  # fmt: skip
        core = SimpleNamespace(
            book=Book(self.clock), bars=self.bars, journal=self.journal, orders=OrderBook(),
            feed_label="SIMULATED", clock=self.clock, bus=self.bus, commands=self.commands,
        )  # fmt: skip
        self.pictures = TradePictures(
            cast("Any", core), self.bridge, Theme(), drawings=Drawings(), look=ChartLook
        )
        self.pictures.kept.connect(self.panel.picture_kept)

    def book(self, each: Fill) -> None:
        self.bus.publish(
            FillBooked(fill=each, order=order_of(each), late=False, ts_event=each.ts_event,
                       ts_init=each.ts_event)
        )  # fmt: skip

    async def kept(self, trade_id: str, count: int) -> list[Attachment]:
        found: list[Attachment] = []

        async def look() -> bool:
            found[:] = await self.store.attachments("DEMO-1", "", trade_id)
            return len(found) == count

        for _ in range(400):
            QApplication.processEvents()
            if await look():
                return found
            await eventually(lambda: not self.commands.tasks)
        raise AssertionError(f"{len(found)} pictures, not {count}")


@pytest.fixture
async def room(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Room]:
    monkeypatch.setattr(trade_pictures, "WAIT_MS", 1)
    store = await open_store(tmp_path / "ledger.db")
    made = Room(store, tmp_path)
    yield made
    made.pictures.close()
    await made.settle()
    made.panel.hide()
    made.panel.deleteLater()
    made.bridge.close()
    await made.journal._supervisor.stop()
    await made.journal.close()
    await store.close()


async def test_the_chart_at_entry_and_at_exit_is_kept_beside_the_trade(room: Room) -> None:
    now = room.clock.now_ns()
    room.book(fill(1, "+100 @ 10", ts_ns=now - MINUTE // 2))
    [entry] = await room.kept("XXX-x1", 1)
    room.book(fill(2, "+50 @ 10", ts_ns=now - MINUTE // 3))  # adds: no picture
    room.book(fill(3, "-150 @ 11", ts_ns=now - MINUTE // 4))
    pictures = await room.kept("XXX-x1", 2)
    assert pictures[0] == entry
    assert [p.kind for p in pictures] == [AttachmentKind.ENTRY, AttachmentKind.EXIT]
    assert entry.day == "2018-01-02"
    image = QImage(str(room.commands.path_of(entry)))
    assert (image.width(), image.height()) == trade_pictures.SIZE
    spots = ((x, y) for y in range(0, image.height(), 3) for x in range(0, image.width(), 3))
    colours = {image.pixelColor(*spot).name() for spot in spots}
    assert Theme().colour("up").name() in colours  # candles were drawn


async def test_a_turn_round_has_an_exit_and_an_entry(room: Room) -> None:
    now = room.clock.now_ns()
    room.book(fill(1, "+100 @ 10", ts_ns=now - 9))
    room.book(fill(2, "-150 @ 11", ts_ns=now - 5))
    assert [p.kind for p in await room.kept("XXX-x1", 2)] == [
        AttachmentKind.ENTRY, AttachmentKind.EXIT,
    ]  # fmt: skip
    [other] = await room.kept("XXX-x2", 1)
    assert other.kind is AttachmentKind.ENTRY


async def test_what_was_filled_long_ago_has_no_picture(room: Room) -> None:
    room.book(fill(1, "+100 @ 10", ts_ns=room.clock.now_ns() - 5 * MINUTE))
    room.book(fill(2, "-40 @ 10", ts_ns=room.clock.now_ns()))
    room.book(fill(3, "-60 @ 10", ts_ns=room.clock.now_ns() + 1))
    [only] = await room.kept("XXX-x1", 1)
    assert only.kind is AttachmentKind.EXIT


async def test_the_panel_shows_the_picture_of_the_trade_it_is_about(room: Room) -> None:
    room.panel.show()
    now = room.clock.now_ns()
    room.book(fill(1, "+100 @ 10", ts_ns=now - 9))
    room.book(fill(2, "-100 @ 11", ts_ns=now - 5))
    assert room.panel.note.follow("2018-01-02", "XXX-x1", about="Long XXX")
    await room.kept("XXX-x1", 2)

    def pictures() -> list[QToolButton]:
        return [b for b in room.panel.note.files.findChildren(QToolButton) if not b.icon().isNull()]

    for _ in range(400):
        QApplication.processEvents()
        await eventually(lambda: not room.commands.tasks)
        if len(pictures()) == 2:
            break
    assert [b.accessibleName() for b in pictures()] == [
        "Open chart at entry", "Open chart at exit",
    ]  # fmt: skip
    assert Decimal(room.panel.note.files.shown[0].size) > 0
    room.panel.hide()  # between two tests no loop runs that it could ask on
    await room.settle()
