"""Fees that come after the fill: the day's result agrees with the broker's to the cent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.order import MANUAL, OrderIntent, OrderType, Side
from cockpit.domain.values import to_decimal, utc
from cockpit.kernel.clock import WallClock
from cockpit.ports.health import Check, CheckState
from cockpit.ports.store import Store, StoreError
from cockpit.trading.charges import DAY_NS, KnownCharges
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


class Stubborn:
    """A store that keeps an adjustment and then says that it could not."""

    def __init__(self, store: Store) -> None:
        self._store, self.refusals = store, 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def save_adjustment(self, adjustment: Adjustment) -> bool:
        news = await self._store.save_adjustment(adjustment)
        if self.refusals:
            self.refusals -= 1
            raise StoreError("too late", user_text="The answer was lost.")
        return news


async def health(room: Room) -> Check:
    [check] = await room.desk.charges.checks()
    return check


async def test_a_list_that_can_not_be_had_is_asked_for_again(
    toy: ToyServer, tmp_path: Path
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        assert (await health(room)).state is CheckState.OK
        toy.exchange.charge("FEE", "-0.05")
        toy.faults.plan("GET /v2/account/activities", Fault.ACCEPTED_HTML)
        assert await room.desk.charges.look() == 0
        told = await health(room)
        assert told.state is CheckState.WARNING
        assert "could not be asked about charges" in told.found
        assert await room.desk.charges.look() == 1
        assert (await health(room)).state is CheckState.OK


@pytest.mark.parametrize(
    "odd",
    [{"net_amount": None}, {"net_amount": "a lot"}, {"net_amount": "NaN"}, {"date": "soon"},
     {"status": "correct"}, {"status": "pending"}, {"id": ""}],
    ids=str,
)  # fmt: skip
async def test_one_that_can_not_be_read_is_named_and_holds_up_no_other(
    toy: ToyServer, tmp_path: Path, odd: dict[str, Any]
) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        toy.exchange.charge("FEE", "-0.05")
        toy.exchange.charge("INT", "-7.00", description="for the odd one")
        toy.exchange.charges[-1] |= odd
        toy.exchange.charge("DIV", "1.25", symbol=None)
        assert await room.desk.charges.look() == 2
        assert room.desk.portfolio.fees == D("-1.20")
        told = await health(room)
        assert told.state is CheckState.WARNING
        assert "for the odd one" in told.found
        assert "statement" in told.next_step
        toy.exchange.charges.pop(1)
        assert await room.desk.charges.look() == 0
        assert (await health(room)).state is CheckState.OK


async def test_what_the_broker_took_back_counts_no_more(toy: ToyServer, tmp_path: Path) -> None:
    toy.exchange.charge("INT", "-3.00")  # in the first equity
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        toy.exchange.charge("FEE", "-0.05")
        toy.exchange.charge("FEE", "-9.00", status="canceled")
        toy.exchange.charge("DIV", "1.25", status="executed")
        assert await room.desk.charges.look() == 2
        assert room.desk.portfolio.fees == D("-1.20"), "one that was canceled never counts"
        toy.exchange.charges[0]["status"] = toy.exchange.charges[1]["status"] = "canceled"
        assert await room.desk.charges.look() == 2
        assert room.desk.portfolio.fees == D("-4.25")
        assert await room.desk.charges.look() == 0
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        assert room.desk.portfolio.fees == D("-4.25"), "after a restart as before"


async def test_what_came_while_the_cockpit_was_off_for_weeks(
    toy: ToyServer, tmp_path: Path
) -> None:
    days = {ago: str(utc(WallClock().now_ns() - ago * DAY_NS).date()) for ago in (20, 60)}
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        left_ns = WallClock().now_ns() - 30 * DAY_NS
        await room.store.record("charges", ACCOUNT, left_ns, KnownCharges((), left_ns))
    toy.exchange.charge("FEE", "-7.00", date=days[60])
    toy.exchange.charge("FEE", "-0.05", date=days[20])
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        assert room.desk.portfolio.fees == D("0.05"), "asked from two weeks before the last look"
    toy.exchange.charge("FEE", "-1.00", date=days[20])
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        assert room.desk.portfolio.fees == D("0.05"), "and the last look is of today now"


async def test_stored_but_not_told_is_told_at_the_next_look(toy: ToyServer, tmp_path: Path) -> None:
    async with room_at(toy, tmp_path) as room:
        await eventually(lambda: room.ready)
        room.desk.charges._store = Stubborn(room.store)
        toy.exchange.charge("FEE", "-0.05")
        assert await room.desk.charges.look() == 0
        assert room.desk.portfolio.fees == 0
        assert await room.desk.charges.look() == 1
        assert room.desk.portfolio.fees == D("0.05")
        assert await room.desk.charges.look() == 0
