"""A statement that knows the day only gives no hour, and no time that a trade was held."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from cockpit.app.bookkeeping.books import AccountBook
from cockpit.app.bookkeeping.grouping import UNTIMED, By, grouped
from cockpit.app.bookkeeping.telling import positions_told, trades_told
from cockpit.domain.imported import Booking, Entry, Execution, Expiry, Transfer
from cockpit.domain.order import Side
from cockpit.domain.values import at_new_york, to_ns
from cockpit.journal.definitions import NO_TIME
from cockpit.journal.entry import draft_entry_text, draft_trade_text
from cockpit.journal.imported import ImportedBook
from cockpit.journal.statistics import Statistic, statistics_of
from cockpit.journal.words import exact
from cockpit.ui.models.trades import TradeRows, trade_columns
from cockpit.ui.panels.journal_facts import facts_of

D = Decimal


def at(day: int, clock: str = "00:00") -> int:
    return to_ns(at_new_york(date(2024, 1, day), clock))


def executed(text: str, symbol: str = "XMPL") -> Execution:
    """ "+100 @ 10" buys, "-100 @ 11" sells."""
    size, _, price = text.partition(" @ ")
    quantity = D(size)
    return Execution(
        symbol=symbol, side=Side.BUY if quantity > 0 else Side.SELL, quantity=abs(quantity),
        price=D(price),
    )  # fmt: skip


def book_of(told: Iterable[tuple[int, bool, Entry]]) -> ImportedBook:
    return ImportedBook(
        "A",
        [
            Booking(key=f"k{n}", account_id="A", ts_event=ts, entry=entry, timed=timed)
            for n, (ts, timed, entry) in enumerate(told)
        ],
    )


DAYS_ONLY = (
    (at(2), False, executed("+10 @ 10")),
    (at(2) + 1, False, executed("-10 @ 12")),
    (at(2) + 2, False, executed("+10 @ 10")),
    (at(3), False, executed("-10 @ 9")),
)
TIMED = (
    (at(4, "09:31"), True, executed("+10 @ 10", "TIME")),
    (at(4, "09:41"), True, executed("-10 @ 11", "TIME")),
)


def figures(book: ImportedBook) -> dict[str, Statistic]:
    return {s.id: s for s in statistics_of(book.trades.trades(), period="all")}


HOLDS = ("average_hold", "average_hold_win", "average_hold_loss")


def test_holds_of_days_are_undefined_and_say_why() -> None:
    found = figures(book_of(DAYS_ONLY))
    for id_ in (*HOLDS, "drawdown_time"):
        assert (found[id_].value, found[id_].undefined) == (None, NO_TIME), id_
    assert found["net"].value == 10
    assert found["drawdown_trades"].value == 1


def test_what_orders_fills_of_one_moment_is_no_part_of_a_hold() -> None:
    moved = tuple((ts + place, timed, entry) for place, (ts, timed, entry) in enumerate(TIMED))
    found = figures(book_of(moved))
    for id_ in HOLDS[:2]:
        assert (found[id_].value, exact(found[id_].value)) == (600, "600"), id_
    third = (at(4, "10:31"), True, executed("+10 @ 10", "TIME"))
    last = (at(4, "10:31") + 1, True, executed("-10 @ 9", "TIME"))
    found = figures(book_of((*TIMED, third, last)))
    assert exact(found["average_hold"].value) == "300"
    assert exact(found["average_hold_loss"].value) == "0"


def test_what_has_times_is_reckoned_from_these_alone() -> None:
    found = figures(book_of((*DAYS_ONLY, *TIMED)))
    assert [(found[id_].value, found[id_].sample) for id_ in HOLDS[:2]] == [(600, 1), (600, 1)]
    assert (found["average_hold_loss"].value, found["average_hold_loss"].sample) == (None, 0)
    assert found["trades"].value == 3


def test_without_a_drawdown_its_length_is_zero_whatever_the_times() -> None:
    assert figures(book_of(DAYS_ONLY[:2]))["drawdown_time"].value == 0


def test_a_hold_needs_both_its_ends() -> None:
    came = Transfer(symbol="XMPL", quantity=D(10), price=D(10))
    ended = Expiry(symbol="OPT", quantity=D(1))
    book = book_of((
        (at(2), False, came),
        (at(3, "10:00"), True, executed("-10 @ 11")),
        (at(3, "10:00"), True, executed("+1 @ 2", "OPT")),
        (at(4), False, ended),
    ))  # fmt: skip
    by_symbol = {trade.symbol: trade for trade in book.trades.trades()}
    moved, option = by_symbol["XMPL"], by_symbol["OPT"]
    assert (moved.opened_timed, moved.closed_timed, moved.held_ns) == (False, True, None)
    assert (option.opened_timed, option.closed_timed, option.held_ns) == (True, False, None)


def test_by_hour_they_are_a_group_of_their_own() -> None:
    book = book_of((*DAYS_ONLY, *TIMED))
    account = AccountBook(account_id="A", trades=book.trades, imported=True)
    groups = grouped([(account, t) for t in book.trades.trades()], By.HOUR, period="all")
    assert {g.key: g.statistics[0].value for g in groups} == {UNTIMED: 2, "09:00": 1}
    days = grouped([(account, t) for t in book.trades.trades()], By.WEEKDAY, period="all")
    assert [g.key for g in days] == ["Tuesday", "Thursday"]


def test_json_says_which_times_are_known() -> None:
    book = book_of((*DAYS_ONLY, *TIMED, (at(5), False, executed("+1 @ 5", "HELD"))))
    account = AccountBook(account_id="A", trades=book.trades, imported=True)
    told = trades_told((account, trade) for trade in book.trades.trades())
    assert [(t["opened_timed"], t["closed_timed"]) for t in told] == [
        (False, False), (False, False), (True, True),
    ]  # fmt: skip
    assert [t["lots"][0]["closed_timed"] for t in told] == [False, False, True]
    [held] = positions_told([account])
    assert held["lots"][0]["opened_timed"] is False


def test_entries_tell_the_day_alone() -> None:
    book = book_of(DAYS_ONLY).trades
    for text in (draft_entry_text(book, "2024-01-02"), draft_trade_text(book.trades()[0])):
        assert "00:00" not in text
        assert "held" not in text
        assert "after 0 s" not in text
    assert "| not told | not told | long 10 XMPL |" in draft_entry_text(book, "2024-01-02")
    assert "Best: XMPL long, +$20.00." in draft_entry_text(book, "2024-01-02")
    timed = book_of(TIMED).trades
    assert "out at 09:41 after 10 min" in draft_entry_text(timed, "2024-01-04")
    assert "held 10 min" in draft_trade_text(timed.trades()[0])


def test_the_table_of_trades_shows_no_time_and_no_hold() -> None:
    book = book_of((*DAYS_ONLY[:2], *TIMED)).trades
    rows = TradeRows()
    rows.show(book.trades(), {})
    shown = [
        {c.key: c.show(value) for c, value in zip(trade_columns(), row.values, strict=True)}
        for row in map(rows.row, rows.keys())
    ]
    assert [(row["closed"], row["held"]) for row in shown] == [
        ("4 Jan 2024  09:41", "10:00"), ("2 Jan 2024", "-"),
    ]  # fmt: skip
    assert "opened Tue 2 Jan 2024, gross" in rows.row(rows.keys()[1]).tip
    about = facts_of(book.trades()[0], {}, lambda _name: None, {})
    assert about.startswith("In Tue 2 Jan 2024 at 10.00, out Tue 2 Jan 2024 at 12.00\n")
