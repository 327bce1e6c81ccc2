"""The facts of an ISO week: what a day has, and its days beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from cockpit.domain.fact import Fact
from cockpit.domain.trade import Trade
from cockpit.domain.values import ZERO
from cockpit.journal.tradebook import TradeBook
from cockpit.recap.fact_maker import FactMaker
from cockpit.recap.facts import Span, currencies_within, day_span, executions, span_facts, week_span
from cockpit.recap.trade_facts import trade_facts


def weekly_facts(book: TradeBook, week: str) -> tuple[Fact, ...]:
    """The facts of one ISO week (`2018-W01`), in a fixed order. Raises ValueError for no week.

    As of a day; a day that lost most is required beside the losses and the fees.
    """
    span = week_span(week)
    make = FactMaker(span.period, dated=True, currencies=currencies_within(book, span))
    trades = book.trades_between(span.first, span.last)
    return (
        *span_facts(book, span, trades, make, book.equity_before(span.first)),
        *_days(book, span, make),
        *_streaks(trades, make),
        *trade_facts(trades, make),
    )


def _days(book: TradeBook, span: Span, make: FactMaker) -> Iterable[Fact]:
    """Each day with a fill by itself, and how they stand beside each other.

    A day's net is what the day's own recap says: realised on it, less fees paid on it.
    """
    nets = {day: _net(book, day) for day in span.days if book.fills(day)}
    every = tuple(fill.execution_id for day in nets for fill in book.fills(day))
    rule = "days with a fill, by what was realised on them less fees paid on them"
    yield make.count("days", "Trading days", len(nets), "trading day", "trading days",
                     "days of the week with a fill", every)  # fmt: skip
    if make.several:  # neither won nor lost, nor better than another: they can't be added up
        for day, net in nets.items():
            yield from _day(book, day, net, make)
        return
    won, lost = sum(net > 0 for net in nets.values()), sum(net < 0 for net in nets.values())
    yield make.count("winning_days", "Winning days", won, "winning day", "winning days", rule,
                     every)  # fmt: skip
    yield make.count("losing_days", "Losing days", lost, "losing day", "losing days", rule,
                     every, required=lost > 0)  # fmt: skip
    if len(nets) > 1:
        yield from _extremes(book, nets, make)
    for day, net in nets.items():
        yield from _day(book, day, net, make)


def _extremes(book: TradeBook, nets: Mapping[str, Decimal], make: FactMaker) -> Iterable[Fact]:
    best, worst = max(nets, key=lambda day: nets[day]), min(nets, key=lambda day: nets[day])
    for id_, label, day in (("best_day", "Best day", best), ("worst_day", "Worst day", worst)):
        source = tuple(fill.execution_id for fill in book.fills(day))
        rule = f"the {label.lower()} by its own net"
        required = id_ == "worst_day" and nets[day] < 0
        yield make.money(id_, label, nets[day], rule, source, required=required)
        yield make.date(f"{id_}.date", f"{label}, date", day, rule, source)


def _day(book: TradeBook, day: str, net: Decimal, make: FactMaker) -> Iterable[Fact]:
    trades = book.trades(day)
    own = make.of(day).within(currencies_within(book, day_span(day)))
    source = tuple(fill.execution_id for fill in book.fills(day))
    rule = "realised on the day - fees paid on the day"
    yield own.date(f"day.{day}.date", "Day", day, "a New York day with a fill", source)
    yield own.money(f"day.{day}.net", "Net of the day", net, rule, source)
    yield own.count(f"day.{day}.trades", "Trades of the day", len(trades), "trade", "trades",
                    "trades closed on the day", executions(trades))  # fmt: skip


def _streaks(trades: Sequence[Trade], make: FactMaker) -> Iterable[Fact]:
    """The longest runs of trades that won and that lost; a scratch breaks none."""
    for id_, label, sign in (("win_streak", "win", 1), ("loss_streak", "loss", -1)):
        run = _longest(trades, sign)
        if len(run) > 1:
            many = "wins" if sign > 0 else "losses"
            yield make.count(id_, f"Most {many} in a row", len(run), f"{label} in a row",
                             f"{many} in a row", f"longest run of {many}, scratches aside",
                             executions(run))  # fmt: skip


def _longest(trades: Sequence[Trade], sign: int) -> Sequence[Trade]:
    best: list[Trade] = []
    run: list[Trade] = []
    for trade in trades:
        if trade.net * sign > 0:
            run.append(trade)
            best = run if len(run) > len(best) else best
        elif trade.net:
            run = []
    return best


def _net(book: TradeBook, day: str) -> Decimal:
    gross = sum((match.gross for match in book.exits(day)), ZERO)
    return gross - sum((fill.fee for fill in book.fills(day)), ZERO)
