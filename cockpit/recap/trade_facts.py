"""One set of facts a trade, for the table and the curve; ids are `trade.001.net` and so on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from cockpit.domain.fact import Fact, Unit
from cockpit.domain.trade import Trade
from cockpit.journal import words
from cockpit.journal.days import day_of
from cockpit.recap.fact_maker import FactMaker

_ID = re.compile(r"trade\.(\d+)\.(\w+)")

COLUMNS = (
    ("date", "Day"),
    ("opened", "In"),
    ("closed", "Out"),
    ("symbol", "Symbol"),
    ("direction", "Side"),
    ("quantity", "Size"),
    ("entry", "In at"),
    ("exit", "Out at"),
    ("fees", "Fees"),
    ("net", "Net"),
    ("r", "R"),
    ("strategy", "By"),
)


def trade_facts(trades: Sequence[Trade], make: FactMaker) -> Iterable[Fact]:
    """The facts of each trade, in the order of their ends."""
    for number, trade in enumerate(trades, 1):
        yield from _facts(f"trade.{number:03d}", trade, make.within((trade.currency,)))


def columns_of(rows: Sequence[Mapping[str, Fact]]) -> tuple[tuple[str, str], ...]:
    """The columns of a table of trades: with their days where these are many."""
    return COLUMNS if rows and "date" in rows[0] else COLUMNS[1:]


def trade_rows(facts: Iterable[Fact]) -> list[Mapping[str, Fact]]:
    """The facts of each trade by column name, back from a recap's facts."""
    rows: dict[str, dict[str, Fact]] = {}
    for fact in facts:
        if found := _ID.fullmatch(fact.id):
            rows.setdefault(found[1], {})[found[2]] = fact
    return [rows[number] for number in sorted(rows)]


def _facts(stem: str, trade: Trade, make: FactMaker) -> Iterable[Fact]:
    source = trade.execution_ids
    rule = "one closed trade, flat to flat"
    if make.dated:
        yield make.date(f"{stem}.date", "Day", day_of(trade.closed_ns), rule, source)
    yield make.time(f"{stem}.opened", "In", trade.opened_ns, rule, source,
                    timed=trade.opened_timed)  # fmt: skip
    yield make.time(f"{stem}.closed", "Out", trade.closed_ns, rule, source,
                    timed=trade.closed_timed)  # fmt: skip
    yield make.text(f"{stem}.symbol", "Symbol", trade.symbol, rule, source)
    yield make.text(f"{stem}.direction", "Side", trade.direction.value, rule, source)
    yield make.fact(f"{stem}.quantity", "Size", Unit.SHARES, trade.quantity,
                    words.size(trade.quantity), rule, source)  # fmt: skip
    for name, label, price in (
        ("entry", "In at", trade.entry_price),
        ("exit", "Out at", trade.exit_price),
    ):
        yield make.fact(f"{stem}.{name}", label, Unit.PRICE, price, words.price(price), rule,
                        source)  # fmt: skip
    yield make.paid(f"{stem}.fees", "Fees", trade.fees, rule, source)
    yield make.money(f"{stem}.net", "Net", trade.net, rule, source)
    if trade.r_multiple is not None:
        yield make.fact(f"{stem}.r", "R", Unit.R, trade.r_multiple,
                        words.r_multiple(trade.r_multiple), rule, source)  # fmt: skip
    yield make.text(f"{stem}.strategy", "By", trade.strategy, rule, source)
