"""Two vendors' streams as one, at toy vendors: whatever one does, prices go on and are true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from cockpit.adapters.feeds.relay import Relay
from cockpit.adapters.feeds.standing import Patience
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, WallClock
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality
from cockpit.ports.feed import FeedError, RawCorrection, RawQuote, RawStatus, RawTrade
from cockpit.ports.health import CheckState
from tests.support.waiting import eventually
from tests.toyserver import ToyServer
from tests.toyserver.client import feed_at
from tests.toyserver.vendors import ToyFinnhub, ToyPolygon
from tests.unit.adapters.feeds.conftest import Recorder
from tests.unit.adapters.feeds.vendors.kit import finnhub_at, polygon_at

SYMBOLS = ("ABC",)
SOON = Patience(down_s=0.2, connect_s=15.0, falls=50, steady_s=0.5)
NEVER_BACK = Patience(down_s=0.2, connect_s=15.0, falls=3, steady_s=3600, most_steady_s=7200)


@dataclass
class Both:
    """Polygon's stream first, Alpaca's standing by; `book` is what the market room believes."""

    polygon: ToyPolygon
    alpaca: ToyServer
    patience: Patience = SOON
    mute_s: float = 60.0
    sink: Recorder = field(default_factory=lambda: Recorder(WallClock()))  # type: ignore[arg-type]
    served: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = WallClock()
        first = polygon_at(self.polygon, SYMBOLS, mute_s=self.mute_s)
        second = feed_at(self.alpaca, SYMBOLS, reconnect_max_s=0.3)
        self.relay = Relay((first, second), clock=clock, patience=self.patience)
        self.relay.on_serving = lambda name, _why: self.served.append(name)
        self.book = Book(clock)
        bus = Bus()
        self.ingest = Ingest(bus, clock, self.book, Quality(), BarBook(bus))
        self.sink.react = lambda row: self.ingest.on_rows([row])

    @property
    def lamps(self) -> list[str]:
        return [lamp.health.value for lamp in self.sink.lamps]

    @property
    def detail(self) -> str:
        return self.sink.lamps[-1].detail

    async def served_by(self, name: str) -> None:
        """The lamp is lit, and what that one quotes arrives."""
        await eventually(lambda: self.relay.serving == name and self.lamps[-1:] == ["up"])
        stream = self.polygon.stream if name == "polygon" else self.alpaca.market
        bid = 10.0 + len(self.sink.rows) / 100

        def came() -> bool:
            stream.quote("ABC", bid, bid + 0.02)
            return any(isinstance(row, RawQuote) and row.bid == bid for row in self.sink.rows)

        await eventually(came, what=f"a quote of {name}")

    def polygon_goes_down(self) -> None:
        self.polygon.stream.faults.refuse_status = 503
        self.polygon.stream.cut()


@asynccontextmanager
async def running(
    patience: Patience = SOON, mute_s: float = 60.0
) -> AsyncIterator[tuple[Both, asyncio.Task[None]]]:
    async with AsyncExitStack() as exits:
        polygon = await exits.enter_async_context(ToyPolygon())
        alpaca = await exits.enter_async_context(ToyServer())
        both = Both(polygon, alpaca, patience, mute_s)
        await both.relay.prepare()
        task = asyncio.ensure_future(both.relay.run(both.sink))
        try:
            yield both, task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, FeedError):
                await task


async def checks(relay: Relay) -> dict[str, Any]:
    return {check.name: check for check in await relay.checks()}


async def test_the_next_one_serves_while_the_first_is_down_and_rests_afterwards() -> None:
    async with running() as (both, _):
        await both.served_by("polygon")
        assert both.alpaca.market.listeners == 0  # no connection that is not needed
        both.polygon_goes_down()
        await both.served_by("alpaca")
        assert "alpaca serves prices: polygon is down" in both.detail
        assert {lamp.name for lamp in both.sink.lamps} == {"polygon"}
        assert both.sink.lamps[-1].label == "via alpaca"
        found = await checks(both.relay)
        assert found["prices served by"].state is CheckState.WARNING
        assert "alpaca serves prices" in found["prices served by"].found
        assert not [check for check in found.values() if check.hinders]
        both.polygon.stream.faults.refuse_status = 0
        await both.served_by("polygon")
        await eventually(lambda: both.alpaca.market.listeners == 0)
        assert both.served == ["alpaca", "polygon"]
        assert both.detail == ""
        both.polygon_goes_down()  # it is there a second time, too
        await both.served_by("alpaca")


async def test_a_stream_that_answers_and_tells_nothing_is_left() -> None:
    async with running(NEVER_BACK, mute_s=0.5) as (both, _):
        await eventually(lambda: both.lamps[-1:] == ["up"])
        both.polygon.stream.faults.mute_at = "data"

        def left() -> bool:
            both.polygon.quotes["ABC"] = (20.0, 20.02, WallClock().now_ns())
            return both.relay.serving == "alpaca"

        await eventually(left)
        await both.served_by("alpaca")


async def test_a_key_that_is_revoked_during_the_day_costs_no_prices() -> None:
    async with running() as (both, task):
        await both.served_by("polygon")
        both.polygon.key = "another"
        both.polygon.stream.cut()
        await both.served_by("alpaca")
        assert "auth failed" in both.detail
        assert not task.done()


async def test_one_that_flaps_is_left_once_and_not_taken_again_between_two_falls() -> None:
    async with running(NEVER_BACK) as (both, _):
        await both.served_by("polygon")
        stop = asyncio.Event()

        async def flap() -> None:
            while not stop.is_set():
                await eventually(lambda: both.relay._standings[0].up)
                both.polygon.stream.cut()
                await eventually(lambda: not both.relay._standings[0].up)

        flapping = asyncio.ensure_future(flap())
        await eventually(lambda: both.relay.serving == "alpaca")
        connects = both.polygon.stream.connects
        await eventually(lambda: both.polygon.stream.connects >= connects + 3)
        await both.served_by("alpaca")
        stop.set()
        await flapping
        assert both.served == ["alpaca"]


async def test_with_both_gone_the_lamp_is_dark_and_no_price_is_made_up() -> None:
    async with running() as (both, task):
        await both.served_by("polygon")
        both.alpaca.market.faults.refuse_status = 503
        both.polygon_goes_down()
        await eventually(lambda: both.lamps[-1] == "down")
        await eventually(lambda: len(both.relay._running) == 2)
        rows, connects = len(both.sink.rows), both.polygon.stream.connects
        await eventually(lambda: both.polygon.stream.connects >= connects + 2)
        assert len(both.sink.rows) == rows
        assert both.lamps[-1] == "down"
        assert not task.done()
        both.alpaca.market.faults.refuse_status = 0
        await both.served_by("alpaca")


async def test_no_quote_of_the_next_one_goes_over_a_later_one() -> None:
    async with running(NEVER_BACK) as (both, _):
        await both.served_by("polygon")
        late = WallClock().now_ns() + SECOND // 2  # half a second ahead: within what is believed
        newest = RawQuote("ABC", 10.5, 10.52, 100, 100, late)
        both.relay.rows_from(0, [newest])
        both.polygon_goes_down()
        await eventually(lambda: both.relay.serving == "alpaca" and both.lamps[-1] == "up")
        both.relay.rows_from(1, [RawQuote("ABC", 9.5, 9.52, 100, 100, late - 1)])
        quote = both.book.quote("ABC")
        assert quote is not None
        assert (quote.bid, quote.ts_event) == (10.5, late)


async def test_a_correction_is_taken_from_whoever_told_the_print_while_it_served() -> None:
    async with running() as (both, _):
        await both.served_by("polygon")
        now = WallClock().now_ns()
        relay, sink = both.relay, both.sink
        relay.rows_from(0, [RawTrade("ABC", 99.0, 10.0, now, trade_id="7")])
        relay.rows_from(1, [RawTrade("ABC", 99.0, 10.0, now, trade_id="a7")])  # the same, not taken
        both.polygon_goes_down()
        await both.served_by("alpaca")
        corrected = RawCorrection("ABC", "7", 99.0, 10.0, now, 10.0, 10.0, new_id="8")
        again = RawCorrection("ABC", "8", 10.0, 10.0, now)
        before = len(sink.rows)
        relay.rows_from(0, [corrected, RawCorrection("ABC", "6", 99.0, 10.0, now), again])
        assert [row for row in sink.rows[before:] if isinstance(row, RawCorrection)] == [
            corrected,
            again,
        ]


async def test_of_one_that_does_not_serve_only_halts_are_taken() -> None:
    async with running() as (both, _):
        await both.served_by("polygon")
        now = WallClock().now_ns()
        before = len(both.sink.rows)
        halt = RawStatus("ABC", True, "LULD", now)
        both.relay.rows_from(1, [RawQuote("ABC", 1.0, 1.1, 1, 1, now), halt])
        assert both.sink.rows[before:] == [halt]


async def test_when_all_have_ended_for_good_a_person_is_told() -> None:
    async with running() as (both, task):
        await both.served_by("polygon")
        both.alpaca.keys = ("PKOTHER", "nobody's")
        both.polygon.key = "another"
        both.polygon.stream.cut()
        await eventually(task.done)
        error = task.exception()
        assert isinstance(error, FeedError)
        assert error.code == "AUTH_FAILED"


@pytest.mark.parametrize("why", ["no quotes", "delayed", "no key"])
async def test_one_that_can_not_take_its_place_is_left_out_and_health_says_why(why: str) -> None:
    async with ToyPolygon() as first, ToyPolygon() as second, ToyFinnhub() as third:
        second.key = "of the second"
        if why == "no quotes":
            other, words = finnhub_at(third, SYMBOLS), "no quotes"
        elif why == "delayed":
            other, words = polygon_at(second, SYMBOLS, plan="developer"), "DELAYED 15 MIN"
        else:
            other, words = polygon_at(second, SYMBOLS), "Polygon does not let us in"
            second.key = "another by now"
        relay = Relay((polygon_at(first, SYMBOLS), other), clock=WallClock())
        await relay.prepare()
        check = (await checks(relay))["prices served by"]
        assert check.state is CheckState.WARNING
        assert "can't stand by" in check.found
        assert words in check.found
