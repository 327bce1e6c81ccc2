"""Parts of a share at a toy Alpaca: what is taken, what is held back, and what protects them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cockpit.domain.order import (
    MANUAL,
    Order,
    OrderIntent,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
)
from cockpit.domain.protection import Protection
from cockpit.domain.venue_terms import OrderClass, VenueTerms
from cockpit.trading.protection.protector import Protector
from tests.support.alpaca_room import ACCOUNT, SYMBOLS, Room, room_at
from tests.support.waiting import eventually
from tests.toyserver import ToyServer

D = Decimal
BRACKET = VenueTerms(order_class=OrderClass.BRACKET, take_profit=D("10.50"), stop_loss=D("9.50"))


@pytest.fixture
async def toy():
    async with ToyServer() as server:
        server.exchange.list_symbols(*SYMBOLS)
        server.exchange.list_symbols("A", lot="0.000000001")
        yield server


async def learn(room: Room) -> None:
    """Take in what the broker says of its symbols, as the program does."""
    for told in await room.desk.broker.instruments(SYMBOLS):
        room.book.add(told)
        room.desk.portfolio.add_instrument(told)


def wish(name: str, side: Side, quantity: str, **more: object) -> OrderIntent:
    plain = OrderIntent(
        intent_id=name, account_id=ACCOUNT, symbol="A", side=side,
        type=OrderType.MARKET, quantity=D(quantity), strategy=MANUAL,
    )  # fmt: skip
    return msgspec.structs.replace(plain, **more)


def held(room: Room, symbol: str = "A") -> Decimal:
    return room.desk.portfolio.position(symbol).quantity


async def traded(room: Room, intent: OrderIntent) -> Order:
    expected = held(room) + intent.quantity * intent.side.sign
    made = await room.desk.oms.submit(intent)
    await eventually(lambda: held(room) == expected)
    return made


async def denial(room: Room, order: Order) -> str:
    """Why it was not sent; that it was not."""
    name, log = order.client_order_id, room.desk.orders
    await eventually(lambda: log.get(name).state is OrderState.DENIED)
    return log.get(name).reason_code


async def test_a_part_of_a_share_is_opened_added_to_and_closed(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        early = await room.desk.oms.submit(wish("early", Side.BUY, "0.5"))
        assert await denial(room, early) == "VALIDITY_LOT"
        await learn(room)
        await traded(room, wish("in", Side.BUY, "10.5"))
        await traded(room, wish("more", Side.BUY, "0.123456789"))
        await traded(room, wish("part", Side.SELL, "0.25"))
        await traded(room, wish("out", Side.SELL, "10.373456789"))
        assert held(room) == 0
        assert toy.exchange.positions() == []


async def test_what_the_venue_does_not_take_in_parts_is_never_sent(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        await learn(room)
        limit = {"type": OrderType.LIMIT, "limit_price": D("9.00")}
        refused = {
            "no part": wish("a", Side.BUY, "0.5", symbol="B"),
            "too fine": wish("b", Side.BUY, "0.0000000001"),
            "short": wish("c", Side.SELL, "0.5"),
            "gtc": wish("d", Side.BUY, "1.5", tif=TimeInForce.GTC, **limit),
            "ioc": wish("e", Side.BUY, "1.5", tif=TimeInForce.IOC, **limit),
            "bracket": wish("f", Side.BUY, "1.5", venue=BRACKET),
            "hours": wish("g", Side.BUY, "1.5", venue=VenueTerms(extended_hours=True), **limit),
        }
        codes = {
            name: await denial(room, await room.desk.oms.submit(of)) for name, of in refused.items()
        }
        assert {codes.pop(name) for name in ("no part", "too fine", "short")} == {"VALIDITY_LOT"}
        assert set(codes.values()) == {"NOT_SENT"}, codes
        assert toy.count("POST", "/v2/orders") == 0
        assert held(room) == 0


async def test_the_size_of_a_part_can_not_be_changed_its_price_can(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        await learn(room)
        rest = wish("rest", Side.BUY, "1.5", type=OrderType.LIMIT, limit_price=D("9.00"))
        made = await room.desk.oms.submit(rest)
        working = room.desk.orders.get
        await eventually(lambda: working(made.client_order_id).state is OrderState.WORKING)
        bigger = msgspec.structs.replace(rest, intent_id="bigger", quantity=D("2.5"))
        changed = await room.desk.oms.replace(made.client_order_id, lambda _rest: bigger)
        await denial(room, changed)
        assert toy.count("PATCH", f"/v2/orders/{next(iter(toy.exchange.orders))}") == 0
        lower = msgspec.structs.replace(rest, intent_id="lower", limit_price=D("8.90"))
        changed = await room.desk.oms.replace(made.client_order_id, lambda _rest: lower)
        await eventually(lambda: working(changed.client_order_id).state is OrderState.WORKING)
        assert working(changed.client_order_id).intent.limit_price == D("8.90")


def stops(room: Room) -> set[tuple[Decimal, TimeInForce, Decimal | None]]:
    """Stops at work: how many, how long, and where."""
    return {
        (o.remaining, o.intent.tif, o.intent.stop_price)
        for o in room.desk.orders.open("A")
        if o.intent.protects and o.state is OrderState.WORKING
    }


def both(whole: str, part: str, stop: str) -> set[tuple[Decimal, TimeInForce, Decimal | None]]:
    return {(D(whole), TimeInForce.GTC, D(stop)), (D(part), TimeInForce.DAY, D(stop))}


async def protected(room: Room, quantity: str = "10.5") -> None:
    await eventually(lambda: room.ready)
    await learn(room)
    await traded(room, wish("in", Side.BUY, quantity, protection=Protection(stop=D("9.50"))))


def never_refused(room: Room) -> bool:
    bad = (OrderState.REJECTED, OrderState.DENIED)
    return not [o for o in room.desk.orders.all() if o.state in bad]


async def test_a_part_of_a_share_has_a_stop_of_its_own(toy: ToyServer, tmp_path: Path) -> None:
    async with room_at(toy, tmp_path) as room:
        await protected(room)
        await eventually(lambda: stops(room) == both("10", "0.5", "9.50"), within=20)
        assert not room.desk.protector.bare()
        await room.desk.protector.protect("A", Protection(stop=D("9.60")))
        await eventually(lambda: stops(room) == both("10", "0.5", "9.60"), within=20)
        await traded(room, wish("some", Side.SELL, "5.25"))
        await eventually(lambda: stops(room) == both("5", "0.25", "9.60"), within=20)
        await traded(room, wish("more", Side.BUY, "1"))
        assert never_refused(room)
        room.quote("A", 9.55, 9.57)
        await eventually(lambda: held(room) == 1, within=20)
        assert toy.exchange.venue.positions()[0].quantity == 1


async def test_the_stop_of_a_part_is_put_back_in_the_next_session(
    toy: ToyServer, tmp_path: Path
) -> None:
    is_open = [True]
    async with room_at(toy, tmp_path, session_open=lambda _now: is_open[0]) as room:
        await protected(room)
        await eventually(lambda: stops(room) == both("10", "0.5", "9.50"), within=20)
        is_open[0] = False
        toy.exchange._tell(toy.exchange.venue.end_session(toy.exchange.now_ns()))
        ten = {(D(10), TimeInForce.GTC, D("9.50"))}
        await eventually(lambda: stops(room) == ten, within=20)
        is_open[0] = True
        await eventually(lambda: stops(room) == both("10", "0.5", "9.50"), within=20)
        assert never_refused(room)
        assert toy.count("POST", "/v2/orders") == 4, "the entry, two stops, and one of them again"


async def test_a_refused_part_leaves_the_stop_of_the_rest_alone(
    toy: ToyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Protector, "TRY_AGAIN_S", (0.01,) * 5)
    async with room_at(toy, tmp_path) as room:
        await protected(room, "0.5")
        await eventually(lambda: len(stops(room)) == 1, within=20)
        toy.exchange.assets["A"]["fractionable"] = False
        await room.desk.protector.protect("A", Protection(stop=D("9.60")))
        await traded(room, wish("in-2", Side.BUY, "10", protection=Protection(stop=D("9.40"))))
        ten = {(D(10), TimeInForce.GTC, D("9.40"))}
        refused = lambda: [  # noqa: E731 -- read again and again
            o for o in room.desk.orders.all() if o.state is OrderState.REJECTED
        ]
        await eventually(lambda: len(refused()) >= 6 and stops(room) == ten, within=20)
        await room.desk.protector.protect("A", Protection(stop=D("9.45")))
        await eventually(lambda: stops(room) == {(D(10), TimeInForce.GTC, D("9.45"))}, within=20)
