"""The whole window on a real core: the simulated market, the paper broker, the real store."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from datetime import date
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)

from cockpit.adapters.writers.template import TemplateWriter
from cockpit.app.launch import Launch
from cockpit.app.lifecycle import Session
from cockpit.app.limits.lockout import LockedOutError
from cockpit.domain.account import Mode
from cockpit.domain.alert import Severity
from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.limits import TradingState
from cockpit.ports.writer import Draft, DraftRequest
from cockpit.ui.bridge import Bridge
from cockpit.ui.landmarks import shown_text
from cockpit.ui.main_window import MainWindow
from cockpit.ui.panels.lockout_banner import LockoutBanner
from cockpit.ui.theme import Motion, Scheme, Theme
from cockpit.ui.words import order_sentence
from cockpit.ui.workspace import Workspace
from tests.support import eventually

CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit,
    QPlainTextEdit, QTextEdit,
)  # fmt: skip


def demo(folder: Path) -> Launch:
    return Launch(
        mode=Mode.DEMO,
        data_dir=folder,
        feed="synthetic",
        options={"day": date(2026, 3, 3), "seed": 7, "start": "09:36"},
        broker_options={"seed": 7},
        strategies=("opening-range-breakout",),
        speed=1.0,
    )


class Stage:
    """A window over a running core, and what its conversations were started as."""

    def __init__(self, window: MainWindow, core, bridge: Bridge) -> None:
        self.window, self.core, self.bridge = window, core, bridge
        self.deck, self.menus = window.deck, window.menus


@pytest.fixture
async def stage(qapp, tmp_path):
    qapp.setQuitOnLastWindowClosed(False)
    theme = Theme()
    theme.dress(qapp)
    session = Session(demo(tmp_path))
    core = await session.start()
    bridge = Bridge(core.bus)
    window = MainWindow(theme, Workspace(), "the demo")
    tasks: set[asyncio.Task[None]] = set()

    def spawn(body: Coroutine, name: str) -> None:
        tasks.add(asyncio.get_running_loop().create_task(body, name=name))

    window.resize(1366, 768)
    assert window.attach(core, bridge, spawn)
    window.show()
    await eventually(lambda: window.deck.approvals.cards, within=120)
    yield Stage(window, core, bridge)
    for task in tasks:
        task.cancel()
    window.finish()
    bridge.close()
    await session.stop()
    window.deleteLater()
    qapp.setStyleSheet("")


async def open_dialog(window: QWidget) -> QDialog:
    def shown() -> list[QDialog]:
        return [d for d in window.findChildren(QDialog) if d.isVisible()]

    return (await eventually(shown))[0]


async def test_a_key_approves_and_the_position_and_the_day_move(stage, qtbot):
    before = stage.deck.header.day.text()
    await eventually(stage.window.isActiveWindow)
    order_id = next(iter(stage.deck.approvals.cards))
    qtbot.keyClick(stage.window, Qt.Key.Key_A)
    await eventually(lambda: order_id not in stage.deck.approvals.cards)
    await eventually(stage.core.portfolio.open_positions, within=20, what="the fill")
    await eventually(lambda: stage.deck.header.day.text() != before, within=10)
    symbol = stage.core.portfolio.open_positions()[0].symbol
    assert stage.core.orders.get(order_id).symbol == symbol


async def test_a_click_kills_and_nothing_is_sent(stage, qtbot):
    order_id, card = next(iter(stage.deck.approvals.cards.items()))
    qtbot.mouseClick(card.kill_button, Qt.MouseButton.LeftButton)
    await eventually(lambda: order_id not in stage.deck.approvals.cards)
    order = stage.core.orders.get(order_id)
    assert order.state.terminal
    assert order.venue_order_id is None
    assert stage.core.portfolio.open_positions() == []


async def test_a_key_arms_the_header_says_so_and_a_halt_disarms(stage, qtbot):
    header, core = stage.deck.header, stage.core
    assert header.arming.text == "DISARMED"
    await eventually(lambda: core.arming.why_not() == "", within=20, what="all checks are green")
    await eventually(stage.window.isActiveWindow)
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(stage.window, Qt.Key.Key_A, keys)
    await eventually(lambda: header.arming.text == "ARMED", within=10)
    touched = core.arming._touched_ns
    qtbot.keyClick(stage.window.windowHandle(), Qt.Key.Key_Escape)
    assert core.arming._touched_ns > touched
    qtbot.mouseClick(header.arming, Qt.MouseButton.LeftButton)
    await eventually(stage.deck.panels["health"].isVisible)
    stage.menus.all["Halt trading"].trigger()
    await eventually(lambda: header.arming.text == "DISARMED")
    assert not core.arming.armed


async def test_the_kill_switch_halts_and_says_what_the_broker_confirmed(stage, qtbot):
    button = stage.deck.header.kill_button
    with qtbot.waitSignal(button.fired, timeout=int(Motion.HOLD) * 5):
        qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    await eventually(lambda: stage.core.switch.state is TradingState.HALTED)
    await eventually(lambda: "Kill switch fired" in " ".join(stage.window.actions_.toasts.shown()))
    assert stage.core.approvals.waiting() == []
    await eventually(lambda: stage.deck.header.state.text == "TRADING HALTED")


async def test_a_read_only_broker_is_not_shown_as_trading(stage):
    header = stage.deck.header
    assert header.state.text == "TRADING ACTIVE"
    lamp = Connection(
        name="robinhood", kind="broker", health=Health.UP, label="READ ONLY", read_only=True
    )
    feed = Connection(name="robinhood", kind="feed", health=Health.UP)
    for one in (lamp, feed):
        stage.core.bus.publish(ConnectionChanged(connection=one, ts_event=0, ts_init=0))
    await eventually(lambda: header.state.text == "READ ONLY")
    await eventually(lambda: "feed/robinhood" in header._lamps)
    names = {lamp.accessibleName() for lamp in header._lamps.values()}
    assert {"robinhood: up READ ONLY", "robinhood feed: up"} <= names


async def test_the_menu_exports_a_recap_into_a_real_file(stage, tmp_path):
    stage.menus.all["Export recap..."].trigger()
    dialog = await open_dialog(stage.window)
    target = tmp_path / "out" / "recap.md"
    target.parent.mkdir()
    dialog.path.setText(str(target))
    dialog.accept()
    toasts = stage.window.actions_.toasts
    await eventually(lambda: "Recap exported" in " ".join(toasts.shown()), within=10)
    told = stage.deck.recap.told
    await eventually(lambda: told.toolTip() == f"Exported to {target}", within=10)
    assert target.read_text(encoding="utf-8").strip()


async def test_a_figure_of_the_recap_opens_its_fact(stage):
    panel = stage.deck.recap
    panel.draft()
    await eventually(panel.text.toPlainText, within=10)
    links = re.findall(r'href="(fact:[^"]+)"', panel.text.toHtml())
    assert links
    panel.text.anchorClicked.emit(QUrl(links[0]))
    assert "Formula:" in panel.fact.toPlainText()
    assert "facts" in panel.told.toolTip()


async def test_a_recap_is_chosen_by_kind_and_told_by_whom(stage):
    panel = stage.deck.recap
    panel.choice.kinds.setCurrentIndex(panel.choice.kinds.findData("devlog"))
    panel.draft()
    assert not panel.draft_button.isEnabled()
    await eventually(lambda: panel.shown is not None, within=60)
    assert panel.shown.kind == "devlog"
    assert "-W" in panel.shown.day
    await eventually(panel.draft_button.isEnabled)
    assert "written by template" in panel.told.toolTip()
    panel.copy()
    assert QGuiApplication.clipboard().text() == panel.shown.markdown


async def test_a_recap_is_approved_and_opened_again(stage):
    panel = stage.deck.recap
    panel.choice.kinds.setCurrentIndex(panel.choice.kinds.findData("digest"))
    panel.draft()
    await eventually(lambda: panel.shown is not None, within=60)
    assert panel.told.toolTip().startswith("Draft: digest")
    panel.approve_button.click()
    await eventually(lambda: panel.shown.approved_ns is not None, within=20)
    assert panel.told.toolTip().startswith("Approved on ")
    assert not panel.approve_button.isEnabled()
    panel.earlier.button.click()
    await eventually(panel.earlier.menu.actions, within=20)
    (action,) = panel.earlier.menu.actions()
    assert action.text() == f"Market digest, {panel.shown.day}, approved, by template"
    panel.earlier.menu.close()
    store, shown = stage.core.store, panel.shown
    later = await store.save_recap(msgspec.structs.replace(shown, kind="daily", approved_ns=None))
    await store.mark_recaps_stale(shown.account_id, shown.day)
    panel.open(later.recap_id)
    await eventually(lambda: panel.told.toolTip().startswith("Stale: "), within=20)
    assert not panel.approve_button.isEnabled()
    panel.tell_exported(Path("recap.md"))
    assert panel.told.toolTip().startswith("Exported to recap.md. Stale: ")
    panel.approve()
    await eventually(lambda: "Not approved" in panel.told.toolTip(), within=20)


async def test_a_recap_that_is_called_off_is_not_kept(stage, monkeypatch):
    panel, begun = stage.deck.recap, asyncio.Event()

    async def slow(_writer: TemplateWriter, _request: DraftRequest) -> Draft:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody ends this")

    monkeypatch.setattr(TemplateWriter, "draft", slow)
    panel.draft()
    await begun.wait()
    await eventually(lambda: panel.told.toolTip() == "Writing...")
    panel.cancel_button.click()
    await eventually(panel.draft_button.isEnabled, within=20)
    assert "Called off" in panel.told.toolTip()
    assert panel.cancel_button.isHidden()
    assert await stage.core.store.recaps(stage.core.account_id) == []


async def test_a_note_is_kept_in_the_journal(stage):
    panel = stage.deck.panels["journal"]
    panel.note.follow(panel.day)
    panel.note.text.setPlainText("Waited for the range.")
    panel.note.tags.setText("patience, #patience, opening")
    panel.note.save()
    await eventually(lambda: panel.note.told.toolTip() == "Saved", within=10)
    entry = await stage.core.store.entry(stage.core.account_id, panel.day)
    assert (entry.note, entry.tags) == ("Waited for the range.", ("patience", "opening"))


async def test_quitting_asks_when_something_is_open(stage):
    stage.core.commands.pause()
    answer = asyncio.get_running_loop().create_task(stage.window.actions_.may_quit())
    dialog = await open_dialog(stage.window)

    def all_told() -> bool:
        waiting = stage.core.approvals.waiting()
        told = " ".join(part.text() for part in dialog.findChildren(QLabel))
        named = all(order_sentence(request.order.intent) in told for request in waiting)
        return bool(waiting) and f"{len(waiting)} waiting proposal" in told and named

    await eventually(all_told)
    dialog.reject()
    assert await answer is False


async def test_a_note_that_is_not_saved_is_saved_on_the_way_out(stage):
    note = stage.deck.journal.note
    stage.deck.docks.show_panel("journal")
    stage.deck.journal.show_entry()
    await eventually(note.title.accessibleName)
    note.text.setPlainText("Waited for the range.")
    answer = asyncio.get_running_loop().create_task(stage.window.actions_.may_quit())
    dialog = await open_dialog(stage.window)
    told = " ".join(shown_text(widget) for widget in dialog.findChildren(QWidget))
    assert "is not saved" in told
    buttons = {button.text(): button for button in dialog.findChildren(QAbstractButton)}
    assert set(buttons) == {"Stay", "Quit without saving", "Save and quit"}
    buttons["Save and quit"].click()
    assert await answer is True
    kept = await stage.core.journal.entries.versions(stage.deck.journal.day)
    assert kept[0].note == "Waited for the range."
    assert note.unsaved == ""


async def test_quitting_without_saving_leaves_the_note_as_it_was(stage):
    note = stage.deck.journal.note
    stage.deck.docks.show_panel("journal")
    stage.deck.journal.show_entry()
    await eventually(note.title.accessibleName)
    note.text.setPlainText("Never mind.")
    answer = asyncio.get_running_loop().create_task(stage.window.actions_.may_quit())
    dialog = await open_dialog(stage.window)
    buttons = {button.text(): button for button in dialog.findChildren(QAbstractButton)}
    buttons["Quit without saving"].click()
    assert await answer is True
    assert not await stage.core.journal.entries.versions(stage.deck.journal.day)


async def test_journal_and_recap_have_the_room_of_the_chart(stage):
    """Below they had 160 pixels of height on a small screen: words need more than rows."""
    for name in ("journal", "recap"):
        stage.deck.docks.show_panel(name)
        panel = stage.deck.panels[name]
        await eventually(panel.isVisible)
        assert panel.height() > 300, name
        assert stage.deck.panels["positions"].isVisible()
    stage.deck.docks.show_panel("chart")
    await eventually(stage.deck.chart.isVisible)


async def test_resuming_needs_the_typed_word(stage):
    await stage.core.commands.halt("for a test")
    stage.menus.all["Resume trading..."].trigger()
    dialog = await open_dialog(stage.window)
    buttons = {b.text(): b for b in dialog.findChildren(QAbstractButton)}
    assert not buttons["Resume trading"].isEnabled()
    dialog.findChild(QLineEdit).setText("resume")
    buttons["Resume trading"].click()
    await eventually(lambda: stage.core.switch.state is TradingState.ACTIVE)


async def test_every_control_has_a_name(stage):
    nameless = [
        f"{type(w).__name__} {w.objectName()} in {type(w.parent()).__name__}"
        for w in stage.window.findChildren(QWidget)
        if isinstance(w, CONTROLS)
        and not isinstance(w, QScrollBar)
        and w.isVisibleTo(stage.window)
        and not (w.accessibleName() or shown_text(w) or w.toolTip())
    ]
    assert nameless == []


@pytest.mark.qt_log_ignore("qUncompress: Input data is corrupted")  # it is, on purpose
async def test_the_layout_comes_back_and_a_damaged_one_falls_back(stage):
    docks = stage.deck.docks
    kept = docks.save()
    docks.show_panel("recap")
    assert docks.save() != kept
    assert docks.restore(kept)
    assert docks.save() == kept
    assert not docks.restore(b"no layout at all")
    assert docks.save() == kept
    stage.menus.all["Restore default layout"].trigger()
    assert stage.window.workspace().docks


async def test_the_look_changes_while_running(stage, qapp):
    stage.menus.all["Light"].trigger()
    stage.menus.all["Gains blue, losses orange"].trigger()
    stage.menus.all["Reduce motion"].trigger()
    saved = stage.window.workspace()
    assert (saved.scheme, saved.blue_orange) == (Scheme.LIGHT, True)
    assert saved.reduced_motion
    assert stage.deck.watchlist.blotter.table.flash_ms == 0


async def test_nothing_is_clipped_at_the_smallest_supported_size(stage):
    stage.window.resize(1366, 768)
    card = next(iter(stage.deck.approvals.cards.values()))
    panel = stage.deck.approvals
    await eventually(lambda: card.width() > 0)
    for button in (card.approve_button, card.edit_button, card.kill_button):
        assert button.width() >= button.fontMetrics().horizontalAdvance(button.text())
        right = button.mapTo(panel, button.rect().topRight()).x()
        assert right <= panel.width()
    header = stage.deck.header
    kill = header.kill_button
    assert kill.mapTo(header, kill.rect().topRight()).x() <= header.width()


async def test_no_word_of_the_header_is_cut_on_the_smallest_usual_screen(stage):
    header = stage.deck.header
    stage.window.setWindowState(Qt.WindowState.WindowNoState)
    stage.window.resize(1366, 768)
    await eventually(lambda: header._lamps and header.width() == 1366)
    await eventually(
        lambda: header.reason.text() and header.reason.text() == header.reason.accessibleName(),
        what="the whole reason",
    )
    for lamp in header._lamps.values():
        assert lamp.width() >= lamp.sizeHint().width()
    assert header.risk.width() >= header.risk.sizeHint().width()


async def test_the_gauges_lead_to_the_risk_panel(stage, qtbot):
    qtbot.mouseClick(stage.deck.header.risk, Qt.MouseButton.LeftButton)
    await eventually(stage.deck.risk.isVisible)
    await eventually(lambda: stage.deck.risk.lines)


async def test_a_day_that_lost_too_much_is_over_and_the_banner_says_why(stage):
    why = "The day's loss: 4,120.5 USD, the limit is 4,000."
    stage.core.lockout.limit_crossed(why)
    stage.bridge.flush(heartbeat=True)
    banner = stage.deck.findChild(LockoutBanner)
    assert banner.isVisible()
    assert banner.text.text().startswith(f"{why} Trading is locked until 00:00 New York time on ")
    assert banner.text.text().endswith(" left. Closing and cancelling go on.")
    assert banner.property("tone") == "critical"
    stage.menus.all["Resume trading..."].trigger()
    shown = stage.window.actions_.toasts.shown
    await eventually(lambda: any(why in text and "can be resumed" in text for text in shown()))
    assert stage.core.switch.state is TradingState.HALTED


async def test_the_count_of_alerts_is_as_grave_as_the_gravest_of_them(stage):
    alerts, pill = stage.core.alerts, stage.deck.header.alerts
    for alert in alerts.active():
        alerts.acknowledge(alert.key)
    stage.bridge.flush()
    assert (pill.text, pill.role, pill.solid) == ("0 alerts", "muted", False)
    alerts.raise_("one", Severity.WARNING, "One", "It is near.", "test")
    alerts.raise_("two", Severity.CRITICAL, "Two", "It is here.", "test")
    stage.bridge.flush()
    assert (pill.text, pill.role, pill.solid) == ("1 critical +1", "critical", True)
    assert pill.toolTip().startswith("2 not acknowledged: 1 critical, 1 warning.")
    alerts.acknowledge("two")
    stage.bridge.flush()
    assert (pill.text, pill.role, pill.solid) == ("1 alert", "warning", False)


async def test_a_day_that_is_done_stays_done_and_the_banner_counts_down(stage):
    stage.menus.all["Done for today..."].trigger()
    dialog = await open_dialog(stage.window)
    said = " ".join(one.text() for one in dialog.findChildren(QLabel))
    assert "A restart" not in said  # this session is simulated: nothing of it outlives the program
    assert "It holds for this simulated session" in said
    dialog.accept()
    await eventually(lambda: stage.core.switch.state is TradingState.HALTED)
    stage.bridge.flush(heartbeat=True)
    banner = stage.deck.findChild(LockoutBanner)
    assert banner.isVisible()
    assert "left. Closing and cancelling go on." in banner.text.text()
    stage.menus.all["Resume trading..."].trigger()
    shown = stage.window.actions_.toasts.shown
    await eventually(lambda: any("You called it a day" in text for text in shown()))
    with pytest.raises(LockedOutError):
        await stage.core.commands.resume()
    assert stage.core.switch.state is TradingState.HALTED
