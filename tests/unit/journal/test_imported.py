"""An imported account's book: what a statement can't tell makes no trade."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.imported import (
    Booking,
    CashKind,
    CashMovement,
    Conversion,
    Effect,
    Entry,
    Execution,
    Expiry,
    Split,
    Transfer,
)
from cockpit.domain.order import Side
from cockpit.journal.entry import draft_entry_text
from cockpit.journal.imported import ImportedBook
from cockpit.recap.facts import daily_facts

D = Decimal
DAY = 86_400_000_000_000


def trade(text: str, *, fee: str = "0", effect: Effect | None = None) -> Execution:
    """ "+100 @ 10" buys, "-100 @ 11" sells."""
    size, _, price = text.partition(" @ ")
    quantity = D(size)
    side = Side.BUY if quantity > 0 else Side.SELL
    return Execution(
        symbol="XMPL", side=side, quantity=abs(quantity), price=D(price), fee=D(fee), effect=effect
    )


def book(*entries: Entry, average_cost: bool = False) -> ImportedBook:
    bookings = [
        Booking(key=f"k{number}", account_id="A", ts_event=number * DAY, entry=entry)
        for number, entry in enumerate(entries, start=1)
    ]
    return ImportedBook("A", bookings, average_cost=average_cost)


def lots(made: ImportedBook, symbol: str = "XMPL") -> list[tuple[Decimal, Decimal]]:
    return [(lot.quantity, lot.price) for lot in made.trades.lots(symbol)]


def test_a_sale_of_what_was_never_bought_is_unmatched_and_no_short() -> None:
    made = book(trade("-10 @ 9", effect=Effect.CLOSES), trade("+5 @ 8"))
    assert lots(made) == [(5, 8)]
    [miss] = made.unmatched
    assert (miss.symbol, miss.quantity) == ("XMPL", 10)


def test_the_part_that_was_bought_is_matched_with_its_share_of_the_fee() -> None:
    made = book(trade("+4 @ 8"), trade("-10 @ 9", fee="1", effect=Effect.CLOSES))
    [closed] = made.trades.trades()
    assert (closed.quantity, closed.gross, closed.fees) == (4, 4, D("0.4"))
    assert made.unmatched[0].quantity == 6


def test_a_sale_without_a_word_may_open_a_short() -> None:
    made = book(trade("-10 @ 9"), trade("+10 @ 8"))
    [closed] = made.trades.trades()
    assert closed.gross == 10


def test_splits_keep_the_cost_of_longs_and_shorts() -> None:
    assert lots(book(trade("+10 @ 30"), Split(symbol="XMPL", change=D(20)))) == [(30, 10)]
    assert lots(book(trade("-10 @ 30"), Split(symbol="XMPL", change=D(-5)))) == [(5, 60)]
    assert book(Split(symbol="XMPL", change=D(5))).unmatched[0].reason.startswith("nothing was")


def test_a_transfer_is_a_lot_of_its_own_and_leaves_by_the_first_one() -> None:
    came = Transfer(symbol="XMPL", quantity=D(5), price=D(20))
    went = Transfer(symbol="XMPL", quantity=D(-12))
    assert lots(book(trade("+10 @ 10"), came)) == [(10, 10), (5, 20)]
    assert lots(book(trade("+10 @ 10"), came, went)) == [(3, 20)]


@pytest.mark.parametrize("quantity", [D(5), D(-5)])
def test_a_transfer_of_unknown_cost_is_unmatched(quantity: Decimal) -> None:
    made = book(Transfer(symbol="XMPL", quantity=quantity))
    assert (lots(made), len(made.unmatched)) == ([], 1)


def test_a_merger_takes_the_cost_along() -> None:
    made = book(
        trade("+10 @ 10"), Conversion(gives="XMPL", given=D(10), symbol="NEWX", received=D(4))
    )
    assert lots(made, "NEWX") == [(4, 25)]
    assert not lots(made)
    assert not made.trades.trades()


def test_an_expiry_realises_what_was_paid_and_received() -> None:
    long = Execution(symbol="O", side=Side.BUY, quantity=D(3), price=D(2), multiplier=D(100))
    ended = Expiry(symbol="O", quantity=D(2))
    made = book(long, ended)
    assert [match.gross for match in made.trades.exits()] == [-400]
    assert lots(made, "O") == [(1, 2)]
    made = book(long, ended, Expiry(symbol="O", quantity=D(2)))
    assert [t.gross for t in made.trades.trades()] == [-600]
    assert made.unmatched[0].quantity == 1


def test_at_average_cost_all_lots_are_one() -> None:
    entries = (trade("+10 @ 10"), trade("+10 @ 20"), trade("-10 @ 30"))
    assert [m.gross for m in book(*entries).trades.exits()] == [200]
    averaged = book(*entries, average_cost=True)
    assert [m.gross for m in averaged.trades.exits()] == [150]
    assert lots(averaged) == [(10, 15)]


def test_cash_is_kept_apart() -> None:
    made = book(CashMovement(kind=CashKind.DIVIDEND, amount=D(3), symbol="XMPL"))
    assert [b.entry for b in made.cash] == [
        CashMovement(kind=CashKind.DIVIDEND, amount=D(3), symbol="XMPL")
    ]


SIZES = st.integers(-300, 300).filter(bool)
PRICES = st.decimals("0.01", "500", places=2)


@given(
    st.lists(st.tuples(SIZES, PRICES, st.decimals("0", "5", places=2)), max_size=20), st.booleans()
)
def test_what_is_realised_and_held_is_the_cash_flow(
    made_of: list[tuple[int, Decimal, Decimal]], average: bool
) -> None:
    entries = [trade(f"{size:+d} @ {price}", fee=str(fee)) for size, price, fee in made_of]
    made = book(*entries, average_cost=average)
    cash = sum((-size * price - fee for size, price, fee in made_of), D(0))
    closed = sum((t.net for t in made.trades.trades()), D(0))
    opened = made.trades.open_trades()
    partly = sum((m.gross for t in opened for m in t.matches), D(0)) - sum(
        (t.fees for t in opened), D(0)
    )
    sign = {"long": -1, "short": 1}
    held = sum(
        (sign[t.direction.value] * lot.quantity * lot.price for t in opened for lot in t.lots), D(0)
    )
    assert closed + partly + held == pytest.approx(cash, abs=D("0.000001"))


@pytest.mark.parametrize(
    "leaves",
    [
        Transfer(symbol="XMPL", quantity=D(-10)),
        Conversion(gives="XMPL", given=D(10), symbol="NEWX", received=D(4)),
    ],
)
def test_fees_of_what_leaves_before_it_is_closed_are_told(leaves: Entry) -> None:
    made = book(trade("+10 @ 10", fee="7"), leaves)
    [miss] = made.unmatched
    assert (miss.symbol, miss.quantity) == ("XMPL", -10)
    assert (
        miss.reason == "it left before it was closed: the $7.00 of fees it had cost are in no trade"
    )
    assert not made.trades.trades()
    partly = book(trade("+10 @ 10", fee="7"), Transfer(symbol="XMPL", quantity=D(-4)))
    assert not partly.unmatched
    free = book(trade("+10 @ 10"), leaves)
    assert not free.unmatched


def test_an_imported_account_is_no_live_session() -> None:
    made = book(trade("+10 @ 10"), trade("-10 @ 11"))
    day = made.trades.closing_days()[0]
    assert draft_entry_text(made.trades, day).startswith("**Imported statement.** 1 trade closed")
    session = next(fact for fact in daily_facts(made.trades, day) if fact.id == "session")
    assert session.text == "Imported statement"
