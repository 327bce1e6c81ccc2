"""The facts of a day: every figure that its recap may show, computed once, here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from cockpit.domain.fact import Fact, Unit
from cockpit.domain.fill import Fill
from cockpit.domain.trade import Trade
from cockpit.domain.values import ZERO
from cockpit.journal import words
from cockpit.journal.days import Day, iso_day
from cockpit.journal.statistics import Statistic, statistics_of
from cockpit.journal.tradebook import TradeBook
from cockpit.recap.fact_maker import FactMaker
from cockpit.recap.trade_facts import trade_facts


def daily_facts(book: TradeBook, day: Day) -> tuple[Fact, ...]:
    """The facts of one New York day, in a fixed order.

    Money of the day is what was realised on it, partial exits included, less all fees
    paid on it. Losses, fees and the net are required: no recap can leave them out.
    """
    iso = iso_day(day)
    make = FactMaker(iso)
    trades, fills = book.trades(iso), book.fills(iso)
    stats = statistics_of(trades, period=iso, starting_equity=book.starting_equity)
    by_id = {statistic.id: statistic for statistic in stats}
    return (
        *_frame(book, iso, make),
        *_money(book, iso, fills, make),
        *_counts(by_id, trades, make),
        *_ratios(by_id, trades, make),
        *_extremes(trades, make),
        *_groups(trades, make),
        *_activity(book, iso, fills, make),
        *trade_facts(trades, make),
    )


def _frame(book: TradeBook, day: str, make: FactMaker) -> Iterable[Fact]:
    session = words.session_words(book.label, day) or "Live session"
    yield make.text("session", "Session", session, "what kind of market it was")
    yield make.fact("date", "Date", Unit.DATE, None, words.long_date(day), "the New York day")


def _money(book: TradeBook, day: str, fills: Sequence[Fill], make: FactMaker) -> Iterable[Fact]:
    gross = sum((match.gross for match in book.exits(day)), ZERO)
    fees = sum((fill.fee for fill in fills), ZERO)
    source = tuple(fill.execution_id for fill in fills)
    yield make.money("net", "Net P&L", gross - fees, "realised on the day - fees paid on the day",
                     source, required=True)  # fmt: skip
    yield make.money("gross", "Gross P&L", gross, "realised on the day, before fees", source)
    yield make.fact("fees", "Fees", Unit.MONEY, fees, words.money(fees), "fees paid on the day",
                    source, required=True)  # fmt: skip


def _counts(
    stats: dict[str, Statistic], trades: Sequence[Trade], make: FactMaker
) -> Iterable[Fact]:
    nouns = {
        "trades": ("trade", "trades"),
        "wins": ("win", "wins"),
        "losses": ("loss", "losses"),
        "scratches": ("scratch", "scratches"),
    }
    for id_, (one, many) in nouns.items():
        statistic = stats[id_]
        yield make.count(id_, statistic.label, int(statistic.value or 0), one, many,
                         statistic.definition, _executions(trades),
                         required=id_ in ("trades", "losses"))  # fmt: skip


def _ratios(
    stats: dict[str, Statistic], trades: Sequence[Trade], make: FactMaker
) -> Iterable[Fact]:
    kinds = {
        "win_rate": (Unit.PERCENT, words.percent),
        "profit_factor": (Unit.RATIO, words.ratio),
        "payoff": (Unit.RATIO, words.ratio),
        "expectancy": (Unit.MONEY, words.signed_money),
        "average_win": (Unit.MONEY, words.signed_money),
        "average_loss": (Unit.MONEY, words.signed_money),
        "average_hold": (Unit.DURATION, words.duration),
        "mean_r": (Unit.R, words.r_multiple),
        "max_drawdown": (Unit.MONEY, words.signed_money),
    }
    for id_, (unit, written) in kinds.items():
        statistic = stats[id_]
        value = statistic.value
        text = f"undefined: {statistic.undefined}" if value is None else written(value)
        yield make.fact(id_, statistic.label, unit, value, text, statistic.definition,
                        _executions(trades), undefined=statistic.undefined)  # fmt: skip


def _extremes(trades: Sequence[Trade], make: FactMaker) -> Iterable[Fact]:
    won = [trade for trade in trades if trade.net > 0]
    lost = [trade for trade in trades if trade.net < 0]
    if won:
        best = max(won, key=lambda trade: trade.net)
        yield from _extreme("largest_win", "Largest win", best, make, required=False)
    if lost:
        worst = min(lost, key=lambda trade: trade.net)
        yield from _extreme("largest_loss", "Largest loss", worst, make, required=True)


def _extreme(
    id_: str, label: str, trade: Trade, make: FactMaker, *, required: bool
) -> Iterable[Fact]:
    source = trade.execution_ids
    rule = f"the trade with the {label.lower()} after fees"
    yield make.money(id_, label, trade.net, rule, source, required=required)
    yield make.text(f"{id_}.symbol", f"{label}, symbol", trade.symbol, rule, source)
    yield make.text(f"{id_}.direction", f"{label}, side", trade.direction.value, rule, source)
    yield make.time(f"{id_}.time", f"{label}, closed at", trade.closed_ns, rule, source)


def _groups(trades: Sequence[Trade], make: FactMaker) -> Iterable[Fact]:
    for kind in ("symbol", "strategy"):
        for name in sorted({_group(trade, kind) for trade in trades}):
            members = [trade for trade in trades if _group(trade, kind) == name]
            net = sum((trade.net for trade in members), ZERO)
            source = _executions(members)
            rule = f"net of the closed trades of this {kind}"
            yield make.text(f"{kind}.{name}", kind.title(), name, rule, source)
            yield make.money(f"{kind}.{name}.net", f"{name}, net", net, rule, source)
            yield make.count(f"{kind}.{name}.trades", f"{name}, trades", len(members), "trade",
                             "trades", rule, source)  # fmt: skip


def _activity(book: TradeBook, day: str, fills: Sequence[Fill], make: FactMaker) -> Iterable[Fact]:
    source = tuple(fill.execution_id for fill in fills)
    shares = sum((fill.quantity for fill in fills), ZERO)
    noun = "share" if shares == 1 else "shares"
    yield make.fact("shares", "Shares traded", Unit.SHARES, shares, f"{words.size(shares)} {noun}",
                    "sum of all fills' quantities, in and out", source)  # fmt: skip
    if fills:
        yield make.time("first_fill", "First fill", fills[0].ts_event, "first fill of the day",
                        source[:1])  # fmt: skip
        yield make.time("last_fill", "Last fill", fills[-1].ts_event, "last fill of the day",
                        source[-1:])  # fmt: skip
    opened = book.open_at(day)
    yield make.count("open_positions", "Open at the end", len(opened), "open position",
                     "open positions", "positions not flat at the end of the day")  # fmt: skip
    for number, trade in enumerate(opened, 1):
        held = f"{trade.direction.value} {words.size(trade.quantity)} {trade.symbol}"
        yield make.fact(f"open.{number}", f"Open, {trade.symbol}", Unit.SHARES,
                        Decimal(trade.quantity), held, "held at the end of the day",
                        trade.execution_ids)  # fmt: skip


def _group(trade: Trade, kind: str) -> str:
    return trade.symbol if kind == "symbol" else trade.strategy


def _executions(trades: Sequence[Trade]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id_ for trade in trades for id_ in trade.execution_ids))
