"""The approvals panel on real parts; only the commands are a small stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from decimal import Decimal

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from cockpit.domain.approval import ApprovalOutcome, ApprovalRequest
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import ApprovalRequested, ApprovalResolved, OrderChanged
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import ControlResult, TradingState, Verdict
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market.book import Book
from cockpit.trading.approvals import Approvals
from cockpit.trading.state import TradingSwitch
from cockpit.ui.bridge import Bridge
from cockpit.ui.panels import approvals as panel_module
from cockpit.ui.panels.approvals import ApprovalsPanel
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.hold_button import HoldButton
from tests.support import eventually

NOW = 1_514_903_400 * SECOND


def proposal(number: int, symbol: str = "XYZ", side: Side = Side.BUY) -> ApprovalRequest:
    intent = OrderIntent(
        intent_id=f"i{number}", account_id="DEMO-1", symbol=symbol, side=side,
        type=OrderType.LIMIT, quantity=Decimal(31), limit_price=Decimal("157.23"),
        strategy="opening-range", note="Broke out.", planned_stop=Decimal(150),
    )  # fmt: skip
    order = Order(client_order_id=f"o{number}", intent=intent, state=OrderState.PENDING_APPROVAL)
    result = ControlResult(
        control="order value", passed=True, before=Decimal(0), after=Decimal(4874),
        limit=Decimal(5000), unit="USD",
    )  # fmt: skip
    return ApprovalRequest(
        order=order, fingerprint=order.fingerprint, verdict=Verdict(results=(result,), ts_ns=NOW),
        quote=None, created_ns=NOW, expires_ns=NOW + 60 * SECOND,
    )  # fmt: skip


class Desk:
    """Approvals, switch, book and bridge as in the core, and commands that answer at once."""

    def __init__(self) -> None:
        self.bus, self.clock = Bus(), VirtualClock(NOW)
        self.approvals, self.book = Approvals(self.clock), Book(self.clock)
        self.book.add(Instrument(symbol="XYZ"))
        self.switch = TradingSwitch(self.bus, self.clock)
        self.bridge = Bridge(self.bus)
        self.calls: list[tuple[str, ...]] = []
        self.refuse = ""
        self.keys_off = False
        self.tasks: set[asyncio.Task[None]] = set()
        self.orders: dict[str, Order] = {}

    def propose(self, request: ApprovalRequest) -> None:
        def expire() -> None:
            self.end(request.request_id, ApprovalOutcome.EXPIRED)

        self.approvals.add(request, expire)
        self.bus.publish(ApprovalRequested(request=request, ts_event=NOW, ts_init=NOW))
        self.bridge.flush()

    def end(self, request_id: str, outcome: ApprovalOutcome) -> Order:
        request = self.approvals.take(request_id)
        self.bus.publish(
            ApprovalResolved(request=request, outcome=outcome, ts_event=NOW, ts_init=NOW)
        )
        return request.order

    def run(self, command: Coroutine, name: str, on_error=None) -> None:
        async def reported() -> None:
            try:
                await command
            except CockpitError as error:
                on_error(error.user_text)

        task = asyncio.get_running_loop().create_task(reported(), name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def approve(self, request_id: str) -> Order:
        self.calls.append(("approve", request_id))
        if self.refuse:
            raise CockpitError("refused", user_text=self.refuse)
        return self.end(request_id, ApprovalOutcome.APPROVED)

    async def kill(self, request_id: str) -> Order:
        self.calls.append(("kill", request_id))
        return self.end(request_id, ApprovalOutcome.KILLED)

    async def edit(self, request_id: str, *, quantity=None, limit_price=None) -> ApprovalRequest:
        self.calls.append(("edit", request_id, str(quantity), str(limit_price)))
        before = self.approvals.get(request_id)
        intent = msgspec.structs.replace(before.order.intent, quantity=quantity)
        order = msgspec.structs.replace(before.order, intent=intent)
        after = msgspec.structs.replace(before, order=order, fingerprint=order.fingerprint)
        self.approvals.update(after)
        self.bus.publish(ApprovalRequested(request=after, ts_event=NOW, ts_init=NOW))
        return after


@pytest.fixture
async def desk(qapp):
    desk = Desk()
    yield desk
    desk.bridge.close()


@pytest.fixture
def panel(desk, qtbot) -> ApprovalsPanel:
    panel = ApprovalsPanel(
        approvals=desk.approvals, commands=desk, book=desk.book, switch=desk.switch,
        clock=desk.clock, bridge=desk.bridge, theme=Theme(), keys_off=lambda: desk.keys_off,
        order=desk.orders.get,
    )  # fmt: skip
    qtbot.addWidget(panel)
    panel.resize(340, 700)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    return panel


async def test_a_card_says_what_why_and_how_much(desk, panel):
    desk.propose(proposal(1))
    card = panel.cards["o1"]
    assert card.side.text == "▲ BUY"
    assert card.sentence.text() == "31 XYZ @ limit 157.23"
    assert card.reason.text() == "Broke out.\nPlan: stop 150.00"
    assert card.left.text() == "1:00"
    assert card.quote.text() == "no quote"
    assert "Approve BUY 31 XYZ" in card.approve_button.accessibleName()


async def test_a_approves_the_oldest_by_key(desk, panel, qtbot):
    desk.propose(proposal(1))
    desk.propose(proposal(2))
    await eventually(panel.isActiveWindow)
    qtbot.keyClick(panel, Qt.Key.Key_A)
    await eventually(lambda: "o1" not in panel.cards)
    assert desk.calls == [("approve", "o1")]
    assert panel.result.text().startswith("Approved: BUY 31 XYZ")
    assert list(panel.cards) == ["o2"]


async def test_what_was_approved_is_told_until_its_fill(desk, panel):
    desk.propose(proposal(1))
    panel.cards["o1"].approve_button.click()
    await eventually(lambda: panel.result.text().startswith("Approved"))
    order = msgspec.structs.replace(proposal(1).order, state=OrderState.SENDING)
    for state, price in ((OrderState.SENDING, None), (OrderState.FILLED, Decimal("157.20"))):
        order = msgspec.structs.replace(
            order, state=state, filled=Decimal(31 if price else 0), average_price=price
        )
        desk.orders["o1"] = order
        desk.bus.publish(OrderChanged(order=order, previous=None, ts_event=NOW, ts_init=NOW))
        desk.bridge.flush()
    assert panel.result.text() == "Approved: BUY 31 XYZ @ limit 157.23, filled at 157.20."


async def test_a_disarmed_key_sends_nothing_and_a_click_does(desk, panel, qtbot):
    desk.keys_off = True
    desk.propose(proposal(1))
    await eventually(panel.isActiveWindow)
    qtbot.keyClick(panel, Qt.Key.Key_A)
    assert desk.calls == []
    assert panel_module.KEYS_OFF in panel.cards["o1"].note.text()
    panel.cards["o1"].approve_button.click()
    await eventually(lambda: desk.calls == [("approve", "o1")])


async def test_a_key_meant_for_the_card_before_is_not_taken(desk, panel, qtbot, monkeypatch):
    monkeypatch.setattr(panel_module, "SLIP_MS", 60_000)
    desk.propose(proposal(1))
    desk.propose(proposal(2))
    desk.end("o1", ApprovalOutcome.EXPIRED)
    desk.bridge.flush()
    panel.approve_action.trigger()
    assert desk.calls == []
    assert "next proposal" in panel.cards["o2"].note.text()
    monkeypatch.setattr(panel_module, "SLIP_MS", 0)
    panel.approve_action.trigger()
    await eventually(lambda: desk.calls == [("approve", "o2")])


async def test_a_click_meant_for_the_card_above_is_not_taken(desk, panel, qtbot, monkeypatch):
    monkeypatch.setattr(panel_module, "SLIP_MS", 60_000)
    for number in (1, 2, 3):
        desk.propose(proposal(number))
    desk.end("o1", ApprovalOutcome.EXPIRED)  # and o2 comes up to where o1 was
    desk.bridge.flush()
    for button in (panel.cards["o2"].approve_button, panel.cards["o2"].kill_button):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert desk.calls == []
    assert panel.cards["o2"].note.text() == panel_module.MOVED
    monkeypatch.setattr(panel_module, "SLIP_MS", 0)
    qtbot.mouseClick(panel.cards["o2"].approve_button, Qt.MouseButton.LeftButton)
    await eventually(lambda: desk.calls == [("approve", "o2")])


async def test_the_end_of_the_last_card_moves_no_other(desk, panel, qtbot, monkeypatch):
    monkeypatch.setattr(panel_module, "SLIP_MS", 60_000)
    desk.propose(proposal(1))
    desk.propose(proposal(2))
    desk.end("o2", ApprovalOutcome.EXPIRED)
    desk.bridge.flush()
    qtbot.mouseClick(panel.cards["o1"].approve_button, Qt.MouseButton.LeftButton)
    await eventually(lambda: desk.calls == [("approve", "o1")])


async def test_what_became_of_a_decision_moves_no_card(desk, panel, qtbot):
    desk.propose(proposal(1))
    button = panel.cards["o1"].approve_button
    before = button.mapTo(panel, button.rect().center())
    panel._tell("Killed: BUY 31 XYZ @ limit 157.23. Nothing was sent.")
    await eventually(lambda: panel.result.isVisible() and panel.result.height() > 0)
    assert button.mapTo(panel, button.rect().center()) == before


async def test_a_click_kills_that_card(desk, panel, qtbot):
    desk.propose(proposal(1))
    desk.propose(proposal(2))
    qtbot.mouseClick(panel.cards["o2"].kill_button, Qt.MouseButton.LeftButton)
    await eventually(lambda: "o2" not in panel.cards)
    assert desk.calls == [("kill", "o2")]
    assert "Nothing was sent" in panel.result.text()


async def test_time_runs_out(desk, panel):
    desk.propose(proposal(1))
    card = panel.cards["o1"]
    desk.clock.advance_to(NOW + 55 * SECOND)
    desk.bridge.flush(heartbeat=True)
    assert (card.left.text(), card.countdown.role) == ("0:05", "critical")
    desk.clock.advance_to(NOW + 60 * SECOND)
    desk.bridge.flush(heartbeat=True)
    assert panel.cards == {}
    assert not panel.approve_action.isEnabled()


async def test_a_refusal_stands_in_the_card_and_it_can_be_tried_again(desk, panel):
    desk.propose(proposal(1))
    desk.refuse = "The price has moved. Nothing was sent."
    panel.approve_action.trigger()
    card = panel.cards["o1"]
    await eventually(lambda: card.note.text() == desk.refuse)
    assert card.approve_button.isEnabled()


async def test_while_halted_only_kill_works(desk, panel):
    desk.propose(proposal(1))
    desk.switch.tighten(TradingState.HALTED, "Day loss")
    desk.bridge.flush()
    card = panel.cards["o1"]
    panel.approve_action.trigger()
    assert desk.calls == []
    assert not card.approve_button.isEnabled()
    assert "Day loss" in card.note.text()
    panel.kill_action.trigger()
    await eventually(lambda: desk.calls == [("kill", "o1")])


async def test_an_edit_changes_the_card_in_place(desk, panel, qtbot):
    desk.propose(proposal(1))
    card = panel.cards["o1"]
    panel.edit_action.trigger()
    assert card.form.isVisible()
    card.form.quantity.setText("0")
    card.form.save()
    assert "more than zero" in card.form.fault.text()
    card.form.quantity.setText("20")
    qtbot.keyClick(card.form.quantity, Qt.Key.Key_Return)
    await eventually(lambda: desk.calls == [("edit", "o1", "20", "None")])
    await eventually(lambda: card.sentence.text() == "20 XYZ @ limit 157.23")
    assert not card.form.isVisible()


async def test_while_editing_nothing_can_be_approved_as_it_was(desk, panel):
    desk.propose(proposal(1))
    card = panel.cards["o1"]
    panel.edit_action.trigger()
    panel.approve_action.trigger()
    assert desk.calls == []
    assert not card.approve_button.isVisible()
    card.form.close_form()
    assert card.approve_button.isVisible()
    panel.approve_action.trigger()
    await eventually(lambda: desk.calls == [("approve", "o1")])


async def test_a_key_for_a_proposal_that_just_ended_is_answered(desk, panel):
    desk.propose(proposal(1))
    desk.end("o1", ApprovalOutcome.EXPIRED)  # no frame has shown it yet
    panel.approve_action.trigger()
    assert desk.calls == []
    assert panel.cards == {}
    assert "ended a moment ago" in panel.result.text()


async def test_typing_a_letter_into_a_field_approves_nothing(desk, panel, qtbot):
    desk.propose(proposal(1))
    panel.edit_action.trigger()
    qtbot.keyClick(panel.cards["o1"].form.quantity, Qt.Key.Key_A)
    assert desk.calls == []


async def test_an_old_quote_is_grey_and_says_so(desk, panel):
    desk.propose(proposal(1))
    quote = Quote(
        symbol="XYZ", bid=157.2, ask=157.3, bid_size=1, ask_size=1, ts_event=NOW, ts_init=NOW
    )
    desk.book.on_quote(quote)
    desk.bus.publish(quote)
    desk.bridge.flush()
    card = panel.cards["o1"]
    assert card.quote.text() == "157.20 / 157.30"
    assert card.value.text() == "$4,874"
    desk.clock.advance_to(NOW + 3 * SECOND)
    desk.bridge.flush(heartbeat=True)
    assert card.age.text() == "stale, 3.0 s old"
    assert card.quote.property("tone") == "faint"


# The keyboard focus: never handed to a button that decides something else.


@pytest.fixture
def beside(panel, qtbot) -> Iterator[HoldButton]:
    """The panel in a window, with a kill switch next in line for the focus."""
    window = QWidget()
    row = QVBoxLayout(window)
    row.addWidget(panel)
    switch = HoldButton(Theme(), "KILL SWITCH", "hold")
    row.addWidget(switch)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield switch
    panel.setParent(None)


def focus_of(widget: QWidget) -> QWidget | None:
    return widget.window().focusWidget()


@pytest.mark.parametrize("quantity", ["12", "31"])
async def test_after_a_saved_edit_the_focus_is_on_the_card(desk, panel, beside, qtbot, quantity):
    for number in (1, 2):
        desk.propose(proposal(number))
    card = panel.cards["o1"]
    card.edit_button.setFocus()
    qtbot.keyClick(card.edit_button, Qt.Key.Key_Space)
    card.form.quantity.setText(quantity)
    qtbot.keyClick(card.form.quantity, Qt.Key.Key_Return)
    await eventually(card.form.isHidden)
    assert focus_of(panel) is card
    qtbot.keyClick(focus_of(panel), Qt.Key.Key_Space)
    assert not [call for call in desk.calls if call[0] == "approve"]


async def test_going_back_from_an_edit_leaves_the_focus_on_the_card(desk, panel, beside, qtbot):
    for number in (1, 2):
        desk.propose(proposal(number))
    card = panel.cards["o1"]
    card.open_edit()
    assert focus_of(panel) is card.form.quantity
    qtbot.keyClick(card.form.quantity, Qt.Key.Key_Escape)
    assert focus_of(panel) is card


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize("editing", [False, True])
async def test_when_a_focused_card_goes_the_panel_has_the_focus(
    desk, panel, beside, others, editing
):
    for number in range(1 + others):
        desk.propose(proposal(number))
    card = panel.cards["o0"]
    card.open_edit() if editing else card.approve_button.setFocus()
    desk.end("o0", ApprovalOutcome.EXPIRED)
    desk.bridge.flush()
    assert len(panel.cards) == others
    assert focus_of(panel) is panel


async def test_approving_by_space_hands_the_focus_to_no_other_button(desk, panel, beside, qtbot):
    for number in (1, 2):
        desk.propose(proposal(number))
    card = panel.cards["o1"]
    card.approve_button.setFocus()
    qtbot.keyClick(card.approve_button, Qt.Key.Key_Space)
    assert focus_of(panel) is card
    await eventually(lambda: desk.calls == [("approve", "o1")])
    desk.bridge.flush()
    assert focus_of(panel) is panel


async def test_a_halt_hands_the_focus_to_no_other_button(desk, panel, beside):
    desk.propose(proposal(1))
    card = panel.cards["o1"]
    card.approve_button.setFocus()
    card.show_halted("Trading is halted: by you.")
    assert focus_of(panel) is card


async def test_the_emptied_list_hands_its_focus_to_the_panel(desk, panel, beside):
    desk.propose(proposal(1))
    panel.findChild(QScrollArea).setFocus()
    desk.end("o1", ApprovalOutcome.EXPIRED)
    desk.bridge.flush()
    assert focus_of(panel) is panel


async def test_a_focus_elsewhere_stays_there(desk, panel, beside):
    for number in (1, 2):
        desk.propose(proposal(number))
    panel.cards["o2"].kill_button.setFocus()
    desk.end("o1", ApprovalOutcome.EXPIRED)
    desk.bridge.flush()
    assert focus_of(panel) is panel.cards["o2"].kill_button


async def test_who_only_watches_finds_no_button_that_would_be_refused(desk, qtbot):
    panel = ApprovalsPanel(
        approvals=desk.approvals, commands=desk, book=desk.book, switch=desk.switch,
        clock=desk.clock, bridge=desk.bridge, theme=Theme(), read_only=True,
    )  # fmt: skip
    qtbot.addWidget(panel)
    panel.show()
    desk.propose(proposal(1))
    card = panel.cards["o1"]
    for button in (card.approve_button, card.edit_button, card.kill_button):
        assert not button.isEnabled()
    for action in (panel.approve_action, panel.edit_action, panel.kill_action):
        assert not action.isEnabled()
    for key in (Qt.Key.Key_A, Qt.Key.Key_K, Qt.Key.Key_E):
        qtbot.keyClick(panel, key)
    assert not desk.calls
    desk.end("o1", ApprovalOutcome.KILLED)
    desk.bridge.flush()
    assert not panel.cards


def lapsed(desk: Desk, request: ApprovalRequest) -> None:
    """As the core ends it: the order first, then the request."""
    desk.orders[request.request_id] = msgspec.structs.replace(
        request.order, state=OrderState.DENIED, reason_code="APPROVAL_EXPIRED"
    )
    desk.end(request.request_id, ApprovalOutcome.EXPIRED)
    desk.bridge.flush()


async def test_a_lapse_is_told_and_keeps_the_figures_that_were_being_typed(desk, panel):
    first, second = proposal(1), proposal(2)
    desk.propose(first)
    desk.propose(second)
    lapsed(desk, first)
    assert panel.result.text() == "Lapsed: BUY 31 XYZ @ limit 157.23. Nothing was sent."
    panel.edit_current()
    panel.current.form.quantity.setText("12")
    lapsed(desk, second)
    assert panel.result.text().endswith("You had typed quantity 12, limit 157.23.")
    assert panel.result.isVisible()
    assert not panel._forget.isActive(), "it stands until something else is told"


async def test_what_is_no_quantity_is_told_as_it_is_typed_and_can_t_be_saved(desk, panel):
    desk.propose(proposal(1))
    panel.edit_current()
    form = panel.current.form
    assert form.save_button.isEnabled()
    form.quantity.setText("ak5")
    assert form.fault.isVisible()
    assert not form.save_button.isEnabled()
    form.quantity.setText("5")
    assert not form.fault.isVisible()
    assert form.save_button.isEnabled()


async def test_the_card_says_of_which_moment_its_limits_are(desk, panel):
    desk.propose(proposal(1))
    assert panel.current.strategy.text().endswith(", limits as of 09:30:00")
