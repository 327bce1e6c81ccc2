"""Each kind of statement: recognised by content, every line with its verdict."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.domain.imported import Booking, Effect, Execution, Expiry
from cockpit.journal.imported import ImportedBook
from cockpit.journal.statements.booking import bookings_of
from cockpit.journal.statements.errors import StatementError
from cockpit.journal.statements.reading import read_statement
from cockpit.journal.statements.statement import Statement, Verdict

D = Decimal
SAMPLES = Path(__file__).parent / "samples"  # made up, in the brokers' layouts


def sample(name: str) -> str:
    return (SAMPLES / name).read_text()


FLEX = sample("ibkr_flex.csv")
ACTIVITY = sample("ibkr_activity.csv")
ROBINHOOD = sample("robinhood.csv")
ALPACA = sample("alpaca.json")
FIDELITY_OPTIONS = sample("fidelity_options.csv")
TABLE = sample("table.csv")


def read(text: str, **mapping: str) -> Statement:
    return read_statement(text.encode(), mapping or None)


def bookings(statement: Statement) -> list[Booking]:
    return [found.booking for found in bookings_of(statement)]


def book(statement: Statement) -> ImportedBook:
    found = bookings(statement)
    return ImportedBook(found[0].account_id, found)


@pytest.mark.parametrize(
    ("text", "name", "account"),
    [
        (FLEX, "ibkr-flex", "ibkr-U1234567"),
        (ACTIVITY, "ibkr", "ibkr-U1234567"),
        (ROBINHOOD, "robinhood", "robinhood"),
        (ALPACA, "alpaca", "alpaca"),
        (FIDELITY_OPTIONS, "fidelity", "fidelity"),
    ],
)
def test_a_statement_is_known_by_its_content(text: str, name: str, account: str) -> None:
    statement = read(text)
    assert statement.format == name
    assert {booking.account_id for booking in bookings(statement)} == {account}


@pytest.mark.parametrize("text", [FLEX, ACTIVITY])
def test_interactive_brokers_prints_one_trade_in_two_ways(text: str) -> None:
    [trade] = [t for t in book(read(text)).trades.trades() if t.symbol == "XMPL"]
    assert (trade.gross, trade.fees, trade.net) == (D("110.0"), D("2.05"), D("107.95"))
    assert (trade.closed_ns - trade.opened_ns) // 1_000_000_000 == 43 * 60 + 38


def test_an_expired_option_keeps_its_premium() -> None:
    for text in (ACTIVITY, ROBINHOOD, FIDELITY_OPTIONS):
        found = book(read(text))
        [option] = [t for t in found.trades.trades() if t.symbol == "XMPL230120C00055000"]
        assert (option.gross, option.exit_price) == (D("300"), 0)
        assert not found.unmatched


def test_what_is_not_understood_is_listed_with_its_line() -> None:
    told = {read(t).of(Verdict.UNKNOWN)[0].number for t in (ROBINHOOD, ALPACA)}
    assert told == {7, 4}
    [action] = read(ACTIVITY).of(Verdict.UNKNOWN)
    assert "spun off" in action.text
    assert action.number == 15


def test_no_line_is_without_a_verdict() -> None:
    for text in (FLEX, ACTIVITY, ROBINHOOD, FIDELITY_OPTIONS):
        numbers = [line.number for line in read(text).lines]
        filled = [n for n, line in enumerate(text.splitlines(), 1) if line.strip('",')]
        assert numbers == filled


def test_regulators_fees_of_an_option_are_what_its_amount_lacks() -> None:
    [sold] = [
        b.entry
        for b in bookings(read(ROBINHOOD))
        if isinstance(b.entry, Execution) and b.entry.multiplier == 100
    ]
    assert (sold.price, sold.fee, sold.effect) == (D("1.50"), D("0.08"), Effect.OPENS)


def test_the_side_of_an_ended_option_is_what_is_held() -> None:
    [ended] = [b.entry for b in bookings(read(ROBINHOOD)) if isinstance(b.entry, Expiry)]
    assert ended.quantity == 2


def test_a_table_is_read_by_its_usual_headings_or_by_those_told() -> None:
    with pytest.raises(StatementError, match="price") as lacking:
        read(TABLE)
    assert "--map" in lacking.value.user_text
    told = {"date": "Trade Date", "symbol": "Ticker", "side": "B/S", "quantity": "Shares",
            "price": "What it cost", "fees": "Comm"}  # fmt: skip
    [trade] = book(read(TABLE, **told)).trades.trades()
    assert trade.net == D("107.95")


def test_figures_that_disagree_are_not_booked() -> None:
    wrong = FLEX.replace('"-5010"', '"-5110"')
    [line] = read(wrong).of(Verdict.REVIEW)
    assert "5110" in line.reason
    assert line.number == 2


@pytest.mark.parametrize("raw", [b"%PDF-1.7 ...", b"PK\x03\x04\0\0", b"", b"\0\1"])
def test_a_file_that_is_no_table_says_so(raw: bytes) -> None:
    with pytest.raises(StatementError, match=r".") as refused:
        read_statement(raw)
    assert "Nothing was booked" in refused.value.user_text


def test_a_json_that_breaks_off_says_so() -> None:
    with pytest.raises(StatementError) as refused:
        read(ALPACA[:-40])
    assert "breaks off" in refused.value.user_text


def test_the_same_lines_give_the_same_keys_wherever_they_stand() -> None:
    rows = FLEX.splitlines()
    turned = "\n".join([rows[0], rows[2], rows[1]])
    keys = [booking.key for booking in bookings(read(FLEX))]
    assert [booking.key for booking in bookings(read(turned))] == keys


def test_two_lines_that_say_the_same_are_two_bookings() -> None:
    rows = TABLE.splitlines()
    twice = "\n".join([*rows[:2], rows[1], rows[2]]).replace("What it cost", "Price")
    keys = [booking.key for booking in bookings(read(twice))]
    assert len(set(keys)) == 3
    once = TABLE.replace("What it cost", "Price")
    assert {booking.key for booking in bookings(read(once))} < set(keys)
