"""Finnhub's stream of trades at a toy vendor that fails in every way we know of."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

import pytest

from cockpit.adapters.feeds.finnhub.feed import ONLY_TRADES
from tests.support.waiting import eventually
from tests.toyserver.vendors import Mood, ToyFinnhub
from tests.unit.adapters.feeds.vendors.kit import Running, finnhub_at, running

Feed = Running[ToyFinnhub]


@pytest.fixture
async def toy() -> AsyncIterator[ToyFinnhub]:
    async with ToyFinnhub() as toy:
        yield toy


@pytest.fixture
async def feed(toy: ToyFinnhub) -> AsyncIterator[Feed]:
    async with running(toy, finnhub_at(toy)) as feed:
        await feed.up()
        await eventually(lambda: toy.stream.subscribed == {"ABC", "BRK.B"})
        yield feed


async def test_trades_come_and_no_quotes(feed: Feed) -> None:
    feed.toy.stream.trade("ABC", 10.05, 40)
    feed.toy.stream.trade("BRK.B", 400.5, 2)
    feed.toy.stream.trade("ABC", 10.06, 0)  # an update of the price is no trade
    feed.toy.stream.say({"type": "ping"})
    feed.toy.stream.trade("ABC", 10.07, 1)
    await eventually(lambda: len(feed.sink.rows) == 3)
    assert feed.trades == [("ABC", 10.05), ("BRK.B", 400.5), ("ABC", 10.07)]
    assert not feed.quotes
    assert not feed.sink.quarantined
    assert feed.lamps[-1] == "up"
    assert ONLY_TRADES in feed.details
    assert feed.sink.lamps[-1].label == "TRADES ONLY"
    assert feed.feed.reference_prices == {"ABC": 9.95, "BRK.B": 399.95}


async def test_more_symbols_than_the_plan_has_are_said(toy: ToyFinnhub) -> None:
    async with running(toy, finnhub_at(toy, ("ABC", "BRK.B", "XYZ"), most_symbols=2)) as feed:
        await eventually(lambda: "No prices for XYZ" in feed.details)
        assert toy.stream.subscribed == {"ABC", "BRK.B"}


async def test_a_smaller_plan_than_was_thought_takes_the_last_ones_back(toy: ToyFinnhub) -> None:
    toy.stream.limit = 1
    async with running(toy, finnhub_at(toy, ("ABC", "BRK.B", "XYZ"))) as feed:
        await eventually(lambda: "No prices for BRK.B, XYZ" in feed.details)
        toy.stream.trade("ABC", 10.0, 1)
        await eventually(lambda: feed.trades == [("ABC", 10.0)])
        assert feed.lamps[-1] == "up"


async def test_a_wrong_key_ends_it_and_stands_nowhere(toy: ToyFinnhub) -> None:
    feed = finnhub_at(toy)
    await feed.prepare()
    old, toy.key = toy.key, "another"
    async with running(toy, feed) as run:
        error = await run.failed()
        assert error.code == "AUTH_FAILED"
        assert old not in f"{error} {error.user_text} {run.details}"
        assert run.lamps[-1] == "auth_failed"
        assert toy.stream.connects == 1


async def test_a_key_revoked_during_the_day_ends_it(feed: Feed) -> None:
    feed.toy.key = "another"
    feed.toy.stream.cut()
    assert (await feed.failed()).code == "AUTH_FAILED"


@pytest.mark.parametrize(("code", "word"), [(429, "CONNECTION_LIMIT"), (502, "DOWN")])
async def test_a_refused_handshake_is_named_without_its_address(
    toy: ToyFinnhub, code: int, word: str
) -> None:
    toy.stream.faults.refuse_status = code
    async with running(toy, finnhub_at(toy)) as feed:
        await eventually(lambda: word in feed.details)
        assert toy.key not in feed.details
        toy.stream.faults.refuse_status = 0
        await feed.up()


async def test_a_line_to_nowhere_does_not_tell_the_key(toy: ToyFinnhub) -> None:
    feed = finnhub_at(toy, stream_url="ws://127.0.0.1:9")
    async with running(toy, feed) as run:
        await eventually(lambda: "down" in run.lamps)
        assert toy.key not in run.details


async def test_a_half_open_socket_is_found_out(toy: ToyFinnhub) -> None:
    async with running(toy, finnhub_at(toy, quiet_s=0.15)) as feed:
        await feed.up()
        toy.stream.faults.frozen = True
        await eventually(lambda: "stale" in feed.lamps)
        toy.stream.faults.frozen = False
        await feed.up()


async def test_a_stream_that_answers_and_tells_nothing_is_mute(toy: ToyFinnhub) -> None:
    toy.last_at = int(time.time()) - 60
    async with running(toy, finnhub_at(toy, mute_s=0.2)) as feed:
        await feed.up()
        toy.stream.faults.mute_at = "data"
        toy.last_at = int(time.time()) + 2
        await eventually(lambda: "stale" in feed.lamps)
        assert "says nothing, though" in feed.details
        assert not feed.sink.rows  # a price without a size is no print
        toy.stream.faults.mute_at = ""
        await feed.up()


async def test_what_can_not_be_read_spoils_nothing_else(feed: Feed) -> None:
    good = {"s": "ABC", "p": 10.0, "v": 1, "t": time.time_ns() // 10**6, "c": None}
    bad = [good | {"p": "ten"}, good | {"p": None}, good | {"t": 10**30}, {"p": 1.0}]
    feed.toy.stream.say({"type": "trade", "data": [*bad, good]})
    feed.toy.stream.say({"type": "trade", "data": [good | {"s": "ZZZ"}]})
    feed.toy.stream.say({"type": "what"})
    feed.toy.stream.send_raw("<html>")
    feed.toy.stream.send_raw(json.dumps({"type": "trade", "data": [good | {"p": float("nan")}]}))
    await eventually(lambda: len(feed.sink.quarantined) >= len(bad) + 4)
    assert feed.trades == [("ABC", 10.0)]
    assert feed.lamps[-1] == "up"


@pytest.mark.parametrize("mood", [Mood.DOWN, Mood.HANG, Mood.THROTTLED, Mood.HTML])
async def test_no_bad_answer_by_rest_holds_up_the_stream(toy: ToyFinnhub, mood: Mood) -> None:
    toy.moods[""] = mood
    async with running(toy, finnhub_at(toy, mute_s=0.1)) as feed:
        await feed.up()
        assert not feed.feed.reference_prices
        await eventually(lambda: "ABC" in toy.stream.subscribed)
        toy.stream.trade("ABC", 10.0, 1)
        await eventually(lambda: feed.trades == [("ABC", 10.0)])


async def test_it_asks_by_rest_no_more_than_it_may(toy: ToyFinnhub) -> None:
    async with running(toy, finnhub_at(toy, mute_s=0.02, requests_per_minute=5)) as feed:
        await feed.up()
        await eventually(lambda: len(toy.requests) == 5)
        toy.stream.trade("ABC", 10.0, 1)
        await eventually(lambda: feed.trades == [("ABC", 10.0)])
        assert len(toy.requests) == 5


async def test_symbols_can_be_added_while_it_runs(feed: Feed) -> None:
    feed.feed.watch(("GHI",))
    await eventually(lambda: "GHI" in feed.toy.stream.subscribed)
    feed.toy.stream.cut()
    await eventually(lambda: feed.lamps[-2:] == ["down", "up"])
    await eventually(lambda: feed.toy.stream.subscribed == {"ABC", "BRK.B", "GHI"})
