"""Polygon's stream at a toy vendor that fails in every way we know of."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.adapters.feeds.polygon.stream import NO_QUOTES
from cockpit.adapters.feeds.polygon.wire import Rows, WireStatus, messages_in
from cockpit.kernel.bus import Bus
from cockpit.market.bars import BarBook
from cockpit.market.quality import Quality
from cockpit.ports.feed import RawCorrection, RawQuote, RawStatus, RawTrade
from tests.support.waiting import eventually
from tests.toyserver.vendors import Mood, ToyPolygon
from tests.toyserver.vendors.sockets import quote_message, status
from tests.unit.adapters.feeds.vendors.kit import Running, polygon_at, running

Feed = Running[ToyPolygon]


@pytest.fixture
async def toy() -> AsyncIterator[ToyPolygon]:
    async with ToyPolygon() as toy:
        yield toy


@pytest.fixture
async def feed(toy: ToyPolygon) -> AsyncIterator[Feed]:
    async with running(toy, polygon_at(toy)) as feed:
        await feed.up()
        yield feed


# recorded messages


def test_recorded_messages(shared_data: Path) -> None:
    lines = (shared_data / "api_fixtures" / "polygon_ws_messages.jsonl").read_bytes().splitlines()
    rows = Rows(1)
    rows.wanted = {"AAPL", "AMZN"}
    said: list[WireStatus] = []
    found = [
        row for line in lines for row in rows.rows_of(messages_in(line), said.append, pytest.fail)
    ]
    assert [word.status for word in said] == ["connected", "auth_success"]
    first, second, third = found
    assert first == RawTrade(
        "AAPL", 161.87, 300.0, 1651684192462 * 10**6, "14,41", trade_id="10:0:5096"
    )
    assert isinstance(second, RawTrade)
    assert isinstance(third, RawTrade)
    assert (second.symbol, second.size, third.conditions) == ("AMZN", 1.0, "")


def test_a_frame_of_quotes_becomes_rows_where_it_stands() -> None:
    rows = Rows(100)
    rows.wanted = {"ABC"}
    frame = json.dumps([quote_message("ABC", 9.99, 10.01, 3, 1_700_000_000_123)]).encode()
    (row,) = rows.rows_of(messages_in(frame), pytest.fail, pytest.fail)
    assert isinstance(row, RawQuote)
    assert (row.bid, row.ask, row.bid_size, row.ask_size) == (9.99, 10.01, 300, 300)
    assert row.ts_event == 1_700_000_000_123_000_000


def test_a_side_that_nobody_quotes_is_no_market() -> None:
    rows = Rows(1)
    rows.wanted = {"ABC"}
    told = quote_message("ABC", 9.99, 10.01, 3, 1_700_000_000_123)
    del told["ap"], told["as"]
    (row,) = rows.rows_of(messages_in(json.dumps([told]).encode()), pytest.fail, pytest.fail)
    assert isinstance(row, RawQuote)
    assert (row.bid, row.ask) == (9.99, 0.0)


def test_a_halt_and_a_resumption_are_among_the_words_of_price_bands() -> None:
    rows = Rows(1)
    rows.wanted = {"ABC"}
    ms, ns = 1_764_086_430_905, 1_764_086_430_905_642_800
    told = [
        {"ev": "LULD", "T": "ABC", "h": 11.0, "l": 9.0, "i": indicators, "z": 3, "t": at, "q": 1}
        for indicators, at in (([16], ns), ([17], ns), ([12, 18], ms))
    ]
    frame = json.dumps([*told, {"ev": "LULD", "T": "ABC", "t": ns}]).encode()
    assert rows.rows_of(messages_in(frame), pytest.fail, pytest.fail) == [
        RawStatus("ABC", True, "Halted by the exchange", ns),
        RawStatus("ABC", False, "Resumed by the exchange", ms * 10**6),
    ]
    others = list[str]()
    assert (
        rows.rows_of(messages_in(frame.replace(b"ABC", b"XYZ")), pytest.fail, others.append) == []
    )
    assert len(others) == 4


@pytest.mark.parametrize("word", [7, 8, 10, 11])
def test_a_print_that_is_taken_back_leaves_the_bar(word: int) -> None:
    rows, bars = Rows(1), BarBook(Bus(), 60)
    rows.wanted = {"ABC"}
    quality = Quality()
    print_ = {
        "ev": "T",
        "sym": "ABC",
        "i": "7",
        "x": 4,
        "p": 10.0,
        "s": 100,
        "t": 1_700_000_000_123,
    }
    other = print_ | {"i": "8", "p": 10.5}
    for told in (print_, other):
        (row,) = rows.rows_of(messages_in(json.dumps([told]).encode()), pytest.fail, pytest.fail)
        assert isinstance(row, RawTrade)
        trade = quality.check_trade(row, row.ts_event)
        assert trade is not None
        bars.on_print(trade)
    frame = json.dumps([other | {"e": word}]).encode()
    (row,) = rows.rows_of(messages_in(frame), pytest.fail, pytest.fail)
    assert isinstance(row, RawCorrection)
    correction = quality.check_correction(row, row.ts_event)
    assert correction is not None
    assert bars.on_correction(correction) is not None
    assert (bars.series("ABC").high[-1], bars.series("ABC").volume[-1]) == (10.0, 100.0)


def test_a_corrected_print_takes_the_place_of_the_one_with_its_id() -> None:
    """Marked 1 it is told as it is right; the record 12 beside it holds what was wrong."""
    rows, bars, quality = Rows(1), BarBook(Bus(), 60), Quality()
    rows.wanted = {"ABC"}
    told = {"ev": "T", "sym": "ABC", "i": "7", "x": 4, "p": 95.0, "s": 50, "t": 1_700_000_000_123}
    right = told | {"p": 9.5, "e": 1}
    frame = json.dumps([told, right, told | {"e": 12}]).encode()
    before, correction = rows.rows_of(messages_in(frame), pytest.fail, pytest.fail)
    assert isinstance(before, RawTrade)
    assert isinstance(correction, RawCorrection)
    trade = quality.check_trade(before, before.ts_event)
    assert trade is not None
    bars.on_print(trade)
    checked = quality.check_correction(correction, correction.ts_event)
    assert checked is not None
    assert bars.on_correction(checked) is not None
    assert (bars.series("ABC").close[-1], bars.series("ABC").volume[-1]) == (9.5, 50.0)


@pytest.mark.parametrize("word", [1, 7, 8])
def test_a_correction_that_names_no_print_is_set_aside_and_is_none(word: int) -> None:
    rows, doubts = Rows(1), list[str]()
    rows.wanted = {"ABC"}
    told = {"ev": "T", "sym": "ABC", "x": 4, "p": 9.5, "s": 50, "t": 1_700_000_000_123, "e": word}
    assert rows.rows_of(messages_in(json.dumps([told]).encode()), pytest.fail, doubts.append) == []
    assert doubts == [f"correction {word} of a print of 'ABC' that it does not name"]


def test_a_void_print_without_an_id_is_taken_back_once() -> None:
    rows = Rows(1)
    rows.wanted = {"ABC"}
    told = {"ev": "T", "sym": "ABC", "x": 4, "p": 9.5, "s": 50, "t": 1_700_000_000_123}
    frame = json.dumps([told | {"e": 8}, told | {"e": 10}]).encode()
    (row,) = rows.rows_of(messages_in(frame), pytest.fail, lambda _: None)
    assert row == RawCorrection("ABC", "", 9.5, 50.0, 1_700_000_000_123 * 10**6)


@pytest.mark.parametrize("at", [-1, 5 * 10**15, 10**17 - 1, (1 << 62) + 1, (1 << 63) - 1])
def test_price_bands_at_no_time_are_set_aside(at: int) -> None:
    """Neither ms nor ns; made ns, the tape and the book would get a number no time can be."""
    rows, doubts = Rows(1), list[str]()
    rows.wanted = {"ABC"}
    band = {"ev": "LULD", "T": "ABC", "h": 11.0, "l": 9.0, "i": [17], "z": 3, "t": at, "q": 1}
    assert rows.rows_of(messages_in(json.dumps([band]).encode()), pytest.fail, doubts.append) == []
    assert doubts == [f"price bands of 'ABC' at {at}, which is no time"]


# the session


async def test_quotes_and_trades_come_in_order(feed: Feed) -> None:
    feed.toy.stream.quote("ABC", 9.99, 10.01, 300)
    feed.toy.stream.trade("BRK.B", 400.5, 25)
    await eventually(lambda: len(feed.sink.rows) >= 2 + len(feed.toy.facts.prices))
    assert ("ABC", 9.99) in feed.quotes
    assert feed.trades == [("BRK.B", 400.5)]
    assert feed.lamps == ["connecting", "up"]
    assert feed.sink.lamps[-1].label == "ADVANCED"
    assert feed.feed.reference_prices == {"ABC": 9.95, "BRK.B": 399.95}
    assert feed.feed.label == ""
    channels = {f"{kind}.{symbol}" for kind in ("Q", "T", "LULD") for symbol in ("ABC", "BRK.B")}
    await eventually(lambda: feed.toy.stream.subscribed == channels)


async def test_what_was_quoted_before_is_asked_for_by_rest(toy: ToyPolygon) -> None:
    toy.quotes["ABC"] = (9.5, 9.6, time.time_ns())
    async with running(toy, polygon_at(toy)) as feed:
        await eventually(lambda: ("ABC", 9.5) in feed.quotes)


async def test_a_delayed_plan_is_never_shown_as_live(toy: ToyPolygon) -> None:
    async with running(toy, polygon_at(toy, plan="developer")) as feed:
        await feed.up()
        assert feed.feed.label == "DELAYED 15 MIN"
        assert {lamp.label for lamp in feed.sink.lamps} == {"DELAYED 15 MIN"}
        late = time.time_ns() // 10**6 - 900_000
        toy.stream.publish([quote_message("ABC", 9.0, 9.1, 1, late)])
        await eventually(lambda: ("ABC", 9.0) in feed.quotes)
        delay = (await feed.feed.checks())[-1]
        assert (delay.name, delay.state.value) == ("market data delay", "ok")
        assert "15 minutes" in delay.found


async def test_prices_that_come_late_on_a_real_time_plan_are_said(feed: Feed) -> None:
    late = time.time_ns() // 10**6 - 900_000
    feed.toy.stream.publish([quote_message("ABC", 9.0, 9.1, 1, late)])
    await eventually(lambda: ("ABC", 9.0) in feed.quotes)
    delay = (await feed.feed.checks())[-1]
    assert (delay.state.value, "900" in delay.found) == ("warning", True)


async def test_a_symbol_that_nobody_asked_for_is_no_row(feed: Feed) -> None:
    now = time.time_ns() // 10**6
    feed.toy.stream.say([quote_message("ZZZ", 1.0, 1.1, 1, now)])
    feed.toy.stream.say(
        [quote_message("ZZZ", 1.0, 1.1, 1, now), quote_message("ABC", 9.0, 9.1, 1, now)]
    )
    await eventually(lambda: ("ABC", 9.0) in feed.quotes)
    assert "ZZZ" not in {symbol for symbol, _ in feed.quotes}
    assert len(feed.sink.quarantined) == 2
    assert "nobody asked for" in feed.sink.quarantined[0][1]


async def test_a_plan_without_quotes_says_so(toy: ToyPolygon) -> None:
    toy.stream.faults.refused = {"Q"}
    async with running(toy, polygon_at(toy)) as feed:
        await eventually(lambda: NO_QUOTES in feed.details)
        toy.stream.trade("ABC", 10.0, 5)
        await eventually(lambda: feed.trades == [("ABC", 10.0)])


async def test_a_plan_without_any_of_it_ends_it(toy: ToyPolygon) -> None:
    toy.stream.faults.refused = {"Q", "T"}
    async with running(toy, polygon_at(toy)) as feed:
        error = await feed.failed()
        assert error.code == "FEED_DATA_PLAN"
        assert "sources.polygon.plan" in error.user_text
        assert feed.lamps[-1] == "down"


async def test_a_halt_and_its_end_come_by_the_stream(feed: Feed) -> None:
    stream = feed.toy.stream
    await eventually(lambda: "LULD.ABC" in stream.subscribed)
    stream.band("ABC", 17)

    def statuses() -> list[bool]:
        return [row.halted for row in feed.sink.rows if isinstance(row, RawStatus)]

    await eventually(lambda: statuses() == [True])
    stream.band("ABC", 16)
    stream.band("ABC", 18)
    await eventually(lambda: statuses() == [True, False])


async def test_a_plan_without_halts_says_so_and_serves_prices(toy: ToyPolygon) -> None:
    toy.stream.faults.refused = {"LULD"}
    async with running(toy, polygon_at(toy)) as feed:
        await feed.up()
        await eventually(lambda: "The plan has no halts" in feed.details)
        feed.feed.watch(("GHI",))  # a refusal of halts is none of quotes
        await eventually(lambda: "Q.GHI" in toy.stream.subscribed)
        toy.stream.quote("GHI", 5.0, 5.1)
        await eventually(lambda: ("GHI", 5.0) in feed.quotes)
        assert "No prices for" not in feed.details


async def test_a_refused_symbol_is_said_and_the_others_are_served(toy: ToyPolygon) -> None:
    toy.stream.faults.refused = {"BRK.B"}
    async with running(toy, polygon_at(toy)) as feed:
        await feed.up()
        await eventually(lambda: "No prices for BRK.B" in feed.details)


async def test_symbols_can_be_added_while_it_runs(feed: Feed) -> None:
    feed.feed.watch(("GHI", "ABC"))
    await eventually(lambda: "Q.GHI" in feed.toy.stream.subscribed)
    feed.toy.stream.quote("GHI", 5.0, 5.1)
    await eventually(lambda: ("GHI", 5.0) in feed.quotes)
    feed.toy.stream.cut()
    await eventually(lambda: feed.lamps[-2:] == ["down", "up"])
    assert "Q.GHI" in feed.toy.stream.subscribed


@pytest.mark.parametrize("step", ["hello", "auth", "subscribe"])
async def test_a_mute_step_is_stale_and_tried_again(toy: ToyPolygon, step: str) -> None:
    toy.stream.faults.mute_at = step
    async with running(toy, polygon_at(toy)) as feed:
        await eventually(lambda: "stale" in feed.lamps)
        assert "up" not in feed.lamps
        toy.stream.faults.mute_at = ""
        await feed.up()


async def test_a_half_open_socket_is_found_out(toy: ToyPolygon) -> None:
    async with running(toy, polygon_at(toy, quiet_s=0.15)) as feed:
        await feed.up()
        toy.stream.faults.frozen = True
        await eventually(lambda: "stale" in feed.lamps)
        toy.stream.faults.frozen = False
        await feed.up()
        assert "does not answer" in feed.details


async def test_a_stream_that_answers_and_tells_nothing_is_mute(toy: ToyPolygon) -> None:
    async with running(toy, polygon_at(toy, mute_s=0.2)) as feed:
        await feed.up()
        toy.stream.faults.mute_at = "data"
        toy.quotes["ABC"] = (9.5, 9.6, time.time_ns())
        await eventually(lambda: "stale" in feed.lamps)
        assert "says nothing, though" in feed.details
        toy.stream.faults.mute_at = ""
        await feed.up()


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (status("max_connections", "Maximum number of connections exceeded."), "CONNECTION_LIMIT"),
        (status("auth_timeout", "No authentication request received."), "DOWN"),
        (status("force_disconnect", "bye"), "DOWN"),
    ],
)
async def test_what_may_pass_is_tried_again(
    toy: ToyPolygon, said: dict[str, str], word: str
) -> None:
    toy.stream.faults.say_at = ("auth", [said])
    async with running(toy, polygon_at(toy)) as feed:
        await eventually(lambda: f"{word}: {said['message']}" in feed.details)
        toy.stream.faults.say_at = None
        await feed.up()


async def test_a_key_revoked_during_the_day_ends_it(feed: Feed) -> None:
    feed.toy.key = "another"
    feed.toy.stream.cut()
    error = await feed.failed()
    assert error.code == "AUTH_FAILED"
    assert "cockpit data keys add polygon" in error.user_text
    assert feed.lamps[-1] == "auth_failed"


async def test_a_key_that_rest_refuses_ends_the_start(toy: ToyPolygon) -> None:
    feed = polygon_at(toy)
    toy.key = "another"
    async with running(toy, feed) as run:
        assert (await run.failed()).code == "AUTH_FAILED"
        assert toy.stream.connects == 0


async def test_being_thrown_out_by_another_connection_is_tried_again(feed: Feed) -> None:
    feed.toy.stream.say([status("max_connections", "Maximum number of connections exceeded.")])
    await eventually(lambda: "CONNECTION_LIMIT" in feed.details)
    await feed.up()


@pytest.mark.parametrize(("code", "word"), [(429, "CONNECTION_LIMIT"), (503, "DOWN")])
async def test_a_refused_handshake_is_named(toy: ToyPolygon, code: int, word: str) -> None:
    toy.stream.faults.refuse_status = code
    async with running(toy, polygon_at(toy)) as feed:
        await eventually(lambda: word in feed.details)
        toy.stream.faults.refuse_status = 0
        await feed.up()


async def test_what_can_not_be_read_is_counted_and_spoils_nothing_else(feed: Feed) -> None:
    good = quote_message("ABC", 9.0, 9.1, 1, time.time_ns() // 10**6)
    bad = [
        good | {"bp": "ten"},
        good | {"bp": None},
        {k: v for k, v in good.items() if k != "t"},
        good | {"t": -1},
        good | {"t": 10**30},
        good | {"ev": "?"},
        {"no": "tag"},
    ]
    feed.toy.stream.send_raw(json.dumps([*bad, good]))
    feed.toy.stream.send_raw("<html>502</html>")
    feed.toy.stream.send_raw("")
    feed.toy.stream.send_raw(json.dumps([good | {"bp": float("nan")}]))
    await eventually(lambda: len(feed.sink.quarantined) >= len(bad) + 3)
    assert {reason for reason, _ in feed.sink.quarantined} == {"unreadable"}
    assert feed.quotes.count(("ABC", 9.0)) == 1
    assert feed.lamps == ["connecting", "up"]


async def test_a_stream_of_garbage_is_given_up(feed: Feed) -> None:
    for _ in range(25):
        feed.toy.stream.send_raw("<html>502</html>")
    await eventually(lambda: "can't be read" in feed.details)
    await feed.up()


@pytest.mark.parametrize(
    "mood", [Mood.DOWN, Mood.HANG, Mood.HTML, Mood.TRUNCATED, Mood.THROTTLED, Mood.RESET]
)
async def test_no_bad_answer_by_rest_holds_up_the_stream(toy: ToyPolygon, mood: Mood) -> None:
    toy.moods[""] = mood
    async with running(toy, polygon_at(toy, mute_s=0.1)) as feed:
        await feed.up()
        toy.stream.quote("ABC", 9.0, 9.1)
        await eventually(lambda: ("ABC", 9.0) in feed.quotes)
        assert feed.lamps == ["connecting", "up"]


async def test_nothing_comes_after_the_end(feed: Feed) -> None:
    feed.task.cancel()
    await eventually(feed.task.done)
    assert feed.lamps[-1] == "ended"
    before = len(feed.sink.rows)
    feed.toy.stream.quote("ABC", 9.0, 9.1)
    await eventually(lambda: not feed.toy.stream.sockets)
    assert len(feed.sink.rows) == before
