"""Orders that the venue itself keeps together: sent once, taken in leg by leg, counted once."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cockpit.domain.limits import TradingState
from cockpit.domain.order import EXTERNAL, MANUAL, Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.venue_terms import OrderClass, VenueTerms
from cockpit.trading.reading import WITH_ITS_ENTRY
from tests.support.alpaca_room import ACCOUNT, SYMBOLS, Room, room_at
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer

D = Decimal
BRACKET = VenueTerms(order_class=OrderClass.BRACKET, take_profit=D("10.50"), stop_loss=D("9.50"))
OCO = VenueTerms(order_class=OrderClass.OCO, stop_loss=D("9.50"))
S = OrderState


def wish(name: str, side: Side, limit: str | None = None, **more: object) -> OrderIntent:
    plain = OrderIntent(
        intent_id=name,
        account_id=ACCOUNT,
        symbol="A",
        side=side,
        type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        quantity=D(10),
        limit_price=None if limit is None else D(limit),
        strategy=MANUAL,
    )
    return msgspec.structs.replace(plain, **more)


def states(room: Room) -> Counter[OrderState]:
    return Counter(order.state for order in room.desk.orders.all())


def legs(room: Room, first: Order) -> list[Order]:
    name = first.client_order_id
    mine = [o for o in room.desk.orders.all() if o.intent.venue is not None]
    return [o for o in mine if name in (o.intent.venue.group, o.intent.venue.parent)]


def held(room: Room) -> Decimal:
    return room.desk.portfolio.position("A").quantity


def committed(room: Room, side: Side) -> Decimal:
    found = room.desk.situation.commitments(room.desk.orders.open())
    return sum((c.notional for c in found if (c.symbol, c.side) == ("A", side)), D(0))


@pytest.fixture
async def toy():
    async with ToyServer() as server:
        server.exchange.list_symbols(*SYMBOLS)
        yield server


async def test_a_bracket_is_one_order_here_and_three_at_the_venue(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        entry = await room.desk.oms.submit(wish("in", Side.BUY, venue=BRACKET))
        await eventually(lambda: held(room) == 10)
        await eventually(lambda: len(legs(room, entry)) == 2, within=20)
        assert toy.count("POST", "/v2/orders") == 1
        assert {leg.intent.strategy for leg in legs(room, entry)} == {MANUAL}
        assert {leg.intent.note for leg in legs(room, entry)} == {WITH_ITS_ENTRY}
        assert committed(room, Side.SELL) == 0, "of two exits only one can trade"
        await eventually(lambda: {o.state for o in legs(room, entry)} == {S.WORKING, S.HELD})
        [fill] = await room.store.fills(ACCOUNT)
        assert (fill.planned_stop, fill.planned_target) == (D("9.50"), D("10.50"))
        room.quote("A", 10.60, 10.62)
        await eventually(lambda: held(room) == 0)
        await eventually(lambda: states(room) == {S.FILLED: 2, S.CANCELED: 1}, within=20)
        names = Counter(o.client_order_id for o in toy.exchange.orders.values())
        assert names == Counter(o.client_order_id for o in room.desk.orders.all())


async def test_exits_that_wait_for_their_entry_open_nothing(toy: ToyServer, tmp_path: Path) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        entry = await room.desk.oms.submit(wish("in", Side.BUY, "9.80", venue=BRACKET))
        await eventually(lambda: len(legs(room, entry)) == 2, within=20)
        await eventually(lambda: {o.state for o in legs(room, entry)} == {S.HELD})
        assert committed(room, Side.SELL) == 0
        assert committed(room, Side.BUY) == D("98.00")
        report = await room.desk.kill_switch.cancel_all_verified()
        assert report.still_open == ()
        await eventually(lambda: states(room) == {S.CANCELED: 3}, within=20)


async def test_what_the_venue_protects_is_not_called_bare(toy: ToyServer, tmp_path: Path) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        await room.desk.oms.submit(wish("in", Side.BUY, venue=BRACKET))
        await eventually(lambda: held(room) == 10)
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        assert len(room.desk.orders.open()) == 2
        assert room.desk.protector.bare() == []
        await room.desk.oms.submit(wish("more", Side.BUY, "9.80", venue=BRACKET))
        await room.desk.oms.submit(wish("bare", Side.BUY))
        await eventually(lambda: held(room) == 20, within=20)
        await eventually(lambda: len(room.desk.orders.open()) == 5, within=20)
        assert [p.symbol for p in room.desk.protector.bare()] == ["A"], "one waits for its entry"


async def test_what_an_exit_traded_while_nobody_was_here_is_booked(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        await room.desk.oms.submit(wish("in", Side.BUY, venue=BRACKET))
        await eventually(lambda: held(room) == 10)
    toy.quote("A", 9.40, 9.42)
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        await eventually(lambda: held(room) == 0, within=20)
        await eventually(lambda: len(room.desk.orders.all()) >= 2)
        assert not room.desk.orders.open()
        assert room.desk.recovery.differences == ()


async def test_an_exit_that_trades_before_it_is_listed_is_not_called_external(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        toy.faults.rate("GET /v2/orders", busy_500=1.0)  # no list while the exit trades
        entry = await room.desk.oms.submit(wish("in", Side.BUY, venue=BRACKET))
        await eventually(lambda: held(room) == 10)
        room.quote("A", 10.60, 10.62)
        await eventually(lambda: held(room) == 0, within=20)
        assert {fill.strategy for fill in await room.store.fills(ACCOUNT)} == {MANUAL}
        [leg] = legs(room, entry)
        assert leg.intent.strategy == MANUAL
        toy.faults.rates.clear()
        await eventually(lambda: states(room)[S.FILLED] == 2 and not room.desk.orders.open(), 30)


async def test_a_bracket_whose_answer_was_lost_is_found_and_not_sent_again(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        toy.faults.plan("POST /v2/orders", Fault.ACCEPTED_504)
        entry = await room.desk.oms.submit(wish("in", Side.BUY, venue=BRACKET))
        await eventually(lambda: held(room) == 10, within=20)
        await eventually(lambda: len(legs(room, entry)) == 2, within=20)
        assert toy.count("POST", "/v2/orders") == 1
        assert len(toy.exchange.orders) == 3


async def test_an_oco_takes_back_its_limit_when_the_stop_is_reached(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        await room.desk.oms.submit(wish("in", Side.BUY))
        await eventually(lambda: held(room) == 10)
        exits = await room.desk.oms.submit(wish("out", Side.SELL, "10.50", venue=OCO))
        await eventually(lambda: len(legs(room, exits)) == 1, within=20)
        assert committed(room, Side.SELL) == 0
        alone = room.desk.oms.preview(wish("more", Side.SELL))
        assert "short sale" in {result.control for result in alone.results}
        room.quote("A", 9.40, 9.42)
        await eventually(lambda: held(room) == 0)
        await eventually(lambda: states(room) == {S.FILLED: 2, S.CANCELED: 1}, within=20)


async def test_an_oco_made_smaller_by_the_venue_is_still_ours(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        await room.desk.oms.submit(wish("in", Side.BUY))
        await eventually(lambda: held(room) == 10)
        exits = await room.desk.oms.submit(wish("out", Side.SELL, "10.50", venue=OCO))
        await eventually(lambda: len(legs(room, exits)) == 1, within=20)
        for order in toy.exchange.orders.values():
            if order.order_class == "oco":
                order.terms = msgspec.structs.replace(order.terms, quantity=D(6))
        await room.desk.recovery.run("look again")
        known = room.desk.orders.get(exits.client_order_id)
        assert known.intent == msgspec.structs.replace(exits.intent, quantity=D(6))
        assert known.state is S.WORKING
        assert {leg.intent.quantity for leg in legs(room, exits)} == {D(6)}
        assert room.desk.switch.state is TradingState.ACTIVE


async def test_a_bracket_whose_entry_is_replaced_counts_its_exits_as_before(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        entry = await room.desk.oms.submit(wish("in", Side.BUY, "9.80", venue=BRACKET))
        for limit in ("9.81", "9.82"):
            entry = await repriced(room, entry, limit)
        await room.desk.recovery.run("look again")
        assert len(open_legs(room)) == 2
        assert committed(room, Side.SELL) == 0, "its exits wait for what replaced their entry"
        assert committed(room, Side.BUY) == D("98.20")
        room.quote("A", 9.70, 9.72)
        await eventually(lambda: held(room) == 10, within=20)
        assert committed(room, Side.SELL) == 0
        room.quote("A", 10.60, 10.62)
        await eventually(lambda: held(room) == 0, within=20)
        assert room.desk.switch.state is TradingState.ACTIVE


@pytest.mark.parametrize("away", [True, False], ids=["while away", "meanwhile"])
async def test_a_bracket_whose_entry_is_replaced_elsewhere_counts_its_exits_as_before(
    toy: ToyServer, tmp_path: Path, away: bool
) -> None:
    def on_the_phone(entry: Order) -> None:
        found = toy.exchange.find_client(entry.client_order_id)
        toy.exchange.replace(found.id, {"limit_price": "9.82", "client_order_id": "phone"})

    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        entry = await room.desk.oms.submit(wish("in", Side.BUY, "9.80", venue=BRACKET))
        await eventually(lambda: len(legs(room, entry)) == 2, within=20)
        if not away:
            on_the_phone(entry)
            await room.desk.recovery.run("look again")
            await eventually(lambda: room.desk.orders.get("phone") is not None, within=20)
            assert committed(room, Side.SELL) == 0
            assert committed(room, Side.BUY) == D("98.20")
    if away:
        on_the_phone(entry)
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        assert len(open_legs(room)) == 2
        assert room.desk.orders.get("phone").replaces == entry.client_order_id
        assert committed(room, Side.SELL) == 0, "its exits wait for what replaced their entry"
        assert committed(room, Side.BUY) == D("98.20")


async def test_an_exit_can_be_moved_while_its_entry_rests(toy: ToyServer, tmp_path: Path) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        entry = await room.desk.oms.submit(wish("in", Side.BUY, "9.80", venue=BRACKET))
        entry = await repriced(room, entry, "9.81")
        await eventually(lambda: len(open_legs(room)) == 2, within=20)
        [stop] = [leg for leg in open_legs(room) if leg.intent.stop_price is not None]

        def lower(intent: OrderIntent) -> OrderIntent:
            return msgspec.structs.replace(intent, stop_price=D("9.40"), intent_id="lower")

        moved = await room.desk.oms.replace(stop.client_order_id, lower)
        assert moved.state is S.SENDING, moved.reason_text


async def test_an_oco_that_is_replaced_stays_one_group(toy: ToyServer, tmp_path: Path) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        await room.desk.oms.submit(wish("in", Side.BUY))
        await eventually(lambda: held(room) == 10)
        exits = await room.desk.oms.submit(wish("out", Side.SELL, "10.50", venue=OCO))
        for limit in ("10.60", "10.61"):
            exits = await repriced(room, exits, limit)
        await room.desk.recovery.run("look again")
        assert len(open_legs(room)) == 2
        assert committed(room, Side.SELL) == 0, "of both exits only one can trade"
        room.quote("A", 9.40, 9.42)
        await eventually(lambda: held(room) == 0, within=20)
        assert not room.desk.orders.open()


def open_legs(room: Room) -> list[Order]:
    """What at the venue sells here: exits, held or not."""
    return [o for o in room.desk.orders.open() if o.intent.side is Side.SELL]


async def repriced(room: Room, order: Order, limit: str) -> Order:
    """The order with another limit, once the venue has taken that in."""
    orders = room.desk.orders
    await eventually(lambda: len(open_legs(room)) == 2, within=20)
    await eventually(lambda: orders.get(order.client_order_id).state is S.WORKING, within=20)

    def change(intent: OrderIntent) -> OrderIntent:
        return msgspec.structs.replace(intent, limit_price=D(limit), intent_id=limit)

    new = await room.desk.oms.replace(order.client_order_id, change)
    assert new.state is S.SENDING, new.reason_text
    await eventually(lambda: orders.get(order.client_order_id).state is S.REPLACED, within=20)
    await eventually(lambda: orders.get(new.client_order_id).state is S.WORKING, within=20)
    return new


async def test_a_bracket_made_elsewhere_counts_once(toy: ToyServer, tmp_path: Path) -> None:
    body = {
        "symbol": "A", "side": "buy", "type": "market", "time_in_force": "gtc", "qty": "10",
        "order_class": "bracket", "take_profit": {"limit_price": "10.5"},
        "stop_loss": {"stop_price": "9.5"}, "client_order_id": "by-phone",
    }  # fmt: skip
    toy.quote("A", 9.99, 10.01)
    toy.exchange.submit(body)
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready, within=20)
        assert held(room) == 10
        mine = [o for o in room.desk.orders.open() if o.intent.strategy == EXTERNAL]
        assert {o.intent.venue.group for o in mine} == {"by-phone"}
        assert {o.state for o in mine} == {S.WORKING, S.HELD}
        assert committed(room, Side.SELL) == 0


async def test_a_trailing_stop_is_moved_by_the_venue(toy: ToyServer, tmp_path: Path) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        await room.desk.oms.submit(wish("in", Side.BUY))
        await eventually(lambda: held(room) == 10)
        trailing = wish(
            "out", Side.SELL, type=OrderType.STOP, stop_price=D("9.79"),
            venue=VenueTerms(trail=D("0.20")),
        )  # fmt: skip
        await room.desk.oms.submit(trailing)
        await eventually(lambda: toy.exchange.groups.waiting)
        for bid in (10.20, 10.50, 10.31):
            room.quote("A", bid, bid + 0.02)
        assert held(room) == 10
        room.quote("A", 10.30, 10.32)
        await eventually(lambda: held(room) == 0)
        [_, out] = await room.store.fills(ACCOUNT)
        assert out.price == D("10.30")


async def test_beyond_the_session_only_orders_that_say_so(toy: ToyServer, tmp_path: Path) -> None:
    toy.exchange.outside = True
    async with room_at(toy, tmp_path, session_open=lambda _now: False) as room:
        await eventually(lambda: room.ready)
        plain = await room.desk.oms.submit(wish("plain", Side.BUY, "10.01"))
        assert (plain.state, plain.reason_code) == (S.DENIED, "INSTRUMENT_SESSION")
        extended = VenueTerms(extended_hours=True)
        await room.desk.oms.submit(wish("early", Side.BUY, "10.01", venue=extended))
        await eventually(lambda: held(room) == 10)


async def test_in_the_night_not_even_those(toy: ToyServer, tmp_path: Path) -> None:
    shut = {"session_open": lambda _now: False, "extended_open": lambda _now: False}
    async with room_at(toy, tmp_path, **shut) as room:
        await eventually(lambda: room.ready)
        extended = VenueTerms(extended_hours=True)
        order = await room.desk.oms.submit(wish("late", Side.BUY, "10.01", venue=extended))
        assert order.reason_code == "INSTRUMENT_SESSION"
