"""The facts of a market digest: what instruments did in a session, and what was written of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from cockpit.domain.fact import Fact, Unit
from cockpit.journal import words
from cockpit.recap.fact_maker import FactMaker
from cockpit.recap.facts import day_span, frame
from cockpit.recap.material import Headline, Material, SymbolDay


def digest_facts(material: Material, day: str) -> tuple[Fact, ...]:
    """The facts of one New York day's market, in a fixed order.

    How many rose and how many fell are required, and the weakest of several: a digest can't tell
    of winners alone. A change is from the close before; without one it is from the open, and says
    so.
    """
    make = FactMaker(day)
    rows = sorted(material.market, key=lambda row: row.symbol)
    changes = {row.symbol: row.close / _base(row) - 1 for row in rows}
    return (
        *frame(material.book, day_span(day), make),
        *_breadth(rows, changes, make),
        *_ends(rows, changes, make),
        *(fact for row in rows for fact in _symbol(row, changes[row.symbol], make)),
        *_news(material.headlines, make),
    )


def _base(row: SymbolDay) -> Decimal:
    return row.previous_close or row.open


def _since(row: SymbolDay) -> str:
    return "the close before" if row.previous_close else "the open"


def _breadth(
    rows: Sequence[SymbolDay], changes: Mapping[str, Decimal], make: FactMaker
) -> Iterable[Fact]:
    for id_, label, noun, sign in (
        ("rising", "Advancers", "up", 1),
        ("falling", "Decliners", "down", -1),
        ("unchanged", "Symbols unchanged", "unchanged", 0),
    ):
        found = [row for row in rows if _sign(changes[row.symbol]) == sign]
        yield make.count(id_, label, len(found), f"symbol {noun}", f"symbols {noun}",
                         "by the change of each, rounded as shown", _sources(found),
                         required=id_ != "unchanged")  # fmt: skip


def _ends(
    rows: Sequence[SymbolDay], changes: Mapping[str, Decimal], make: FactMaker
) -> Iterable[Fact]:
    if len(rows) < 2:
        return
    for id_, label, row in (
        ("strongest", "Strongest", max(rows, key=lambda row: changes[row.symbol])),
        ("weakest", "Weakest", min(rows, key=lambda row: changes[row.symbol])),
    ):
        source, rule = _sources([row]), f"the {label.lower()} change since {_since(row)}"
        yield make.percent(id_, label, changes[row.symbol], rule, source,
                           required=id_ == "weakest")  # fmt: skip
        yield make.text(f"{id_}.symbol", f"{label}, symbol", row.symbol, rule, source)


def _symbol(row: SymbolDay, change: Decimal, make: FactMaker) -> Iterable[Fact]:
    source, stem, name = _sources([row]), f"symbol.{row.symbol}", row.symbol
    yield make.text(stem, "Symbol", name, "an instrument of this digest", source)
    yield make.percent(f"{stem}.change", f"{name}, change", change,
                       f"last price / {_since(row)} - 1", source)  # fmt: skip
    for leaf, label, value in (
        ("open", "open", row.open),
        ("high", "high", row.high),
        ("low", "low", row.low),
        ("close", "last price", row.close),
    ):
        rule = f"{label} of the regular session, as far as it went"
        yield make.price(f"{stem}.{leaf}", f"{name}, {label}", value, rule, source)
    noun = "share" if row.volume == 1 else "shares"
    yield make.fact(f"{stem}.volume", f"{name}, volume", Unit.SHARES, row.volume,
                    f"{words.size(row.volume)} {noun}", "volume of the regular session",
                    source)  # fmt: skip


def _news(headlines: Sequence[Headline], make: FactMaker) -> Iterable[Fact]:
    """Headlines are quoted as they are: other people's words, never a source of a figure."""
    for number, line in enumerate(headlines, 1):
        source = (line.ref,) if line.ref else ()
        stem, rule = f"news.{number}", "somebody else's words, quoted"
        yield make.text(f"{stem}.headline", "Headline", f'"{line.text}"', rule, source)
        yield make.text(f"{stem}.source", "Published by", line.publisher or "unnamed", rule, source)
        yield make.time(f"{stem}.time", "Published at", line.ts_event, rule, source)


def _sign(change: Decimal) -> int:
    shown = words.signed_percent(change)
    return {"+": 1, "-": -1}.get(shown[0], 0)


def _sources(rows: Sequence[SymbolDay]) -> tuple[str, ...]:
    return tuple(f"{row.symbol}: {row.source}" for row in rows)
