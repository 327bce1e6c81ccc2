"""Trades and statistics as plain values, for a report or an export.

Exact decimals as text, times as ISO 8601 UTC. No ids and no account: two runs of the
same session give the same bytes.
"""

from __future__ import annotations

from typing import Any

from cockpit.domain.trade import Trade
from cockpit.domain.values import utc
from cockpit.journal.days import Day
from cockpit.journal.lots import OpenTrade
from cockpit.journal.statistics import Statistic
from cockpit.journal.tradebook import TradeBook
from cockpit.journal.words import exact


def journal_summary(book: TradeBook, day: Day | None = None) -> dict[str, Any]:
    """`trades`, `open` and `statistics` of a day, or of all."""
    opened = book.open_trades() if day is None else book.open_at(day)
    return {
        "trades": [trade_values(trade) for trade in book.trades(day)],
        "open": [_open_values(trade) for trade in opened],
        "statistics": {s.id: _statistic_values(s) for s in book.statistics(day)},
    }


def trade_values(trade: Trade) -> dict[str, Any]:
    """One closed trade."""
    return {
        "symbol": trade.symbol,
        "direction": trade.direction.value,
        "strategy": trade.strategy,
        "quantity": exact(trade.quantity),
        "entry_price": exact(trade.entry_price),
        "exit_price": exact(trade.exit_price),
        "opened": utc(trade.opened_ns).isoformat(),
        "closed": utc(trade.closed_ns).isoformat(),
        "gross": exact(trade.gross),
        "fees": exact(trade.fees),
        "net": exact(trade.net),
        "initial_risk": exact(trade.initial_risk),
        "r": exact(trade.r_multiple),
    }


def _open_values(trade: OpenTrade) -> dict[str, Any]:
    return {
        "symbol": trade.symbol,
        "direction": trade.direction.value,
        "strategy": trade.strategy,
        "quantity": exact(trade.quantity),
        "opened": utc(trade.opened_ns).isoformat(),
        "fees": exact(trade.fees),
    }


def _statistic_values(statistic: Statistic) -> dict[str, Any]:
    return {
        "label": statistic.label,
        "value": exact(statistic.value),
        "undefined": statistic.undefined,
        "unit": statistic.unit,
        "basis": statistic.basis,
        "sample": statistic.sample,
        "definition": statistic.definition,
    }
