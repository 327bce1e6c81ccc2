from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.domain.errors import DomainError
from cockpit.domain.fill import Fill
from cockpit.domain.trade import Direction
from cockpit.journal.ledger import match_fifo, realised_gross
from tests.support.fills import MINUTE, NINE_THIRTY, fill, fills

D = Decimal


def test_a_long_round_trip() -> None:
    (trade,) = match_fifo(fills("+100 @ 10", "-100 @ 11", fee="0.5")).trades
    assert (trade.direction, trade.quantity) == (Direction.LONG, 100)
    assert (trade.entry_price, trade.exit_price) == (10, 11)
    assert (trade.gross, trade.fees, trade.net) == (100, 1, 99)
    assert trade.closed_ns - trade.opened_ns == MINUTE
    assert trade.execution_ids == ("x1", "x2")


def test_a_short_is_not_read_as_a_long() -> None:
    (trade,) = match_fifo(fills("-100 @ 10", "+100 @ 11")).trades
    assert trade.direction is Direction.SHORT
    assert trade.gross == -100


def test_scaling_in_and_out_is_one_trade_matched_first_in_first_out() -> None:
    ledger = match_fifo(fills("+100 @ 10", "+100 @ 12", "-150 @ 13", "-50 @ 11"))
    (trade,) = ledger.trades
    assert [(m.quantity, m.entry_price, m.exit_price) for m in trade.matches] == [
        (100, 10, 13), (50, 12, 13), (50, 12, 11),
    ]  # fmt: skip
    assert trade.gross == 300 + 50 - 50
    assert (trade.quantity, trade.entry_price, trade.exit_price) == (200, 11, D("12.5"))
    assert ledger.open_trades == ()


def test_a_partial_exit_realises_while_the_trade_is_open() -> None:
    ledger = match_fifo(fills("+100 @ 10", "-40 @ 12", fee="1"))
    assert ledger.trades == ()
    (open_trade,) = ledger.open_trades
    assert (open_trade.quantity, open_trade.fees) == (60, 2)
    assert [(m.quantity, m.gross) for m in ledger.partial_exits] == [(40, 80)]
    assert [(lot.quantity, lot.price) for lot in ledger.open_lots] == [(60, 10)]


def test_a_flip_closes_one_trade_and_opens_another_and_pays_once() -> None:
    story = [fill(1, "+100 @ 10", fee="1"), fill(2, "-150 @ 12", fee="3"), fill(3, "+50 @ 11")]
    ledger = match_fifo(story)
    first, second = ledger.trades
    assert (first.direction, first.quantity, first.gross, first.fees) == ("long", 100, 200, 3)
    assert (second.direction, second.quantity, second.gross, second.fees) == ("short", 50, 50, 1)
    assert first.trade_id != second.trade_id
    assert first.closed_ns == second.opened_ns


def test_a_fee_that_does_not_divide_is_still_paid_exactly_once() -> None:
    story = [fill(1, "+1 @ 10"), fill(2, "-3 @ 12", fee="0.01"), fill(3, "+2 @ 11")]
    assert sum(trade.fees for trade in match_fifo(story).trades) == D("0.01")


def test_risk_is_frozen_at_entry() -> None:
    moved = [fill(1, "+100 @ 10", stop="9"), fill(2, "-100 @ 12", fee="2", stop="5")]
    (trade,) = match_fifo(moved).trades
    assert trade.initial_risk == 100
    assert trade.r_multiple == D("1.98")


def test_risk_of_a_short_and_of_scaling_in() -> None:
    story = [
        fill(1, "-100 @ 10", stop="11"), fill(2, "-100 @ 9", stop="10.5"), fill(3, "-50 @ 9.5"),
        fill(4, "+250 @ 9"),
    ]  # fmt: skip
    (trade,) = match_fifo(story).trades
    assert trade.initial_risk == 100 + 150 + 75  # the third had no stop of its own: the first's


@pytest.mark.parametrize("stop", [None, "10", "11"])
def test_without_a_stop_that_risks_something_there_is_no_r(stop: str | None) -> None:
    (trade,) = match_fifo([fill(1, "+100 @ 10", stop=stop), fill(2, "-100 @ 12")]).trades
    assert trade.initial_risk is None
    assert trade.r_multiple is None


def test_symbols_and_accounts_do_not_mix() -> None:
    story = [
        fill(1, "+10 @ 10", symbol="A"), fill(2, "-10 @ 11", symbol="B"),
        fill(3, "-10 @ 12", symbol="A", account="DEMO-2"),
    ]  # fmt: skip
    ledger = match_fifo(story)
    assert ledger.trades == ()
    assert len(ledger.open_trades) == 3


def test_at_one_time_the_ninth_execution_comes_before_the_tenth() -> None:
    story = [
        fill(number, text, ts_ns=NINE_THIRTY)
        for number, text in ((10, "-10 @ 12"), (9, "+10 @ 10"), (11, "+10 @ 1"))
    ]
    ledger = match_fifo(story)
    assert [trade.direction for trade in ledger.trades] == ["long"]
    assert [lot.execution_id for lot in ledger.open_lots] == ["x11"]


def test_money_follows_the_multiplier() -> None:
    story = [fill(1, "+1 @ 10", stop="9"), fill(2, "-1 @ 12")]
    (trade,) = match_fifo(story, {"XXX": D(50)}).trades
    assert (trade.gross, trade.initial_risk) == (100, 50)


def test_a_contradiction_is_refused() -> None:
    with pytest.raises(DomainError, match="two different fills"):
        match_fifo([fill(1, "+1 @ 10"), fill(1, "+2 @ 10")])


sizes = st.integers(-300, 300).filter(bool)
prices = st.decimals(min_value="0.01", max_value="500", places=2)
fees = st.decimals(min_value="-0.5", max_value="5", places=3)


@st.composite
def stories(draw: st.DrawFn) -> list[Fill]:
    rows = draw(
        st.lists(st.tuples(sizes, prices, fees, st.sampled_from("ABC")), min_size=1, max_size=30)
    )
    return [
        fill(number, f"{size} @ {price}", fee=str(fee), symbol=symbol)
        for number, (size, price, fee, symbol) in enumerate(rows)
    ]


def cash(story: Sequence[Fill]) -> Decimal:
    return sum((-f.signed_quantity * f.price for f in story), D(0))


@settings(max_examples=150, deadline=None)
@given(stories())
def test_trades_and_open_lots_reconcile_with_the_cash(story: list[Fill]) -> None:
    ledger = match_fifo(story)
    held = sum(
        (lot.price * lot.quantity * (1 if lot.direction is Direction.LONG else -1)
         for lot in ledger.open_lots), D(0),
    )  # fmt: skip
    assert realised_gross(ledger) == cash(story) + held
    paid = sum(t.fees for t in ledger.trades) + sum(t.fees for t in ledger.open_trades)
    assert paid == sum(f.fee for f in story)


@settings(max_examples=100, deadline=None)
@given(stories())
def test_what_is_open_is_what_the_fills_add_up_to(story: list[Fill]) -> None:
    opened = {
        t.symbol: t.quantity * (1 if t.direction is Direction.LONG else -1)
        for t in match_fifo(story).open_trades
    }
    for symbol in "ABC":
        total = sum(f.signed_quantity for f in story if f.symbol == symbol)
        assert opened.get(symbol, 0) == total


@settings(max_examples=100, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_the_ledger(story: list[Fill], chance: object) -> None:
    mixed = [*story, *story[::2]]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert match_fifo(mixed) == match_fifo(story)


@settings(max_examples=100, deadline=None)
@given(stories())
def test_every_trade_closes_what_it_opened(story: list[Fill]) -> None:
    for trade in match_fifo(story).trades:
        assert trade.quantity == sum(m.quantity for m in trade.matches)
        assert trade.gross == sum(m.gross for m in trade.matches)
        assert trade.opened_ns <= trade.closed_ns
