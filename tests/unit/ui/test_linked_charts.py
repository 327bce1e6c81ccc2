"""Charts beside the first, link groups, and layouts that remember them, on a real core."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QWidget,
)

from cockpit.ui.chart_room import MOST
from cockpit.ui.dialogs.palette import Palette
from cockpit.ui.dialogs.ticket import Draft
from cockpit.ui.links import ALONE
from cockpit.ui.widgets.link_badge import LinkBadge
from cockpit.ui.workspace import PanelKept, Workspace
from tests.support import eventually
from tests.unit.ui.test_window import open_dialog, stage

__all__ = ["stage"]


def badge(stage, panel_id: str) -> LinkBadge:
    found = stage.deck.docks.badge(panel_id)
    assert isinstance(found, LinkBadge)
    return found


def other_symbols(stage) -> list[str]:
    return [s for s in stage.core.book.symbols if s != stage.deck.chart.symbol]


def swept(qapp: QApplication) -> None:
    """What was to be deleted later is deleted now."""
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


async def test_a_new_chart_has_a_group_of_its_own_and_is_closed_for_good(stage, qapp):
    first, listeners = stage.deck.chart, len(stage.bridge._listeners)
    stage.menus.all["New chart"].trigger()
    (panel_id,) = stage.deck.charts.further
    assert stage.deck.linked.current_id == panel_id, "what is asked for next is asked of it"
    chart = stage.deck.charts.panels[panel_id]
    assert (chart.link.group, chart.symbol) == (2, first.symbol)
    assert badge(stage, panel_id).accessibleName() == "Chart 2: link group 2"
    other = other_symbols(stage)[0]
    stage.deck.watchlist.link.choose(other)
    assert (first.symbol, chart.symbol != other) == (other, True)
    chart.set_timeframe(300)
    assert first.look.interval_s == 60
    gone = weakref.ref(chart)
    await eventually(lambda: len(gone().chart.content.candles) > 0)
    del chart
    stage.deck.linked.current_id = panel_id
    stage.menus.all["Close chart"].trigger()
    assert stage.deck.charts.further == []
    assert stage.deck.linked.current is first.link
    swept(qapp)
    assert gone() is None, "somebody still holds it"
    assert len(stage.bridge._listeners) == listeners
    stage.menus.all["Close chart"].trigger()
    assert "No chart to close" in " ".join(stage.window.actions_.toasts.shown())


async def test_a_tab_that_is_closed_takes_its_chart_along(stage):
    panel_id = stage.deck.charts.open()
    shown = {a.text(): a for a in stage.deck.docks.toggle_actions()}
    shown["Chart 2"].trigger()
    await eventually(lambda: stage.deck.charts.further == [])
    assert panel_id == "chart-2"
    assert "Chart 2" not in {a.text() for a in stage.deck.docks.toggle_actions()}


def cut_off(panel: QWidget) -> list[str]:
    """Controls that are narrower or lower than their words, or stand beyond the panel's edge."""
    found = []
    for part in panel.findChildren(QWidget):
        if not isinstance(part, QAbstractButton | QComboBox | QLineEdit) or not part.isVisible():
            continue
        least, area = part.minimumSizeHint(), part.rect().translated(part.mapTo(panel, QPoint()))
        whole = part.width() >= least.width() and part.height() >= least.height()
        scrolls = any(isinstance(each, QAbstractScrollArea) for each in above(part, panel))
        if not whole or not (scrolls or panel.rect().contains(area)):
            found.append(part.accessibleName() or type(part).__name__)
    return found


def above(part: QWidget, top: QWidget) -> Iterator[QWidget]:
    while part is not top:
        part = part.parentWidget()
        yield part


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
async def test_what_shares_the_place_of_a_halved_chart_is_not_cut_off(stage, size):
    window, journal, docks = stage.window, stage.deck.journal, stage.deck.docks
    await sized(stage, *size)
    stage.deck.charts.open()
    for panel_id in ("journal", "recap"):
        docks.show_panel(panel_id)
        panel = stage.deck.panels[panel_id]
        await eventually(lambda panel=panel: panel.isVisible() and panel.width() < size[0] // 2)
        assert cut_off(panel) == []
    docks.show_panel("journal")
    journal._right_tabs.button(1).click()
    await eventually(journal.note.isVisible)
    window.grab()  # what is laid out late is laid out now
    assert cut_off(journal) == []


async def sized(stage, width: int, height: int) -> None:
    """The window, and its panels in the default layout, at that size."""
    stage.window.setWindowState(Qt.WindowState.WindowNoState)
    stage.window.resize(width, height)
    await eventually(lambda: stage.deck.header.width() == width)
    stage.window.actions_.layouts.restore_default(stage.window.size())


@pytest.mark.parametrize("way", ["menu", "tab", "command"])
async def test_a_closed_chart_gives_its_room_to_the_one_beside_it(stage, way):
    await sized(stage, 1366, 768)
    stage.window.grab()
    before = [stage.deck.watchlist.width(), stage.deck.chart.width()]
    panel_id = stage.deck.charts.open()
    stage.window.grab()
    assert stage.deck.chart.width() < before[1]
    if way == "menu":
        {a.text(): a for a in stage.deck.docks.toggle_actions()}["Chart 2"].trigger()
    elif way == "tab":
        stage.deck.docks._docks[panel_id].requestCloseDockWidget()
    else:
        stage.menus.all["Close chart"].trigger()
    await eventually(lambda: stage.deck.charts.further == [])
    stage.window.grab()
    after = [stage.deck.watchlist.width(), stage.deck.chart.width()]
    assert all(abs(now - then) <= 2 for now, then in zip(after, before, strict=True)), after


async def test_there_is_an_end_to_charts(stage):
    opened = [stage.deck.charts.open() for _ in range(MOST)]
    assert opened[-1] is None
    assert len(stage.deck.charts.panels) == MOST
    stage.menus.all["New chart"].trigger()
    assert "No more charts" in " ".join(stage.window.actions_.toasts.shown())


async def test_a_chart_without_room_beside_is_a_tab(stage):
    charts, docks = stage.deck.charts, stage.deck.docks
    opened = [charts.open() for _ in range(3)]
    widths = [charts.panels[panel_id].width() for panel_id in ("chart", *opened)]
    assert min(widths) >= 320, "none is cut off at 1366 pixels"
    assert any(docks._docks[panel_id].isTabbed() for panel_id in opened)
    assert charts.panels[opened[-1]].isVisible(), "the new one is on top"


async def test_the_badge_is_reached_by_key_and_chooses_the_group(stage, qtbot):
    panel_id = stage.deck.charts.open()
    chart, mark = stage.deck.charts.panels[panel_id], badge(stage, panel_id)
    chart.link.choose(other_symbols(stage)[0])
    assert mark.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.keyClick(mark, Qt.Key.Key_Space)
    (menu,) = mark.findChildren(QMenu)
    words = [action.text() for action in menu.actions()]
    assert words[0] == f"Group &1, {stage.deck.chart.symbol}"
    assert words[-1] == "&Not linked"
    qtbot.keyClick(menu, Qt.Key.Key_1)
    assert (chart.link.group, chart.symbol) == (1, stage.deck.chart.symbol)
    assert "link group 1" in mark.accessibleName()
    assert "link group 1" in mark.toolTip()


async def test_the_palette_moves_the_panel_that_was_used_last(stage, qtbot):
    panel_id = stage.deck.charts.open()
    chart, first = stage.deck.charts.panels[panel_id], stage.deck.chart
    chart.link.join(ALONE)
    before, wanted = first.symbol, other_symbols(stage)[-1]
    await eventually(stage.window.isActiveWindow)
    chart.chart.setFocus()
    assert stage.deck.linked.current is chart.link
    stage.menus.all["Find anything..."].trigger()
    palette = await open_dialog(stage.window)
    palette.field.setText(wanted)
    palette.take()
    await eventually(lambda: chart.symbol == wanted)
    assert first.symbol == before


async def test_a_click_on_the_symbol_of_a_chart_chooses_another(stage, qtbot):
    panel_id = stage.deck.charts.open()
    chart, wanted = stage.deck.charts.panels[panel_id], other_symbols(stage)[1]
    before = stage.deck.chart.symbol
    qtbot.mouseClick(chart.tools.title, Qt.MouseButton.LeftButton)
    palette = await open_dialog(stage.window)
    assert isinstance(palette, Palette)
    palette.field.setText(wanted)
    palette.take()
    await eventually(lambda: chart.symbol == wanted)
    assert (chart.tools.title.text(), stage.deck.chart.symbol) == (wanted, before)


async def test_the_ticket_follows_the_chart_that_asks(stage):
    panel_id, orders = stage.deck.charts.open(), stage.window.actions_.orders
    chart, first = stage.deck.charts.panels[panel_id], stage.deck.chart
    mine, other = other_symbols(stage)[:2]
    chart.link.choose(mine)
    chart.order_requested.emit(Draft(symbol=mine, price=Decimal(10)))
    assert (orders.ticket.shown_symbol, orders.link.group) == (mine, 2)
    first.link.choose(other)
    assert orders.ticket.shown_symbol == mine, "another group"
    chart.link.choose(other)
    assert orders.ticket.shown_symbol == other
    orders.ticket.symbol.setText(mine.lower())
    orders.ticket.symbol.editingFinished.emit()
    assert (chart.symbol, first.symbol) == (mine, other)
    first.order_requested.emit(Draft(symbol=mine))
    assert orders.link.group == ALONE, "the first chart shows another symbol"
    assert orders.ticket.badge.accessibleName() == "Ticket: not linked"
    orders.ticket.reject()


async def test_charts_groups_and_looks_are_there_again_after_a_restart(stage, qapp):
    panel_id = stage.deck.charts.open()
    chart, symbols = stage.deck.charts.panels[panel_id], other_symbols(stage)
    chart.link.choose(symbols[0])
    chart.set_timeframe(900)
    stage.deck.orders.link.join(ALONE)
    stage.deck.orders.link.choose(symbols[1])
    kept = stage.window.workspace()
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Workspace) == kept
    stage.window.actions_.layouts.restore_default(stage.window.size())
    assert stage.deck.charts.further == []
    assert stage.deck.orders.link.group == 1
    stage.deck.linked.take(kept.panels)
    assert stage.deck.docks.restore(kept.docks_bytes)
    again = stage.deck.charts.panels[panel_id]
    assert again is not chart
    assert (again.symbol, again.look.interval_s, again.link.group) == (symbols[0], 900, 2)
    assert stage.deck.orders.link.symbol == symbols[1]
    assert stage.window.workspace().panels == kept.panels


async def test_each_layout_has_its_own_charts(stage):
    layouts, size = stage.window.actions_.layouts, stage.window.size()
    layouts.save_as("Two charts")
    stage.deck.charts.open()
    assert layouts.switch("Default", size)
    assert stage.deck.charts.further == []
    assert layouts.switch("Two charts", size)
    assert stage.deck.charts.further == ["chart-2"]
    kept = stage.window.workspace()
    assert set(kept.members) == {"Default", "Two charts"}
    layouts.remove("Two charts", size)
    assert set(stage.window.workspace().members) == {"Default"}
    assert stage.deck.charts.further == []


@pytest.mark.parametrize(
    "panels",
    [
        {"chart-2": PanelKept(group=77)},
        {"chart-99": PanelKept(), "tea": PanelKept()},
        {"chart-2": PanelKept(group=ALONE, symbol="NOBODY KNOWS IT")},
    ],
)
async def test_what_makes_no_sense_falls_back(stage, panels):
    stage.deck.linked.take(panels)
    assert set(stage.deck.charts.further) <= {"chart-2"}
    for panel_id in stage.deck.charts.further:
        chart = stage.deck.charts.panels[panel_id]
        assert chart.symbol in stage.core.book.symbols
        assert chart.link.group in {1, ALONE}


async def test_a_timeframe_that_is_not_offered_is_a_minute(stage):
    look = msgspec.structs.replace(stage.deck.chart.look, interval_s=61)
    stage.deck.linked.take({"chart-2": PanelKept(look=look)})
    assert stage.deck.charts.panels["chart-2"].look.interval_s == 60
