"""The venue changes behind the cockpit's back: the window says so, and a person settles it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget

from cockpit.app.launch import Launch
from cockpit.app.lifecycle import Session
from cockpit.domain.account import Mode
from cockpit.domain.events import RecoveryChanged
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.position import Position
from cockpit.domain.recovery import RecoveryPhase
from cockpit.kernel.clock import SECOND
from cockpit.trading.recovery.settlement import UNKNOWN_FOR_NS
from cockpit.ui.bridge import Bridge
from cockpit.ui.main_window import MainWindow
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.blotter_paint import ROW_HEIGHT
from cockpit.ui.workspace import Workspace
from tests.support import eventually

D = Decimal


class Stage:
    """A window over a running core, and the venue behind it."""

    def __init__(self, window: MainWindow, session: Session, bridge: Bridge) -> None:
        assembly = session._assembly
        assert assembly is not None
        assert window.deck is not None
        self.window, self.deck, self.core = window, window.deck, assembly.core
        self.desk, self.bridge = assembly.desk, bridge
        self.symbol = self.core.book.symbols[0]

    @property
    def venue(self):
        return self.desk.broker._venue

    def venue_holds(self, quantity: int, symbol: str = "") -> None:
        """Somebody traded past the cockpit."""
        name = symbol or self.symbol
        held = Position(
            account_id=self.core.account_id, symbol=name, quantity=D(quantity),
            average_cost=D(100),
        )  # fmt: skip
        self.venue._money._positions[name] = held

    def order(self, name: str, state: OrderState, **more: object) -> Order:
        intent = OrderIntent(
            intent_id=name, account_id=self.core.account_id, symbol=self.symbol, side=Side.BUY,
            type=OrderType.LIMIT, quantity=D(10), limit_price=D("10.00"),
        )  # fmt: skip
        now = self.core.clock.now_ns()
        order = Order(
            client_order_id=name, intent=intent, state=state, created_ns=now, updated_ns=now
        )
        return msgspec.structs.replace(order, **more)

    async def blocked(self) -> None:
        self.desk.recovery.request("a test")
        await eventually(lambda: self.core.recovery.phase is RecoveryPhase.BLOCKED, within=10)
        await eventually(self.deck.recovery.isVisible)

    async def dialog(self) -> QDialog:
        def shown() -> list[QDialog]:
            return [d for d in self.window.findChildren(QDialog) if d.isVisible()]

        return (await eventually(shown))[0]


@pytest.fixture
async def stage(qapp: QApplication, tmp_path: Path) -> AsyncIterator[Stage]:
    qapp.setQuitOnLastWindowClosed(False)
    theme = Theme()
    theme.dress(qapp)
    launch = Launch(
        mode=Mode.DEMO,
        data_dir=tmp_path,
        feed="synthetic",
        options={"day": date(2026, 3, 3), "seed": 7, "start": "09:36"},
        broker_options={"seed": 7},
        strategies=(),
        speed=4.0,
    )
    session = Session(launch)
    core = await session.start()
    bridge = Bridge(core.bus)
    window = MainWindow(theme, Workspace(), "the demo")
    tasks: set[asyncio.Task[None]] = set()

    def spawn(body: Coroutine[object, object, None], name: str) -> None:
        tasks.add(asyncio.get_running_loop().create_task(body, name=name))

    window.resize(1366, 768)
    assert window.attach(core, bridge, spawn)
    window.show()
    yield Stage(window, session, bridge)
    for task in tasks:
        task.cancel()
    window.finish()
    bridge.close()
    await session.stop()
    window.deleteLater()
    qapp.setStyleSheet("")


async def click(qtbot, target: QPushButton) -> None:
    """Press it where it is seen, once it is laid out there."""
    window = target.window()

    def on_top() -> bool:
        return window.childAt(target.mapTo(window, target.rect().center())) is target

    await eventually(on_top, what=f"{target.text()!r} on screen")
    qtbot.mouseClick(target, Qt.MouseButton.LeftButton)


def button(of: QWidget, text: str) -> QPushButton:
    return next(b for b in of.findChildren(QPushButton) if b.text() == text)


async def test_a_difference_blocks_is_told_and_is_accepted_by_mouse(stage: Stage, qtbot) -> None:
    deck = stage.deck
    assert not deck.recovery.isVisible()
    assert not deck.header.recovery.isVisible()
    stage.venue_holds(20)
    await stage.blocked()
    assert deck.header.recovery.text == "BLOCKED"
    assert f"{stage.symbol}: 0 here, 20 at the broker" in deck.header.recovery.toolTip()
    assert f"{stage.symbol}: 0 here, 20 at the broker" in deck.recovery.text.text()
    phases: list[RecoveryPhase] = []
    shown: list[bool] = []
    stage.core.bus.subscribe(RecoveryChanged, lambda event: phases.append(event.phase))
    stage.bridge.on_frame(lambda _frame: shown.append(deck.recovery.isVisible()))
    await click(qtbot, deck.recovery.again)
    await eventually(lambda: phases[:1] == [RecoveryPhase.RECOVERING], within=10)
    await eventually(lambda: phases[-1] is RecoveryPhase.BLOCKED, within=20)
    await eventually(deck.recovery.again.isEnabled)
    assert all(shown)

    await click(qtbot, deck.recovery.accept)
    dialog = await stage.dialog()
    await click(qtbot, button(dialog, f"Accept {stage.symbol}"))
    await eventually(lambda: stage.core.recovery.phase is RecoveryPhase.READY, within=10)
    await eventually(lambda: not deck.recovery.isVisible())
    assert not deck.header.recovery.isVisible()
    assert stage.core.portfolio.position(stage.symbol).quantity == 20
    assert stage.core.orders.all() == []
    assert "Not ready to trade" not in [alert.title for alert in stage.core.alerts.active()]
    tip = deck.panels["positions"].blotter.table.live(0).tip
    assert tip.startswith("Accepted as the broker has it: set to 20 at 100.00")


async def test_of_two_differences_one_is_accepted_and_the_other_stays(stage: Stage, qtbot) -> None:
    other = stage.core.book.symbols[1]
    stage.venue_holds(20)
    stage.venue_holds(-5, other)
    await stage.blocked()
    await click(qtbot, stage.deck.recovery.accept)
    dialog = await stage.dialog()
    assert not button(dialog, "Accept").isEnabled()
    dialog.boxes[other].click()
    await click(qtbot, button(dialog, f"Accept {other}"))
    await eventually(lambda: stage.core.portfolio.position(other).quantity == -5, within=10)
    await eventually(lambda: [d.symbol for d in stage.core.recovery.differences] == [stage.symbol])
    assert stage.core.portfolio.position(stage.symbol).flat


async def test_what_changed_since_the_look_is_not_accepted(stage: Stage, qtbot) -> None:
    stage.venue_holds(20)
    await stage.blocked()
    await click(qtbot, stage.deck.recovery.accept)
    dialog = await stage.dialog()
    stage.venue_holds(25)
    await click(qtbot, button(dialog, f"Accept {stage.symbol}"))
    toasts = stage.window.actions_.toasts
    await eventually(lambda: "has changed since you looked" in " ".join(toasts.shown()))
    assert stage.core.portfolio.position(stage.symbol).flat


async def test_an_order_from_elsewhere_is_marked_and_can_be_cancelled(stage: Stage, qtbot) -> None:
    theirs = stage.order("theirs", OrderState.DRAFT)
    stage.venue.submit(theirs, stage.core.clock.now_ns())
    stage.desk.recovery.request("a test")
    await eventually(lambda: stage.core.recovery.phase is RecoveryPhase.READY, within=10)
    panel = stage.deck.orders
    stage.deck.docks.show_panel("orders")
    await eventually(lambda: panel.blotter.table.keys == ["theirs"])
    row = panel.blotter.table.live(0)
    assert row.texts[-1] == "from elsewhere"
    assert "Made elsewhere" in row.tip
    qtbot.mouseMove(panel.blotter.viewport(), QPoint(20, ROW_HEIGHT // 2))
    [(_, box)] = panel.blotter._button_boxes(0)
    qtbot.mouseClick(panel.blotter.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    ended = stage.core.orders.get
    await eventually(lambda: ended("theirs").state is OrderState.CANCELED, within=10)


async def test_an_unanswered_order_is_declared_absent_after_a_minute(
    stage: Stage, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = stage.order("lost", OrderState.UNKNOWN, reason_code="SUBMIT_UNKNOWN")
    await stage.core.store.save_order(lost)
    stage.core.orders.put(lost)
    panel = stage.deck.orders
    stage.deck.docks.show_panel("orders")
    await eventually(lambda: panel.blotter.table.keys == ["lost"])
    await eventually(lambda: panel.blotter.table.live(0).texts[-2].startswith("No answer since"))
    viewport = panel.blotter.viewport()
    asked: list[str] = []
    panel.resolve_requested.connect(asked.append)

    def press() -> None:
        boxes = {action.key: box for action, box in panel.blotter._button_boxes(0)}
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=boxes["resolve"].center())

    press()
    assert asked == []
    wall = stage.core.clock.now_ns
    monkeypatch.setattr(stage.core.clock, "now_ns", lambda: wall() + UNKNOWN_FOR_NS + SECOND)
    press()
    assert asked == []  # the clock was set forwards, and no time has passed
    aged = stage.core.clock.now_ns() - UNKNOWN_FOR_NS - SECOND
    stage.core.orders.put(msgspec.structs.replace(lost, updated_ns=aged))
    elapsed = stage.core.clock.elapsed_ns
    monkeypatch.setattr(stage.core.clock, "elapsed_ns", lambda: elapsed() + UNKNOWN_FOR_NS + SECOND)
    press()
    assert asked == ["lost"]
    dialog = await stage.dialog()
    await click(qtbot, button(dialog, "It is not there"))
    await eventually(lambda: stage.core.orders.get("lost").state is OrderState.CANCELED)
    toasts = stage.window.actions_.toasts
    await eventually(lambda: "The broker does not know it" in " ".join(toasts.shown()))
