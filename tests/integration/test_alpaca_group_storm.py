"""Groups through a storm: brackets, OCO and OTO orders, changed and cancelled on a bad line."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from random import Random

import msgspec
import pytest

from cockpit.adapters.brokers.alpaca.reading import STATES
from cockpit.domain.limits import TradingState
from cockpit.domain.order import MANUAL, Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.venue_terms import OrderClass, VenueTerms
from cockpit.ports.broker import BrokerError
from cockpit.trading.errors import TradingError
from cockpit.trading.reading import WITH_ITS_ENTRY
from cockpit.trading.recovery import Sweeper
from tests.support.alpaca_room import ACCOUNT, SYMBOLS, Room, room_at
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer

D = Decimal
S = OrderState
LONG_S = 240.0
BRACKET = VenueTerms(order_class=OrderClass.BRACKET, take_profit=D("10.50"), stop_loss=D("9.50"))
OTO = VenueTerms(order_class=OrderClass.OTO, stop_loss=D("9.50"))
OCO = VenueTerms(order_class=OrderClass.OCO, stop_loss=D("9.50"))
NEVER_SENT = (S.DENIED, S.REJECTED)
LOST = (Fault.ACCEPTED_504, Fault.LOST_ANSWER, None)


@pytest.mark.timeout(600)
async def test_groups_in_a_storm_leave_venue_and_ledger_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sweeper, "ORDERS_NS", 10**9)  # what is dropped is looked for soon
    async with ToyServer() as toy:
        toy.exchange.list_symbols(*SYMBOLS)
        async with room_at(toy, tmp_path, answer_timeout_s=10.0) as room:
            await eventually(lambda: room.ready)
            toy.faults.rate("POST /v2/orders", accepted_504=0.20, lost_answer=0.15, too_many=0.03)
            toy.faults.rate("GET /v2/orders", busy_500=0.05, accepted_html=0.03)
            toy.stream_faults.duplicate_rate = toy.stream_faults.reorder_rate = 0.3
            toy.stream_faults.drop_rate = 0.1
            cutter = asyncio.create_task(_cut_often(room))
            try:
                lives = zip(SYMBOLS, (_taken, _stopped, _withdrawn, _either) * 2, strict=True)
                async with asyncio.TaskGroup() as all_lives:
                    for symbol, life in lives:
                        all_lives.create_task(life(Trader(room, symbol)))
            finally:
                cutter.cancel()
            await _calm(room)
            await _compare(room)
            assert {Fault.ACCEPTED_504, Fault.LOST_ANSWER} <= set(toy.faults.made)
            ends = Counter(order.status for order in toy.exchange.orders.values())
            assert ends["replaced"] >= len(SYMBOLS) - 2, ends
            assert toy.stream.sign_ins > 1
        async with room_at(toy, tmp_path) as room:  # started anew, it finds nothing to mend
            await eventually(lambda: room.ready, within=LONG_S)
            await _compare(room)


class Trader:
    """One symbol's trader: asks until it is taken, and never for the same order twice."""

    def __init__(self, room: Room, symbol: str) -> None:
        self.room, self.symbol = room, symbol
        self._orders = room.desk.orders
        self._chance = Random(symbol)
        self._asked = 0

    @property
    def held(self) -> Decimal:
        return self.room.desk.portfolio.position(self.symbol).quantity

    def now(self, order: Order) -> Order:
        return self._orders.get(order.client_order_id)

    def open(self, side: Side) -> list[Order]:
        return [o for o in self._orders.open(self.symbol) if o.intent.side is side]

    def market(self, bid: float, size: float = 1e6) -> None:
        self.room.toy.exchange.quote(self.symbol, bid, round(bid + 0.02, 2), size)

    async def until(self, condition: Callable[[], object]) -> None:
        await eventually(condition, within=LONG_S)

    async def settled(self, order: Order) -> Order:
        """The order once the venue has it, or it has ended."""
        under_way = (S.SENDING, S.UNKNOWN, S.ACKED, S.PENDING_REPLACE, S.PENDING_CANCEL)
        await self.until(lambda: self.now(order).state not in under_way)
        return self.now(order)

    async def place(self, side: Side, limit: str | None = None, **more: object) -> Order:
        """An order that the venue has taken; refused ones are asked for anew."""
        while True:
            await self.until(lambda: self.room.open_for(self.symbol))
            order = await self.room.desk.oms.submit(self._wish(side, limit, **more))
            order = await self.settled(order)
            if order.state not in NEVER_SENT:
                self.market(9.99)  # a market order takes the first quote after it
                return order
            assert order.state is S.REJECTED or order.reason_code.startswith("READINESS"), order

    def _wish(self, side: Side, limit: str | None, **more: object) -> OrderIntent:
        self._asked += 1
        plain = OrderIntent(
            intent_id=f"{self.symbol}-{self._asked}",
            account_id=ACCOUNT,
            symbol=self.symbol,
            side=side,
            type=OrderType.MARKET if limit is None else OrderType.LIMIT,
            quantity=D(10),
            limit_price=None if limit is None else D(limit),
            strategy=MANUAL,
        )
        return msgspec.structs.replace(plain, **more)

    async def reprice(self, order: Order, **prices: Decimal) -> Order:
        """The order at another price; the answer to that is lost as often as not."""
        while True:
            await self.until(lambda: self.room.open_for(self.symbol))
            venue_id = self.now(order).venue_order_id
            self._asked += 1
            changed = {**prices, "intent_id": f"{self.symbol}-{self._asked}"}
            self._spoil(f"PATCH /v2/orders/{venue_id}")
            with suppress(TradingError):
                new = await self.room.desk.oms.replace(
                    order.client_order_id, lambda i, c=changed: msgspec.structs.replace(i, **c)
                )
                if (await self.settled(new)).state not in NEVER_SENT:
                    await self.until(lambda: self.now(order).state is S.REPLACED)
                    return new
            await self.settled(order)

    async def cancel(self, order: Order) -> None:
        """Ask until it has ended."""
        while not self.now(order).state.terminal:
            self._spoil(f"DELETE /v2/orders/{self.now(order).venue_order_id}")
            with suppress(TradingError, BrokerError):
                await self.room.desk.oms.cancel(order.client_order_id)
            await self.settled(order)

    def _spoil(self, request: str) -> None:
        self.room.toy.faults.planned.pop(request, None)
        self.room.toy.faults.plan(request, self._chance.choice(LOST))


async def _taken(trader: Trader) -> None:
    """A bracket that is replaced, entry and stop, and leaves in parts at its target."""
    entry = await trader.place(Side.BUY, "9.80", venue=BRACKET)
    entry = await trader.reprice(entry, limit_price=D("9.85"))
    await trader.until(lambda: len(trader.open(Side.SELL)) == 2)
    trader.market(9.82, 4)
    trader.market(9.82)
    await trader.until(lambda: trader.held == 10)
    [stop] = [o for o in trader.open(Side.SELL) if o.intent.stop_price is not None]
    assert stop.intent.note == WITH_ITS_ENTRY
    await trader.reprice(stop, stop_price=D("9.45"))
    trader.market(10.52, 4)
    await trader.until(lambda: trader.held == 6)
    trader.market(10.52)
    await trader.until(lambda: trader.held == 0 and not trader.open(Side.SELL))


async def _stopped(trader: Trader) -> None:
    """An entry with a stop alone, which the market reaches."""
    await trader.place(Side.BUY, venue=OTO)
    await trader.until(lambda: trader.held == 10 and len(trader.open(Side.SELL)) == 1)
    trader.market(9.40)
    await trader.until(lambda: trader.held == 0 and not trader.open(Side.SELL))


async def _withdrawn(trader: Trader) -> None:
    """A bracket that is taken back before it traded: its exits go with it."""
    entry = await trader.place(Side.BUY, "9.80", venue=BRACKET)
    entry = await trader.reprice(entry, limit_price=D("9.70"))
    await trader.until(lambda: len(trader.open(Side.SELL)) == 2)
    await trader.cancel(entry)
    await trader.until(lambda: not trader.room.desk.orders.open(trader.symbol))


async def _either(trader: Trader) -> None:
    """Exits beside each other, replaced; a part leaves at the limit, the rest is stopped."""
    await trader.place(Side.BUY)
    await trader.until(lambda: trader.held == 10)
    exits = await trader.place(Side.SELL, "10.40", venue=OCO)
    exits = await trader.reprice(exits, limit_price=D("10.45"))
    await trader.until(lambda: len(trader.open(Side.SELL)) == 2)
    trader.market(10.46, 3)
    await trader.until(lambda: trader.held == 7)
    trader.market(9.40)
    await trader.until(lambda: trader.held == 0 and not trader.open(Side.SELL))


async def _cut_often(room: Room) -> None:
    """Cut the stream each time the books agree again, and some orders have gone out."""
    requests, apart = room.toy.requests, 20  # the first soon: a quiet machine is done in a hundred
    while True:
        asked, apart = len(requests) + apart, 60
        await eventually(lambda n=asked: room.ready and len(requests) > n, within=2 * LONG_S)
        room.toy.stream.cut()


async def _calm(room: Room) -> None:
    """No more faults, then two looks that agree."""
    toy = room.toy
    toy.faults.rates.clear()
    toy.faults.planned.clear()
    faults = toy.stream_faults
    faults.duplicate_rate = faults.reorder_rate = faults.drop_rate = 0.0
    await room.desk.recovery.run("the storm is over")
    await eventually(lambda: room.ready and not room.desk.events.busy, within=LONG_S)
    assert room.desk.switch.state is TradingState.ACTIVE
    assert room.desk.recovery.differences == ()


async def _compare(room: Room) -> None:
    exchange = room.toy.exchange
    mine = {o.client_order_id: o for o in room.desk.orders.all() if o.state not in NEVER_SENT}
    there = {o.client_order_id: o for o in exchange.orders.values()}
    assert len(there) == len(exchange.orders)
    assert mine.keys() == there.keys()
    legs = {name for name, o in mine.items() if o.intent.note == WITH_ITS_ENTRY}
    sent = {o.intent.intent_id for name, o in mine.items() if name not in legs}
    assert len(sent) == len(mine) - len(legs) > len(SYMBOLS)
    for name, order in there.items():
        known = mine[name]
        assert (known.state, known.filled) == (STATES[order.status], order.filled), name
        if known.state is S.FILLED:  # one that was taken back may have been made smaller unseen
            assert known.intent.quantity == order.terms.quantity, name
    fills = await room.store.fills(ACCOUNT)
    booked = Counter((f.client_order_id, f.quantity, f.price) for f in fills)
    made = ((e.order.client_order_id, e.quantity, e.price) for e in exchange.executions)
    assert booked == Counter(made)
    assert len(fills) > len(SYMBOLS)
    held = {p.symbol: p.quantity for p in room.desk.portfolio.open_positions()}
    assert held == {p.symbol: p.quantity for p in exchange.venue.positions()}
