"""What an order would do, by the real gate and the paper broker's fees; nothing is made."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from cockpit.app.order_preview import Previews
from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderType, Side
from cockpit.trading.gate import CONTROL_FAILED
from tests.support.desk import Desk, trading_desk

D = Decimal


@pytest.fixture
async def desk(tmp_path):
    async with trading_desk(tmp_path) as opened:
        yield opened


def previews(desk: Desk) -> Previews:
    return Previews(desk.oms, desk.situation, desk.broker.fee_of)


async def test_an_opening_takes_its_worst_price_from_the_buying_power(desk):
    seen = previews(desk).of(desk.intent(Side.BUY, 40))
    assert seen.notional == D("4000.40")
    assert seen.fee == D("1.00")
    assert (seen.position_before, seen.position_after) == (0, 40)
    assert seen.power_before is not None
    assert seen.power_after == seen.power_before - D("4000.40")
    assert seen.verdict.passed
    assert not seen.reduces


async def test_a_closing_order_takes_no_buying_power(desk):
    await desk.bought(40)
    seen = previews(desk).of(desk.intent(Side.SELL, 15))
    assert (seen.position_before, seen.position_after) == (40, 25)
    assert seen.reduces
    assert seen.power_after == seen.power_before


async def test_a_change_counts_in_the_place_of_the_order_it_replaces(desk):
    order = await desk.oms.submit(desk.intent(Side.BUY, 40, type=OrderType.LIMIT, limit="98.50"))
    await desk.pass_time(0.5)
    alone = previews(desk).of(order.intent)
    instead = previews(desk).of(order.intent, order.client_order_id)
    assert alone.power_after == instead.power_after - D("98.50") * 40


async def test_a_broken_rule_is_named(desk):
    seen = previews(desk).of(desk.intent(Side.BUY, 400))
    assert seen.verdict.denial is not None
    assert seen.verdict.denial.code == "VALUE_ORDER"


async def test_looking_makes_nothing_and_is_no_measure_of_an_order(desk):
    await desk.bought(10)
    last, orders = desk.gate.last, list(desk.orders.all())
    for _ in range(20):
        previews(desk).of(desk.intent(Side.BUY, 30))
    assert desk.gate.last is last
    assert desk.orders.all() == orders
    second = await desk.oms.submit(desk.intent(Side.BUY, 5))
    assert second.state.at_venue  # looking used up no message


async def test_a_broker_that_tells_no_fees_has_none(desk):
    seen = Previews(desk.oms, desk.situation, None).of(desk.intent(Side.BUY, 40))
    assert seen.fee is None


@pytest.mark.parametrize(
    ("symbol", "quantity", "limit"),
    [("NOPE", "10", None), ("A", "10", None), ("ABC", "1e12", None), ("ABC", "1e-9", None),
     ("ABC", "1e12", "1e12"), ("ABC", "1", "1e-9"), ("NOPE", "1e12", "1e12")],
)  # fmt: skip
async def test_whatever_is_typed_halts_nothing(desk, symbol, quantity, limit):
    kind = OrderType.MARKET if limit is None else OrderType.LIMIT
    typed = desk.intent(Side.BUY, 1, symbol=symbol, type=kind, limit=limit)
    seen = previews(desk).of(msgspec.structs.replace(typed, quantity=D(quantity)))
    assert seen.verdict.denial is not None
    assert seen.verdict.denial.code != CONTROL_FAILED
    assert desk.switch.state is TradingState.ACTIVE
    assert desk.incidents == []
