"""What is drawn on top of the candles: own fills, working orders, the average cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderType, Side
from cockpit.domain.position import Position
from cockpit.trading.protection.cover import Cover
from cockpit.ui.charts.candles import Candles, index_at
from cockpit.ui.charts.sessions import clock_text
from cockpit.ui.models.orders import can_move
from cockpit.ui.theme.format import number, quantity

_NS = 1_000_000_000
_SHORT_TYPES = {
    OrderType.MARKET: "MKT",
    OrderType.LIMIT: "LMT",
    OrderType.STOP: "STP",
    OrderType.STOP_LIMIT: "STP LMT",
}


class FillMark(NamedTuple):
    """A triangle at bar `bar` and `price`, pointing up for a buy; `text` is its tooltip."""

    bar: int
    price: float
    side: Side
    text: str


class Level(NamedTuple):
    """A horizontal line at `price` with a label in the colour of `role`.

    It can be dragged when it is the price `field` of the working order `order_id`, or the
    line of that name in `drawing`. A `lasting` one is told at the edge when it is out of sight.
    """

    price: float
    text: str
    role: str
    dashed: bool
    order_id: str = ""
    field: str = ""
    drawing: str = ""
    lasting: bool = False


def fill_marks(fills: Iterable[Fill], candles: Candles) -> tuple[FillMark, ...]:
    """A mark for each fill on the bar that holds its moment; none before the first bar."""
    marks: list[FillMark] = []
    for fill in fills:
        bar = index_at(candles, fill.ts_event / _NS)
        if bar is not None:
            marks.append(FillMark(bar, float(fill.price), fill.side, _fill_text(fill)))
    return tuple(marks)


def _fill_text(fill: Fill) -> str:
    verb = "Bought" if fill.side is Side.BUY else "Sold"
    when = clock_text(fill.ts_event / _NS, seconds=True)
    said = f"{verb} {quantity(fill.quantity)} at {number(fill.price)}, {when}"
    return said if fill.strategy == "manual" else f"{said}, {fill.strategy}"


def order_levels(orders: Iterable[Order]) -> tuple[Level, ...]:
    """A dashed line for each price that a working order rests at."""
    levels: list[Level] = []
    for order in orders:
        intent = order.intent
        word = f"{intent.side.value.upper()} {quantity(order.remaining)}"
        kind = _SHORT_TYPES[intent.type]
        for price, role, field in (
            (intent.stop_price, "warning", "stop_price"),
            (intent.limit_price, "accent", "limit_price"),
        ):
            if price is not None:
                order_id = order.client_order_id if can_move(order) else ""
                level = Level(
                    float(price), f"{word} {kind}", role, True, order_id, field, lasting=True
                )
                levels.append(level)
    return tuple(levels)


def target_levels(covers: Iterable[Cover], orders: Iterable[Order]) -> tuple[Level, ...]:
    """A dashed line for each target that is watched; one at which an order rests has its own."""
    resting = {order.intent.limit_price for order in orders}
    levels: list[Level] = []
    for cover in covers:
        target = cover.plan.target
        if target is not None and target not in resting:
            verb = "SELL" if cover.side is Side.BUY else "BUY"
            text = f"{verb} {quantity(cover.quantity)} target"
            levels.append(Level(float(target), text, "accent", True, lasting=True))
    return tuple(levels)


def day_levels(previous: float | None, high: float | None, low: float | None) -> tuple[Level, ...]:
    """What the day is measured from, its highest and lowest print."""
    named = ((previous, "Prev close"), (high, "Day high"), (low, "Day low"))
    return tuple(Level(price, text, "muted", True) for price, text in named if price is not None)


def drawn_levels(prices: Iterable[float]) -> tuple[Level, ...]:
    """The lines that a person drew."""
    return tuple(
        Level(price, number(price), "notice", False, drawing=repr(price)) for price in prices
    )


def position_of(fills: Sequence[Fill]) -> Position | None:
    """The position that the fills of one symbol and account add up to; None when flat."""
    if not fills:
        return None
    position = Position(account_id=fills[0].account_id, symbol=fills[0].symbol)
    for fill in fills:
        position = position.with_fill(fill)
    return None if position.flat else position


def cost_level(position: Position | None) -> tuple[Level, ...]:
    """The average-cost line of a held position."""
    if position is None:
        return ()
    word = "LONG" if position.quantity > 0 else "SHORT"
    text = f"{word} {quantity(abs(position.quantity))} avg"
    return (Level(float(position.average_cost), text, "text", False, lasting=True),)
