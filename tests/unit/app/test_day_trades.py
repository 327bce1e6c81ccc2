"""Day trades of five business days, counted from fills."""

from __future__ import annotations

from cockpit.app.day_trades import DayTradeCount
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.clock import SECOND
from cockpit.market.session import SessionCalendar
from tests.support.fills import NINE_THIRTY, fill

DAY = 86_400 * SECOND


def counted(*told: tuple[str, str, int]) -> DayTradeCount:
    """Fills as (symbol, text, day after Tuesday 2018-01-02)."""
    book = TradeBook("DEMO-1")
    for number, (symbol, text, day) in enumerate(told):
        when = NINE_THIRTY + day * DAY + number * SECOND
        book.add(fill(number, text, symbol=symbol, ts_ns=when))
    return DayTradeCount(book, SessionCalendar())


def on(day: int) -> int:
    return NINE_THIRTY + day * DAY + 3600 * SECOND


def test_in_and_out_on_one_day_is_one() -> None:
    count = counted(("A", "+10 @ 5", 0), ("A", "-4 @ 5", 0), ("A", "-6 @ 5", 0))
    assert count("B", on(0)) == (1, 1)


def test_over_night_is_none() -> None:
    count = counted(("A", "+10 @ 5", 0), ("A", "-10 @ 5", 1))
    assert count("B", on(1)) == (0, 1)


def test_what_was_opened_today_may_become_one() -> None:
    count = counted(("A", "+10 @ 5", 1), ("B", "+10 @ 5", 1), ("C", "+10 @ 5", 0))
    assert count("D", on(1)) == (0, 3)
    assert count("A", on(1)) == (0, 2)
    assert count("D", on(2)) == (0, 1)  # no longer today


def test_a_part_closed_on_its_day_counts_while_the_rest_is_held() -> None:
    count = counted(("A", "+10 @ 5", 0), ("A", "-5 @ 5", 0))
    assert count("B", on(1)) == (1, 1)


def test_five_business_days_back() -> None:
    count = counted(("A", "+10 @ 5", 0), ("A", "-10 @ 5", 0))
    assert count("B", on(6)) == (1, 1)  # Monday: Tuesday is the fifth of them
    assert count("B", on(7)) == (0, 1)


def test_new_fills_are_counted_at_once() -> None:
    book = TradeBook("DEMO-1")
    count = DayTradeCount(book, SessionCalendar())
    assert count("A", on(0)) == (0, 1)
    book.extend([fill(1, "+10 @ 5"), fill(2, "-10 @ 5")])
    assert count("A", on(0)) == (1, 1)
