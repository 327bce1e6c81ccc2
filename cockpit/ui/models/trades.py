"""Closed trades, groups of them and entries found, as rows of a blotter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from cockpit.domain.trade import Direction, Trade
from cockpit.ui.models.columns import Align, Column, Mark, Row, StillKeys, muted, signed_role
from cockpit.ui.theme import FontRole
from cockpit.ui.theme.format import (
    MISSING,
    duration,
    money,
    new_york_date,
    new_york_time,
    number,
    percent,
    quantity,
    signed_money,
)

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.grouping import Group
    from cockpit.ports.entries import FoundEntry, JournalEntry

_SECOND = 1_000_000_000
_SIDES = {"LONG": ("up", Mark.UP), "SHORT": ("down", Mark.DOWN)}


def _r(value: Decimal | None) -> str:
    return MISSING if value is None else f"{number(value, signed=True)} R"


_Money = tuple[Decimal | None, str]
"""An amount, None where it is undefined, and its currency."""
_IN_MONEY = ("net", "expectancy")


def _net(net: _Money) -> str:
    return signed_money(net[0], currency=net[1])


def _net_role(net: _Money) -> str:
    return signed_role(net[0])


def _fees(fees: _Money) -> str:
    return money(fees[0], currency=fees[1])


def _stars(rating: int | None) -> str:
    return "" if rating is None else f"{rating}/5"


def _when(ts_ns: int, *, timed: bool) -> str:
    """The day, and the time of day where it is known."""
    day = new_york_date(ts_ns)
    return f"{day}  {new_york_time(ts_ns, seconds=False)}" if timed else day


def _closed(end: tuple[int, bool]) -> str:
    """Without the weekday: the column is read downwards."""
    return _when(end[0], timed=end[1]).partition(" ")[2]


def trade_columns() -> tuple[Column, ...]:
    """What a trader looks for in a trade; what has no room leaves by its `drop`."""
    number2 = partial(number, places=2)
    return (
        Column("closed", "Closed", _closed, "30 Nov 2018  09:30", align=Align.LEFT, role=muted),
        Column("symbol", "Symbol", sample="AAAAA", align=Align.LEFT, font=FontRole.STRONG),
        Column("side", "Side", sample="SHORT", align=Align.LEFT,
               role=lambda side: _SIDES[side][0], mark=lambda side: _SIDES[side][1]),
        Column("quantity", "Qty", quantity, "0,000", drop=3),
        Column("entry", "Entry", number2, "000.00", drop=4, hint="Average price in"),
        Column("exit", "Exit", number2, "000.00", drop=5, hint="Average price out"),
        Column("net", "Net", _net, "+$0,000.00", role=_net_role, font=FontRole.STRONG,
               hint="Gross - fees"),
        Column("r", "R", _r, "+0.00 R", role=signed_role,
               hint="Net / initial risk, frozen at entry; none without a stop"),
        Column("fees", "Fees", _fees, "$00.00", role=muted, drop=8),
        Column("held", "Held", duration, "0:00:00", role=muted, drop=7),
        Column("rating", "Rating", _stars, "5/5", role=muted, drop=9),
        Column("tags", "Tags", sample="setup/orb", align=Align.LEFT, role=muted, drop=6),
        Column("strategy", "Strategy", sample="opening-range-breakout", align=Align.LEFT,
               role=muted, stretch=True, drop=10),
    )  # fmt: skip


class TradeRows:
    """Closed trades, the last one on top; they never change, a correction gives others."""

    def __init__(self) -> None:
        self._trades: dict[str, Trade] = {}
        self._keys = StillKeys()
        self._entries: Mapping[str, JournalEntry] = {}

    def show(self, trades: Sequence[Trade], entries: Mapping[str, JournalEntry]) -> None:
        """Take these, by their end, with what is written about some of them."""
        self._trades = {trade.trade_id: trade for trade in trades}
        self._keys = StillKeys(reversed(self._trades))
        self._entries = entries

    def trade(self, key: str) -> Trade | None:
        """A trade shown."""
        return self._trades.get(key)

    def keys(self) -> list[str]:
        """Trade ids, the last closed first."""
        return self._keys

    def row(self, key: str) -> Row:
        """One trade."""
        trade, entry = self._trades[key], self._entries.get(key)
        currency = trade.currency
        values: tuple[Any, ...] = (
            (trade.closed_ns, trade.closed_timed),
            trade.symbol,
            "LONG" if trade.direction is Direction.LONG else "SHORT",
            trade.quantity,
            trade.entry_price,
            trade.exit_price,
            (trade.net, currency),
            trade.r_multiple,
            (trade.fees, currency),
            None if trade.held_ns is None else trade.held_ns / _SECOND,
            None if entry is None else entry.rating,
            "" if entry is None else ", ".join(entry.tags),
            trade.strategy,
        )
        return Row(values, tip=self._tip(trade, entry))

    @staticmethod
    def _tip(trade: Trade, entry: JournalEntry | None) -> str:
        currency = trade.currency
        told = (
            f"{trade.symbol} opened {_when(trade.opened_ns, timed=trade.opened_timed)}, "
            f"gross {signed_money(trade.gross, currency=currency)}, "
            f"fees {money(trade.fees, currency=currency)}, {len(trade.execution_ids)} fills"
        )
        return told if entry is None or not entry.note else f"{told}\n{entry.note[:300]}"


def group_columns() -> tuple[Column, ...]:
    """A group's key and the statistics that groups are compared by."""
    return (
        Column("key", "Group", sample="opening-range-breakout", align=Align.LEFT,
               font=FontRole.STRONG, stretch=True),
        Column("trades", "Trades", quantity, "0,000"),
        Column("net", "Net", _net, "+$0,000.00", role=_net_role, font=FontRole.STRONG),
        Column("win_rate", "Win rate", partial(percent, places=1), "00.0%"),
        Column("expectancy", "Expectancy", _net, "+$000.00", role=_net_role, drop=1),
        Column("profit_factor", "Profit factor", number, "0.00", drop=3),
        Column("mean_r", "Mean R", _r, "+0.00 R", role=signed_role, drop=2),
    )  # fmt: skip


class GroupRows:
    """Groups with their statistics; what is undefined is a missing sign, its tip says why."""

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}
        self._keys = StillKeys()

    def show(self, groups: Sequence[Group]) -> None:
        """Take these, in this order."""
        self._groups = {group.key: group for group in groups}
        self._keys = StillKeys(self._groups)

    def keys(self) -> list[str]:
        """The groups."""
        return self._keys

    def row(self, key: str) -> Row:
        """One group."""
        told = {statistic.id: statistic for statistic in self._groups[key].statistics}
        names = [column.key for column in group_columns()[1:]]
        missing = [
            f"{told[n].label} is not defined: {told[n].undefined}."
            for n in names
            if told[n].value is None
        ]
        values = [
            (told[n].value, told[n].currency or "USD") if n in _IN_MONEY else told[n].value
            for n in names
        ]
        return Row((key, *values), tip="\n".join(missing))


def found_columns() -> tuple[Column, ...]:
    """What an entry found is about, and the words that fit."""
    return (
        Column("day", "Day", sample="2018-01-02", align=Align.LEFT, role=muted),
        Column("about", "About", sample="Trade AAAA", align=Align.LEFT, font=FontRole.STRONG),
        Column("rating", "Rating", _stars, "5/5", role=muted, drop=2),
        Column("tags", "Tags", sample="setup/orb", align=Align.LEFT, role=muted, drop=1),
        Column("excerpt", "Words", sample="waited for the retest", align=Align.LEFT, stretch=True),
    )


class FoundRows:
    """Entries that a search found; the key leads back to the entry."""

    def __init__(self, symbol_of: Callable[[str], str]) -> None:
        self._symbol_of = symbol_of
        self._found: dict[str, FoundEntry] = {}
        self._keys = StillKeys()

    def show(self, found: Sequence[FoundEntry]) -> None:
        """Take these, in this order."""
        self._found = {f"{each.entry.day} {each.entry.trade_id}": each for each in found}
        self._keys = StillKeys(self._found)

    def entry(self, key: str) -> JournalEntry:
        """The entry of a row."""
        return self._found[key].entry

    def keys(self) -> list[str]:
        """The rows."""
        return self._keys

    def row(self, key: str) -> Row:
        """One entry."""
        found = self._found[key]
        entry = found.entry
        about = f"Trade {self._symbol_of(entry.trade_id)}" if entry.trade_id else "Day"
        words = " ".join(found.excerpt.split())
        return Row((entry.day, about, entry.rating, ", ".join(entry.tags), words), tip=entry.note)
