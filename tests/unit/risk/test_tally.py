"""Sums kept by increments, against the same sums made anew in exact money."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.risk.tally import Tally

CHANGES = st.lists(
    st.tuples(
        st.sampled_from("ABCDE"),
        st.none() | st.integers(-(10**12), 10**12).map(lambda n: Decimal(n) / 10_000),
    )
)
BEYOND = [float("nan"), float("inf"), float("-inf"), 1e305]


@given(CHANGES)
def test_the_sums_are_those_of_the_amounts(changes: list[tuple[str, Decimal | None]]) -> None:
    tally, amounts = Tally(), dict[str, Decimal]()
    for symbol, amount in changes:
        if amount is None:
            tally.drop(symbol)
            amounts.pop(symbol, None)
        else:
            tally.put(symbol, float(amount))
            amounts[symbol] = amount
    assert tally.net == float(sum(amounts.values()))
    assert tally.gross == float(sum(map(abs, amounts.values())))
    assert {s: tally.of(s) for s in "ABCDE" if s in tally} == {
        symbol: float(amount) for symbol, amount in amounts.items()
    }


def test_many_changes_do_not_drift() -> None:
    tally, plain = Tally(), 0.0
    last = 0.0
    for step in range(100_000):
        amount = 0.1 * (step % 977)
        tally.put("AAA", amount)
        plain += amount - last
        last = amount
    tally.put("AAA", 0.7)
    assert tally.net == tally.gross == 0.7
    assert plain + 0.7 - last != 0.7  # what floats would have come to
    tally.drop("AAA")
    assert (tally.gross, tally.net) == (0.0, 0.0)


@pytest.mark.parametrize("beyond", BEYOND)
def test_an_amount_that_is_no_number_is_no_zero(beyond: float) -> None:
    tally = Tally()
    tally.put("AAA", 5.0)
    tally.put("BBB", 7.0)
    tally.put("AAA", beyond)
    assert "AAA" in tally
    assert all(map(math.isnan, (tally.of("AAA"), tally.gross, tally.net)))
    assert tally.of("BBB") == 7.0
    tally.put("AAA", -5.0)
    assert (tally.gross, tally.net) == (12.0, 2.0)
    tally.put("AAA", beyond)
    tally.drop("AAA")
    assert (tally.gross, tally.net) == (7.0, 7.0)
