"""A feed at a toy venue whose stream fails in every way we know of."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from itertools import product

import msgpack
import pytest

from cockpit.adapters.feeds.alpaca.history import History
from cockpit.ports.feed import FeedError, RawStatus
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer
from tests.toyserver.client import DictVault, feed_at, vault_of
from tests.toyserver.market import GARBAGE, quote_message, stamp
from tests.unit.adapters.feeds.alpaca.kit import SYMBOLS, Running, running


@pytest.fixture
async def toy() -> AsyncIterator[ToyServer]:
    async with ToyServer() as toy:
        toy.exchange.list_symbols(*SYMBOLS)
        yield toy


@pytest.fixture
async def feed(toy: ToyServer) -> AsyncIterator[Running]:
    async with running(toy) as feed:
        await feed.up()
        yield feed


async def test_quotes_trades_and_halts_come_in_order(feed: Running) -> None:
    feed.toy.market.quote("ABC", 9.99, 10.01, 300)
    feed.toy.market.trade("ABC", 10.0, 40)
    halt = {"T": "s", "S": "DEF", "sc": "H", "rc": "LUDP", "rm": "Volatility pause", "z": "C"}
    now = time.time_ns()
    feed.toy.market.publish([halt | {"t": stamp(now)}])
    await eventually(lambda: len(feed.sink.rows) == 3)
    quote, trade, status = feed.sink.rows
    assert (quote.symbol, quote.bid, quote.ask, quote.bid_size) == ("ABC", 9.99, 10.01, 300)
    assert abs(quote.ts_event - now) < 5_000_000_000
    assert (trade.price, trade.size, trade.conditions) == (10.0, 40, "@")
    assert status == RawStatus("DEF", halted=True, reason="Volatility pause", ts_event=now)
    assert feed.lamps == ["connecting", "up"]
    assert feed.sink.lamps[-1].label == "IEX"


async def test_yesterdays_closes_are_learnt_before_the_start(toy: ToyServer) -> None:
    feed = feed_at(toy, SYMBOLS)
    await feed.prepare()
    assert feed.reference_prices == {"ABC": 9.95, "DEF": 9.95}
    assert [i.symbol for i in feed.instruments] == list(SYMBOLS)
    assert feed.label == ""
    await feed.prepare()
    assert toy.count("GET", "/v2/stocks/snapshots") == 1


async def test_the_closes_of_a_whole_market_are_learnt_a_part_at_a_time(toy: ToyServer) -> None:
    many = ["".join(letters) for letters in product("ABCDEFG", repeat=4)]
    toy.exchange.list_symbols(*many)
    feed = feed_at(toy, many)
    await feed.prepare()
    assert feed.reference_prices == dict.fromkeys(many, 9.95)


async def test_a_venue_that_tells_no_closes_does_not_hold_up_the_start(toy: ToyServer) -> None:
    toy.faults.plan("GET /v2/stocks/snapshots", Fault.STALLED)
    async with running(toy, answer_timeout_s=0.2) as feed:
        await feed.up()
        assert feed.feed.reference_prices == {}


async def test_a_refused_subscription_is_said_and_the_others_are_served(toy: ToyServer) -> None:
    toy.market.faults.refused = {"DEF"}
    async with running(toy) as feed:
        await feed.up()
        assert "DEF" in feed.sink.lamps[-1].detail
        toy.market.quote("DEF", 1.0, 1.1)
        toy.market.quote("ABC", 9.0, 9.1)
        await eventually(lambda: feed.quotes == [("ABC", 9.0)])
        (_, symbols, *_) = await feed.feed.checks()
        assert (symbols.state, "DEF" in symbols.found) == ("warning", True)


async def test_a_plan_with_few_symbols_serves_the_first_ones(toy: ToyServer) -> None:
    wanted = tuple(f"S{chr(65 + n)}" for n in range(11))
    toy.market.faults.symbol_limit = 7
    async with running(toy, wanted) as feed:
        await feed.up()
        assert toy.market.subscribed == set(wanted[:7])
        assert all(symbol in feed.sink.lamps[-1].detail for symbol in wanted[7:])


async def test_symbols_can_be_added_while_it_runs(feed: Running) -> None:
    feed.feed.watch(("GHI", "ABC"))
    await eventually(lambda: "GHI" in feed.toy.market.subscribed)
    feed.toy.market.quote("GHI", 5.0, 5.1)
    await eventually(lambda: ("GHI", 5.0) in feed.quotes)
    feed.toy.market.cut()
    await eventually(lambda: feed.lamps[-2:] == ["down", "up"])
    assert feed.toy.market.subscribed == {"ABC", "DEF", "GHI"}


async def test_a_cut_socket_comes_back(feed: Running) -> None:
    for _ in range(3):
        before = len(feed.lamps)
        feed.toy.market.cut()
        await eventually(lambda before=before: feed.lamps[before:][-2:] == ["down", "up"])
    feed.toy.market.quote("ABC", 9.0, 9.1)
    await eventually(lambda: ("ABC", 9.0) in feed.quotes)


async def test_a_resumption_that_a_cut_swallowed_is_seen_by_the_next_trade(feed: Running) -> None:
    def say(kind: str, after_s: float, **more: object) -> None:
        at = stamp(time.time_ns() + round(after_s * 1e9))
        feed.toy.market.publish([{"T": kind, "S": "ABC", "t": at, **more}])

    def prints(after_s: float) -> None:
        say("t", after_s, i=round(after_s), x="V", p=10.0, s=5, c=["@"])

    say("s", 0, sc="H", rm="Volatility pause")
    prints(20)  # printed late, in a session that has heard all: no proof of anything
    await eventually(lambda: len(feed.sink.rows) == 2)
    feed.toy.market.cut()
    await eventually(lambda: feed.lamps[-2:] == ["down", "up"])
    prints(1)  # may be of before the halt
    await eventually(lambda: len(feed.sink.rows) == 3)
    assert [row.halted for row in feed.sink.rows if isinstance(row, RawStatus)] == [True]
    prints(30)
    prints(31)
    await eventually(lambda: len(feed.sink.rows) == 6)
    assert [type(row).__name__ for row in feed.sink.rows[3:]] == [
        "RawStatus",
        "RawTrade",
        "RawTrade",
    ]
    assert feed.sink.rows[3].halted is False


@pytest.mark.parametrize("step", ["hello", "auth", "subscribe"])
async def test_a_mute_step_is_stale_and_tried_again(toy: ToyServer, step: str) -> None:
    toy.market.faults.mute_at = step
    async with running(toy, connect_timeout_s=0.3) as feed:
        await eventually(lambda: "stale" in feed.lamps)
        assert "up" not in feed.lamps
        assert "STALE: no " in feed.details
        toy.market.faults.mute_at = ""
        await feed.up()


async def test_a_handshake_that_never_ends_is_stale(toy: ToyServer) -> None:
    toy.market.faults.stalled = True
    async with running(toy, connect_timeout_s=0.2) as feed:
        await eventually(lambda: "stale" in feed.lamps)
        toy.market.faults.stalled = False
        await feed.up()


async def test_a_frozen_socket_is_found_out(toy: ToyServer) -> None:
    async with running(toy, quiet_s=0.15) as feed:
        await feed.up()
        toy.market.faults.frozen = True
        await eventually(lambda: "stale" in feed.lamps)
        toy.market.faults.frozen = False
        await feed.up()
        assert "does not answer" in feed.details


async def test_a_quiet_socket_that_answers_stays_up(toy: ToyServer) -> None:
    async with running(toy, quiet_s=0.3, mute_s=60) as feed:
        await eventually(lambda: toy.market.pings >= 3)
        assert feed.lamps == ["connecting", "up"]


async def test_a_stream_that_answers_and_tells_nothing_is_mute(toy: ToyServer) -> None:
    """REST knows a later quote: what it said is taken in, and the stream is given up."""
    async with running(toy, mute_s=0.2) as feed:
        await feed.up()
        toy.market.faults.mute_at = "data"
        toy.market.quote("ABC", 9.5, 9.6)
        await eventually(lambda: "stale" in feed.lamps)
        assert ("ABC", 9.5) in feed.quotes
        assert "says nothing, though ABC was quoted" in feed.details
        toy.market.faults.mute_at = ""
        await feed.up()


async def test_a_broken_watch_for_mute_streams_ends_the_feed_for_all_to_see(
    toy: ToyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it a mute stream would look healthy for ever."""

    async def broken(_self: object, _symbols: object) -> None:
        raise ArithmeticError("no such number")

    monkeypatch.setattr(History, "latest_quotes", broken)
    async with running(toy, mute_s=0.05) as feed:
        await eventually(feed.task.done)
        with pytest.raises(ArithmeticError):
            feed.task.result()
        assert feed.lamps[-1] == "ended"


async def test_a_quiet_market_is_no_mute_stream(toy: ToyServer) -> None:
    """Not even where quotes of before can be had, or of symbols that are refused."""
    toy.market.quote("ABC", 9.5, 9.6)
    toy.market.faults.refused = {"DEF"}
    async with running(toy, mute_s=0.05) as feed:
        await eventually(lambda: feed.quotes == [("ABC", 9.5)])
        toy.market.quote("DEF", 5.0, 5.1)
        asked = toy.count("GET", "/v2/stocks/quotes/latest")
        await eventually(lambda: toy.count("GET", "/v2/stocks/quotes/latest") > asked + 3)
        assert feed.lamps == ["connecting", "up"]
        assert feed.quotes == [("ABC", 9.5)]


@pytest.mark.parametrize(
    ("step", "code", "health", "word"),
    [
        ("hello", 406, "down", "CONNECTION_LIMIT"),
        ("auth", 406, "down", "CONNECTION_LIMIT"),
        ("auth", 404, "down", "DOWN"),
        ("auth", 500, "down", "DOWN"),
        ("subscribe", 407, "down", "SLOW_CLIENT"),
        ("subscribe", 410, "down", "DOWN"),
        ("subscribe", 400, "down", "DOWN"),
    ],
)
async def test_what_may_pass_is_tried_again(
    toy: ToyServer, step: str, code: int, health: str, word: str
) -> None:
    toy.market.faults.error_at = (step, code, "the venue's words")
    async with running(toy) as feed:
        await eventually(lambda: health in feed.lamps)
        assert f"{word}: the venue's words ({code})" in feed.details
        toy.market.faults.error_at = None
        await feed.up()


@pytest.mark.parametrize(
    ("step", "code", "error", "health"),
    [
        ("auth", 402, "AUTH_FAILED", "auth_failed"),
        ("auth", 401, "AUTH_FAILED", "auth_failed"),
        ("auth", 409, "FEED_DATA_PLAN", "down"),
        ("subscribe", 409, "FEED_DATA_PLAN", "down"),
    ],
)
async def test_what_only_a_person_can_mend_ends_it(
    toy: ToyServer, step: str, code: int, error: str, health: str
) -> None:
    toy.market.faults.error_at = (step, code, "the venue's words")
    async with running(toy) as feed:
        assert (await feed.failed()).code == error
        assert feed.lamps[-1] == health
        tries = toy.market.connects
        assert tries == (3 if code == 401 else 1)  # 401 may come of a slow line


@pytest.mark.parametrize(
    ("status", "word"),
    [(406, "CONNECTION_LIMIT"), (429, "CONNECTION_LIMIT"), (503, "DOWN"), (302, "DOWN")],
)
async def test_a_refused_handshake_is_named(toy: ToyServer, status: int, word: str) -> None:
    toy.market.faults.refuse_status = status
    async with running(toy) as feed:
        await eventually(lambda: word in feed.details)
        toy.market.faults.refuse_status = 0
        await feed.up()


async def test_a_feed_that_the_plan_does_not_have_is_said(toy: ToyServer) -> None:
    toy.market.faults.plans = ("iex",)
    async with running(toy, feed="sip") as feed:
        error = await feed.failed()
        assert "brokers.alpaca.feed" in error.user_text
        assert "DATA_PLAN" in feed.details


async def test_keys_that_are_refused_by_rest_end_the_start(toy: ToyServer) -> None:
    vault = vault_of(toy)
    toy.keys = ("PKOTHER", "other")
    async with running(toy, vault=vault) as feed:
        error = await feed.failed()
        assert error.code == "AUTH_FAILED"
        assert toy.market.connects == 0
        assert toy.keys[1] not in error.user_text


async def test_without_keys_it_says_how_to_store_them(toy: ToyServer) -> None:
    async with running(toy, vault=DictVault()) as feed:
        error = await feed.failed()
        assert error.code == "AUTH_MISSING"
        assert "cockpit accounts add" in error.user_text


async def test_a_key_revoked_during_the_day_ends_it(feed: Running) -> None:
    feed.toy.keys = ("PKOTHER", "other")
    feed.toy.market.cut()
    assert (await feed.failed()).code == "AUTH_FAILED"
    assert feed.lamps[-1] == "auth_failed"


async def test_a_word_from_the_venue_ends_the_session(feed: Running) -> None:
    feed.toy.market.say({"T": "error", "code": 407, "msg": "slow client"})
    await eventually(lambda: "SLOW_CLIENT" in feed.details)
    await feed.up()


async def test_what_can_not_be_read_is_counted_and_spoils_nothing_else(feed: Running) -> None:
    now = time.time_ns()
    good = quote_message("ABC", 9.0, 9.1, 1, now)
    bad = [
        good | {"bp": "ten"},
        {k: v for k, v in good.items() if k != "ap"},
        good | {"t": 17},
        good | {"t": msgpack.ExtType(5, b"abcdefgh")},
        good | {"T": "?"},
        {"no": "tag"},
    ]
    feed.toy.market.send_raw(msgpack.packb([*bad, good]))
    feed.toy.market.send_raw(GARBAGE)
    feed.toy.market.send_raw(b"")
    await eventually(lambda: len(feed.sink.quarantined) == len(bad) + 2)
    assert {reason for reason, _ in feed.sink.quarantined} == {"unreadable"}
    assert feed.quotes == [("ABC", 9.0)]
    assert feed.lamps == ["connecting", "up"]


async def test_a_stream_of_garbage_is_given_up(feed: Running) -> None:
    for _ in range(25):
        feed.toy.market.send_raw(GARBAGE)
    await eventually(lambda: "can't be read" in feed.details)
    await feed.up()


async def test_what_nobody_needs_is_left_out_without_a_count(feed: Running) -> None:
    now = stamp(time.time_ns())
    feed.toy.market.send_raw(
        msgpack.packb(
            [
                {"T": "l", "S": "ABC", "u": 11.0, "d": 9.0, "t": now},
                {"T": "d", "S": "ABC", "o": 1, "h": 1, "l": 1, "c": 1, "v": 1, "t": now},
                {"T": "s", "S": "ABC", "sc": "Q", "t": now},
                quote_message("ABC", 9.0, 9.1, 1, time.time_ns()),
            ]
        )
    )
    await eventually(lambda: feed.quotes == [("ABC", 9.0)])
    assert len(feed.sink.rows) == 1
    assert not feed.sink.quarantined


async def test_a_symbol_that_nobody_asked_for_is_no_row(feed: Running) -> None:
    told = [quote_message(name, 9.0, 9.1, 100, time.time_ns()) for name in ("ZZZ", "ABC")]
    feed.toy.market.send_raw(msgpack.packb(told))
    await eventually(lambda: ("ABC", 9.0) in feed.quotes)
    assert "ZZZ" not in {symbol for symbol, _ in feed.quotes}
    (what,) = [detail for _, detail in feed.sink.quarantined]
    assert what == "of 'ZZZ', which nobody asked for"


async def test_nothing_comes_after_the_end(feed: Running) -> None:
    feed.task.cancel()
    await eventually(feed.task.done)
    assert feed.lamps[-1] == "ended"
    feed.feed._inbox.put([])
    before = len(feed.sink.rows)
    feed.toy.market.quote("ABC", 9.0, 9.1)
    await eventually(lambda: not feed.toy.market.sockets)
    assert len(feed.sink.rows) == before


@pytest.mark.parametrize(
    "fault",
    ["LOST_ANSWER", "ACCEPTED_504", "ACCEPTED_HTML", "ACCEPTED_ODD", "ACCEPTED_CUT", "STALLED",
     "BUSY_500", "TOO_MANY", "REDIRECT", "HTML_403"],
)  # fmt: skip
async def test_no_bad_answer_by_rest_holds_up_the_stream(toy: ToyServer, fault: str) -> None:
    for path in ("snapshots", "quotes/latest", "bars"):
        toy.faults.plan(f"GET /v2/stocks/{path}", *[Fault[fault]] * 50)
    async with running(toy, answer_timeout_s=0.3, mute_s=0.05) as feed:
        await feed.up()
        with pytest.raises(FeedError, match="bars"):
            await feed.feed.bars(SYMBOLS, 0, 1, 60)
        toy.market.quote("ABC", 9.0, 9.1)
        await eventually(lambda: ("ABC", 9.0) in feed.quotes)
        assert feed.lamps == ["connecting", "up"]


async def test_bars_are_paged(feed: Running) -> None:
    start = 1_704_205_800_000_000_000
    bars = await feed.feed.bars(SYMBOLS, start, start + 300_000_000_000, 60)
    assert [(b.symbol, b.open) for b in bars] == [(s, 10 + n) for s in SYMBOLS for n in range(5)]
    assert [b.ts_event for b in bars[:2]] == [start, start + 60_000_000_000]
    assert feed.toy.count("GET", "/v2/stocks/bars") == 4
