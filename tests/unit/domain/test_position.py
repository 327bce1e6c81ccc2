from decimal import Decimal
from functools import reduce

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.errors import DomainError
from cockpit.domain.fill import Fill
from cockpit.domain.order import Side
from cockpit.domain.position import Position
from tests.unit.domain.domain_kit import FILL

ROUNDING = Decimal("1e-12")  # average cost is a quotient, kept to 28 digits


def fill(side: Side, quantity: object, price: object, fee: object = 0) -> Fill:
    return msgspec.structs.replace(
        FILL, side=side, quantity=Decimal(str(quantity)), price=Decimal(str(price)),
        fee=Decimal(str(fee)),
    )  # fmt: skip


FILLS = st.lists(
    st.builds(
        fill,
        st.sampled_from(Side),
        st.integers(1, 500),
        st.decimals("0.01", 999, places=2),
        st.decimals(-1, 5, places=3),
    ),
    max_size=25,
)
MULTIPLIERS = st.sampled_from([Decimal(1), Decimal(50), Decimal("0.1")])


def fold(fills: list[Fill], multiplier: Decimal = Decimal(1)) -> Position:
    flat = Position(account_id="A", symbol="XXX", multiplier=multiplier)
    return reduce(Position.with_fill, fills, flat)


@given(FILLS, MULTIPLIERS, st.decimals("0.01", 999, places=2))
def test_realised_and_unrealised_are_the_cash_that_flowed(
    fills: list[Fill], multiplier: Decimal, mark: Decimal
) -> None:
    position = fold(fills, multiplier)
    cash = -sum((f.signed_quantity * f.price * multiplier for f in fills), Decimal(0))
    open_profit = (mark - position.average_cost) * position.quantity * multiplier
    worth = cash + position.quantity * mark * multiplier
    assert abs(position.realised + open_profit - worth) <= ROUNDING * max(1, abs(worth))
    assert position.unrealised(float(mark)) == pytest.approx(float(open_profit), rel=1e-9, abs=1e-6)


@given(FILLS)
def test_quantity_and_fees_are_plain_sums(fills: list[Fill]) -> None:
    position = fold(fills)
    assert position.quantity == sum((f.signed_quantity for f in fills), Decimal(0))
    assert position.fees == sum((f.fee for f in fills), Decimal(0))
    assert position.cost == position.quantity * position.average_cost
    assert position.flat == (position.quantity == 0)
    if position.flat:
        assert position.average_cost == 0


@given(FILLS)
def test_realised_matches_fifo_whenever_flat(fills: list[Fill]) -> None:
    closing = sum((f.signed_quantity for f in fills), Decimal(0))
    if closing:
        side = Side.SELL if closing > 0 else Side.BUY
        fills = [*fills, fill(side, abs(closing), 7)]
    assert abs(fold(fills).realised - fifo(fills)) <= Decimal("1e-9")


def fifo(fills: list[Fill]) -> Decimal:
    """Realised profit lot by lot, first in, first out."""
    lots: list[list[Decimal]] = []
    realised = Decimal(0)
    for each in fills:
        left = each.signed_quantity
        while left and lots and lots[0][0] * left < 0:
            closed = min(abs(left), abs(lots[0][0]))
            sign = 1 if lots[0][0] > 0 else -1
            realised += (each.price - lots[0][1]) * closed * sign
            lots[0][0] -= closed * sign
            left += closed * sign
            if not lots[0][0]:
                lots.pop(0)
        if left:
            lots.append([left, each.price])
    return realised


@given(FILLS)
def test_average_cost_stays_within_the_prices_paid(fills: list[Fill]) -> None:
    position = fold(fills)
    if not position.flat:
        prices = [f.price for f in fills]
        assert min(prices) - ROUNDING <= position.average_cost <= max(prices) + ROUNDING


@pytest.mark.parametrize(
    ("fills", "quantity", "cost", "realised"),
    [
        ([fill(Side.BUY, 100, 10)], 100, 10, 0),
        ([fill(Side.BUY, 100, 10), fill(Side.BUY, 100, 12)], 200, 11, 0),
        ([fill(Side.BUY, 100, 10), fill(Side.SELL, 40, 12)], 60, 10, 80),
        ([fill(Side.BUY, 100, 10), fill(Side.SELL, 150, 12)], -50, 12, 200),
        ([fill(Side.SELL, 100, 10), fill(Side.BUY, 100, 9)], 0, 0, 100),
        ([fill(Side.SELL, 100, 10), fill(Side.BUY, 130, 11)], 30, 11, -100),
    ],
)
def test_fills_fold(fills: list[Fill], quantity: int, cost: int, realised: int) -> None:
    position = fold(fills)
    assert (position.quantity, position.average_cost, position.realised) == (
        quantity,
        cost,
        realised,
    )


@pytest.mark.parametrize("strange", [{"symbol": "YYY"}, {"account_id": "B"}])
def test_fill_of_another_is_refused(strange: dict[str, str]) -> None:
    with pytest.raises(DomainError):
        fold([msgspec.structs.replace(FILL, **strange)])
