"""The ticket and a change on a real core: the gate, the paper broker, the ledger."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt

from cockpit.domain.order import OrderState, OrderType, Side
from cockpit.domain.protection import Protection
from cockpit.ui.dialogs.change import ChangeDialog
from cockpit.ui.dialogs.ticket import Draft
from tests.support import eventually
from tests.unit.ui.test_window import open_dialog, stage

__all__ = ["stage"]
CENT = Decimal("0.01")


def far_below(core, symbol: str) -> Decimal:
    """A price that passes the collar and is not traded at."""
    return Decimal(str(round(core.book.quote(symbol).bid * 0.985, 2)))


async def place_far(stage, symbol: str) -> str:
    """A limit order through the ticket; its id once it works."""
    orders = stage.window.actions_.orders
    price = far_below(stage.core, symbol)
    draft = Draft(symbol=symbol, side=Side.BUY, type=OrderType.LIMIT, price=price)
    orders.new_order(draft)
    orders.ticket.quantity.setText("2")
    orders.ticket.go.click()

    def working():
        return [o for o in stage.core.orders.open(symbol) if o.state is OrderState.WORKING]

    return (await eventually(working, within=10, what="a working order"))[0].client_order_id


@pytest.fixture
def symbol(stage) -> str:
    waiting = {r.order.symbol for r in stage.core.approvals.waiting()}
    return next(s for s in stage.core.book.symbols if s not in waiting)


async def test_the_ticket_shows_the_gate_s_figures_and_sends_by_its_button(stage, symbol):
    order_id = await place_far(stage, symbol)
    order, ticket = stage.core.orders.get(order_id), stage.window.actions_.orders.ticket
    assert (order.intent.quantity, order.intent.side) == (Decimal(2), Side.BUY)
    assert ticket.isVisible()
    ticket.quantity.setText("3")
    assert ticket.outlook.figures["Fees"].text() == "$1.00"
    assert ticket.outlook.figures["Position"].text() == "0 → 3"
    ticket.quantity.setText("5000")
    assert "It would be denied" in ticket.outlook.caution.text()
    ticket.reject()
    await eventually(lambda: stage.window.actions_.orders.ticket is None)


async def test_the_open_ticket_follows_a_click_in_the_watchlist(stage, symbol):
    orders = stage.window.actions_.orders
    orders.new_order()
    other = next(s for s in stage.core.book.symbols if s != orders.ticket.symbol.text())
    stage.deck.selection.select(other)
    assert orders.ticket.symbol.text() == other
    orders.ticket.reject()


async def test_a_working_order_is_changed_in_its_row(stage, symbol):
    order_id = await place_far(stage, symbol)
    stage.window.actions_.orders.ticket.reject()
    stage.deck.orders.blotter.action_requested.emit("change", order_id)
    dialog = await open_dialog(stage.window)
    assert isinstance(dialog, ChangeDialog)
    dialog.quantity.setText("3")
    dialog.go.click()
    await eventually(
        lambda: stage.core.orders.get(order_id).state is OrderState.REPLACED, within=10
    )
    (new,) = stage.core.orders.open(symbol)
    assert new.intent.quantity == 3


async def test_a_dragged_price_moves_the_order_and_one_beyond_the_collar_does_not(stage, symbol):
    order_id = await place_far(stage, symbol)
    actions, core = stage.window.actions_, stage.core
    actions.orders.ticket.reject()
    order = core.orders.get(order_id)
    actions.orders.move(order_id, "limit_price", order.intent.limit_price / 2)
    assert any("Not moved" in text for text in actions.toasts.shown())
    assert core.orders.get(order_id).state is OrderState.WORKING
    to = order.intent.limit_price + CENT
    actions.orders.move(order_id, "limit_price", to)
    await eventually(lambda: core.orders.get(order_id).state is OrderState.REPLACED, within=10)
    assert core.orders.open(symbol)[0].intent.limit_price == to
    assert not any("Change sent" in text for text in actions.toasts.shown()), "its line says so"


async def test_an_order_is_cancelled_at_its_line(stage, symbol):
    order_id = await place_far(stage, symbol)
    stage.window.actions_.orders.ticket.reject()
    stage.deck.chart.cancel_requested.emit(order_id)
    await eventually(
        lambda: stage.core.orders.get(order_id).state is OrderState.CANCELED, within=20
    )


async def test_the_ticket_of_a_clicked_price_leaves_the_newest_bars_in_sight(stage, symbol):
    orders, window = stage.window.actions_.orders, stage.window
    stage.deck.chart.order_requested.emit(Draft(symbol=symbol))
    assert orders.ticket.x() == window.geometry().left()
    moved = window.geometry().topLeft() + QPoint(30, 50)
    orders.ticket.move(moved)
    orders.ticket.reject()
    await eventually(lambda: orders.ticket is None)
    orders.new_order()
    assert orders.ticket.pos() == moved, "where it was put"
    orders.ticket.reject()


async def test_a_ticket_that_is_opened_again_does_not_climb_by_its_title_bar(stage, symbol):
    orders = stage.window.actions_.orders
    orders.new_order()
    first = orders.ticket.pos()
    for _ in range(3):
        orders.ticket.move(orders.ticket.pos() - QPoint(1, 24))  # as a window manager frames it
        orders.ticket.reject()
        await eventually(lambda: orders.ticket is None)
        orders.new_order()
        assert orders.ticket.pos() == first
    orders.ticket.reject()


async def test_a_dragged_protective_stop_moves_the_protection(stage, qtbot):
    core = stage.core
    await eventually(stage.window.isActiveWindow)
    qtbot.keyClick(stage.window, Qt.Key.Key_A)
    (position, *_) = await eventually(core.portfolio.open_positions, within=20)

    def stop():
        return [
            o
            for o in core.orders.open(position.symbol)
            if o.intent.protects and o.state is OrderState.WORKING
        ]

    (order, *_) = await eventually(stop, within=20, what="the stop at the broker")
    further = order.intent.stop_price - CENT * (1 if position.quantity > 0 else -1)
    stage.window.actions_.orders.move(order.client_order_id, "stop_price", further)

    def plan() -> Protection:
        return core.protector.covers(position.symbol)[-1].plan

    await eventually(lambda: plan().stop == further, within=10, what="the plan")
    assert msgspec.structs.asdict(plan())["target"] is not None


async def test_the_palette_goes_to_symbols_and_fills_the_ticket_without_sending(
    stage, symbol, qtbot
):
    stage.menus.all["Find anything..."].trigger()
    palette = await open_dialog(stage.window)
    qtbot.keyClicks(palette.field, symbol.lower())
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    await eventually(lambda: stage.deck.selection.symbol() == symbol)
    stage.menus.all["Find anything..."].trigger()
    palette = await open_dialog(stage.window)
    qtbot.keyClicks(palette.field, f"buy 7 {symbol} 1.50")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    ticket = await eventually(lambda: stage.window.actions_.orders.ticket)
    await eventually(lambda: ticket.quantity.text() == "7")
    assert ticket.intent().limit_price == Decimal("1.50")
    assert [o for o in stage.core.orders.all() if o.intent.strategy == "manual"] == []
    ticket.reject()


async def test_a_chosen_key_acts_and_is_kept_with_the_workspace(stage):
    stage.menus.set_keys({**stage.menus.keys, "Halt trading": "Ctrl+Alt+P"})
    assert stage.menus.all["Halt trading"].shortcut().toString() == "Ctrl+Alt+P"
    assert stage.window.workspace().keys == {"Halt trading": "Ctrl+Alt+P"}
    stage.menus.set_keys({**stage.menus.keys, "Halt trading": "Ctrl+K"})  # taken already
    assert stage.menus.all["Halt trading"].shortcut().toString() == "Ctrl+Alt+P"
