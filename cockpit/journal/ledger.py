"""Fills to trades, first in first out, flat to flat. Pure: same fills, same ledger.

A fill that turns the position around is split at the open quantity: the one half
closes the old trade, the other opens the next, and each bears its share of the fee by
quantity, so that the fee is paid once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

import msgspec

from cockpit.domain.adjustment import Adjustment
from cockpit.domain.errors import DomainError
from cockpit.domain.fill import Fill
from cockpit.domain.trade import LotMatch, Trade
from cockpit.domain.values import ZERO
from cockpit.journal.lots import FillPart, OpenLot, OpenTrade, TradeMaker, opening_of

ONE = Decimal(1)
_DIGITS = re.compile(r"(\d+)")

_FEE_STEP = Decimal("0.000001")  # finer than any fee schedule; the rest goes to the other half

OrderKey = tuple[int, tuple[tuple[int, str], ...], str]


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """All that follows from the fills: closed trades by their end, and what is open."""

    trades: tuple[Trade, ...]
    open_trades: tuple[OpenTrade, ...]

    @property
    def open_lots(self) -> tuple[OpenLot, ...]:
        """What is held, lot by lot."""
        return tuple(lot for trade in self.open_trades for lot in trade.lots)

    @property
    def partial_exits(self) -> tuple[LotMatch, ...]:
        """What trades that are still open have realised."""
        return tuple(match for trade in self.open_trades for match in trade.matches)


class SymbolLedger:
    """The fills of one symbol in one account and currency, matched as they come.

    First in first out, or with `average` at average cost.
    """

    def __init__(self, multiplier: Decimal = ONE, *, average: bool = False) -> None:
        self._multiplier = multiplier
        self._average = average
        self._making: TradeMaker | None = None
        self.trades: list[Trade] = []

    def add(self, fill: Fill) -> Trade | None:
        """Match the next fill in time; the trade it closed, if it closed one."""
        making = self._making
        if making is None or not making.closes(fill) or fill.quantity <= making.quantity:
            return self._take(FillPart(fill, fill.quantity, fill.fee))
        closing_fee = (fill.fee * making.quantity / fill.quantity).quantize(_FEE_STEP)
        rest = fill.quantity - making.quantity
        closed = self._take(FillPart(fill, making.quantity, closing_fee))
        self._take(FillPart(fill, rest, fill.fee - closing_fee))
        return closed

    def adjust(self, to: Adjustment) -> Trade | None:
        """Set what is held; the trade that ended by it, if it had closed anything."""
        making = self._making
        if making is not None and making.holds(to.quantity):
            making.adjust(to)
            return None
        ended = None if making is None else making.taken_away(to)
        self._making = None
        if ended is not None:
            self.trades.append(ended)
        if to.quantity != 0:
            self._take(FillPart(opening_of(to), abs(to.quantity), ZERO, traded=False))
        return ended

    @property
    def open_trade(self) -> OpenTrade | None:
        """The trade that is not flat yet."""
        return None if self._making is None else self._making.still_open()

    def _take(self, part: FillPart) -> Trade | None:
        if self._making is None:
            self._making = TradeMaker(part, self._multiplier, average=self._average)
            return None
        trade = self._making.take(part)
        if trade is not None:
            self._making = None
            self.trades.append(trade)
        return trade


def match_fifo(fills: Iterable[Fill], multipliers: Mapping[str, Decimal] | None = None) -> Ledger:
    """The ledger of `fills`, in whatever order they come; a known execution counts once.

    `multipliers` gives money per price unit by symbol, 1 where it is silent. Raises
    DomainError when one execution id comes with two different fills.
    """
    books: dict[tuple[str, str, str], SymbolLedger] = {}
    for fill in in_order(unique(fills)):
        key = (fill.account_id, fill.symbol, fill.currency)
        if key not in books:
            books[key] = SymbolLedger((multipliers or {}).get(fill.symbol, ONE))
        books[key].add(fill)
    return ledger_of(books)


def ledger_of(books: Mapping[tuple[str, str, str], SymbolLedger]) -> Ledger:
    """All of them as one: trades by end, open trades by account, symbol and currency."""
    trades = [trade for book in books.values() for trade in book.trades]
    opened = [books[key].open_trade for key in sorted(books)]
    return Ledger(
        trades=tuple(sorted(trades, key=trade_key)),
        open_trades=tuple(trade for trade in opened if trade is not None),
    )


def unique(fills: Iterable[Fill]) -> list[Fill]:
    """The fills without repetitions. Raises DomainError for a contradiction."""
    known: dict[tuple[str, str], Fill] = {}
    for fill in fills:
        refuse_contradiction(known.setdefault((fill.account_id, fill.execution_id), fill), fill)
    return list(known.values())


def refuse_contradiction(known: Fill, fill: Fill) -> None:
    """Raise DomainError when one execution is told in two ways."""
    if known != fill:
        raise DomainError(f"execution {fill.execution_id} came with two different fills")


def in_order(fills: Iterable[Fill]) -> list[Fill]:
    """By `order_key`, which is asked only where fills share a time."""
    ordered = sorted(fills, key=lambda fill: fill.ts_event)
    first = 0
    for place in range(1, len(ordered) + 1):
        if place == len(ordered) or ordered[place].ts_event != ordered[first].ts_event:
            if place - first > 1:
                ordered[first:place] = sorted(ordered[first:place], key=order_key)
            first = place
    return ordered


def order_key(fill: Fill) -> OrderKey:
    """By time; at one time by execution id, read as a person reads it (x9 before x10)."""
    return (fill.ts_event, _natural(fill.execution_id), fill.execution_id)


def trade_key(trade: Trade) -> tuple[int, str, str, OrderKey]:
    """By end, then account, symbol and beginning."""
    return (
        trade.closed_ns,
        trade.account_id,
        trade.symbol,
        (trade.opened_ns, _natural(trade.trade_id), trade.trade_id),
    )


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    parts = _DIGITS.split(name)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def realised_gross(ledger: Ledger) -> Decimal:
    """Money realised before fees: closed trades and partial exits."""
    closed = sum((trade.gross for trade in ledger.trades), ZERO)
    return closed + sum((match.gross for match in ledger.partial_exits), ZERO)
