from __future__ import annotations

import math
from typing import Any

import pytest

from cockpit.adapters.feeds.replay import ReplayFeed, ReplaySettings, plugin
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.settings import SettingsError, load
from cockpit.ports.feed import RawQuote, RawTrade

T0 = 1_514_903_400 * SECOND


def feed_of(clock: VirtualClock, *files: Any, **choices: Any) -> ReplayFeed:
    return plugin.build(ReplaySettings(files=files, speed="max", **choices), clock=clock)


async def test_quotes_and_trades_are_told_by_header_and_merged_by_time(
    clock: VirtualClock, recorder: Any, quotes: Any, trades: Any, line: Any
) -> None:
    quote, trade = line
    feed = feed_of(
        clock,
        trades([trade(1), trade(2), trade(4)]),
        quotes([quote(0.5), quote(2), quote(3)]),
    )
    await feed.run(recorder)
    told = [(type(r), (r.ts_event - T0) / SECOND) for r in recorder.rows]
    assert told == [
        (RawQuote, 0.5),
        (RawTrade, 1.0),
        (RawQuote, 2.0),  # quotes before trades of the same instant
        (RawTrade, 2.0),
        (RawQuote, 3.0),
        (RawTrade, 4.0),
    ]
    assert recorder.batches[2] == (T0 + 2 * SECOND, 2)


async def test_recorded_sizes_of_quotes_are_round_lots(
    clock: VirtualClock, recorder: Any, quotes: Any, trades: Any, line: Any
) -> None:
    await feed_of(clock, quotes([line[0](1)]), trades([line[1](1)])).run(recorder)
    quote, trade = recorder.rows
    assert quote == RawQuote("ABC", 10.0, 10.1, 300.0, 400.0, T0 + SECOND)
    assert trade == RawTrade("ABC", 10.05, 50.0, T0 + SECOND, "@F", False)


async def test_the_lot_can_be_chosen(
    clock: VirtualClock, recorder: Any, quotes: Any, line: Any
) -> None:
    await feed_of(clock, quotes([line[0](1)]), quote_lot=1).run(recorder)
    assert (recorder.rows[0].bid_size, recorder.rows[0].ask_size) == (3.0, 4.0)


async def test_the_busiest_exchange_makes_the_book(
    clock: VirtualClock, recorder: Any, quotes: Any, line: Any
) -> None:
    quote, _ = line
    feed = feed_of(clock, quotes([quote(0, "P"), quote(1), quote(2, "P"), quote(3, "P")]))
    await feed.run(recorder)
    assert feed.books == {"ABC": "P"}
    assert len(recorder.rows) == 3
    assert feed.skipped == {"other_exchange": 1}
    assert recorder.quarantined == []


async def test_an_exchange_can_be_chosen_and_bounds_the_session(
    clock: VirtualClock, recorder: Any, quotes: Any, line: Any
) -> None:
    quote, _ = line
    path = quotes([quote(0, "P"), quote(1), quote(2, "P"), quote(3), quote(4, "P")])
    feed = feed_of(clock, path, exchange="N")
    await feed.prepare()
    assert (feed.playback.start_ns, feed.playback.end_ns) == (T0 + SECOND, T0 + 3 * SECOND)
    assert clock.now_ns() == T0 + SECOND
    await feed.run(recorder)
    assert feed.skipped == {"other_exchange": 3}
    assert feed.playback.finished


async def test_columns_may_come_in_any_order_and_files_plain(
    clock: VirtualClock, recorder: Any, write: Any
) -> None:
    path = write("t.csv", "Size, PRICE,extra,symbol,ts", "7,10.5,x,ABC,2018-01-02T14:30:00Z")
    await feed_of(clock, path).run(recorder)
    assert recorder.rows == [RawTrade("ABC", 10.5, 7.0, T0)]


async def test_a_correction_is_marked_cancelled(
    clock: VirtualClock, recorder: Any, trades: Any, line: Any
) -> None:
    _, trade = line
    path = trades([trade(1, corr="00"), trade(2, corr="8"), trade(3, corr=""), trade(4, corr="1")])
    await feed_of(clock, path).run(recorder)
    assert [row.cancelled for row in recorder.rows] == [False, True, False, True]


async def test_rows_that_cannot_be_read_are_reported_with_their_line(
    clock: VirtualClock, recorder: Any, quotes: Any, line: Any
) -> None:
    quote, _ = line
    path = quotes([quote(1), quote(2, bid="ten"), "x,y", quote(3, bid=""), quote(4)])
    await feed_of(clock, path).run(recorder)
    assert [reason for reason, _ in recorder.quarantined] == ["unreadable", "unreadable"]
    assert "quotes.csv.gz, line 3" in recorder.quarantined[0][1]
    assert "quotes.csv.gz, line 4" in recorder.quarantined[1][1]
    assert len(recorder.rows) == 3
    assert math.isnan(recorder.rows[1].bid), "an empty price is for the quality check to name"


async def test_a_little_disorder_is_quarantined(
    clock: VirtualClock, recorder: Any, trades: Any, line: Any
) -> None:
    _, trade = line
    rows = [trade(n / 10) for n in range(200)]
    rows[100], rows[150] = trade(9.85), trade(14.85)  # 2 of 200: exactly one in a hundred
    await feed_of(clock, trades(rows)).run(recorder)
    assert [reason for reason, _ in recorder.quarantined] == ["out_of_order"] * 2
    assert "line 102" in recorder.quarantined[0][1]
    times = [row.ts_event for row in recorder.rows]
    assert len(times) == 198
    assert times == sorted(times)


async def test_what_a_feed_says_of_itself(clock: VirtualClock, trades: Any, line: Any) -> None:
    feed = feed_of(clock, trades([line[1](1), line[1](2)]))
    await feed.prepare()
    await feed.prepare()
    assert feed.label == "REPLAY 2018-01-02"
    assert [i.symbol for i in feed.instruments] == ["ABC"]
    assert feed.reference_prices == {}
    assert feed.playback.speed is None


async def test_a_recording_of_several_days_says_so(clock: VirtualClock, write: Any) -> None:
    path = write(
        "t.csv", "ts,symbol,price,size", "2018-01-02T20:00:00Z,A,1,1", "2018-01-03T20:00:00Z,A,1,1"
    )
    feed = feed_of(clock, path)
    await feed.prepare()
    assert feed.label == "REPLAY 2018-01-02 to 2018-01-03"


@pytest.mark.parametrize("bad", [{"speed": 0.01}, {"speed": "fast"}, {"quote_lot": 0}, {"x": 1}])
def test_settings_refuse_nonsense(bad: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        load(ReplaySettings, section="feeds.replay", overrides=bad)


def test_settings_take_a_speed_or_max() -> None:
    assert load(ReplaySettings, overrides={"speed": "max"}).pace is None
    assert load(ReplaySettings, overrides={"speed": 20}).pace == 20.0
    assert load(ReplaySettings).pace == 1.0
