"""Positions as data: the columns, and the rows pulled from portfolio and book."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.position import Position
from cockpit.market.book import Book
from cockpit.trading.portfolio import Portfolio
from cockpit.ui.models.columns import Align, Column, Mark, Row, muted, signed_role
from cockpit.ui.models.exits import NO_STOP
from cockpit.ui.models.prices import in_cell, places_of, price_text
from cockpit.ui.models.watchlist import STALE_AFTER_S
from cockpit.ui.theme import FontRole
from cockpit.ui.theme.format import (
    money,
    new_york_date,
    new_york_time,
    number,
    percent,
    quantity,
    signed_money,
)

_whole = partial(money, places=0)
_LONG, _SHORT, _FLAT = "LONG", "SHORT", "FLAT"
_SIDES = {_LONG: ("up", Mark.UP), _SHORT: ("down", Mark.DOWN), _FLAT: ("muted", None)}


_ADJUSTED = {
    AdjustmentKind.OPENING: "Opening balance",
    AdjustmentKind.ACCEPTED: "Accepted as the broker has it",
    AdjustmentKind.SPLIT: "Split",
    AdjustmentKind.TRANSFER: "Transfer",
    AdjustmentKind.EXPIRED: "Expired",
    AdjustmentKind.CHARGE: "Fee, dividend or interest",
}


def _side_role(side: str) -> str:
    return _SIDES[side][0]


def _side_mark(side: str) -> Mark | None:
    return _SIDES[side][1]


def _exits_role(exits: str) -> str:
    return "warning" if exits == NO_STOP else "muted"


def columns() -> tuple[Column, ...]:
    """Symbol, side, quantity, cost, mark, unrealised, per cent, day P&L, exposure, exits."""
    return (
        Column("symbol", "Symbol", sample="AAAAA", align=Align.LEFT, font=FontRole.STRONG),
        Column(
            "side", "Side", sample="SHORT", align=Align.LEFT, role=_side_role, mark=_side_mark
        ),
        Column("quantity", "Qty", quantity, "0,000", sort=abs),
        Column("cost", "Avg cost", price_text, "000.00", hint="Average price paid, without fees"),
        Column("mark", "Mark", price_text, "000.000", flash=True, marks_stale=True,
               hint="Middle of the quote, to half a tick, or the last trade"),
        Column("open", "Unrealised", signed_money, "+$000.00", role=signed_role,
               font=FontRole.STRONG, marks_stale=True,
               hint="(mark - average cost) x quantity, before fees"),
        Column("percent", "%", partial(percent, signed=True), "+00.00%", role=signed_role, drop=2,
               marks_stale=True, hint="Unrealised over cost"),
        Column("day", "Day P&L", signed_money, "+$000.00", role=signed_role, drop=1,
               hint="Realised + unrealised - fees today"),
        Column("exposure", "Exposure", _whole, "$00,000", role=muted, drop=3,
               hint="Value at the mark, signed"),
        Column("exits", "Stop / target", sample="000.00 / 000.00", align=Align.LEFT,
               role=_exits_role, below_buttons=True,
               hint="The stop at the venue, and the target that is watched"),
    )  # fmt: skip


class PositionRows:
    """Open positions first, then what was closed today."""

    def __init__(
        self, portfolio: Portfolio, book: Book, exits: Callable[[Position], str] = lambda _p: ""
    ) -> None:
        self._portfolio = portfolio
        self._exits = exits
        self._book = book

    def keys(self) -> list[str]:
        """Every symbol touched today, held ones first."""
        positions = self._portfolio.positions()
        return [p.symbol for p in sorted(positions, key=lambda p: p.flat)]

    def row(self, key: str) -> Row:
        """The position at its mark; stale when its quote is."""
        portfolio, position = self._portfolio, self._portfolio.position(key)
        open_profit = portfolio.unrealised_of(key)
        cost = abs(float(position.cost))
        held, places = not position.flat, places_of(self._book, key)
        values: tuple[Any, ...] = (
            key,
            side_of(position),
            position.quantity,
            in_cell(float(position.average_cost), places) if held else None,
            in_cell(portfolio.mark_of(key), places + 1),
            open_profit if held else None,
            open_profit / cost if held and cost else None,
            portfolio.day_pnl_of(key),
            portfolio.exposure_of(key) if held else None,
            self._exits(position),
        )
        age = self._book.age_s(key)
        stale = held and (age is None or age > STALE_AFTER_S)
        return Row(values, stale, adjusted_words(portfolio.adjusted_last(key)))

    def held(self, key: str) -> bool:
        """True when there is something to flatten."""
        return not self._portfolio.position(key).flat


def adjusted_words(adjustment: Adjustment | None) -> str:
    """By what other means than a trade a position was set; empty when it never was."""
    if adjustment is None:
        return ""
    held, cost = quantity(adjustment.quantity), number(adjustment.average_cost)
    at = f" at {cost}" if adjustment.quantity else ""
    when = f"{new_york_date(adjustment.ts_event)}, {new_york_time(adjustment.ts_event)} NY"
    word = _ADJUSTED[adjustment.kind]
    return f"{word}: set to {held}{at} on {when}. {adjustment.reason}."


def side_of(position: Position) -> str:
    """LONG, SHORT or FLAT."""
    if position.flat:
        return _FLAT
    return _LONG if position.quantity > 0 else _SHORT
