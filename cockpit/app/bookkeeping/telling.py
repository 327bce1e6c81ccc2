"""Trades, positions and statistics as plain values for other programs.

Exact decimals as text, times as ISO 8601 in UTC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cockpit.app.bookkeeping.books import AccountBook
from cockpit.app.bookkeeping.grouping import Group
from cockpit.domain.excursion import Excursion
from cockpit.domain.trade import LotMatch, Trade
from cockpit.domain.values import utc
from cockpit.journal.days import WEEKDAYS, day_of
from cockpit.journal.imported import Unmatched
from cockpit.journal.lots import OpenLot
from cockpit.journal.plan import TradePlan
from cockpit.journal.statistics import Statistic
from cockpit.journal.words import exact, not_added_up, signed_money


def trades_told(trades: Iterable[tuple[AccountBook, Trade]]) -> list[dict[str, Any]]:
    """Each closed trade with the lots that were matched."""
    return [
        {
            "trade_id": trade.trade_id,
            "account": trade.account_id,
            "symbol": trade.symbol,
            "direction": trade.direction.value,
            "strategy": trade.strategy,
            "tags": list(book.tags(trade)),
            "opened": _time(trade.opened_ns),
            "closed": _time(trade.closed_ns),
            "opened_timed": trade.opened_timed,
            "closed_timed": trade.closed_timed,
            "quantity": exact(trade.quantity),
            "average_entry": exact(trade.entry_price),
            "average_exit": exact(trade.exit_price),
            "gross": exact(trade.gross),
            "fees": exact(trade.fees),
            "net": exact(trade.net),
            "multiplier": exact(book.trades.multiplier(trade.symbol)),
            "currency": trade.currency,
            "initial_risk": exact(trade.initial_risk),
            "r": exact(trade.r_multiple),
            "excursion": _excursion(book.excursion(trade)),
            "plan": _plan(book.plan(trade)),
            "lots": [_match(match) for match in trade.matches],
        }
        for book, trade in trades
    ]


def unmatched_told(books: Iterable[AccountBook]) -> list[dict[str, Any]]:
    """What is in no trade and no position, and why."""
    return [_miss(miss) for book in books for miss in book.unmatched]


def positions_told(books: Iterable[AccountBook]) -> list[dict[str, Any]]:
    """What is held, lot by lot; average cost is a unit's price, before the multiplier."""
    return [_held(book, trade.lots) for book in books for trade in book.trades.open_trades()]


def days_told(trades: Iterable[tuple[AccountBook, Trade]]) -> list[dict[str, Any]]:
    """Net, trades, wins and losses of each New York day with a closed trade, oldest first."""
    by_day: defaultdict[str, list[Decimal]] = defaultdict(list)
    money: defaultdict[str, set[str]] = defaultdict(set)
    for _, trade in trades:
        day = day_of(trade.closed_ns)
        by_day[day].append(trade.net)
        money[day].add(trade.currency)
    return [
        {
            "day": day,
            "net": exact(None if len(money[day]) > 1 else sum(nets, Decimal(0))),
            "undefined": not_added_up(sorted(money[day])),
            "currency": "" if len(money[day]) > 1 else min(money[day]),
            "trades": len(nets),
            "wins": sum(net > 0 for net in nets),
            "losses": sum(net < 0 for net in nets),
        }
        for day, nets in sorted(by_day.items())
    ]


def calendar_lines(days: Sequence[dict[str, Any]]) -> list[str]:
    """A week a line from Monday to Sunday, its first day before it, its sum behind."""
    weeks: defaultdict[date, dict[int, dict[str, Any]]] = defaultdict(dict)
    for told in days:
        day = date.fromisoformat(told["day"])
        weeks[day - timedelta(days=day.weekday())][day.weekday()] = told
    lines = [f"{'week of':<10}{''.join(f'{name[:3]:>13}' for name in WEEKDAYS)}{'week':>14}"]
    for monday, nets in sorted(weeks.items()):
        cells = [f"{_cell([nets[n]]) if n in nets else '.':>13}" for n in range(7)]
        whole = _cell(list(nets.values()))
        lines.append(f"{monday.isoformat():<10}{''.join(cells)}{whole:>14}")
    return lines if days else []


def _cell(days: Sequence[dict[str, Any]]) -> str:
    """Their net; `several` where they are in several currencies."""
    currencies = {told["currency"] for told in days}
    if len(currencies) > 1 or "" in currencies:
        return "several"
    return signed_money(sum((Decimal(told["net"]) for told in days), Decimal(0)), min(currencies))


def groups_told(groups: Iterable[Group]) -> list[dict[str, Any]]:
    """Statistics by group, each with its definition."""
    return [
        {
            "key": group.key,
            "statistics": {s.id: _statistic(s) for s in group.statistics},
            "r_distribution": [
                {"from": exact(r.low), "below": exact(r.high), "trades": r.count} for r in group.rs
            ],
        }
        for group in groups
    ]


def _excursion(found: Excursion | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "mae": exact(found.adverse),
        "mfe": exact(found.favourable),
        "worst": exact(found.worst),
        "best": exact(found.best),
        "source": found.source,
        "samples": found.samples,
    }


def _plan(plan: TradePlan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "strategy": plan.strategy,
        "tactic": plan.tactic,
        "reason": plan.reason,
        "quantity": exact(plan.quantity),
        "filled": exact(plan.filled),
        "entry": exact(plan.entry),
        "entry_slippage": exact(plan.entry_slippage),
        "stop": exact(plan.stop),
        "target": exact(plan.target),
        "planned_r": exact(plan.planned_r),
        "closed_by": list(plan.closed_by),
    }


def _match(match: LotMatch) -> dict[str, Any]:
    return {
        "quantity": exact(match.quantity),
        "entry_price": exact(match.entry_price),
        "exit_price": exact(match.exit_price),
        "opened": _time(match.opened_ns),
        "closed": _time(match.closed_ns),
        "opened_timed": match.opened_timed,
        "closed_timed": match.closed_timed,
        "gross": exact(match.gross),
    }


def _held(book: AccountBook, lots: Sequence[OpenLot]) -> dict[str, Any]:
    quantity = sum((lot.quantity for lot in lots), Decimal(0))
    cost = sum((lot.quantity * lot.price for lot in lots), Decimal(0)) / quantity
    return {
        "account": book.account_id,
        "symbol": lots[0].symbol,
        "direction": lots[0].direction.value,
        "quantity": exact(quantity),
        "average_cost": exact(cost),
        "multiplier": exact(book.trades.multiplier(lots[0].symbol)),
        "currency": lots[0].currency,
        "lots": [
            {
                "quantity": exact(lot.quantity),
                "price": exact(lot.price),
                "opened": _time(lot.opened_ns),
                "opened_timed": lot.timed,
            }
            for lot in lots
        ],
    }


def _miss(miss: Unmatched) -> dict[str, Any]:
    return {
        "account": miss.booking.account_id,
        "symbol": miss.symbol,
        "quantity": exact(miss.quantity),
        "at": _time(miss.booking.ts_event),
        "timed": miss.booking.timed,
        "reason": miss.reason,
        "text": miss.booking.text,
    }


def _statistic(statistic: Statistic) -> dict[str, Any]:
    return {
        "label": statistic.label,
        "value": exact(statistic.value),
        "undefined": statistic.undefined,
        "unit": statistic.unit,
        "basis": statistic.basis,
        "sample": statistic.sample,
        "period": statistic.period,
        "time_zone": statistic.time_zone,
        "currency": statistic.currency,
        "definition": statistic.definition,
        "source": statistic.source,
    }


def _time(ts_ns: int) -> str:
    return utc(ts_ns).isoformat()
