"""The same letters in two currencies are two things: never one position, one trade or one sum."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest

from cockpit.app.bookkeeping.books import AccountBook, closed_trades
from cockpit.app.bookkeeping.telling import calendar_lines, days_told, positions_told
from cockpit.domain.imported import (
    Booking,
    Conversion,
    Effect,
    Entry,
    Execution,
    Split,
    Transfer,
)
from cockpit.domain.order import Side
from cockpit.journal.entry import draft_entry_text
from cockpit.journal.imported import ImportedBook
from cockpit.journal.ledger import match_fifo
from tests.support.fills import MINUTE, NINE_THIRTY

D = Decimal
DAY = "2018-01-02"


def executed(text: str, symbol: str = "SAN", effect: Effect | None = None) -> Execution:
    """ "+100 @ 10" buys, "-100 @ 11" sells."""
    size, _, price = text.partition(" @ ")
    quantity = D(size)
    return Execution(
        symbol=symbol, side=Side.BUY if quantity > 0 else Side.SELL, quantity=abs(quantity),
        price=D(price), effect=effect,
    )  # fmt: skip


def book(told: Iterable[tuple[str, Entry]], *, timed: bool = True) -> ImportedBook:
    made = [
        Booking(
            key=f"k{n}", account_id="A", ts_event=NINE_THIRTY + n * MINUTE, entry=entry,
            currency=currency, timed=timed,
        )
        for n, (currency, entry) in enumerate(told)
    ]  # fmt: skip
    return ImportedBook("A", made)


BOTH = (
    ("EUR", executed("+100 @ 10")),
    ("USD", executed("+100 @ 20")),
    ("EUR", executed("-60 @ 11")),
    ("USD", executed("-100 @ 19")),
)


def test_lots_and_trades_are_of_one_currency() -> None:
    made = book(BOTH).trades
    [trade] = made.trades()
    assert (trade.currency, trade.quantity, trade.gross) == ("USD", 100, -100)
    [opened] = made.open_trades()
    assert (opened.currency, opened.quantity) == ("EUR", 40)
    assert [m.gross for m in made.exits()] == [-100, 60]
    assert [(lot.quantity, lot.price) for lot in made.lots("SAN", "EUR")] == [(40, 10)]
    assert made.lots("SAN") == ()
    assert made.trade(trade.trade_id) == trade
    assert len(made.fills_in("SAN")) == 4


def test_a_ledger_from_fills_alone_agrees() -> None:
    fills = book(BOTH).trades.fills()
    ledger = match_fifo(fills)
    assert [t.currency for t in ledger.trades] == ["USD"]
    assert [t.currency for t in ledger.open_trades] == ["EUR"]


def test_a_fill_that_comes_late_or_is_taken_back_touches_its_own_currency() -> None:
    made = book(BOTH).trades
    [opened] = made.open_trades()
    made.take_back("k3")
    assert [(t.currency, t.quantity) for t in made.open_trades()] == [("EUR", 40), ("USD", 100)]
    assert made.open_trades()[0] == opened
    assert made.open_at(DAY) == made.open_trades()


def test_a_sale_in_another_currency_closes_nothing() -> None:
    made = book((("EUR", executed("+100 @ 10")), ("USD", executed("-5 @ 9", effect=Effect.CLOSES))))
    assert [(t.currency, t.quantity) for t in made.trades.open_trades()] == [("EUR", 100)]
    assert [miss.quantity for miss in made.unmatched] == [5]


def test_json_tells_two_positions() -> None:
    made = book(BOTH[:3])
    told = positions_told([AccountBook(account_id="A", trades=made.trades, imported=True)])
    assert [(p["symbol"], p["currency"], p["quantity"], p["average_cost"]) for p in told] == [
        ("SAN", "EUR", "40", "10"), ("SAN", "USD", "100", "20"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "held"),
    [
        (Split(symbol="SAN", change=D(100)), (200, 5)),
        (Transfer(symbol="SAN", quantity=D(-40)), (60, 10)),
    ],
)
def test_what_names_no_currency_is_about_what_is_held(entry: Entry, held: tuple[int, int]) -> None:
    made = book((("EUR", executed("+100 @ 10")), ("USD", entry)))
    assert not made.unmatched
    [lot] = made.trades.lots("SAN", "EUR")
    assert (lot.quantity, lot.price) == held


def test_a_merger_goes_on_in_its_own_currency() -> None:
    merged = Conversion(gives="SAN", given=D(100), symbol="NEWX", received=D(50))
    made = book((("EUR", executed("+100 @ 10")), ("USD", merged)))
    assert [(t.symbol, t.currency, t.quantity) for t in made.trades.open_trades()] == [
        ("NEWX", "EUR", 50)
    ]


def test_shares_that_came_at_a_price_are_a_position_of_its_currency() -> None:
    came = Transfer(symbol="SAN", quantity=D(5), price=D(20))
    made = book((("EUR", executed("+100 @ 10")), ("USD", came)))
    assert [(t.currency, t.quantity) for t in made.trades.open_trades()] == [
        ("EUR", 100), ("USD", 5),
    ]  # fmt: skip


def test_the_order_of_a_day_is_found_for_each_currency() -> None:
    """Newest first and without times: each closes what its own currency opened."""
    told = (
        ("EUR", executed("-100 @ 11", effect=Effect.CLOSES)),
        ("USD", executed("-100 @ 19", effect=Effect.CLOSES)),
        ("EUR", executed("+100 @ 10", effect=Effect.OPENS)),
        ("USD", executed("+100 @ 20", effect=Effect.OPENS)),
    )
    made = book(told, timed=False)
    assert not made.unmatched
    assert sorted((t.currency, t.gross) for t in made.trades.trades()) == [
        ("EUR", 100), ("USD", -100),
    ]  # fmt: skip


def test_a_renamed_symbol_goes_on_in_each_currency_in_which_it_was_held() -> None:
    made = ImportedBook("A", [
        Booking(key=f"k{n}", account_id="A", ts_event=at, entry=entry, currency=currency)
        for n, (at, currency, entry) in enumerate((
            (NINE_THIRTY, "EUR", executed("+10 @ 10", "FB")),
            (NINE_THIRTY, "USD", executed("+10 @ 20", "FB")),
            (NINE_THIRTY + MINUTE, "USD", executed("-10 @ 21", "FB")),
            (1_668_000_000 * 1_000_000_000, "EUR", executed("-10 @ 12", "META")),
        ))
    ])  # fmt: skip
    assert [(t.symbol, t.currency, t.gross) for t in made.trades.trades()] == [
        ("FB", "USD", 10), ("META", "EUR", 20),
    ]  # fmt: skip
    assert not made.trades.open_trades()


def closed_in_both() -> AccountBook:
    made = book((*BOTH, ("EUR", executed("-40 @ 11"))))
    return AccountBook(account_id="A", trades=made.trades, imported=True)


def test_a_day_is_not_added_up() -> None:
    account = closed_in_both()
    [day] = days_told(closed_trades([account]))
    assert (day["net"], day["undefined"]) == (None, "trades in EUR and USD can't be added up")
    assert "several" in calendar_lines([day])[1]
    assert account.trades.day_sum(DAY).net is None
    assert "Net undefined: trades in EUR and USD can't be added up." in draft_entry_text(
        account.trades, DAY
    )
    account.trades.starting_equity = D(1000)
    assert account.trades.equity_before("2018-01-03") is None
    assert account.trades.equity_before(DAY) == 1000
