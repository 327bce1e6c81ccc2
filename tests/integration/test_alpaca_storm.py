"""The whole trading room at a toy Alpaca that fails all the time: nothing twice, nothing lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.domain.order import MANUAL, OrderIntent, OrderState, OrderType, Side
from tests.support.alpaca_room import ACCOUNT, SYMBOLS, Room, room_at
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer

INTENTS = 40


@pytest.mark.timeout(150)
async def test_a_storm_of_faults_leaves_venue_and_ledger_equal(tmp_path: Path) -> None:
    async with ToyServer() as toy:
        toy.exchange.list_symbols(*SYMBOLS)
        async with room_at(toy, tmp_path) as room:
            await eventually(lambda: room.ready)
            toy.faults.rate("POST /v2/orders", accepted_504=0.20, lost_answer=0.15, too_many=0.03)
            toy.faults.rate("GET /v2/orders", busy_500=0.1, accepted_html=0.05)
            toy.stream_faults.duplicate_rate = toy.stream_faults.reorder_rate = 0.3
            toy.stream_faults.drop_rate = 0.1
            cutter = asyncio.create_task(_cut_often(toy))
            try:
                for number in range(INTENTS):
                    await _trade(room, number)
                    toy.exchange.quote(SYMBOLS[number % 5], 9.98, 10.00, 3)
            finally:
                cutter.cancel()
            await _calm(room)
            await _compare(room)
            assert {Fault.ACCEPTED_504, Fault.LOST_ANSWER} <= set(toy.faults.made)
            assert toy.stream.sign_ins > 2


async def test_an_order_that_can_not_be_read_freezes_its_symbol_and_is_never_flat(
    tmp_path: Path,
) -> None:
    async with ToyServer() as toy:
        toy.exchange.list_symbols(*SYMBOLS)
        body = {"symbol": "A", "side": "sell", "type": "limit", "time_in_force": "day", "qty": "3"}
        toy.exchange.submit(body | {"limit_price": "11.00", "client_order_id": "by-phone"})
        toy.exchange.spoilt["by-phone"] = {"type": "iceberg"}
        async with room_at(toy, tmp_path) as room:
            await eventually(lambda: room.ready)
            assert "iceberg" in room.desk.readiness.why_not("A")
            assert room.desk.readiness.why_not("B") == ""
            assert room.desk.orders.get("by-phone") is None  # nothing is made up of it
            left = await room.desk.kill_switch.cancel_all_verified()
            assert not left.still_open, left
            assert {o.status for o in toy.exchange.orders.values()} == {"canceled"}
            await room.desk.recovery.run("look again")
            assert room.desk.readiness.why_not("A") == ""


async def _trade(room: Room, number: int) -> None:
    """One intent; the gate may deny it, and then nothing may go out."""
    symbol = SYMBOLS[number % len(SYMBOLS)]
    await eventually(lambda: room.open_for(symbol), within=20)
    room.toy.exchange.quote(symbol, 9.99, 10.01, 5)  # the larger orders fill in parts
    kind = OrderType.LIMIT if number % 3 == 0 else OrderType.MARKET
    intent = OrderIntent(
        intent_id=f"wish-{number}",
        account_id=ACCOUNT,
        symbol=symbol,
        side=Side.BUY if number % 2 else Side.SELL,
        type=kind,
        quantity=Decimal(1 + number % 7),
        limit_price=Decimal("10.00") if kind is OrderType.LIMIT else None,
        strategy=MANUAL,
    )
    order = await room.desk.oms.submit(intent)
    name = order.client_order_id
    await eventually(lambda: room.desk.orders.get(name).state is not OrderState.SENDING)


async def _cut_often(toy: ToyServer) -> None:
    while True:
        await asyncio.sleep(1.0)
        toy.stream.cut()


async def _calm(room: Room) -> None:
    """No more faults, then wait until every order is proven and the books agree."""
    toy = room.toy
    toy.faults.rates.clear()
    faults = toy.stream_faults
    faults.duplicate_rate = faults.reorder_rate = faults.drop_rate = 0.0
    unproven = {OrderState.SENDING, OrderState.UNKNOWN, OrderState.ACKED}
    await eventually(
        lambda: not any(o.state in unproven for o in room.desk.orders.all()), within=20
    )
    await room.desk.recovery.run("the storm is over")
    await eventually(lambda: room.ready and not room.desk.events.busy, within=20)


async def _compare(room: Room) -> None:
    exchange = room.toy.exchange
    mine = {o.client_order_id: o for o in room.desk.orders.all()}
    never_sent = {OrderState.DENIED, OrderState.REJECTED}
    sent = {name for name, order in mine.items() if order.state not in never_sent}
    assert Counter(o.client_order_id for o in exchange.orders.values()) == Counter(sent)
    assert len(sent) > INTENTS // 2, Counter(o.reason_code for o in mine.values())
    fills = await room.store.fills(ACCOUNT)
    told = Counter((f.client_order_id, f.quantity, f.price) for f in fills)
    made = Counter((e.order.client_order_id, e.quantity, e.price) for e in exchange.executions)
    assert told == made
    assert len(fills) > INTENTS // 2
    held = {p.symbol: p.quantity for p in room.desk.portfolio.open_positions()}
    assert held == {p.symbol: p.quantity for p in exchange.venue.positions()}
