"""The recap's net of a day and the Journal's, and the sentence between them."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.fact import Fact, Unit
from cockpit.domain.fill import Fill
from cockpit.domain.order import Side
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.clock import SECOND
from cockpit.ui.recap_beside import behind_figure, beside_journal, open_fees

DAY, NOON = "2026-03-03", 1_772_557_200 * SECOND


def fill(number: int, symbol: str, side: Side, price: str) -> Fill:
    return Fill(
        execution_id=f"x{number}", account_id="A", client_order_id=f"o{number}", symbol=symbol,
        side=side, quantity=Decimal(10), price=Decimal(price), fee=Decimal("1.00"),
        ts_event=NOON + number * SECOND, ts_init=NOON + number * SECOND,
    )  # fmt: skip


def book(*, still_open: bool) -> TradeBook:
    """A round trip of +$8.00 net, and maybe an entry that paid a dollar and stays open."""
    made = TradeBook("A")
    made.add(fill(1, "KORVA", Side.BUY, "10.00"))
    made.add(fill(2, "KORVA", Side.SELL, "11.00"))
    if still_open:
        made.add(fill(3, "VELLM", Side.BUY, "20.00"))
    return made


def money(name: str, value: str) -> Fact:
    return Fact(
        id=name, label=name.capitalize(), unit=Unit.MONEY, value=Decimal(value), text=value,
        period=DAY, definition="as reckoned",
    )  # fmt: skip


def test_a_fee_of_an_open_position_is_told_between_the_two_nets():
    facts = (money("net", "7.00"), money("fees", "3.00"))
    assert beside_journal("daily", DAY, facts, book(still_open=True)) == (
        "Net +$7.00, in the Journal +$8.00: \u2212$1.00 is of positions that did not open and "
        "close that day."
    )
    net = behind_figure("daily", DAY, facts[0], book(still_open=True))
    assert net.startswith("In the Journal: +$8.00, 1 trade closed that day. The Journal counts")
    fees = behind_figure("daily", DAY, facts[1], book(still_open=True))
    assert fees.startswith("In the Journal: $2.00, 1 trade closed that day. The Journal counts")


def test_where_both_say_the_same_nothing_is_explained():
    facts = (money("net", "8.00"), money("fees", "2.00"))
    assert not beside_journal("daily", DAY, facts, book(still_open=False))
    told = behind_figure("daily", DAY, facts[0], book(still_open=False))
    assert told == "In the Journal: +$8.00, 1 trade closed that day."


def test_other_kinds_and_other_figures_say_nothing():
    facts = (money("net", "7.00"), money("gross", "9.00"))
    assert not beside_journal("weekly", DAY, facts, book(still_open=True))
    assert not behind_figure("weekly", DAY, facts[0], book(still_open=True))
    assert not behind_figure("daily", DAY, facts[1], book(still_open=True))
    undefined = Fact(
        id="net", label="Net", unit=Unit.MONEY, value=None, text="n/a", period=DAY,
        definition="as reckoned", undefined="in several currencies",
    )  # fmt: skip
    assert not beside_journal("daily", DAY, (undefined,), book(still_open=True))


def test_fees_of_what_is_open_are_told_until_it_closes():
    made = book(still_open=True)
    told = "Fees of open positions, $1.00, count when they close."
    assert open_fees(DAY, made) == told
    assert not open_fees(DAY, book(still_open=False))
    made.add(fill(4, "VELLM", Side.SELL, "21.00"))
    assert not open_fees(DAY, made)
