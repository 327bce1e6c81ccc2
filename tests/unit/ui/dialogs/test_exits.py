"""The ticket and the exits of a position: what they say, what they let through."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cockpit.app.order_preview import OrderPreview
from cockpit.domain.limits import Verdict
from cockpit.domain.order import OrderIntent, OrderType, Side
from cockpit.domain.position import Position
from cockpit.domain.protection import Protection
from cockpit.risk.sizing import Sizing
from cockpit.ui.dialogs.protect import ProtectDialog
from cockpit.ui.dialogs.ticket import Ticket, TicketDesk
from cockpit.ui.links import Link
from cockpit.ui.theme import Theme

D = Decimal
LONG = Position(account_id="A", symbol="ABC", quantity=D(100), average_cost=D(100))


def sized(intent: OrderIntent, share: Decimal) -> Sizing:
    assert intent.protection is not None
    assert share == D("0.005")
    return Sizing(
        symbol=intent.symbol, side=intent.side, quantity=D(49), entry=D(100), stop_price=D(99),
        risk_per_unit=D(1), money_at_risk=D(49), notional=D(4900), budget=D(500), caps=(),
        reason="Held at 49 by order value: the order may be worth 5,000.",
    )  # fmt: skip


def desk() -> TicketDesk:
    return TicketDesk(
        account_id="A",
        size=sized,
        preview=lambda intent: OrderPreview(
            verdict=Verdict(results=(), ts_ns=1), price=None, notional=None, fee=None,
            position_before=D(0), position_after=intent.quantity, power_before=None,
            power_after=None, reduces=False,
        ),
        quote=lambda _symbol: None,
        age_s=lambda _symbol: None,
    )  # fmt: skip


@pytest.fixture
def ticket(qtbot, qapp) -> Ticket:
    made = Ticket(Theme(), None, desk(), Link.alone("ABC"))
    qtbot.addWidget(made)
    return made


def protecting(qtbot, now: Protection | None = None, position: Position = LONG) -> ProtectDialog:
    dialog = ProtectDialog(Theme(), None, position, mark=lambda: 100.0, now=now)
    qtbot.addWidget(dialog)
    return dialog


def test_an_order_carries_its_exits(ticket):
    assert not ticket.go.isEnabled()
    ticket.quantity.setText("100")
    assert ticket.go.isEnabled()
    assert "nothing will protect it" in ticket.note.text()
    ticket.exits.stop.setText("99")
    ticket.exits.target.setText("103")
    intent = ticket.intent()
    assert (intent.symbol, intent.side, intent.type) == ("ABC", Side.BUY, OrderType.MARKET)
    assert intent.protection == Protection(stop=D(99), target=D(103))
    assert "stop 99.00, target 103.00" in ticket.note.text()


def test_a_limit_order_needs_its_limit_and_a_stop_below_it(ticket):
    ticket.quantity.setText("100")
    ticket.type.setCurrentIndex(1)
    assert "a limit" in ticket.note.text()
    ticket.limit.setText("100")
    ticket.exits.stop.setText("101")
    assert not ticket.go.isEnabled()
    assert "belongs below" in ticket.note.text()
    ticket.exits.stop.setText("99")
    assert ticket.go.isEnabled()


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("0.50", Protection(trail=D("0.50"))),
        ("1.5%", Protection(trail_fraction=D("0.015"))),
    ],
)
def test_a_trail_is_money_or_per_cent(ticket, text, plan):
    ticket.exits.trail.setText(text)
    assert ticket.exits.plan(1) == plan


@pytest.mark.parametrize("bad", ["x", "-1", "0", "NaN", "1e999%"])
def test_what_is_no_number_is_said_and_not_sent(ticket, bad):
    ticket.quantity.setText("100")
    ticket.exits.trail.setText(bad)
    assert not ticket.go.isEnabled()
    assert ticket.note.text()


def test_a_size_from_risk_fills_the_quantity_and_says_why(ticket):
    ticket.exits.stop.setText("99")
    ticket.size_from_risk()
    assert ticket.quantity.text() == "49"
    for part in ("Stop 99.00", "$49.00 at risk", "by order value"):
        assert part in ticket.note.text()


def test_a_position_is_protected_changed_and_let_go(qtbot, qapp):
    dialog = protecting(qtbot)
    assert not dialog.go.isEnabled()
    dialog.fields.stop.setText("101")
    assert not dialog.go.isEnabled()
    dialog.fields.stop.setText("98.5")
    assert dialog.choice.plan == Protection(stop=D("98.5"))
    now = Protection(stop=D(98), trail_fraction=D("0.01"), target=D(105))
    again = protecting(qtbot, now)
    assert again.choice.plan == now
    for field in (again.fields.stop, again.fields.target, again.fields.trail):
        field.clear()
    assert again.choice.plan is None
    assert again.go.text() == "Take back exits"
    assert "nothing protects it" in again.note.text()


def test_a_short_position_has_its_stop_above(qtbot, qapp):
    short = Position(account_id="A", symbol="ABC", quantity=D(-5), average_cost=D(100))
    dialog = protecting(qtbot, position=short)
    dialog.fields.stop.setText("99")
    assert not dialog.go.isEnabled()
    dialog.fields.stop.setText("101")
    assert dialog.go.isEnabled()


@pytest.mark.parametrize(("quantity", "shown"), [(100, "-0.25"), (-100, "+0.25")])
def test_the_limit_of_a_stop_is_shown_and_kept(qtbot, quantity, shown):
    position = Position(account_id="A", symbol="ABC", quantity=D(quantity), average_cost=D(100))
    plan = Protection(stop=D(98 if quantity > 0 else 102), limit_offset=D("0.25"))
    dialog = protecting(qtbot, plan, position)
    assert dialog.fields.stop_limit.text() == shown
    assert dialog.choice.plan == plan


def test_protect_follows_the_price_and_judges_once_more_when_it_is_confirmed(qtbot):
    mark, old = [100.0], [0.5]
    dialog = ProtectDialog(
        Theme(), None, LONG, mark=lambda: mark[0], now=None, age_s=lambda: old[0]
    )
    qtbot.addWidget(dialog)
    dialog.fields.stop.setText("99")
    assert dialog.go.isEnabled()
    assert "now 100.00." in dialog.held.text()
    mark[0] = 98.5
    dialog.go.click()
    assert dialog.taken is None, "the stop stands above the price by now"
    assert not dialog.go.isEnabled()
    assert "now 98.50." in dialog.held.text()
    mark[0], old[0] = 100.5, 12.0
    qtbot.waitUntil(lambda: "now 100.50, 12" in dialog.held.text())
    assert dialog.held.property("tone") == "faint"
    dialog.go.click()
    assert dialog.taken is not None
