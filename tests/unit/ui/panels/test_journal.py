"""The journal's panel on a real journal and store; only the commands' runner is a stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.attachment_files import AttachmentFolder
from cockpit.app.bookkeeping.commands import JournalCommands
from cockpit.app.bookkeeping.importing import Ask, import_beside
from cockpit.app.bookkeeping.shelf import Shelf
from cockpit.app.launch import STORE_NAME
from cockpit.app.settings import JournalSettings
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import FillBooked, TradeClosed
from cockpit.journal.entries import EntryWords
from cockpit.journal.journal import Journal
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.kernel.instance import InstanceLock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.entries import Tick
from cockpit.ui.bridge import Bridge
from cockpit.ui.models.columns import Column, Row, StillKeys
from cockpit.ui.models.table import Table
from cockpit.ui.panels.journal import JournalPanel
from cockpit.ui.panels.journal_account import AccountChooser
from cockpit.ui.panels.journal_period import Period, Span, equity_of
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.heat_calendar import DayResult, HeatCalendar
from cockpit.ui.widgets.tall_area import TallArea
from cockpit.ui.widgets.ticks import TickList
from tests.support import eventually
from tests.support.fills import NINE_THIRTY, fill
from tests.unit.journal.test_journal import order_of

D = Decimal
DAY_NS = 86_400_000_000_000
DAY = "2018-01-02"


class Commands(JournalCommands):
    """The real verbs, run as tasks of the test."""

    tasks: set[asyncio.Task[None]]

    def run(self, command: Coroutine, name: str, on_error=None) -> None:
        async def reported() -> None:
            try:
                await command
            except CockpitError as error:
                if on_error is not None:
                    on_error(error.user_text)

        task = asyncio.get_running_loop().create_task(reported(), name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


class Stage:
    def __init__(self, store, folder: Path) -> None:
        self.clock, self.bus, self.store = VirtualClock(NINE_THIRTY + 3600 * 10**9), Bus(), store
        self.bridge = Bridge(self.bus)
        self.journal = Journal(self.bus, store, self.clock, Supervisor(self.clock), "DEMO-1")
        self.commands = Commands(
            clock=self.clock, journal=self.journal, entry_store=store,
            files=AttachmentFolder(folder / "files"),
        )  # fmt: skip
        self.commands.tasks = set()
        self.panel = JournalPanel(
            journal=self.journal, store=store, orders=lambda _id: None, commands=self.commands,
            clock=self.clock, bridge=self.bridge, theme=Theme(), lists=JournalSettings(),
        )  # fmt: skip
        self.panel.resize(1000, 320)

    def trade(self, number: int, net: int, day: int = 0, *, stop: str | None = None) -> str:
        """A round trip of ten on a day after 2 January; its id."""
        at = NINE_THIRTY + day * DAY_NS + number * 120 * 10**9
        self.journal.add(fill(2 * number, "+10 @ 100", ts_ns=at, stop=stop))
        [trade] = self.journal.add(
            fill(2 * number + 1, f"-10 @ {100 + D(net) / 10}", ts_ns=at + 60 * 10**9)
        )
        told = TradeClosed(trade=trade, ts_event=trade.closed_ns, ts_init=trade.closed_ns)
        self.bus.publish(told)
        return trade.trade_id

    async def settle(self) -> None:
        self.bridge.flush()
        await eventually(lambda: not self.commands.tasks)


@pytest.fixture
async def stage(qapp: QApplication, tmp_path: Path) -> AsyncIterator[Stage]:
    lock = InstanceLock(tmp_path)  # as the session that runs there holds it
    lock.acquire()
    store = await open_store(tmp_path / STORE_NAME)
    made = Stage(store, tmp_path)
    made.panel.show()
    await made.settle()  # its first look, while there is a loop to ask on
    yield made
    await made.settle()
    made.panel.hide()
    made.bridge.close()  # nobody asks any more: what was asked in the last frame is answered
    await eventually(lambda: not made.commands.tasks)
    made.panel.deleteLater()
    await store.close()
    lock.release()


async def test_an_empty_day_says_what_to_do(stage: Stage) -> None:
    await stage.settle()
    assert stage.panel.empty.isVisible()
    assert "calendar" in stage.panel.empty.accessibleName()


async def test_a_closed_trade_appears_with_its_figures(stage: Stage) -> None:
    stage.trade(1, 50, stop="99")
    stage.trade(2, -20)
    await stage.settle()
    rows = [texts for texts, _ in stage.panel.trades.visible_rows()]
    assert [row[6] for row in rows] == ["\u2212$20.00", "+$50.00"]
    assert [row[7] for row in rows] == ["-", "+5.00 R"]
    net = stage.panel.statistics._rows["net"]
    assert net.value.text() == "+$30.00"
    assert "gross - fees" in net.value.toolTip()
    payoff = stage.panel.statistics._rows["sharpe"]
    assert payoff.value.text() == "n/a"
    assert "Not defined: the starting equity is not known" in payoff.value.toolTip()


async def test_fees_of_an_open_position_are_told_beside_the_days_figures(stage: Stage) -> None:
    bought = fill(1, "+10 @ 100", fee="1")
    stage.journal.add(bought)
    at = bought.ts_event
    stage.bus.publish(
        FillBooked(fill=bought, order=order_of(bought), late=False, ts_event=at, ts_init=at)
    )
    await stage.settle()
    line = stage.panel.statistics.beside
    assert line.accessibleName() == "Fees of open positions, $1.00, count when they close."
    assert "The Journal counts a trade whole on the day it closes" in line.toolTip()
    assert line.isVisible()
    stage.panel.span.setCurrentText("All")
    assert line.isHidden()
    stage.panel.span.setCurrentText("Day")
    [trade] = stage.journal.add(fill(2, "-10 @ 101", fee="1"))
    stage.bus.publish(TradeClosed(trade=trade, ts_event=at, ts_init=at))
    await stage.settle()
    assert line.isHidden()


async def test_a_period_holds_its_trades(stage: Stage) -> None:
    stage.trade(1, 7, day=-20)
    stage.trade(2, 10, day=-1)
    stage.trade(3, 50)
    await stage.settle()
    counts = {}
    for span in Span:
        stage.panel.span.setCurrentText(span.value)
        counts[span.value] = len(stage.panel.rows.keys())
    assert counts == {"Day": 1, "Week": 2, "Month": 2, "Year": 2, "All": 3}


@pytest.mark.parametrize(
    ("span", "bounds"),
    [
        (Span.WEEK, ("2018-01-29", "2018-02-04")),
        (Span.MONTH, ("2018-01-01", "2018-01-31")),
        (Span.YEAR, ("2018-01-01", "2018-12-31")),
        (Span.ALL, ("", "")),
    ],
)
def test_bounds_of_a_period(span: Span, bounds: tuple[str, str]) -> None:
    assert Period(span, "2018-01-31").bounds == bounds


async def test_the_curve_of_very_many_trades_goes_by_days(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        stage.trade(number, 10, day=number // 3)
    period, trades = Period(Span.ALL, DAY), stage.journal.trades()
    assert equity_of(stage.journal, period, trades)[1].tolist() == [0, 10, 20, 30, 40, 50, 60]
    monkeypatch.setattr("cockpit.ui.panels.journal_period.MOST_POINTS", 5)
    ts, curve = equity_of(stage.journal, period, trades)
    assert curve.tolist() == [0, 30, 60]
    assert ts[-1] == trades[-1].closed_ns / 1e9
    assert [part.tolist() for part in equity_of(stage.journal, period, ())] == [[], []]


async def test_what_is_typed_is_kept_as_a_version_and_brought_back(stage: Stage) -> None:
    trade_id = stage.trade(1, 50)
    await stage.settle()
    note = stage.panel.note
    stage.panel.trades.current_changed.emit(trade_id)
    await stage.settle()
    assert "+\u2060$50.00" in note.facts.text()  # no line ends after the sign
    note.text.setPlainText("Waited.")
    note.tags.setText("setup/orb, #patience")
    note.rules._boxes[1].click()
    note.save()
    await stage.settle()
    entry = await stage.store.entry("DEMO-1", "", trade_id)
    assert (entry.note, entry.tags) == ("Waited.", ("setup/orb", "patience"))
    assert [tick.text for tick in entry.rules if tick.done] == ["Stop set before entry"]
    note.text.setPlainText("Chased.")
    note.save()
    await stage.settle()
    note._restore(1)
    await stage.settle()
    assert note.text.toPlainText() == "Waited."
    assert [texts[11] for texts, _ in stage.panel.trades.visible_rows()] == ["setup/orb, patience"]


async def test_what_is_not_saved_is_never_thrown_away(stage: Stage) -> None:
    first, second = stage.trade(1, 50), stage.trade(2, 10)
    await stage.settle()
    note = stage.panel.note
    note.follow(DAY, first)
    await stage.settle()
    note.text.setPlainText("half a thought")
    assert not note.follow(DAY, second)
    assert note.text.toPlainText() == "half a thought"
    assert "save it" in note.told.toolTip()
    await stage.journal.entries.write("", EntryWords(note="from elsewhere"), first)
    note.refresh()
    await stage.settle()
    assert note.text.toPlainText() == "half a thought"


async def test_a_search_finds_entries_and_opens_them(stage: Stage) -> None:
    trade_id = stage.trade(1, 50)
    words = EntryWords(note="waited for the retest", tags=("setup/orb",))
    await stage.journal.entries.write("", words, trade_id)
    await stage.settle()
    for text, found in (("retest", 1), ("#setup", 1), ("nothing", 0)):
        stage.panel.search.setText(text)
        stage.panel.look_up()
        await stage.settle()
        assert len(stage.panel.found.visible_rows()) == found, text
        assert stage.panel.found.isVisible()
    stage.panel.search.setText("retest")
    stage.panel.look_up()
    await stage.settle()
    stage.panel.found.current_changed.emit(stage.panel.results.keys()[0])
    await stage.settle()
    assert stage.panel.note.isVisible()
    assert stage.panel.note.text.toPlainText() == "waited for the retest"
    stage.panel.search.clear()
    stage.panel.look_up()
    assert stage.panel.trades.isVisible()


async def test_a_file_beside_an_entry(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "chart.png").write_bytes(b"picture")
    stage.panel.note.follow(DAY)
    stage.panel.note.attach(str(tmp_path / "chart.png"))
    await stage.settle()
    [file] = await stage.store.attachments("DEMO-1", DAY)
    assert stage.commands.path_of(file).read_bytes() == b"picture"
    await stage.settle()
    assert stage.panel.note.files.shown == [file]
    stage.panel.note.attach(str(tmp_path / "none.png"))
    await stage.settle()
    assert "The entry is as it was" in stage.panel.note.told.toolTip()


async def test_groups(stage: Stage) -> None:
    stage.trade(1, 50)
    stage.panel._left_tabs.button(3).click()
    stage.panel.by.setCurrentText("weekday")
    await stage.settle()
    [(texts, _)] = stage.panel.grouped.visible_rows()
    assert texts[:3] == ["Tuesday", "1", "+$50.00"]


async def test_a_day_of_the_calendar_is_looked_at(stage: Stage) -> None:
    stage.trade(1, 50, day=-1)
    stage.panel._left_tabs.button(1).click()
    await stage.settle()
    calendar = stage.panel.calendar
    cell = calendar.cell_of(date(2018, 1, 1))
    assert cell is not None
    QTest.mouseClick(calendar, Qt.MouseButton.LeftButton, pos=cell.center().toPoint())
    assert stage.panel.day == "2018-01-01"
    assert "+$50.00, 1 trade, 1 won, 0 lost" in calendar.accessibleDescription()
    QTest.keyClick(calendar, Qt.Key.Key_Down)
    assert stage.panel.day == DAY
    await stage.settle()


@pytest.fixture
def calendar(qapp: QApplication) -> HeatCalendar:
    made = HeatCalendar(Theme())
    made.resize(400, 160)
    results = {DAY: DayResult(50.0, 2, 1, 1)}
    made.show_days(results, {DAY}, date(2018, 1, 5), DAY)
    return made


def test_days_have_their_place_and_the_future_none(calendar: HeatCalendar) -> None:
    for day in (date(2018, 1, 5), date(2018, 1, 1), date(2017, 12, 31)):
        cell = calendar.cell_of(day)
        assert cell is not None
        assert calendar.day_at(cell.center().toPoint()) == day
    assert calendar.cell_of(date(2018, 1, 6)) is None
    assert calendar.day_at(QPoint(2, 2)) is None
    assert calendar.told(date(2018, 1, 2)).endswith("2 trades, 1 won, 1 lost, with a note")
    assert calendar.told(date(2018, 1, 3)).endswith("no trade was closed")


def test_keys_go_back_beyond_what_is_seen(calendar: HeatCalendar) -> None:
    for _ in range(60):
        QTest.keyClick(calendar, Qt.Key.Key_Left)
    told = date.fromisoformat(calendar.chosen)
    assert (date(2018, 1, 2) - told).days == 420
    assert calendar.cell_of(told) is not None


class Still:
    def __init__(self) -> None:
        self.pulled = 0
        self.told = StillKeys(str(n) for n in range(1000))

    def keys(self) -> list[str]:
        return self.told

    def row(self, key: str) -> Row:
        self.pulled += 1
        return Row((int(key),))


def test_rows_that_never_change_are_looked_at_once() -> None:
    source = Still()
    table = Table([Column("n", "N", str)], source)
    assert table.sync()
    assert not table.sync()
    table.sort_by(0, descending=True)
    assert table.keys[0] == "999"
    before = source.pulled
    assert not table.sync()
    assert not table.resort()
    assert source.pulled == before
    source.told = StillKeys(["5", "7"])
    assert table.sync()
    assert table.keys == ["7", "5"]


@pytest.mark.parametrize("width", [480, 700, 1400])
async def test_every_figure_is_wholly_seen_however_narrow_the_panel(
    stage: Stage, width: int
) -> None:
    stage.trade(1, 123456, stop="90")
    stage.panel.resize(width, 320)
    await stage.settle()
    stage.panel.refresh()
    QApplication.processEvents()
    view = stage.panel.statistics
    rows = [row.value for row in view._rows.values()]
    assert any(value.text() == "+$123,456.00" for value in rows)
    for value in rows:
        area = view.findChild(TallArea)
        assert area is not None
        right = value.mapTo(area, QPoint(value.width(), 0)).x()
        assert right <= area.viewport().width()
        assert value.width() >= value.sizeHint().width()


async def test_a_list_of_which_nothing_was_kept_says_so(qapp: QApplication) -> None:
    changed: list[None] = []
    rules = TickList(Theme(), "Rules followed", lambda: changed.append(None))
    rules.show_ticks(("Stop first", "No news"), ())
    assert rules.ticks() == ()  # nobody has said anything yet
    box = rules.findChildren(QCheckBox)[0]
    box.click()
    box.click()
    assert rules.ticks() == (Tick("Stop first", done=False), Tick("No news", done=False))
    rules.show_ticks(("Stop first",), ())
    assert rules.ticks() == ()
    rules.show_ticks((), (Tick("Stop first", done=False),))
    assert rules.ticks() == (Tick("Stop first", done=False),)
    rules.deleteLater()


def test_a_period_is_called_shortly_beside_its_span() -> None:
    told = [Period(span, DAY).short("2018-03-01") for span in Span]
    assert told == ["Tue 2 Jan", "Week of 1 Jan", "January", "2018", ""]
    assert Period(Span.DAY, DAY).short("2019-03-01") == "Tue 2 Jan 2018"


STATEMENT = """Date,Time,Symbol,Side,Qty,Price,Fees
2016-03-01,09:31:22,XMPL,buy,100,50.10,1.00
2016-03-01,10:15:00,XMPL,sell,100,51.20,1.05
2016-03-02,10:00:00,GONE,sell to close,5,20,0
"""


class Desk:
    """A panel in a folder whose ledger holds another account."""

    def __init__(self, stage: Stage, folder: Path, account: str = "") -> None:
        self.stage, self.folder = stage, folder
        self.panel = JournalPanel(
            journal=stage.journal, store=stage.store, orders=lambda _id: None,
            commands=stage.commands, clock=stage.clock, bridge=stage.bridge, theme=Theme(),
            lists=JournalSettings(), shelf=Shelf(folder), account=account,
        )  # fmt: skip
        self.panel.resize(1000, 320)
        self.panel.show()

    @property
    def chooser(self) -> AccountChooser:
        return self.panel.accounts.chooser

    async def add(self) -> None:
        file = self.folder / "trades.csv"
        file.write_text(STATEMENT)
        await import_beside(self.folder, self.stage.store, Ask(file=file, account="mine"))

    async def choose(self, account: str) -> None:
        self.chooser.chosen.emit(account)
        await self.stage.settle()

    def rows(self) -> list[list[str]]:
        return [texts for texts, _ in self.panel.trades.visible_rows()]


@pytest.fixture
async def desk(stage: Stage, tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(stage, tmp_path)
    await made.add()
    await stage.settle()
    made.panel.accounts.read()
    await stage.settle()
    yield made
    await stage.settle()
    made.panel.hide()
    made.panel.deleteLater()


async def test_an_imported_account_is_looked_at_and_left_again(stage: Stage, desk: Desk) -> None:
    stage.trade(1, 50)
    assert [desk.chooser.itemData(n) for n in range(desk.chooser.count())] == ["DEMO-1", "mine"]
    assert not desk.panel.accounts.remembered
    await desk.choose("mine")
    [row] = desk.rows()  # on its own last day, not on the session's
    assert row[1] == "XMPL"
    assert desk.panel.day == "2016-03-01"
    assert desk.panel.accounts.remembered == "mine"
    assert desk.panel.accounts.unmatched.text().startswith("1 not matched")
    assert "GONE" in desk.panel.accounts.unmatched.toolTip()
    await desk.choose("DEMO-1")
    assert [row[6] for row in desk.rows()] == ["+$50.00"]
    assert not desk.panel.accounts.unmatched.isVisible()


async def test_an_entry_of_another_account_is_kept_there(stage: Stage, desk: Desk) -> None:
    await desk.choose("mine")
    note = desk.panel.note
    note.text.setPlainText("bought the retest")
    note.tags.setText("setup/retest")
    note.save()
    await stage.settle()
    entry = await stage.store.entry("mine", "2016-03-01")
    assert entry is not None
    assert (entry.note, entry.tags) == ("bought the retest", ("setup/retest",))
    assert "1 trade closed on Tuesday, 1 March 2016" in entry.drafted
    assert await stage.store.entry("DEMO-1", "2016-03-01") is None


async def test_what_is_typed_is_not_lost_to_another_account(stage: Stage, desk: Desk) -> None:
    desk.panel.note.text.setPlainText("not saved")
    await desk.choose("mine")
    assert desk.chooser.account == "DEMO-1"
    assert desk.panel.note.text.toPlainText() == "not saved"
    assert "save it" in desk.panel.note.told.accessibleName()


async def test_an_account_that_was_taken_back_is_left(stage: Stage, desk: Desk) -> None:
    await desk.choose("mine")
    [batch] = await stage.store.imports()
    await stage.store.withdraw_import(batch.batch_id, 1)
    desk.panel.accounts.changed(("mine",))
    await stage.settle()
    assert desk.chooser.account == "DEMO-1"
    assert not desk.chooser.isVisible()  # there is nothing left to choose


async def test_the_account_looked_at_last_is_shown_again(stage: Stage, desk: Desk) -> None:
    again = Desk(stage, desk.folder, account="mine")
    assert again.panel.accounts.remembered == "mine"  # also before it was read
    stage.bridge.flush()
    await eventually(lambda: again.chooser.account == "mine" and bool(again.rows()))
    gone = Desk(stage, desk.folder, account="nobody")
    stage.bridge.flush()
    await stage.settle()
    assert (gone.chooser.account, gone.panel.accounts.remembered) == ("DEMO-1", "")
    for made in (again, gone):
        made.panel.hide()
        made.panel.deleteLater()
