"""The gate by what is set for the strategy and the symbol, and by what was just changed."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.approval import Autonomy
from cockpit.domain.limit_rules import Place
from cockpit.domain.order import OrderState, Side
from tests.support.desk import STRATEGY, trading_desk


def narrow(desk, text: str, value) -> None:
    desk.limits.put(desk.limits.rules.changed(Place.of(text), value))


async def test_a_symbol_s_own_limit_denies(tmp_path) -> None:
    async with trading_desk(tmp_path) as desk:
        narrow(desk, "symbols.ABC.max_order_value", Decimal(1000))
        assert (await desk.oms.submit(desk.intent(quantity=10))).reason_code == "VALUE_ORDER"
        assert (await desk.oms.submit(desk.intent(quantity=9))).reason_code == ""


async def test_a_strategy_s_own_limit_is_of_nobody_else(tmp_path) -> None:
    async with trading_desk(tmp_path, autonomy=Autonomy.BOUNDED) as desk:
        narrow(desk, f"strategies.{STRATEGY}.max_order_quantity", Decimal(5))
        robot = await desk.oms.submit(desk.intent(quantity=6, strategy=STRATEGY))
        assert robot.reason_code == "VOLUME_ORDER"
        assert (await desk.oms.submit(desk.intent(quantity=7))).reason_code == ""


async def test_a_restricted_symbol_can_be_closed_and_not_opened(tmp_path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        narrow(desk, "restricted_symbols", frozenset({"ABC"}))
        opening = await desk.oms.submit(desk.intent(quantity=3))
        assert opening.reason_code == "INSTRUMENT_RESTRICTED"
        closing = await desk.oms.submit(desk.intent(Side.SELL, 10))
        await desk.pass_time(0.5)
        assert desk.now(closing).state is OrderState.FILLED


async def test_only_permitted_symbols_are_opened(tmp_path) -> None:
    async with trading_desk(tmp_path) as desk:
        narrow(desk, "permitted_symbols", frozenset({"XYZ"}))
        assert (await desk.oms.submit(desk.intent())).reason_code == "INSTRUMENT_NOT_PERMITTED"
        narrow(desk, "permitted_symbols", frozenset({"XYZ", "ABC"}))
        assert (await desk.oms.submit(desk.intent())).reason_code == ""


async def test_limits_are_resolved_once(tmp_path) -> None:
    async with trading_desk(tmp_path) as desk:
        before = desk.limits.of("manual", "ABC")
        assert desk.limits.of("manual", "ABC") is before
        narrow(desk, "max_order_value", Decimal(1))
        assert desk.limits.of("manual", "ABC").max_order_value == 1
