"""Every way in which Alpaca fails is said in words in the Health panel, and heals by itself."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cockpit.app.core import Core
from cockpit.app.health.session import SessionChecks
from cockpit.domain.connection import Connection
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits
from cockpit.kernel.clock import WallClock
from cockpit.ports.broker import BrokerError
from cockpit.ports.health import Check, CheckState
from cockpit.risk.limit_book import LimitBook
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer
from tests.toyserver.client import alpaca_at
from tests.unit.adapters.brokers.alpaca.kit import SYMBOL, session_at, toy_order
from tests.unit.adapters.brokers.paper_kit import Recorder
from tests.unit.adapters.feeds.alpaca.kit import running

SHORT = {"connect_timeout_s": 0.4, "quiet_s": 0.2, "reconnect_max_s": 0.2}


def panel(lamps: Sequence[Connection]) -> list[Check]:
    """What the panel's checks make of each lamp, in turn."""
    told: list[Check] = []
    for lamp in lamps:
        core = SimpleNamespace(
            readiness=SimpleNamespace(lamps=(lamp,)),
            limits=LimitBook(LimitRules.of(Limits()), "toy"),
            account_id="toy",
        )
        told += [SessionChecks(cast("Core", core)).connections()[0]]
    return told


def said(lamps: Sequence[Connection], words: str) -> Check | None:
    """The finding with these words: not green, required, with a next step."""
    found = [check for check in panel(lamps) if words in check.found and check.next_step]
    for check in found:
        assert check.required
        assert check.state is not CheckState.OK
    return found[-1] if found else None


@asynccontextmanager
async def at_toy():
    async with ToyServer() as toy:
        toy.exchange.list_symbols(SYMBOL)
        toy.quote(SYMBOL, 9.99, 10.01)
        yield toy


ORDERS: dict[str, tuple[dict[str, Any], str]] = {
    "no answer to the sign-in": ({"mute_at": "hello"}, "no authorization message came"),
    "no answer to listen": ({"mute_at": "auth"}, "no listening message came"),
    "frozen": ({"frozen": True}, "does not answer any more"),
    "connection limit in words": ({"limit": True}, "CONNECTION_LIMIT"),
    "connection limit by status": ({"refuse_status": 406}, "CONNECTION_LIMIT"),
    "server error": ({"refuse_status": 500}, "DOWN"),
}


@pytest.mark.parametrize("fault", ORDERS)
async def test_of_the_stream_of_orders(fault: str) -> None:
    faults, words = ORDERS[fault]
    async with at_toy() as toy:
        for name, value in faults.items():
            setattr(toy.stream_faults, name, value)
        async with session_at(toy, **SHORT) as session:
            lamps = lambda: session.sink.of(Connection)  # noqa: E731 -- read again and again
            await eventually(lambda: said(lamps(), words), within=15)
            for name in faults:
                setattr(toy.stream_faults, name, type(faults[name])())
            await eventually(lambda: session.lamps[-1] == "up", within=15)
            assert panel(lamps())[-1].state is CheckState.OK


async def test_of_a_mute_stream_of_orders_and_an_unknown_word() -> None:
    async with at_toy() as toy, session_at(toy, **SHORT) as session:
        lamps = lambda: session.sink.of(Connection)  # noqa: E731 -- read again and again
        toy.stream_faults.odd_rate = 1.0
        await session.submit(toy_order("odd", quantity=1))
        await eventually(lambda: said(lamps(), "the broker calls an order 'odd_"))
        toy.stream_faults.odd_rate, toy.stream_faults.drop_rate = 0.0, 1.0
        await session.submit(toy_order("lost", quantity=1))
        await eventually(lambda: said(lamps(), "no update of an order came"), within=15)
        toy.stream_faults.drop_rate = 0.0
        await eventually(lambda: session.lamps[-1] == "up", within=15)


PRICES: dict[str, tuple[dict[str, Any], str]] = {
    "no welcome": ({"mute_at": "hello"}, "no welcome came"),
    "no answer to the sign-in": ({"mute_at": "auth"}, "no answer to the sign-in came"),
    "no answer to a subscription": ({"mute_at": "subscribe"}, "no answer to the subscription"),
    "frozen": ({"frozen": True}, "does not answer any more"),
    "connection limit": ({"error_at": ("auth", 406, "limit exceeded")}, "CONNECTION_LIMIT"),
    "too slow": ({"error_at": ("auth", 407, "slow client")}, "SLOW_CLIENT"),
    "server error": ({"error_at": ("auth", 500, "internal error")}, "internal error (500)"),
    "a page for a socket": ({"refuse_status": 502}, "Alpaca answered 502"),
}


@pytest.mark.parametrize("fault", PRICES)
async def test_of_the_stream_of_prices(fault: str) -> None:
    faults, words = PRICES[fault]
    async with at_toy() as toy:
        before = {name: getattr(toy.market.faults, name) for name in faults}
        for name, value in faults.items():
            setattr(toy.market.faults, name, value)
        async with running(toy, (SYMBOL,), **SHORT) as feed:
            await eventually(lambda: said(feed.sink.lamps, words), within=15)
            for name, value in before.items():
                setattr(toy.market.faults, name, value)
            await eventually(lambda: feed.lamps[-1] == "up", within=15)
            assert panel(feed.sink.lamps)[-1].state is CheckState.OK


async def test_of_refused_symbols() -> None:
    async with at_toy() as toy:
        toy.market.faults.refused = {"DEF"}
        async with running(toy, (SYMBOL, "DEF")) as feed:
            await eventually(
                lambda: any("No prices for DEF" in c.found for c in panel(feed.sink.lamps))
            )


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.STALLED, "no usable answer"),
        (Fault.ACCEPTED_HTML, "no usable answer"),
        (Fault.ACCEPTED_CUT, "no usable answer"),
        (Fault.ACCEPTED_ODD, "no usable answer"),
        (Fault.LOST_ANSWER, "no usable answer"),
        (Fault.HTML_403, "without the venue's own words"),
        (Fault.BUSY_500, "internal server error"),
        (Fault.TOO_MANY, "rate limit exceeded"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
async def test_of_a_sign_in_that_is_not_answered(fault: Fault, words: str) -> None:
    async with at_toy() as toy:
        toy.faults.plan("GET /v2/account", fault)
        shown: list[Connection] = []
        with pytest.raises(BrokerError) as caught:
            await _signed_in(toy, shown)
        assert words in caught.value.user_text
        assert said(shown, words), [lamp.detail for lamp in shown]
        await _signed_in(toy, shown)
        assert "up" in {lamp.health.value for lamp in shown}


async def _signed_in(toy: ToyServer, shown: list[Connection]) -> None:
    broker, sink = (
        alpaca_at(toy, answer_timeout_s=0.5, connect_timeout_s=0.5),
        Recorder(WallClock()),
    )
    try:
        await broker.connect(sink)
        await eventually(lambda: sink.of(Connection)[-1].health.value == "up")
    finally:
        shown += sink.of(Connection)
        await broker.close()
