"""The ticket: filled by clicks, judged as it is typed, sent by its button only."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget

from cockpit.app.order_preview import OrderPreview
from cockpit.domain.limits import ControlResult, TradingState, Verdict
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.risk.sizing import Sizing
from cockpit.ui.dialogs.change import ChangeDialog
from cockpit.ui.dialogs.ticket import Draft, Ticket, TicketDesk
from cockpit.ui.links import Link
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.bars import LimitBar

D = Decimal
ROOM = ControlResult(
    "order value", passed=True, before=D(0), after=D(4500), limit=D(5000), unit="USD"
)
NO_ROOM = ControlResult(
    "position",
    passed=False,
    code="POSITION_CONCENTRATION",
    text="The position would be $12,000 of at most $10,000.",
    before=D(0),
    after=D(12000),
    limit=D(10000),
    unit="USD",
)


def previewed(intent: OrderIntent, _replaces: str | None = None) -> OrderPreview:
    """Room for less than a thousand shares."""
    fits = intent.quantity < 1000
    return OrderPreview(
        verdict=Verdict(results=(ROOM,) if fits else (ROOM, NO_ROOM), ts_ns=1),
        price=D(45), notional=D(45) * intent.quantity, fee=D(1), position_before=D(0),
        position_after=intent.side.sign * intent.quantity, power_before=D(50_000),
        power_after=D(50_000) - D(45) * intent.quantity, reduces=False,
    )  # fmt: skip


def sized(intent: OrderIntent, share: Decimal) -> Sizing:
    return Sizing(
        symbol=intent.symbol, side=intent.side, quantity=D(49), entry=D(100), stop_price=D(99),
        risk_per_unit=D(1), money_at_risk=D(49), notional=D(4900), budget=D(500), caps=(),
        reason="Held at 49 by order value.",
    )  # fmt: skip


def quote(symbol: str) -> Quote | None:
    if symbol not in {"ABC", "XYZ"}:
        return None
    return Quote(
        symbol=symbol, bid=44.9, ask=45.0, bid_size=1, ask_size=1, ts_event=1, ts_init=1
    )  # fmt: skip


@pytest.fixture
def ticket(qtbot, qapp) -> Ticket:
    desk = TicketDesk(
        account_id="A", size=sized, preview=previewed, quote=quote, age_s=lambda _symbol: 0.2
    )
    made = Ticket(Theme(), None, desk, Link.alone("ABC"))
    qtbot.addWidget(made)
    return made


def choose(ticket: Ticket, kind: OrderType) -> None:
    ticket.type.setCurrentIndex(ticket.type.findData(kind))


def test_it_shows_value_fees_position_and_buying_power_before_anything_is_sent(ticket):
    ticket.quantity.setText("100")
    shown = {name: figure.text() for name, figure in ticket.outlook.figures.items()}
    assert shown == {
        "Value, at worst": "$4,500.00",
        "Fees": "$1.00",
        "Position": "0 → 100",
        "Buying power": "$50,000 → $45,500",
    }
    assert "Order value" in ticket.outlook._lines[0][0].text()
    assert "$0 to $4,500 of $5,000" in ticket.outlook._lines[0][2].text()
    assert ticket.go.text() == ticket.go.accessibleName() == "Send BUY 100 ABC MKT"


def test_a_precaution_names_the_rule_that_would_be_broken(ticket):
    ticket.quantity.setText("2000")
    assert "POSITION_CONCENTRATION" in ticket.outlook.caution.text()
    assert "$12,000 of at most $10,000" in ticket.outlook.caution.text()


def test_an_unknown_fee_is_not_shown_as_none(ticket, monkeypatch):
    import msgspec

    ticket._desk = TicketDesk(
        account_id="A",
        size=sized,
        preview=lambda intent: msgspec.structs.replace(previewed(intent), fee=None),
        quote=quote,
        age_s=lambda _symbol: None,
    )
    ticket.quantity.setText("1")
    assert ticket.outlook.figures["Fees"].text() == "not told"


def test_a_click_elsewhere_fills_and_never_sends(ticket, qtbot):
    ticket.quantity.setText("10")
    sent: list[OrderIntent] = []
    ticket.send.connect(sent.append)
    ticket.fill(Draft(symbol="ABC", side=Side.SELL, type=OrderType.LIMIT, price=D("45.50")))
    intent = ticket.intent()
    assert (intent.side, intent.type, intent.limit_price) == (Side.SELL, OrderType.LIMIT, D("45.5"))
    assert sent == []


def test_prices_of_one_symbol_are_not_taken_over_to_another(ticket):
    choose(ticket, OrderType.LIMIT)
    ticket.limit.setText("45.50")
    ticket.exits.stop.setText("44")
    ticket.fill(Draft(symbol="XYZ"))
    assert ticket.limit.text() == ""
    assert ticket.exits.stop.text() == ""
    assert ticket.symbol.text() == "XYZ"


def test_send_carries_the_order_once_and_empties_the_size(ticket, qtbot):
    ticket.show()
    ticket.quantity.setText("10")
    sent: list[OrderIntent] = []
    ticket.send.connect(sent.append)
    qtbot.mouseClick(ticket.go, Qt.MouseButton.LeftButton)
    assert [intent.quantity for intent in sent] == [D(10)]
    assert ticket.isVisible()
    assert not ticket.go.isEnabled()
    qtbot.mouseClick(ticket.go, Qt.MouseButton.LeftButton)
    qtbot.keyClick(ticket, Qt.Key.Key_Return)
    assert len(sent) == 1
    assert ticket.note.text() == "Sending BUY 10 ABC MKT ...", "nobody has answered yet"


def test_it_says_what_became_of_what_was_sent(ticket):
    ticket.quantity.setText("10")
    denied = Order(
        client_order_id="1",
        intent=ticket.intent(),
        state=OrderState.DENIED,
        reason_code="X",
        reason_text="Too much.",
    )
    ticket.accept()
    ticket.tell_order(denied)
    assert ticket.note.text().endswith("denied by gate. Too much.")
    assert ticket.note.property("tone") == "critical"
    ticket.quantity.setText("5")
    assert "Too much" not in ticket.note.text()


def test_what_could_not_be_sent_is_told_in_red_until_something_is_typed(ticket):
    ticket.quantity.setText("10")
    ticket.accept()
    ticket.tell_failed("The ledger can't be written.")
    assert ticket.note.text() == "Not sent. The ledger can't be written."
    assert ticket.note.property("tone") == "critical"
    ticket.quantity.setText("5")
    assert ticket.note.property("tone") == "muted"


def test_a_halt_is_told_at_the_top_before_any_size(ticket):
    assert ticket.title.text() == "New order"
    now = [TradingState.HALTED]
    ticket._desk = replace(ticket._desk, state=lambda: now[0])
    ticket.judge()
    assert ticket.title.text() == "New order: trading is halted"
    assert ticket.title.property("tone") == "critical"
    now[0] = TradingState.ACTIVE
    ticket.judge()
    assert ticket.title.text() == "New order"


def test_send_is_not_bright_beside_a_denial(ticket):
    ticket.quantity.setText("100")
    assert ticket.go.property("kind") == "primary"
    ticket.quantity.setText("2000")
    assert ticket.go.property("kind") == ""


def test_an_order_that_only_closes_is_not_called_unprotected(ticket):
    ticket.quantity.setText("10")
    assert "nothing will protect it" in ticket.note.text()
    ticket._desk = replace(
        ticket._desk, preview=lambda i: msgspec.structs.replace(previewed(i), reduces=True)
    )
    ticket.judge()
    assert ticket.outlook.caution.text() == "It only makes the position smaller."
    assert ticket.note.text() == "The gate has the last word."


def test_it_follows_what_was_sent_until_something_else_is_typed(ticket):
    ticket.quantity.setText("10")
    sent = Order(client_order_id="1", intent=ticket.intent(), state=OrderState.SENDING)
    now = [sent]
    ticket._desk = replace(ticket._desk, order=lambda _id: now[0])
    ticket.accept()
    ticket.tell_order(sent)
    assert ticket.note.text().endswith("sending.")
    now[0] = msgspec.structs.replace(
        sent, state=OrderState.FILLED, filled=D(10), average_price=D("45.01")
    )
    ticket.judge()  # as its timer does
    assert ticket.note.text().endswith("filled at 45.01.")
    ticket.quantity.setText("5")
    ticket.judge()
    assert "filled" not in ticket.note.text()


def test_the_limit_of_a_stop_limit_may_be_a_distance(ticket):
    choose(ticket, OrderType.STOP_LIMIT)
    ticket.quantity.setText("10")
    ticket.trigger.setText("46")
    ticket.limit.setText("+0.10")
    assert ticket.intent().limit_price == D("46.10")
    ticket.limit.setText("-0.25")
    assert ticket.intent().limit_price == D("45.75")
    ticket.limit.setText("+abc")
    with pytest.raises(ValueError, match="distance"):
        ticket.intent()


def test_a_click_on_bid_or_ask_makes_it_the_limit(ticket, qtbot):
    assert ticket.age.text() == "0.2 s old"
    qtbot.mouseClick(ticket.bid, Qt.MouseButton.LeftButton)
    assert ticket.type.currentData() == OrderType.LIMIT
    assert ticket.limit.text() == "44.90"


def test_it_leaves_the_window_free_for_the_kill_switch(ticket):
    assert ticket.windowModality() == Qt.WindowModality.NonModal


def working(kind: OrderType = OrderType.LIMIT, filled: int = 0) -> Order:
    intent = OrderIntent(
        intent_id="x", account_id="A", symbol="ABC", side=Side.BUY, type=kind, quantity=D(100),
        limit_price=D(44) if kind.needs_limit else None,
        stop_price=D(46) if kind.needs_stop else None,
    )  # fmt: skip
    state = OrderState.PARTIALLY_FILLED if filled else OrderState.WORKING
    return Order(client_order_id="1", intent=intent, state=state, filled=D(filled))


def changing(qtbot, order: Order) -> ChangeDialog:
    dialog = ChangeDialog(Theme(), None, order, preview=previewed)
    qtbot.addWidget(dialog)
    return dialog


def test_a_change_asks_for_what_differs_only(qtbot, qapp):
    dialog = changing(qtbot, working())
    assert not dialog.go.isEnabled()
    assert not dialog.trigger.isEnabled()
    dialog.limit.setText("44.5")
    assert dialog.wanted == (None, D("44.5"), None)
    assert dialog.go.isEnabled()


def test_an_order_that_is_not_changed_is_not_judged_as_a_second_one(qtbot, qapp):
    asked: list[OrderIntent] = []
    dialog = ChangeDialog(
        Theme(), None, working(), preview=lambda intent: asked.append(intent) or previewed(intent)
    )
    qtbot.addWidget(dialog)
    assert asked == []
    assert dialog.note.text() == "Nothing is changed yet."
    dialog.quantity.setText("90")
    assert [intent.quantity for intent in asked] == [90]


def test_a_change_is_about_the_rest_that_is_open(qtbot, qapp):
    dialog = changing(qtbot, working(filled=40))
    assert dialog.quantity.text() == "60"
    dialog.quantity.setText("")
    assert not dialog.go.isEnabled()
    assert "still needs a quantity" in dialog.note.text()
    dialog.quantity.setText("2000")
    assert "POSITION_CONCENTRATION" in dialog.outlook.caution.text()


@pytest.mark.parametrize("typed", ["1e400", "1e999999", "1e-30", "NaN", "Infinity", "-5", "0"])
def test_what_nobody_trades_never_reaches_the_gate(ticket, typed):
    asked: list[OrderIntent] = []
    ticket._desk = TicketDesk(
        account_id="A",
        size=sized,
        preview=lambda intent: asked.append(intent) or previewed(intent),
        quote=quote,
        age_s=lambda _symbol: 0.2,
    )
    ticket.quantity.setText(typed)
    assert asked == []
    assert not ticket.go.isEnabled()


@pytest.mark.parametrize("where", ["quantity", "go"])
def test_enter_sends_nothing_and_says_what_sends(ticket, qtbot, where):
    ticket.show()
    qtbot.waitExposed(ticket)
    ticket.quantity.setText("10")
    sent: list[OrderIntent] = []
    ticket.send.connect(sent.append)
    field = getattr(ticket, where)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert sent == []
    assert ticket.isVisible()
    assert ticket.quantity.text() == "10"
    assert "Enter sends nothing" in ticket.note.text()
    qtbot.keyClick(ticket.go, Qt.Key.Key_Space)
    assert [intent.quantity for intent in sent] == [D(10)]


LONG = (
    "The order would be 100,000 shares, and the account may hold no more than 1,000 of one symbol "
    "at a time, together with all orders that are open on it and those whose answer is unknown."
)


def crowded(intent: OrderIntent, _replaces: str | None = None) -> OrderPreview:
    """More limits than there are lines, and a denial of several lines."""
    names = ("value", "volume", "collar", "exposure", "orders", "day loss")
    results = [msgspec.structs.replace(ROOM, control=f"order {name}") for name in names]
    denied = msgspec.structs.replace(NO_ROOM, text=LONG)
    seen = previewed(intent)
    return msgspec.structs.replace(
        seen,
        verdict=Verdict(results=(*results, denied), ts_ns=1),
        notional=D(31_209_000),
        fee=D(500),
        power_after=D(-31_113_442),
    )


def places(ticket: Ticket) -> dict[str, QRect]:
    """Where each part of the ticket stands; the bars of limits come and go in lines of theirs."""
    QApplication.processEvents()
    stands = {"window": QRect(ticket.pos(), ticket.size())}
    for number, part in enumerate(ticket.findChildren(QWidget)):
        if part.isVisible() and not isinstance(part, LimitBar):
            at = part.mapTo(ticket, QPoint(0, 0))
            stands[f"{number} {part.metaObject().className()}"] = QRect(at, QSize(0, 0))
    return stands


def test_nothing_moves_while_an_order_is_typed_judged_refused_and_sent(ticket, qtbot):
    ticket.show()
    qtbot.waitExposed(ticket)
    before = places(ticket)
    for symbol in ("A", "ABC"):
        ticket.symbol.setText(symbol)
        assert places(ticket) == before, symbol
    ticket.quantity.setText("100000")
    assert places(ticket) == before, "typed"
    for kind in OrderType:
        choose(ticket, kind)
        assert places(ticket) == before, kind
    choose(ticket, OrderType.MARKET)
    ticket._desk = replace(ticket._desk, preview=crowded)
    ticket.judge()
    assert places(ticket) == before, "refused in many words"
    ticket.size_from_risk()
    assert places(ticket) == before, "sized"
    ticket._said = LONG
    ticket.judge()
    assert places(ticket) == before, "told in many words"
    ticket.accept()
    assert places(ticket) == before, "sent"
