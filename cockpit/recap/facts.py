"""The facts of a day: every figure that its recap may show, computed once, here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from cockpit.domain.currency import each_once
from cockpit.domain.fact import Fact, Unit
from cockpit.domain.fill import Fill
from cockpit.domain.trade import Trade
from cockpit.domain.values import ZERO
from cockpit.journal import words
from cockpit.journal.days import Day, day_of, iso_day
from cockpit.journal.statistics import Statistic, statistics_of
from cockpit.journal.tradebook import TradeBook
from cockpit.recap.fact_maker import FactMaker
from cockpit.recap.trade_facts import trade_facts


class Span(NamedTuple):
    """New York days from the first to the last, and how their period is written."""

    first: str
    last: str
    period: str
    title: str

    @property
    def days(self) -> list[str]:
        """Each of them, ISO 8601."""
        first = date.fromisoformat(self.first)
        count = (date.fromisoformat(self.last) - first).days + 1
        return [(first + timedelta(days=n)).isoformat() for n in range(count)]


def day_span(day: Day) -> Span:
    """One day."""
    iso = iso_day(day)
    return Span(iso, iso, iso, words.long_date(iso))


def week_span(week: str) -> Span:
    """An ISO week, `2018-W01`, from Monday to Sunday. Raises ValueError for what is none."""
    monday = date.fromisoformat(f"{week}-1")
    first, last = monday.isoformat(), (monday + timedelta(days=6)).isoformat()
    return Span(first, last, week, f"{words.long_date(first)} to {words.long_date(last)}")


def daily_facts(book: TradeBook, day: Day) -> tuple[Fact, ...]:
    """The facts of one New York day, in a fixed order.

    Money of the day is what was realised on it, partial exits included, less all fees
    paid on it. Losses, fees and the net are required: no recap can leave them out.
    """
    span = day_span(day)
    make = FactMaker(span.period, currencies=currencies_within(book, span))
    trades = book.trades(span.first)
    return (
        *span_facts(book, span, trades, make, book.starting_equity),
        *trade_facts(trades, make),
    )


def span_facts(
    book: TradeBook,
    span: Span,
    trades: Sequence[Trade],
    make: FactMaker,
    equity: Decimal | None,
) -> Iterable[Fact]:
    """What days have in common with weeks; `trades` closed within, `equity` was held before."""
    fills = [fill for day in span.days for fill in book.fills(day)]
    stats = statistics_of(
        trades,
        period=span.period,
        starting_equity=equity,
        sessions=book.sessions,
        currencies=currencies_within(book, span),
    )
    by_id = {statistic.id: statistic for statistic in stats}
    yield from frame(book, span, make)
    yield from money(book, span, fills, make)
    yield from _counts(by_id, trades, make)
    yield from _ratios(by_id, trades, make)
    yield from _extremes(trades, make)
    yield from groups(trades, make)
    yield from _activity(book, span, fills, make)


def frame(book: TradeBook, span: Span, make: FactMaker) -> Iterable[Fact]:
    """What kind of market it was, and when."""
    session = words.session_words(book.label, span.period) or "Live session"
    yield make.text("session", "Session", session, "what kind of market it was")
    yield make.fact("date", "Date", Unit.DATE, None, span.title, f"the New York {span_word(span)}")


def money(book: TradeBook, span: Span, fills: Sequence[Fill], make: FactMaker) -> Iterable[Fact]:
    """Net, gross and fees; the net and the fees are required."""
    when = span_word(span)
    gross = sum((match.gross for day in span.days for match in book.exits(day)), ZERO)
    fees = sum((fill.fee for fill in fills), ZERO)
    source = tuple(fill.execution_id for fill in fills)
    rule = f"realised on the {when} - fees paid on the {when}"
    yield make.money("net", "Net P&L", gross - fees, rule, source, required=True)
    yield make.money("gross", "Gross P&L", gross, f"realised on the {when}, before fees", source)
    yield make.paid("fees", "Fees", fees, f"fees paid on the {when}", source, required=True)


def currencies_within(book: TradeBook, span: Span) -> tuple[str, ...]:
    """Whose money the fills of these days are in, sorted; dollars where there are none."""
    return each_once(fill.currency for day in span.days for fill in book.fills(day))


def span_word(span: Span) -> str:
    """`day` or `week`."""
    return "day" if span.first == span.last else "week"


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
                         statistic.definition, executions(trades),
                         required=id_ in ("trades", "losses"))  # fmt: skip


def _ratios(
    stats: dict[str, Statistic], trades: Sequence[Trade], make: FactMaker
) -> Iterable[Fact]:
    kinds = {
        "win_rate": (Unit.PERCENT, words.percent),
        "profit_factor": (Unit.RATIO, words.ratio),
        "payoff": (Unit.RATIO, words.ratio),
        "expectancy": (Unit.MONEY, make.signed_money),
        "average_win": (Unit.MONEY, make.signed_money),
        "average_loss": (Unit.MONEY, make.signed_money),
        "average_hold": (Unit.DURATION, words.duration),
        "mean_r": (Unit.R, words.r_multiple),
        "max_drawdown": (Unit.MONEY, make.signed_money),
    }
    for id_, (unit, written) in kinds.items():
        statistic = stats[id_]
        value = statistic.value
        text = f"undefined: {statistic.undefined}" if value is None else written(value)
        yield make.fact(id_, statistic.label, unit, value, text, statistic.definition,
                        executions(trades), undefined=statistic.undefined)  # fmt: skip


def _extremes(trades: Sequence[Trade], make: FactMaker) -> Iterable[Fact]:
    if make.several:  # which of them is the largest, nobody can say
        return
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
    yield make.time(f"{id_}.time", f"{label}, closed at", trade.closed_ns, rule, source,
                    timed=trade.closed_timed)  # fmt: skip
    if make.dated:
        day = day_of(trade.closed_ns)
        yield make.date(f"{id_}.date", f"{label}, closed on", day, rule, source)


def groups(trades: Sequence[Trade], make: FactMaker) -> Iterable[Fact]:
    """Net and number of trades of each symbol and each strategy."""
    for kind in ("symbol", "strategy"):
        for name in sorted({_group(trade, kind) for trade in trades}):
            members = [trade for trade in trades if _group(trade, kind) == name]
            net = sum((trade.net for trade in members), ZERO)
            source = executions(members)
            rule = f"net of the closed trades of this {kind}"
            yield make.text(f"{kind}.{name}", kind.title(), name, rule, source)
            own = make.within(each_once(trade.currency for trade in members))
            yield own.money(f"{kind}.{name}.net", f"{name}, net", net, rule, source)
            yield make.count(f"{kind}.{name}.trades", f"{name}, trades", len(members), "trade",
                             "trades", rule, source)  # fmt: skip


def _activity(
    book: TradeBook, span: Span, fills: Sequence[Fill], make: FactMaker
) -> Iterable[Fact]:
    when, source = span_word(span), tuple(fill.execution_id for fill in fills)
    shares = sum((fill.quantity for fill in fills), ZERO)
    noun = "share" if shares == 1 else "shares"
    yield make.fact("shares", "Shares traded", Unit.SHARES, shares, f"{words.size(shares)} {noun}",
                    "sum of all fills' quantities, in and out", source)  # fmt: skip
    if fills and when == "day":  # a time of day tells nothing of a week
        timed = all(fill.timed for fill in fills)  # else nobody knows which was the first
        yield make.time("first_fill", "First fill", fills[0].ts_event, f"first fill of the {when}",
                        source[:1], timed=timed)  # fmt: skip
        yield make.time("last_fill", "Last fill", fills[-1].ts_event, f"last fill of the {when}",
                        source[-1:], timed=timed)  # fmt: skip
    opened = book.open_at(span.last)
    yield make.count("open_positions", "Open at the end", len(opened), "open position",
                     "open positions", f"positions not flat at the end of the {when}")  # fmt: skip
    for number, trade in enumerate(opened, 1):
        held = f"{trade.direction.value} {words.size(trade.quantity)} {trade.symbol}"
        yield make.fact(f"open.{number}", f"Open, {trade.symbol}", Unit.SHARES,
                        Decimal(trade.quantity), held, f"held at the end of the {when}",
                        trade.execution_ids)  # fmt: skip


def _group(trade: Trade, kind: str) -> str:
    return trade.symbol if kind == "symbol" else trade.strategy


def executions(trades: Sequence[Trade]) -> tuple[str, ...]:
    """The execution ids of all of them, each once."""
    return tuple(dict.fromkeys(id_ for trade in trades for id_ in trade.execution_ids))
