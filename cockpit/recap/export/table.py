"""A recap's figures as CSV: its trades, or all of its facts where it is of no trade."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal

from cockpit.domain.fact import Fact, Unit
from cockpit.domain.values import utc
from cockpit.journal import words
from cockpit.recap.export.page import Page
from cockpit.recap.state import state_of
from cockpit.recap.trade_facts import trade_rows

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_page(page: Page) -> str:
    """Exact values, times in UTC (ISO 8601). A text that a spreadsheet would reckon is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    rows = trade_rows(page.facts)
    writer.writerows(_trades(page, rows) if rows else _facts(page))
    return out.getvalue()


def _trades(page: Page, rows: list[Mapping[str, Fact]]) -> Iterable[list[str]]:
    yield ["period", "state", *(name for name, _ in page.columns)]
    for row in rows:
        cells = (_exact(row[name]) if name in row else "" for name, _ in page.columns)
        yield [page.recap.day, state_of(page.recap), *cells]


def _facts(page: Page) -> Iterable[list[str]]:
    yield ["period", "state", "id", "label", "value", "unit", "shown"]
    for fact in page.facts:
        shown = _safe(fact.text)
        state = state_of(page.recap)
        yield [fact.period, state, fact.id, fact.label, _exact(fact), fact.unit.value, shown]


def _exact(fact: Fact) -> str:
    if fact.value is None:
        return _safe(fact.text)
    if fact.unit is Unit.TIME:
        return utc(int(fact.value)).isoformat()
    return words.exact(Decimal(fact.value)) or ""


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
