"""What must hold of any story of fills, whatever their order and number."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.fill import Fill
from cockpit.domain.imported import Booking, Execution, Expiry, Split
from cockpit.domain.order import Side
from cockpit.domain.trade import Direction
from cockpit.journal.imported import ImportedBook
from cockpit.journal.ledger import Ledger, match_fifo, realised_gross
from tests.support.fills import fill

D = Decimal
NANO = D("1e-9")


def sides(ledger: Ledger) -> list[tuple[Decimal, ...]]:
    """What a person would compare: size, averages, money of each trade, to a billionth."""
    return [
        tuple(v.quantize(NANO) for v in (t.quantity, t.entry_price, t.exit_price, t.gross, t.fees))
        for t in ledger.trades
    ]


orders = st.lists(
    st.tuples(
        st.integers(-9, 9).filter(bool),
        st.decimals("1", "500", places=2),
        st.decimals("0", "5", places=2),
    ),
    min_size=1,
    max_size=12,
)


@given(orders, st.data())
def test_permuted_partial_fills_of_an_order_agree(
    story: list[tuple[int, Decimal, Decimal]], data: st.DataObject
) -> None:
    """An order that filled in parts at one time and price is the order that filled at once."""
    whole: list[Fill] = []
    parts: list[Fill] = []
    for number, (size, price, fee) in enumerate(story):
        one = fill(number, f"{size} @ {price}", fee=str(fee))
        whole.append(one)
        cuts = data.draw(st.lists(st.integers(1, abs(size)), max_size=3))
        bounds = sorted({0, *cuts, abs(size)})
        halves = [
            msgspec.structs.replace(
                one,
                execution_id=f"x{number}.{place}",
                quantity=D(b - a),
                fee=fee if a == 0 else D(0),
            )
            for place, (a, b) in enumerate(pairwise(bounds))
        ]
        parts.extend(data.draw(st.permutations(halves)))
    one, other = match_fifo(whole), match_fifo(data.draw(st.permutations(parts)))
    assert realised_gross(one) == realised_gross(other)
    assert [row[:4] for row in sides(one)] == [row[:4] for row in sides(other)]
    assert held(one) == held(other)
    assert paid(one) == paid(other)


def held(ledger: Ledger) -> dict[tuple[Decimal, Direction, int], Decimal]:
    """Open units by price, direction and time: parts of one order are one lot here."""
    found: dict[tuple[Decimal, Direction, int], Decimal] = {}
    for lot in ledger.open_lots:
        key = (lot.price, lot.direction, lot.opened_ns)
        found[key] = found.get(key, D(0)) + lot.quantity
    return found


def paid(ledger: Ledger) -> Decimal:
    return sum((t.fees for t in (*ledger.trades, *ledger.open_trades)), D(0))


@given(
    st.integers(1, 500),
    st.integers(1, 500),
    st.decimals("1", "500", places=2),
    st.decimals("1", "500", places=2),
    st.sampled_from([1, -1]),
)
def test_a_flip_equals_a_close_and_an_open(
    held: int, more: int, entry: Decimal, turn: Decimal, sign: int
) -> None:
    opening = fill(1, f"{sign * held} @ {entry}", fee="1")
    flip = [opening, fill(2, f"{-sign * (held + more)} @ {turn}", fee="3")]
    apart = [
        opening,
        fill(2, f"{-sign * held} @ {turn}", fee="1"),
        fill(3, f"{-sign * more} @ {turn}", fee="2"),
    ]
    one, other = match_fifo(flip), match_fifo(apart)
    assert [row[:4] for row in sides(one)] == [row[:4] for row in sides(other)]
    [left], [beside] = one.open_lots, other.open_lots
    assert (left.quantity, left.price, left.direction) == (
        beside.quantity, beside.price, beside.direction,
    )  # fmt: skip
    assert left.direction is (Direction.SHORT if sign > 0 else Direction.LONG)
    assert paid(one) == paid(other) == 4


entries = st.lists(
    st.tuples(
        st.sampled_from(["AB", "CD"]),
        st.integers(-20, 20).filter(bool),
        st.decimals("1", "90", places=2),
        st.decimals("0", "3", places=2),
        st.sampled_from([1, 100]),
    ),
    max_size=15,
)


def bookings(story: Sequence[tuple[str, int, Decimal, Decimal, int]]) -> list[Booking]:
    made = [
        Execution(
            symbol=f"{symbol}{'' if multiplier == 1 else ' option'}",
            side=Side.BUY if size > 0 else Side.SELL,
            quantity=D(abs(size)),
            price=price,
            fee=fee,
            multiplier=D(multiplier),
        )
        for symbol, size, price, fee, multiplier in story
    ]
    return [
        Booking(key=f"k{n}", account_id="A", ts_event=n, entry=entry)
        for n, entry in enumerate(made)
    ]


@given(entries, st.randoms(use_true_random=False))
def test_statements_may_come_in_any_order(
    story: list[tuple[str, int, Decimal, Decimal, int]], chance: object
) -> None:
    told = bookings(story)
    mixed = list(told)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert ImportedBook("A", mixed).trades.ledger == ImportedBook("A", told).trades.ledger


@given(entries)
def test_cash_of_options_and_shares_is_what_was_realised_and_is_held(
    story: list[tuple[str, int, Decimal, Decimal, int]],
) -> None:
    book = ImportedBook("A", bookings(story)).trades
    cash = sum((-size * price * m - fee for _, size, price, fee, m in story), D(0))
    closed = sum((t.net for t in book.trades()), D(0))
    opened = book.open_trades()
    partly = sum((m.gross for t in opened for m in t.matches), D(0)) - sum(
        (t.fees for t in opened), D(0)
    )
    held = sum(
        (
            (-1 if lot.direction is Direction.LONG else 1)
            * lot.quantity
            * lot.price
            * book.multiplier(lot.symbol)
            for t in opened
            for lot in t.lots
        ),
        D(0),
    )
    assert closed + partly + held == pytest.approx(cash, abs=NANO)


@given(st.integers(1, 50), st.integers(1, 50), st.decimals("0", "5", places=2))
def test_the_fee_of_an_expiry_is_paid(held: int, ended: int, fee: Decimal) -> None:
    bought = Execution(
        symbol="O", side=Side.BUY, quantity=D(held), price=D(2), fee=D(1), multiplier=D(100)
    )
    book = ImportedBook(
        "A",
        [
            Booking(key="k1", account_id="A", ts_event=1, entry=bought),
            Booking(key="k2", account_id="A", ts_event=2,
                    entry=Expiry(symbol="O", quantity=D(min(held, ended)), fee=fee)),
        ],
    ).trades  # fmt: skip
    every = (*book.trades(), *book.open_trades())
    assert sum((t.fees for t in every), D(0)) == 1 + fee


@given(st.integers(1, 60), st.sampled_from([2, 3, 4, 10]), st.booleans(), st.booleans())
def test_a_split_and_back_changes_nothing(
    held: int, ratio: int, short: bool, reverse: bool
) -> None:
    size = held * ratio
    change = D(size * ratio - size) if not reverse else D(held - size)
    symbol = "S"
    buy = Execution(
        symbol=symbol, side=Side.SELL if short else Side.BUY, quantity=D(size), price=D(30)
    )
    after = D(size) + change
    told = [buy, Split(symbol=symbol, change=change), Split(symbol=symbol, change=D(size) - after)]
    book = ImportedBook(
        "A",
        [Booking(key=f"k{n}", account_id="A", ts_event=n, entry=e) for n, e in enumerate(told)],
    ).trades
    [lot] = book.lots(symbol)
    assert (lot.quantity, lot.price) == (size, pytest.approx(D(30), abs=NANO))
    assert lot.direction is (Direction.SHORT if short else Direction.LONG)
    assert book.exits() == []
