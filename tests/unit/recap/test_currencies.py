"""Money of other currencies: told in its own, and never added up."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from cockpit.adapters.writers.template import TemplateWriter
from cockpit.app.bookkeeping.books import AccountBook, closed_trades
from cockpit.app.bookkeeping.telling import calendar_lines, days_told
from cockpit.domain.fact import Fact
from cockpit.domain.imported import Booking, Execution
from cockpit.domain.order import Side
from cockpit.journal.entry import draft_entry_text
from cockpit.journal.imported import ImportedBook
from cockpit.journal.tradebook import TradeBook
from cockpit.ports.writer import DraftRequest
from cockpit.recap.check import objections_to
from cockpit.recap.kinds import KINDS, period_of
from cockpit.recap.material import Material
from cockpit.recap.render import rendered
from cockpit.recap.slots import by_id
from tests.support.fills import MINUTE, NINE_THIRTY
from tests.support.recap_facts import DAY


def book(*currencies: str) -> TradeBook:
    """A trade in each, of 20 before fees of 2."""
    made = [
        Booking(
            key=f"{currency}{side.value}", account_id="mine", currency=currency,
            ts_event=NINE_THIRTY + (2 * n + (side is Side.SELL)) * MINUTE,
            entry=Execution(symbol=f"IN{currency}", side=side, quantity=Decimal(10),
                            price=Decimal(price), fee=Decimal(1)),
        )
        for n, currency in enumerate(currencies)
        for side, price in ((Side.BUY, 10), (Side.SELL, 12))
    ]  # fmt: skip
    return ImportedBook("mine", made).trades


def facts_of(kind: str, book: TradeBook) -> Mapping[str, Fact]:
    material = Material(book=book, trade=book.trades()[0])
    return by_id(KINDS[kind].facts(material, period_of(kind, DAY, material)))


@pytest.mark.parametrize("kind", ["daily", "weekly", "devlog", "post-mortem"])
def test_money_is_told_in_its_own_currency(kind: str) -> None:
    facts = facts_of(kind, book("EUR"))
    assert [facts[id_].text for id_ in ("net", "gross", "fees")] == ["+€18.00", "+€20.00", "€2.00"]
    assert not [fact.id for fact in facts.values() if "$" in fact.text]


@pytest.mark.parametrize("kind", ["daily", "weekly", "devlog"])
async def test_several_currencies_are_not_added_up(kind: str) -> None:
    facts = facts_of(kind, book("EUR", "JPY", "USD"))
    why = "trades in EUR and JPY and USD can't be added up"
    for id_ in ("net", "gross", "fees"):
        assert (facts[id_].value, facts[id_].undefined) == (None, why)
    assert facts["symbol.INJPY.net"].text == "+JPY 18"
    assert "largest_win" not in facts
    request = DraftRequest(kind=kind, day=facts["net"].period, facts=tuple(facts.values()))
    draft = await TemplateWriter().draft(request)
    assert objections_to(draft, facts, own=True) == ()
    page = rendered(draft, facts)
    assert "undefined (EUR and JPY and USD)" in page
    assert "nowhere" not in page


def test_a_calendar_and_an_entry_tell_the_same() -> None:
    def lines(*currencies: str) -> str:
        own = AccountBook(account_id="mine", trades=book(*currencies))
        told = days_told(closed_trades([own]))
        return "\n".join(calendar_lines(told))

    assert lines("EUR").count("+€18.00") == 2
    assert lines("EUR", "USD").count("several") == 2
    assert "Net **+€18.00**, gross +€20.00, fees €2.00." in draft_entry_text(book("EUR"), DAY)
    both = draft_entry_text(book("EUR", "USD"), DAY)
    assert "Net undefined: trades in EUR and USD can't be added up." in both
    assert "+€18.00" in both
