"""MAE and MFE by price and by money."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.trade import Trade
from cockpit.journal.excursion import Prices, excursion_of
from cockpit.journal.ledger import match_fifo
from tests.support.fills import MINUTE, NINE_THIRTY, fills

D = Decimal
ONE = D(1)


def seen(*told: tuple[float, float]) -> Prices:
    """(minute, price), as the fills of a story are a minute apart."""
    ts = np.array([NINE_THIRTY + round(minute * MINUTE) for minute, _ in told], dtype=np.int64)
    price = np.array([price for _, price in told])
    return Prices(ts=ts, low=price, high=price)


def trade_of(*texts: str) -> Trade:
    [trade] = match_fifo(fills(*texts)).trades
    return trade


def test_a_long_by_price_and_by_money() -> None:
    trade = trade_of("+100 @ 10", "-100 @ 11")  # minutes 1 and 2
    told = excursion_of(
        trade, seen((0.9, 1), (1.2, 9.5), (1.5, 12), (2.1, 99)), source="prints", multiplier=ONE
    )
    assert told is not None
    assert (told.adverse, told.favourable, told.worst, told.best) == (D("-0.5"), 2, -50, 200)
    assert (told.samples, told.source) == (2, "prints")


def test_a_short_is_turned_round() -> None:
    trade = trade_of("-100 @ 10", "+100 @ 9")
    told = excursion_of(trade, seen((1.2, 9.5), (1.5, 12)), source="prints", multiplier=ONE)
    assert told is not None
    assert (told.adverse, told.favourable, told.worst, told.best) == (-2, 1, -200, 100)


def test_money_follows_the_size_and_what_was_realised() -> None:
    trade = trade_of("+100 @ 10", "+100 @ 12", "-150 @ 13", "-50 @ 11")
    prices = seen((1.5, 8), (2.5, 14), (3.5, 9))  # 100, 200 and 50 units open
    told = excursion_of(trade, prices, source="prints", multiplier=D(10))
    assert told is not None
    assert told.worst == 10 * -200
    assert told.best == 10 * (200 * 14 - 2200)
    assert (told.adverse, told.favourable) == (-3, 3)  # against the average entry of 11


def test_the_trades_own_fills_were_prices_too() -> None:
    trade = trade_of("+100 @ 10", "-100 @ 11")
    told = excursion_of(trade, seen((1.5, 10.2)), source="prints", multiplier=ONE)
    assert told is not None
    assert (told.adverse, told.favourable, told.best) == (0, 1, 100)


def test_what_nobody_has_seen_is_not_measured() -> None:
    trade = trade_of("+100 @ 10", "-100 @ 11")
    assert excursion_of(trade, seen((0.5, 1), (3, 1)), source="prints", multiplier=ONE) is None
    assert excursion_of(trade, seen(), source="prints", multiplier=ONE) is None


@given(
    st.lists(
        st.tuples(st.integers(-5, 5).filter(bool), st.integers(5, 15)), min_size=1, max_size=8
    ),
    st.lists(st.tuples(st.floats(0, 12), st.integers(5, 15)), min_size=1, max_size=20),
)
def test_the_outcome_lies_between_worst_and_best(
    story: list[tuple[int, int]], told: list[tuple[float, int]]
) -> None:
    ledger = match_fifo(fills(*(f"{size} @ {price}" for size, price in story)))
    prices = seen(*sorted(told))
    for trade in ledger.trades:
        found = excursion_of(trade, prices, source="prints", multiplier=ONE)
        if found is not None:
            assert found.worst <= min(trade.gross, D(0)) + D("0.00001")
            assert found.best >= max(trade.gross, D(0)) - D("0.00001")
            assert found.adverse <= 0 <= found.favourable


@pytest.mark.parametrize("late", [0, 1])
def test_bounds_are_part_of_the_trade(late: int) -> None:
    trade = trade_of("+100 @ 10", "-100 @ 11")
    told = excursion_of(trade, seen((1 + late, 20.0)), source="prints", multiplier=ONE)
    assert told is not None
    assert told.favourable == 10
