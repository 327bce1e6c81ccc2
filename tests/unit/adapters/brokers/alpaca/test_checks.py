"""What the session says of itself, at a venue whose account, clock, budget and stream go wrong."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from cockpit.domain.connection import Connection, Health
from cockpit.domain.values import session_date
from cockpit.kernel.clock import WallClock
from cockpit.ports.health import Check, Checked, CheckState
from cockpit.trading.venue_days import VenueDays
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer, calendar
from tests.toyserver.client import alpaca_at
from tests.unit.adapters.brokers.alpaca.kit import Session, session_at

OK, WARNING, FAILED, UNKNOWN = CheckState
NAMES = ["account", "permissions", "clock", "requests", "delay", "stream", "fills", "equity"]


async def found(session: Session) -> dict[str, Check]:
    return {check.name: check for check in await session.broker.checks()}


async def test_all_is_well_in_two_requests_and_once_an_hour_a_third(session: Session) -> None:
    assert isinstance(session.broker, Checked)
    before = len(session.toy.requests)
    checks = await found(session)
    assert list(checks) == NAMES
    assert {check.state for check in checks.values()} == {OK}
    assert [c.name for c in checks.values() if c.required] == ["account", "clock"]
    asked = [path for _, path in session.toy.requests[before:]]
    history = "/v2/account/portfolio/history?period=1M&timeframe=1D"
    assert asked == ["/v2/account", "/v2/clock", history]
    assert (await found(session))["equity"] == checks["equity"]
    asked = [path for _, path in session.toy.requests[before:]]
    assert asked.count(history) == 1
    assert checks["equity"].found.startswith("100,000.00 on ")
    assert "at the month's highest" in checks["equity"].found
    assert "Margin x" in checks["permissions"].found
    assert "shorting" in checks["permissions"].found
    assert "ms, at most" in checks["delay"].found


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ({"status": "ACCOUNT_CLOSED"}, "its status is ACCOUNT_CLOSED"),
        ({"account_blocked": True}, "it is blocked"),
        ({"trading_blocked": True}, "it is blocked"),
        ({"trade_suspended_by_user": True}, "its owner has suspended trading"),
    ],
)
async def test_an_account_that_may_not_trade(
    session: Session, standing: dict[str, object], words: str
) -> None:
    session.toy.standing = standing
    account = (await found(session))["account"]
    assert account.state is FAILED
    assert account.hinders
    assert words in account.found
    assert account.next_step


async def test_a_day_trader_without_the_money_and_a_cash_account(session: Session) -> None:
    session.toy.standing = {"pattern_day_trader": True, "equity": "24999.99", "daytrade_count": 4}
    checks = await found(session)
    assert checks["permissions"].state is WARNING
    assert "4 day trades" in checks["permissions"].found
    assert not checks["permissions"].hinders
    session.toy.standing = {"pattern_day_trader": True, "equity": "25000"}
    assert (await found(session))["permissions"].state is OK
    session.toy.standing = {"shorting_enabled": False, "multiplier": "1"}
    assert "no shorting" in (await found(session))["permissions"].found


@pytest.mark.parametrize("off_s", [7.5, -7.5])
async def test_a_clock_that_is_off_is_told_to_the_gate_too(session: Session, off_s: float) -> None:
    session.toy.clock_off_s = off_s
    clock = (await found(session))["clock"]
    assert clock.state is FAILED
    assert clock.hinders
    assert "7." in clock.found
    skew = session.sink.of(Connection)[-1].clock_skew_s
    assert skew is not None
    assert abs(skew - off_s) < 1
    session.toy.clock_off_s = 0.0
    assert (await found(session))["clock"].state is OK
    assert abs(session.sink.of(Connection)[-1].clock_skew_s or 0.0) < 1


async def test_a_clock_that_is_off_is_known_from_the_sign_in_on(toy: ToyServer) -> None:
    toy.clock_off_s = -7.5
    async with session_at(toy) as session:
        skew = session.sink.of(Connection)[-1].clock_skew_s
        assert skew is not None
        assert abs(skew + 7.5) < 1


async def test_few_requests_left_and_none(toy: ToyServer) -> None:
    async with session_at(toy, requests_per_minute=60, rate_reserve=50) as session:
        toy.rate_limit = 60
        for _ in range(10):
            await session.broker.account()
        checks = await found(session)
        assert checks["requests"].state is WARNING
        assert "Orders wait" in checks["requests"].found
        assert checks["account"].state is OK
        toy.faults.plan("GET /v2/account", Fault.TOO_MANY)
        checks = await found(session)
        assert checks["requests"].state is FAILED
        assert (checks["account"].state, checks["clock"].state) == (UNKNOWN, UNKNOWN)
        assert checks["account"].hinders


@pytest.mark.parametrize("fault", [Fault.HTML_403, Fault.ACCEPTED_ODD, Fault.BUSY_500])
async def test_an_answer_of_no_use_is_not_known(session: Session, fault: Fault) -> None:
    session.toy.faults.plan("GET /v2/account", fault)
    account = (await found(session))["account"]
    assert account.state is UNKNOWN
    assert account.hinders


async def test_keys_that_are_taken_back(session: Session) -> None:
    session.toy.keys = ("PKOTHER", "secret")
    account = (await found(session))["account"]
    assert account.state is FAILED
    assert "does not accept the keys" in account.found
    assert session.toy.keys[1] not in account.found


async def test_a_mute_stream(toy: ToyServer) -> None:
    toy.stream_faults.frozen = True
    toy.stream_faults.mute_at = "listen"
    async with session_at(toy, quiet_s=0.05) as session:

        async def stale() -> bool:
            return (await found(session))["stream"].state is WARNING

        await eventually(stale)
        assert "stale" in session.lamps


async def test_without_a_session(toy: ToyServer) -> None:
    [check] = await alpaca_at(toy).checks()
    assert (check.state, check.required) == (FAILED, True)


async def test_the_last_message_has_an_age(session: Session) -> None:
    assert session.sink.of(Connection)[-1].health is Health.UP
    assert "no message yet" in (await found(session))["stream"].found
    session.toy.stream.publish({"event": "nothing"})
    await eventually(lambda: session.broker._session and session.broker._session.heard_ns)
    assert "the last message 0 s ago" in (await found(session))["stream"].found


async def test_a_history_that_can_not_be_had_hinders_nothing(session: Session) -> None:
    session.toy.faults.plan("GET /v2/account/portfolio/history", Fault.HTML_403)
    equity = (await found(session))["equity"]
    assert equity.state is UNKNOWN
    assert not equity.hinders
    assert (await found(session))["equity"].state is OK


async def test_the_calendar_is_compared_for_a_week_and_asked_for_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(calendar.EXCHANGE.load, session_date(WallClock().now_ns()))
    look = VenueDays(session.broker, WallClock(), calendar.EXCHANGE.session)
    [same] = await look.checks()
    assert same.state is OK
    await look.checks()
    assert session.toy.count("GET", "/v2/calendar") == 1
    today = session_date(WallClock().now_ns())
    week = [today + timedelta(days=n) for n in range(8)]
    open_day = next(day for day in week if calendar.EXCHANGE.session(day))
    monkeypatch.setattr(calendar, "CLOSED", {open_day})
    [other] = await VenueDays(session.broker, WallClock(), calendar.EXCHANGE.session).checks()
    assert other.state is WARNING
    assert not other.hinders
    assert f"{open_day:%a %Y-%m-%d} closed there, 09:30 to" in other.found
    assert other.next_step
