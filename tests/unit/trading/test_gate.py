"""The gate itself: its order, what it spares, what it does when it fails, and its tokens."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from cockpit.domain.limits import ControlResult, TradingState, Verdict
from cockpit.domain.market import TradePrint
from cockpit.domain.order import EXTERNAL, FLATTEN, Order, OrderState, OrderType, Side
from cockpit.domain.position import Position
from cockpit.ports.broker import GateToken, TokenRefusedError
from cockpit.risk.controls import CONTROLS, SIZE_AND_LOSS
from cockpit.risk.view import ApprovalView
from cockpit.trading.gate import Gate, Turnstile
from cockpit.trading.gate.traffic import Traffic
from tests.support.desk import trading_desk
from tests.unit.risk.test_controls import NOW, order, view

IN_ORDER = (
    "environment",
    "trading_state",
    "readiness",
    "validity",
    "instrument_open",
    "duplicate",
    "market_data",
    "price_collar",
    "order_volume",
    "order_value",
    "buying_power",
    "concentration",
    "gross_exposure",
    "order_counts",
    "message_rate",
    "repeated_automation",
    "day_loss",
    "drawdown",
    "loss_cooldown",
    "self_match",
    "pattern_day_trader",
    "short_locate",
    "approval",
)
CLOSING = {"order": order(Side.SELL, "10", limit="99.99"), "position": Decimal(10)}


@pytest.fixture
def gate() -> Gate:
    return Gate(Turnstile(lambda: NOW), Traffic())


def test_the_order_is_this_one() -> None:
    assert tuple(control.__name__ for control in CONTROLS) == IN_ORDER


def test_an_opening_meets_every_control(gate) -> None:
    verdict = gate.evaluate(view())
    assert verdict.passed
    assert len(verdict.results) == len(CONTROLS)
    assert gate.last is verdict


def test_what_only_closes_meets_those_that_are_not_spared(gate) -> None:
    spent = {"equity": None, "buying_power": None, "day_pnl": None, "orders_today": 10**6}
    verdict = gate.evaluate(view(**CLOSING, **spent))
    assert verdict.passed
    assert len(verdict.results) == len(CONTROLS) - len(SIZE_AND_LOSS)
    assert not gate.evaluate(view(**spent)).passed


def test_the_first_denial_stops(gate) -> None:
    verdict = gate.evaluate(view(trading_state=TradingState.HALTED, quote=None))
    assert [r.passed for r in verdict.results] == [True, False]
    assert verdict.denial is not None
    assert verdict.denial.code == "STATE_HALTED"


def test_a_control_that_fails_denies(gate) -> None:
    verdict = gate.evaluate(view(day_pnl=Decimal("sNaN")))
    assert verdict.denial is not None
    assert verdict.denial.code == "CONTROL_FAILED"
    assert not verdict.passed


def test_no_token_for_what_was_denied_or_never_asked(gate) -> None:
    with pytest.raises(ValueError, match="was denied"):
        gate.open_for(order(), gate.evaluate(view(quote=None)), NOW, entry=True)
    with pytest.raises(ValueError, match="was denied"):
        gate.open_for(order(), Verdict(results=(), ts_ns=NOW), NOW, entry=True)


def test_what_goes_out_is_counted(gate) -> None:
    gate.open_for(order(), gate.evaluate(view()), NOW, entry=True)
    assert gate.traffic.messages_within(1, NOW) == 1
    assert gate.traffic.orders_on(NOW) == 1


def test_a_token_opens_once_for_its_order() -> None:
    door = Turnstile(lambda: NOW)
    token = door.issue(order())
    door.redeem(token, order())
    with pytest.raises(TokenRefusedError):
        door.redeem(token, order())


def test_a_token_is_of_one_order_and_void_once_shown_for_another() -> None:
    door = Turnstile(lambda: NOW)
    token = door.issue(order())
    with pytest.raises(TokenRefusedError):
        door.redeem(token, order(quantity="11"))
    with pytest.raises(TokenRefusedError):
        door.redeem(token, order())


def test_a_forged_token_is_refused() -> None:
    door = Turnstile(lambda: NOW)
    real = door.issue(order())
    with pytest.raises(TokenRefusedError):
        door.redeem(GateToken("made up", order().fingerprint), order())
    with pytest.raises(TokenRefusedError):
        door.redeem(msgspec.structs.replace(real, fingerprint="other"), order())


@pytest.mark.parametrize(
    ("state", "strategy", "entry", "goes"),
    [
        (TradingState.HALTED, "manual", True, False),
        (TradingState.HALTED, "manual", False, False),
        (TradingState.HALTED, FLATTEN, False, True),
        (TradingState.REDUCING, "manual", True, False),
        (TradingState.REDUCING, "manual", False, True),
    ],
)
def test_a_token_dies_with_a_stricter_state(state, strategy, entry, goes) -> None:
    door = Turnstile(lambda: NOW)
    asked = order(Side.SELL, kind=OrderType.MARKET, limit=None, strategy=strategy)
    token = door.issue(asked, entry=entry)
    door.tighten(state)
    if goes:
        door.redeem(token, asked)
        return
    with pytest.raises(TokenRefusedError) as refused:
        door.redeem(token, asked)
    assert refused.value.code == "STATE_TIGHTENED"


@pytest.mark.parametrize(
    ("age", "entry", "goes"),
    [
        (Turnstile.LASTS_NS, True, True),
        (Turnstile.LASTS_NS + 1, True, False),
        (Turnstile.LASTS_NS + 1, False, True),
        (-1, True, False),
    ],
)
def test_a_token_for_an_opening_lapses(age, entry, goes) -> None:
    now = [NOW]
    door = Turnstile(lambda: now[0])
    token = door.issue(order(), entry=entry)
    now[0] += age
    if goes:
        door.redeem(token, order())
        return
    with pytest.raises(TokenRefusedError) as refused:
        door.redeem(token, order())
    assert refused.value.code == "TOKEN_LAPSED"


def test_below_zero_is_no_measure() -> None:
    below = {"buying_power": Decimal(10**6), "gross_exposure": Decimal(-(10**7))}
    codes = {r.code for r in _results(view(**below))}
    assert "EXPOSURE_GROSS" in codes


def _results(situation) -> list[ControlResult]:
    return [control(situation) for control in CONTROLS]


@pytest.mark.parametrize("way", ["submit", "replace"])
async def test_the_adapter_sends_nothing_without_a_token(tmp_path, way) -> None:
    async with trading_desk(tmp_path) as desk:
        old = await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.00"))
        await desk.pass_time(0.5)
        new = msgspec.structs.replace(desk.now(old), client_order_id="PAPER-1-99999")
        forged = GateToken("made up", new.fingerprint)
        given = (new, forged) if way == "submit" else (desk.now(old), new, forged)
        with pytest.raises(TokenRefusedError):
            await desk.do(getattr(desk.broker, way)(*given))
        [still] = await desk.do(desk.broker.open_orders())
        assert still.report.client_order_id == old.client_order_id


async def test_an_order_from_elsewhere_counts_at_the_best_known_price(tmp_path) -> None:
    async with trading_desk(tmp_path) as desk:
        desk.orders.put(_from_elsewhere(desk))
        denied = await desk.oms.submit(desk.intent())
        assert denied.reason_code == "BUYINGPOWER_UNPRICED"  # nobody knows what XYZ costs
        now = desk.clock.now_ns()
        desk.bus.publish(TradePrint(symbol="XYZ", price=50.0, size=1, ts_event=now, ts_init=now))
        [committed] = _commitments(desk)
        assert committed == Decimal(10_000)
        assert desk.oms.preview(desk.intent(quantity=11)).passed
        desk.quote(49.0, 51.0, symbol="XYZ")
        [committed] = _commitments(desk)
        assert committed == Decimal(10_200)  # its far touch from now on


async def test_an_order_without_a_price_that_only_closes_costs_nothing(tmp_path) -> None:
    async with trading_desk(tmp_path) as desk:
        desk.orders.put(_from_elsewhere(desk, Side.SELL))
        held = Position(
            account_id="PAPER-1", symbol="XYZ", quantity=Decimal(200), average_cost=Decimal(7)
        )
        desk.portfolio._positions["XYZ"] = held
        passed = await desk.oms.submit(desk.intent())
        assert passed.state is OrderState.SENDING


@pytest.mark.parametrize("reserved", [False, True])
async def test_open_orders_are_looked_at_on_their_symbol_and_counted_on_all(
    tmp_path, reserved
) -> None:
    async with trading_desk(tmp_path) as desk:
        resting = {
            name: Order(
                client_order_id=name,
                intent=desk.intent(Side.SELL, symbol=symbol, type=OrderType.LIMIT, limit="100.00"),
                state=OrderState.WORKING,
            )
            for name, symbol in (("here", "ABC"), ("old", "ABC"), ("there", "XYZ"))
        }
        for one in resting.values():
            desk.orders.put(one)
            if reserved:
                desk.orders.reserve(one)
        asked = msgspec.structs.replace(order(Side.SELL), replaces="old")
        looked = desk.situation.view(asked, _UNASKED)
        assert (looked.open_orders, looked.open_count) == ([resting["here"]], 2)
        alone = desk.situation.without(looked, lambda other: other.symbol == "ABC")
        assert (alone.open_orders, alone.open_count) == ([], 1)
        held = msgspec.structs.replace(alone, position=Decimal(10))
        assert held.reduces  # nothing on other symbols closes this one
        assert desk.orders.open("XYZ") == [resting["there"]]
        desk.orders.put(msgspec.structs.replace(resting["there"], state=OrderState.CANCELED))
        desk.orders.unreserve("there")
        assert not desk.orders.open("XYZ")


_UNASKED = ApprovalView(needed=False, releasing=False, given_for=None, expires_ns=None)


def _from_elsewhere(desk, side=Side.BUY) -> Order:
    intent = msgspec.structs.replace(
        desk.intent(side, 200, symbol="XYZ"), intent_id="external/1", strategy=EXTERNAL
    )
    return Order(client_order_id="E-1", intent=intent, state=OrderState.ACKED)


def _commitments(desk) -> list[Decimal]:
    return [c.notional for c in desk.situation.view(order(), _UNASKED).commitments.rows]
