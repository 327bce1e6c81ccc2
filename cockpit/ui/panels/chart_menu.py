"""What a right click on the chart offers: orders at that price, lines, the price itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from cockpit.domain.order import Order, OrderType, Side
from cockpit.ui.charts.annotations import Level
from cockpit.ui.dialogs.ticket import Draft
from cockpit.ui.drawings import TrendLine
from cockpit.ui.models.orders import can_change, describe
from cockpit.ui.theme.format import price as shown_price


def offers(symbol: str, price: Decimal, last: float) -> list[tuple[str, Draft]]:
    """The four orders that rest at `price`, those that wait for it to come first.

    Below the market a buy waits as a limit and a sale as a stop; above it the other way round.
    """
    below = float(price) < last
    kinds = (
        (Side.BUY, OrderType.LIMIT if below else OrderType.STOP),
        (Side.SELL, OrderType.STOP if below else OrderType.LIMIT),
    )
    text = shown_price(price)
    return [
        (
            f"{side.value.capitalize()} {kind.value} at {text}...",
            Draft(symbol=symbol, side=side, type=kind, price=price),
        )
        for side, kind in kinds
    ]


Verb = tuple[str, Callable[[], None]]
"""What an entry says, and what it does."""


def order_verbs(
    order: Order | None, *, change: Callable[[str], None], cancel: Callable[[str], None]
) -> list[Verb]:
    """About the working order whose line was clicked; a cancel acts at once, as cancels must."""
    if order is None or not can_change(order):
        return []
    name = describe(order)
    return [
        (f"Cancel {name}", lambda: cancel(order.client_order_id)),
        (f"Change {name}...", lambda: change(order.client_order_id)),
    ]


def trend_verbs(
    line: TrendLine | None,
    *,
    begin: Callable[[], None],
    put: Callable[[TrendLine, TrendLine | None], None],
) -> list[Verb]:
    """About the trend line that was clicked, or the beginning of one."""
    if line is None:
        return [("Draw a trend line from here", begin)]
    other = msgspec.structs.replace(line, extended=not line.extended)
    text = "End the trend line at its points" if line.extended else "Extend the trend line"
    return [(text, lambda: put(line, other)), ("Remove the trend line", lambda: put(line, None))]


def chart_menu(
    parent: QWidget,
    symbol: str,
    price: Decimal,
    last: float,
    line: Level | None,
    *,
    order: Callable[[Draft], None],
    draw: Callable[[Decimal], None],
    remove: Callable[[float], None],
    tell: Callable[[Decimal], None],
    sloped: Sequence[Verb],
    resting: Sequence[Verb] = (),
    undo: Callable[[], None] | None = None,
) -> QMenu:
    """The menu; orders lead to the ticket, which sends nothing by itself.

    `resting` is what can be done with an order whose line was clicked, `sloped` with trend
    lines. `undo` takes the last change of a drawn line back, None when there was none.
    """
    menu = QMenu(parent)
    menu.setAccessibleName("Chart")
    for text, act in resting:
        menu.addAction(text, act)
    if resting:
        menu.addSeparator()
    for text, draft in offers(symbol, price, last):
        menu.addAction(text, lambda d=draft: order(d))
    menu.addSeparator()
    if line is not None and line.drawing:
        menu.addAction(f"Remove the line at {line.text}", lambda: remove(float(line.drawing)))
    else:
        menu.addAction(f"Draw a line at {shown_price(price)}", lambda: draw(price))
    for text, act in sloped:
        menu.addAction(text, act)
    if undo is not None:
        menu.addAction("Undo the last change of a line", undo)
    at = Decimal(line.drawing) if line is not None and line.drawing else price
    menu.addAction(f"Tell me when it crosses {shown_price(at)}...", lambda: tell(at))
    copied = f"{price:f}"
    menu.addAction(f"Copy {copied}", lambda: QGuiApplication.clipboard().setText(copied))
    return menu
