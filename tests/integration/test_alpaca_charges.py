"""Fees that come after the fill: the day's result agrees with the broker's to the cent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.order import MANUAL, OrderIntent, OrderType, Side
from cockpit.domain.values import to_decimal
from tests.support.alpaca_room import ACCOUNT, SYMBOLS, Room, room_at
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer

D = Decimal


@pytest.fixture
async def toy():
    async with ToyServer() as server:
        server.exchange.list_symbols(*SYMBOLS)
        yield server


async def trade(room: Room, side: Side) -> None:
    held = room.desk.portfolio.position("A").quantity
    intent = OrderIntent(
        intent_id=f"{side}-{held}", account_id=ACCOUNT, symbol="A", side=side,
        type=OrderType.MARKET, quantity=D(10), strategy=MANUAL,
    )  # fmt: skip
    await room.desk.oms.submit(intent)
    await eventually(lambda: room.desk.portfolio.position("A").quantity == held + 10 * side.sign)


def equity(room: Room) -> Decimal:
    ours = room.desk.portfolio.equity
    return D("NaN") if ours is None else round(to_decimal(ours), 2)


def theirs(room: Room) -> Decimal:
    return round(room.toy.exchange.venue.account(0).equity, 2)


async def test_fees_after_the_fill_are_results_of_the_day(toy: ToyServer, tmp_path: Path) -> None:
    toy.exchange.charge("FEE", "-9.99")  # of before the cockpit knew the account
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        await trade(room, Side.BUY)
        await trade(room, Side.SELL)
        before = room.desk.portfolio.day_pnl
        for kind, amount in (("FEE", "-0.05"), ("PTC", "-0.02"), ("DIV", "1.25"), ("INT", "0.11")):
            toy.exchange.charge(kind, amount, symbol="A" if kind == "DIV" else "")
        toy.exchange.charge("JNLC", "500.00")
        assert await room.desk.charges.look() == 4, "a deposit is no result"
        assert room.desk.portfolio.day_pnl - before == pytest.approx(1.29)
        assert room.desk.portfolio.fees == D("-1.29")
        assert equity(room) == theirs(room) - 500
        assert await room.desk.charges.look() == 0
        toy.exchange.charge("FEE", "-0.03")
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        assert room.desk.portfolio.fees == D("-1.26"), "what came meanwhile, and nothing twice"
        assert equity(room) == theirs(room) - 500
        booked = [e for e in await room.store.ledger(ACCOUNT) if isinstance(e, Adjustment)]
        assert [e.kind for e in booked] == [AdjustmentKind.CHARGE] * 5
        assert room.desk.recovery.differences == ()


async def test_a_list_that_can_not_be_had_is_asked_for_again(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        toy.exchange.charge("FEE", "-0.05")
        toy.faults.plan("GET /v2/account/activities", Fault.ACCEPTED_HTML)
        assert await room.desk.charges.look() == 0
        assert await room.desk.charges.look() == 1
