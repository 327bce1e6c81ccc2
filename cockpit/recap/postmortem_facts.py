"""The facts of one closed trade: what was planned, what was done, how far the price went."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from cockpit.domain.excursion import Excursion
from cockpit.domain.fact import Fact, Unit
from cockpit.domain.trade import Trade
from cockpit.journal import words
from cockpit.journal.days import day_of
from cockpit.journal.definitions import NO_TIME
from cockpit.journal.plan import TradePlan
from cockpit.recap.fact_maker import FactMaker
from cockpit.recap.facts import Span, frame
from cockpit.recap.material import Material
from cockpit.recap.trade_facts import trade_facts

_SECOND = 1_000_000_000


def postmortem_facts(material: Material) -> tuple[Fact, ...]:
    """The facts of `material.trade`, in a fixed order. Raises ValueError without a trade.

    Net, fees, entry and exit are required, and the R where a stop was planned.
    """
    trade = material.trade
    if trade is None:
        raise ValueError("a post-mortem is of a trade")
    span = trade_span(trade)
    make = FactMaker(span.period, dated=span.first != span.last, currencies=(trade.currency,))
    return (
        *frame(material.book, span, make),
        *_deal(trade, material.book.multiplier(trade.symbol), make),
        *_money(trade, make),
        *_held(trade, make),
        *_plan(trade, material.plan, make),
        *_went(trade, material.excursion, make),
        *trade_facts((trade,), make),
    )


def trade_span(trade: Trade) -> Span:
    """From the day on which a trade opened to that on which it closed."""
    first, last = day_of(trade.opened_ns), day_of(trade.closed_ns)
    if first == last:
        return Span(first, last, first, words.long_date(first))
    title = f"{words.long_date(first)} to {words.long_date(last)}"
    return Span(first, last, f"{first}/{last}", title)


def _deal(trade: Trade, multiplier: Decimal, make: FactMaker) -> Iterable[Fact]:
    source = trade.execution_ids
    rule = "one closed trade, flat to flat"
    yield make.text("symbol", "Symbol", trade.symbol, rule, source, required=True)
    yield make.text("direction", "Side", trade.direction.value, rule, source)
    yield make.text("strategy", "By", trade.strategy, rule, source)
    noun = "share" if multiplier == 1 else "contract"
    noun = noun if trade.quantity == 1 else f"{noun}s"
    yield make.fact("quantity", "Size", Unit.SHARES, trade.quantity,
                    f"{words.size(trade.quantity)} {noun}", "all that was opened",
                    source)  # fmt: skip
    for id_, label, value in (
        ("entry", "Entry price", trade.entry_price),
        ("exit", "Exit price", trade.exit_price),
    ):
        yield make.fact(id_, label, Unit.PRICE, value, words.price(value),
                        "mean price by quantity", source, required=True)  # fmt: skip


def _money(trade: Trade, make: FactMaker) -> Iterable[Fact]:
    source = trade.execution_ids
    yield make.money("net", "Net P&L", trade.net, "gross - fees", source, required=True)
    yield make.money("gross", "Gross P&L", trade.gross, "what the trade made before fees", source)
    yield make.paid("fees", "Fees", trade.fees, "fees of all its fills", source, required=True)
    r = trade.r_multiple
    why = "" if r is not None else "no stop was known at the entry"
    text = words.r_multiple(r) if r is not None else f"undefined: {why}"
    yield make.fact("r", "R multiple", Unit.R, r, text, "net / money at risk at the entry", source,
                    required=r is not None, undefined=why)  # fmt: skip
    if trade.initial_risk is not None:
        yield make.paid("risk", "Risk at the entry", trade.initial_risk,
                        "lost if the first stop had been hit", source)  # fmt: skip


def _held(trade: Trade, make: FactMaker) -> Iterable[Fact]:
    source = trade.execution_ids
    yield make.time("opened", "Opened at", trade.opened_ns, "its first fill", source[:1],
                    timed=trade.opened_timed)  # fmt: skip
    yield make.time("closed", "Closed at", trade.closed_ns, "its last fill", source[-1:],
                    timed=trade.closed_timed)  # fmt: skip
    if make.dated:
        yield make.date("opened.date", "Opened on", day_of(trade.opened_ns), "its first fill")
        yield make.date("closed.date", "Closed on", day_of(trade.closed_ns), "its last fill")
    held = trade.held_ns
    seconds = None if held is None else Decimal(held) / _SECOND
    text = words.NOT_TOLD if seconds is None else words.duration(seconds)
    why = NO_TIME if seconds is None else ""
    yield make.fact("hold", "Held for", Unit.DURATION, seconds, text,
                    "from its first fill to its last", source, undefined=why)  # fmt: skip
    yield make.count("exits", "Fills that closed it", len({m.close_execution_id for m in
                     trade.matches}), "closing fill", "closing fills", "fills that closed a part",
                     source)  # fmt: skip


def _plan(trade: Trade, plan: TradePlan | None, make: FactMaker) -> Iterable[Fact]:
    """What the orders had planned; nothing where they are not known."""
    if plan is None:
        return
    source, rule = trade.execution_ids, "from the order that opened the trade"
    for id_, label, price in (
        ("stop", "Planned stop", plan.stop),
        ("target", "Planned target", plan.target),
        ("asked", "Price asked for", plan.entry),
    ):
        if price is not None:
            yield make.price(id_, label, price, rule, source)
    if plan.planned_r is not None:
        yield make.fact("planned_r", "Planned R", Unit.R, plan.planned_r,
                        words.r_multiple(plan.planned_r), "planned reward / planned risk",
                        source)  # fmt: skip
    if plan.entry_slippage is not None:
        yield make.price("slippage", "Entry slippage a unit", plan.entry_slippage,
                         "how much worse than asked for, below zero better", source)  # fmt: skip


def _went(trade: Trade, found: Excursion | None, make: FactMaker) -> Iterable[Fact]:
    """How far the position stood against the trader and for him, in money before fees."""
    if found is None:
        return
    source, rule = trade.execution_ids, f"from {found.source}, {found.samples} prices"
    yield make.money("adverse", "Worst it stood at", found.worst, f"lowest gross, {rule}", source)
    yield make.money("favourable", "Best it stood at", found.best, f"highest gross, {rule}", source)
    left = found.best - trade.gross
    if left > 0:
        yield make.paid("given_back", "Given back", left, "best it stood at - gross at the end",
                        source)  # fmt: skip
