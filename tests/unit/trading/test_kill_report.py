"""What a kill says of positions it could not close: which, why, and what to do next."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cockpit.app.telling.kill_words import kill_words
from cockpit.domain.alert import Severity
from cockpit.domain.order import FLATTEN, Order, OrderState, OrderType
from cockpit.domain.recovery import RecoveryPhase
from cockpit.ports.broker import Ack, BrokerError, GateToken, SubmitUnknownError
from cockpit.trading.kill_switch import KillReport
from tests.support.desk import Desk, trading_desk


async def fire(desk: Desk, *, flatten: bool) -> KillReport:
    return await desk.do(desk.kill_switch.fire("test", flatten=flatten))


def at_broker(desk: Desk, quantity: int) -> None:
    """As if a person had traded elsewhere, and nothing tells of it."""
    positions = desk.broker._venue._money.positions
    positions["ABC"] = msgspec.structs.replace(positions["ABC"], quantity=Decimal(quantity))


async def blocked(desk: Desk, quantity: int) -> None:
    at_broker(desk, quantity)
    desk.recovery.request("a test")
    await desk.pass_time(6)
    assert desk.recovery.phase is RecoveryPhase.BLOCKED


@pytest.mark.parametrize("flatten", [True, False])
async def test_while_blocked_it_says_what_stays_open_and_why(tmp_path: Path, flatten: bool) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        await blocked(desk, 20)
        desk.quote(99.99, 100.01)
        report = await fire(desk, flatten=flatten)
        assert report.positions_left == ("ABC",)
        assert not [o for o in desk.orders.all() if o.intent.strategy == FLATTEN]
        severity, words = kill_words(report)
        assert severity is Severity.WARNING
        assert "Nothing can be closed from here" in words
        assert "ABC: 10 here, 20 at the broker" in words
        assert "Close what is held at the broker" in words
        assert "accept" in words


async def test_a_position_that_only_the_broker_knows_of_is_told(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        desk.quote(99.99, 100.01)
        await desk.do(desk.kill_switch.flatten("ABC"))
        await desk.pass_time(1)
        held = desk.portfolio.position("ABC")
        assert held.quantity == 0
        theirs = msgspec.structs.replace(held, quantity=Decimal(7), average_cost=Decimal(100))
        desk.broker._venue._money.positions["ABC"] = theirs
        desk.recovery.request("a test")
        await desk.pass_time(6)
        report = await fire(desk, flatten=False)
        assert report.positions_left == ("ABC",)


async def test_a_kill_while_both_sides_are_compared_closes_when_they_agree(
    tmp_path: Path,
) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        desk.quote(99.99, 100.01)
        desk.recovery.request("a test")
        assert desk.recovery.phase is RecoveryPhase.RECOVERING
        report = await fire(desk, flatten=True)
        assert (report.positions_left, report.problems) == ((), ())
        [closing] = [o for o in desk.orders.all() if o.intent.strategy == FLATTEN]
        assert closing.state is OrderState.FILLED


async def test_why_the_gate_turned_a_closing_order_away_is_told(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        await desk.pass_time(60)  # the quote is old by now
        report = await fire(desk, flatten=True)
        assert report.positions_left == ("ABC",)
        [problem] = report.problems
        assert "MARKETDATA_STALE" in problem


async def test_a_broker_that_does_not_say_what_is_held_is_not_called_flat(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)

        async def silent():
            raise BrokerError("no answer", user_text="The broker does not answer.")

        desk.broker.positions = silent
        report = await fire(desk, flatten=False)
        assert report.positions_left == ("ABC",)
        _, words = kill_words(report)
        assert "The broker does not say what is held" in words


@pytest.mark.parametrize("flatten", [True, False])
async def test_an_order_without_an_answer_is_not_called_gone(tmp_path: Path, flatten: bool) -> None:
    """The broker does not list it, and may take it in a minute later."""
    async with trading_desk(tmp_path) as desk:

        async def lost(order: Order, token: GateToken) -> Ack:
            desk.turnstile.redeem(token, order)
            raise SubmitUnknownError("time-out", user_text="No answer came.")

        desk.broker.submit = lost
        order = await desk.oms.submit(desk.intent())
        await desk.pass_time(3)
        assert desk.now(order).state is OrderState.UNKNOWN
        severity, words = kill_words(await fire(desk, flatten=flatten))
        assert severity is Severity.WARNING
        assert f"no answer came for the order {order.client_order_id}" in words


async def test_an_order_that_was_taken_back_leaves_nothing_to_tell(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.00"))
        await desk.pass_time(0.5)
        assert kill_words(await fire(desk, flatten=False))[0] is Severity.NOTICE
