"""Cancelling everything: what protects a position and what waits is named before it goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from cockpit.domain.limits import TradingState
from cockpit.ui.dialogs.cancel_all import CancelAllDialog
from cockpit.ui.models.going import Going
from cockpit.ui.theme import Theme
from tests.support import eventually
from tests.unit.ui.test_window import open_dialog, stage

__all__ = ["stage"]
ONE, OTHER = "SELL 27 TALVO @ stop 163.79", "BUY 4 KORVA @ stop 310.00"
PLAIN, WAITS = "BUY 5 KORVA @ limit 300.00", "BUY 1 A @ market"
ALL = Going((ONE, OTHER, PLAIN), (ONE, OTHER), ("KORVA", "TALVO"), (WAITS,))


def asked(qtbot, look) -> CancelAllDialog:
    dialog = CancelAllDialog(Theme(), None, look)
    qtbot.addWidget(dialog)
    return dialog


def words(dialog: CancelAllDialog) -> str:
    return "\n".join(p.text() for p in dialog.findChildren(QLabel) if not p.isHidden())


def test_what_protects_and_what_waits_is_counted_and_named(qtbot):
    assert ALL.counted == "3 orders, 2 of them exits that protect KORVA, TALVO; 1 proposal"
    told = words(asked(qtbot, lambda: ALL))
    assert ALL.counted in told
    assert all(one in told for one in (ONE, OTHER, PLAIN, WAITS))
    assert "nothing to protect it: KORVA, TALVO." in told


def test_exits_that_the_core_only_watches_are_named_too():
    assert Going(symbols=("TALVO",)).counted == "the exits held for TALVO"
    assert Going(orders=(PLAIN,), symbols=("TALVO",)).needs_a_word
    assert not Going(orders=(PLAIN,)).needs_a_word


def test_it_follows_what_happens_while_it_is_asked(qtbot):
    now = [ALL]
    dialog = asked(qtbot, lambda: now[0])
    now[0] = Going()
    dialog.refresh()
    assert dialog.counted.text() == "Nothing is open now."
    assert "TALVO" not in words(dialog)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_escape_keep_everything(qtbot, key):
    dialog = asked(qtbot, lambda: ALL)
    dialog.open()
    qtbot.waitUntil(dialog.isActiveWindow)
    with qtbot.waitSignal(dialog.finished) as ended:
        qtbot.keyClick(dialog.focusWidget() or dialog, key)
    assert ended.args == [0]


def asking(stage) -> list[CancelAllDialog]:
    return [d for d in stage.window.findChildren(CancelAllDialog) if d.isVisible()]


async def test_a_waiting_proposal_is_asked_about_first(stage):
    (waiting, *_) = stage.core.approvals.waiting()
    order_id = waiting.order.client_order_id
    stage.menus.all["Cancel all orders"].trigger()
    dialog = await open_dialog(stage.window)
    assert isinstance(dialog, CancelAllDialog)
    assert waiting.order.symbol in words(dialog)
    dialog.reject()
    await eventually(lambda: not asking(stage))
    assert stage.core.orders.get(order_id).reason_code != "APPROVAL_KILLED"
    stage.menus.all["Cancel all orders"].trigger()
    (dialog, *_) = await eventually(lambda: asking(stage))
    dialog.accept()
    await eventually(lambda: stage.core.orders.get(order_id).state.terminal, within=20)


async def test_without_stop_and_proposal_it_goes_at_once(stage):
    core, actions = stage.core, stage.window.actions_
    core.switch.tighten(TradingState.HALTED, "so that nothing new is proposed")
    for request in core.approvals.waiting():
        await core.commands.kill(request.request_id)
    actions.cancel_all()
    await eventually(lambda: any("Cancel all sent" in text for text in actions.toasts.shown()))
