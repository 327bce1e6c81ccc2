"""What a day's screen asks of a long ledger, and the equity before a day."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.fill import Fill
from cockpit.domain.values import ZERO
from cockpit.journal.days import day_of
from cockpit.journal.ledger import match_fifo
from cockpit.journal.tradebook import TradeBook
from tests.support.fills import NINE_THIRTY, fill

D = Decimal
DAY = 86_400_000_000_000


@st.composite
def weeks(draw: st.DrawFn) -> list[Fill]:
    """Fills of a week in any order, some of them at one time."""
    rows = st.tuples(
        st.integers(0, 6), st.integers(0, 3), st.integers(-3, 3).filter(bool), st.integers(1, 50),
        st.sampled_from("AB"),
    )  # fmt: skip
    made = [
        fill(n, f"{size} @ {price}", symbol=symbol, fee="0.01", ts_ns=NINE_THIRTY + day * DAY + at)
        for n, (day, at, size, price, symbol) in enumerate(draw(st.lists(rows, max_size=25)))
    ]
    return draw(st.permutations(made))


@given(weeks(), st.data())
def test_each_day_is_what_a_walk_over_everything_finds(
    story: list[Fill], data: st.DataObject
) -> None:
    book = TradeBook("DEMO-1")
    for each in story:
        book.add(each)
    gone = data.draw(st.lists(st.sampled_from(story), unique=True, max_size=3)) if story else []
    for each in gone:
        book.take_back(each.execution_id)
    left = [each for each in story if each not in gone]
    ledger = match_fifo(left)
    assert book.ledger == ledger
    assert sorted(book.days()) == sorted({day_of(f.ts_event) for f in left})
    for number in range(7):
        day = day_of(NINE_THIRTY + number * DAY)
        trades = [t for t in ledger.trades if day_of(t.closed_ns) == day]
        assert book.trades(day) == trades
        assert book.day_sum(day).net == sum((t.net for t in trades), ZERO)
        assert {f.execution_id for f in book.fills(day)} == {
            f.execution_id for f in left if day_of(f.ts_event) == day
        }
        every = [m for t in (*ledger.trades, *ledger.open_trades) for m in t.matches]
        realised = [m for m in every if day_of(m.closed_ns) == day]
        assert sum((m.gross for m in book.exits(day)), ZERO) == sum(
            (m.gross for m in realised), ZERO
        )
        until = [f for f in left if day_of(f.ts_event) <= day]
        assert book.open_at(day) == match_fifo(until).open_trades


def test_equity_before_a_day_follows_what_was_closed_in_between() -> None:
    book = TradeBook("DEMO-1", starting_equity=D(1000))
    for number, net in enumerate((10, -4, 6)):
        at = NINE_THIRTY + number * DAY
        book.add(fill(2 * number, "+1 @ 100", ts_ns=at))
        book.add(fill(2 * number + 1, f"-1 @ {100 + net}", ts_ns=at + 1))
    days = sorted(book.days())
    assert [book.equity_before(day) for day in days] == [1000, 1010, 1006]
    assert book.equity_before(None) == 1000
    book.equity_day = days[2]  # the session began on the last day with 1,000
    assert [book.equity_before(day) for day in days] == [994, 1004, 1000]
    assert book.equity_before("2019-01-01") == 1006
    assert book.equity_before(None) == 994


def test_without_an_equity_there_is_none() -> None:
    assert TradeBook("DEMO-1").equity_before(None) is None
