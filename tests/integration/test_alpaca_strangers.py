"""Orders of other programs at the same account: taken in as they are, and they stop nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.domain.limits import TradingState
from cockpit.domain.order import Order, OrderState
from cockpit.domain.recovery import RecoveryPhase
from cockpit.ports.broker import BrokerError
from cockpit.ports.health import CheckState
from cockpit.trading.recovery import Settlement
from tests.support.alpaca_room import SYMBOLS, Room, room_at
from tests.support.waiting import eventually
from tests.toyserver import ToyServer

D = Decimal
S = OrderState


@pytest.fixture
async def toy():
    async with ToyServer() as server:
        server.exchange.list_symbols(*SYMBOLS)
        yield server


def known(room: Room, name: str) -> Order | None:
    return room.desk.orders.get(name)


async def test_an_order_over_a_sum_of_money_ends_with_what_it_bought(
    toy: ToyServer, tmp_path: Path
) -> None:
    toy.exchange.outside = True
    body = {"symbol": "A", "side": "buy", "type": "market", "time_in_force": "day", "qty": "10"}
    toy.exchange.submit({**body, "client_order_id": "weekly"})
    toy.exchange.find_client("weekly").notional = D("100.10")
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        assert known(room, "weekly").intent.quantity == D("100.10"), "the most that it can become"
        toy.exchange.open_session()
        await eventually(lambda: room.desk.portfolio.position("A").quantity == 10, within=20)
        await eventually(lambda: known(room, "weekly").state is S.FILLED, within=20)
        assert known(room, "weekly").intent.quantity == 10
        assert room.desk.switch.state is TradingState.ACTIVE
        await eventually(lambda: room.ready, within=20)


@pytest.mark.parametrize(
    "odd", [{"order_class": "mleg", "order_type": "", "type": ""}, {"type": "iceberg"}]
)
async def test_an_order_from_elsewhere_that_traded_and_can_not_be_read_stops_nothing(
    toy: ToyServer, tmp_path: Path, odd: dict[str, str]
) -> None:
    """A leg of an option spread is listed with an empty type: its spread has one."""
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
    toy.exchange.spoilt["leg"] = odd
    body = {"symbol": "A", "side": "buy", "type": "market", "time_in_force": "day", "qty": "3"}
    toy.exchange.submit({**body, "client_order_id": "leg"})
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        assert room.desk.portfolio.position("A").quantity == 3
        assert known(room, "leg").state is S.FILLED
        assert not room.desk.orders.open()


@pytest.mark.parametrize(
    "odd",
    [
        {"qty": "many"},
        {"transaction_time": "yesterday"},
        {"side": "swap"},
        {"price": "0", "id": "20180102::odd"},
        {"cum_qty": None, "symbol": None},
    ],
    ids=",".join,
)
async def test_a_fill_that_can_not_be_read_is_named_and_stops_no_other(
    toy: ToyServer, tmp_path: Path, odd: dict[str, object]
) -> None:
    body = {"side": "buy", "type": "market", "time_in_force": "day"}
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        toy.exchange.submit({**body, "symbol": "C", "qty": "1", "client_order_id": "before"})
        await eventually(lambda: room.desk.portfolio.position("C").quantity == 1, within=20)
    toy.exchange.spoilt_fills["odd"] = odd
    toy.exchange.submit({**body, "symbol": "A", "qty": "3", "client_order_id": "odd"})
    toy.exchange.submit({**body, "symbol": "B", "qty": "4", "client_order_id": "plain"})
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        held = room.desk.portfolio
        assert (held.position("A").quantity, held.position("B").quantity) == (3, 4)
        [told] = [text for text in room.told if text.startswith("unreadable.fills")]
        assert "1 in the broker's list of fills can't be made out" in told
        [check] = [c for c in await room.desk.broker.checks() if c.name == "fills"]
        assert check.state is CheckState.WARNING
        assert "1 of the fills" in check.found
        assert room.desk.switch.state is TradingState.ACTIVE
        toy.exchange.spoilt_fills.clear()
        await room.desk.recovery.run("look again")
        assert held.position("A").quantity == 3
        [check] = [c for c in await room.desk.broker.checks() if c.name == "fills"]
        assert check.state is CheckState.OK


async def test_a_pair_of_coins_has_one_name(toy: ToyServer, tmp_path: Path) -> None:
    """Its orders and fills are listed as BTC/USD, its position as BTCUSD."""
    toy.exchange.list_symbols("BTCUSD")
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        toy.quote("BTCUSD", 9.99, 10.01)
        slash = {"symbol": "BTC/USD"}
        toy.exchange.spoilt["coins"] = toy.exchange.spoilt_fills["coins"] = slash
        body = {"symbol": "BTCUSD", "side": "buy", "type": "market", "time_in_force": "gtc"}
        toy.exchange.submit({**body, "qty": "2", "client_order_id": "coins"})
        await eventually(lambda: room.desk.portfolio.position("BTCUSD").quantity == 2, within=20)
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        assert [p.symbol for p in room.desk.portfolio.open_positions()] == ["BTCUSD"]


@pytest.mark.parametrize("odd", [{"qty": "many", "order_id": 7}, {"order_id": "of-nobody"}])
async def test_a_fill_that_nothing_else_tells_of_keeps_trading_closed(
    toy: ToyServer, tmp_path: Path, odd: dict[str, object]
) -> None:
    """Its order is not named, or not known there: what is held says that something is missing."""
    body = {"side": "buy", "type": "market", "time_in_force": "day"}
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        toy.exchange.submit({**body, "symbol": "C", "qty": "1", "client_order_id": "before"})
        await eventually(lambda: room.desk.portfolio.position("C").quantity == 1, within=20)
    toy.exchange.spoilt_fills["odd"] = odd
    toy.exchange.submit({**body, "symbol": "A", "qty": "3", "client_order_id": "odd"})
    toy.exchange.submit({**body, "symbol": "B", "qty": "4", "client_order_id": "plain"})
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.desk.recovery.phase is RecoveryPhase.BLOCKED, within=20)
        assert [d.symbol for d in room.desk.recovery.differences] == ["A"]
        assert room.desk.portfolio.position("B").quantity == 4
        assert [text for text in room.told if text.startswith("unreadable.fills")]


async def test_a_part_of_a_share_that_is_held_can_be_closed(toy: ToyServer, tmp_path: Path) -> None:
    """Bought elsewhere, or for a dividend: a kill that flattens leaves nothing of it."""
    toy.exchange.list_symbols("A", lot="0.001")
    body = {"symbol": "A", "side": "buy", "type": "market", "time_in_force": "day", "qty": "10.125"}
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        toy.exchange.submit({**body, "client_order_id": "elsewhere"})
        await eventually(lambda: room.desk.portfolio.position("A").quantity == D("10.125"))
        await eventually(lambda: room.ready and not room.desk.events.busy, within=20)
        report = await room.desk.kill_switch.fire("it is enough", flatten=True)
        await eventually(lambda: room.desk.portfolio.position("A").flat, within=20)
        assert report.still_open == ()
        assert toy.exchange.positions() == []


async def test_a_first_start_that_was_broken_off_is_taken_up_again(
    toy: ToyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was bought today is booked, what was held before is not, when the program goes down."""
    toy.quote("A", 9.99, 10.01)
    body = {"symbol": "A", "side": "buy", "type": "market", "time_in_force": "day", "qty": "10"}
    toy.exchange.submit({**body, "client_order_id": "old"})
    toy.exchange.executions[0].ts_ns -= 5 * 86_400 * 10**9
    toy.exchange.submit({**body, "client_order_id": "today"})

    async def fails(_self: Settlement, _symbols: object) -> None:
        raise BrokerError("no answer", user_text="No answer.")

    with monkeypatch.context() as broken:
        broken.setattr(Settlement, "take_over", fails)
        async with room_at(toy, tmp_path) as room:
            assert not room.ready
            assert room.desk.portfolio.position("A").quantity == 10
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        assert room.desk.portfolio.position("A").quantity == 20
