"""A real venue outlives our ledger: what an earlier one sent is never taken for ours."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.domain.order import MANUAL, Order, OrderIntent, OrderState, OrderType, Side
from cockpit.trading.booking import OF_ANOTHER
from tests.support.alpaca_room import ACCOUNT, SYMBOLS, Room, room_at
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer

D = Decimal
S = OrderState
TWO_DAYS_NS = 2 * 86_400 * 10**9


def wish(name: str) -> OrderIntent:
    return OrderIntent(
        intent_id=name,
        account_id=ACCOUNT,
        symbol="A",
        side=Side.BUY,
        type=OrderType.MARKET,
        quantity=D(10),
        strategy=MANUAL,
    )


def held(room: Room) -> Decimal:
    return room.desk.portfolio.position("A").quantity


def state(room: Room, order: Order) -> OrderState:
    return room.desk.orders.get(order.client_order_id).state


async def bought(room: Room, name: str) -> Order:
    await eventually(lambda: room.ready, within=20)
    order = await room.desk.oms.submit(wish(name))
    await eventually(lambda: state(room, order) is S.FILLED, within=20)
    return order


@pytest.fixture
async def toy():
    async with ToyServer() as server:
        server.exchange.list_symbols(*SYMBOLS)
        yield server


async def test_a_second_data_folder_gives_no_id_again(toy: ToyServer, tmp_path: Path) -> None:
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        async with room_at(toy, tmp_path / folder) as room:
            await bought(room, "in")
    assert len({o.client_order_id for o in toy.exchange.orders.values()}) == 2
    assert len(toy.exchange.executions) == 2


async def test_after_a_lost_folder_a_lost_order_is_not_the_old_one(
    toy: ToyServer, tmp_path: Path
) -> None:
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
    async with room_at(toy, tmp_path / "first") as room:
        await bought(room, "in")
    async with room_at(toy, tmp_path / "second") as room:
        await eventually(lambda: room.ready, within=20)
        toy.faults.plan("POST /v2/orders", Fault.LOST_REQUEST)
        lost = await room.desk.oms.submit(wish("in"))
        await eventually(lambda: state(room, lost) is S.UNKNOWN)
        await eventually(lambda: toy.count("GET", "/v2/orders:by_client_order_id") > 1, within=20)
        assert state(room, lost) is S.UNKNOWN
        assert held(room) == 10
    assert len(toy.exchange.executions) == 1


async def test_a_ledger_goes_on_with_its_ids(toy: ToyServer, tmp_path: Path) -> None:
    names = []
    for name in ("in", "more"):
        async with room_at(toy, tmp_path) as room:
            names.append((await bought(room, name)).client_order_id)
    stem = names[0].removesuffix("-00001")
    assert names == [f"{stem}-00001", f"{stem}-00002"]
    assert stem.startswith(f"{ACCOUNT}-")


async def test_an_older_order_of_the_same_id_is_not_ours(toy: ToyServer, tmp_path: Path) -> None:
    async with room_at(toy, tmp_path) as room:
        first = await bought(room, "first")
        _filled_two_days_ago(room, f"{first.client_order_id.removesuffix('1')}2")
        toy.faults.plan("POST /v2/orders", Fault.LOST_REQUEST)
        lost = await room.desk.oms.submit(wish("second"))

        def now() -> Order:
            return room.desk.orders.get(lost.client_order_id)

        await eventually(lambda: now().reason_code == OF_ANOTHER, within=20)
        await room.desk.recovery.run("look again")
        assert (now().state, now().filled, held(room)) == (S.UNKNOWN, 0, 10)
        assert "never sent again" in now().reason_text
        assert "no answer" in room.desk.readiness.why_not("A")
        version = now().version
        await room.desk.recovery.run("and again")
        assert now().version == version
        assert toy.count("POST", "/v2/orders") == 2
        assert len(await room.store.fills(ACCOUNT)) == 1


async def test_with_a_wrong_clock_an_order_is_not_older_than_itself(
    toy: ToyServer, tmp_path: Path
) -> None:
    """Ours is 90 s ahead: only closings go out. The answer is lost, and the stream is mute."""
    async with room_at(toy, tmp_path) as room:
        await bought(room, "in")
    real = toy.exchange.now_ns
    toy.exchange.now_ns = lambda: real() - 90 * 10**9
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        assert "clock" in room.desk.readiness.why_not("A")
        toy.faults.plan("POST /v2/orders", Fault.ACCEPTED_504)
        toy.stream_faults.drop_rate = 1.0
        closing = await room.desk.kill_switch.flatten("A")
        await eventually(lambda: state(room, closing) is S.FILLED, within=20)
        assert held(room) == 0
        assert toy.count("POST", "/v2/orders") == 2


def _filled_two_days_ago(room: Room, client_order_id: str) -> None:
    """As an earlier ledger had it done, and closed: nothing is told, but the books hold it."""
    exchange = room.toy.exchange
    listeners, exchange.on_update[:] = list(exchange.on_update), []
    body = {"symbol": "A", "type": "market", "time_in_force": "day", "qty": "10"}
    try:
        for side, name in (("buy", client_order_id), ("sell", "closed")):
            exchange.submit(body | {"side": side, "client_order_id": name})
            order = exchange.find_client(name)
            assert order.status == "filled"
            order.submitted_ns -= TWO_DAYS_NS
            order.updated_ns -= TWO_DAYS_NS
            exchange.executions[-1].ts_ns -= TWO_DAYS_NS
    finally:
        exchange.on_update[:] = listeners
