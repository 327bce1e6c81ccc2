"""The vendor's own minute bars beside the trades, from the socket to the series of the window."""

from __future__ import annotations

import time
from typing import Any

from cockpit.domain.market import BarRevised
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality
from cockpit.ports.feed import RawBar, RawTrade
from tests.support.waiting import eventually
from tests.toyserver import ToyServer
from tests.toyserver.market import stamp
from tests.unit.adapters.feeds.alpaca.kit import running

MINUTE = 60 * SECOND
START = 1_514_903_400 * SECOND


def message(kind: str, start_ns: int, close: float, volume: int = 100) -> dict[str, Any]:
    return {
        "T": kind, "S": "ABC", "o": 10.0, "h": max(10.0, close), "l": min(10.0, close), "c": close,
        "v": volume, "t": stamp(start_ns), "n": 3, "vw": 10.0,
    }  # fmt: skip


async def test_bars_come_where_they_are_asked_for() -> None:
    start = time.time_ns() // MINUTE * MINUTE - MINUTE
    async with ToyServer() as toy:
        async with running(toy, minute_bars=True) as feed:
            await feed.up()
            told = [message("b", start, 10.2), message("u", start, 10.3)]
            toy.market.publish([told[0]])
            toy.market.trade("ABC", 10.0, 40)
            toy.market.publish([told[1]])
            await eventually(lambda: len(feed.sink.bars) == 2 and len(feed.sink.rows) == 1)
            assert [(b.close, b.revised, b.ts_event) for b in feed.sink.bars] == [
                (10.2, False, start), (10.3, True, start),
            ]  # fmt: skip
            assert isinstance(feed.sink.rows[0], RawTrade)
        async with running(toy) as feed:
            await feed.up()
            assert not any(channels["bars"] for channels in toy.market.sockets.values())


def bar(minute: int, close: float, *, revised: bool = False, **odd: Any) -> RawBar:
    values: dict[str, Any] = {
        "open": 10.0, "high": max(10.0, close), "low": min(10.0, close), "close": close,
        "volume": 100.0, "vwap": 10.0, "trades": 3, "interval_s": 60,
    }  # fmt: skip
    return RawBar("ABC", **(values | odd), ts_event=START + minute * MINUTE, revised=revised)


class Room:
    """A session whose prints flow from its first minute on."""

    def __init__(self, interval_s: int = 60) -> None:
        self.bus, self.clock = Bus(), VirtualClock(START)
        self.bars = BarBook(self.bus, interval_s)
        self.ingest = Ingest(self.bus, self.clock, Book(self.clock), Quality(), self.bars)
        self.bars.flows(START)
        self.revised: list[BarRevised] = []
        self.bus.subscribe(BarRevised, self.revised.append)
        for minute in (0, 1, 3):
            now = START + minute * MINUTE
            self.clock.advance_to(now)
            self.ingest.on_rows([RawTrade("ABC", 10.0 + minute / 100, 10.0, now)])
        self.clock.advance_to(START + 4 * MINUTE)

    @property
    def closes(self) -> list[float]:
        return self.bars.series("ABC").close.tolist()


def test_a_told_bar_fills_a_minute_without_one_and_leaves_a_whole_one_alone() -> None:
    room = Room()
    assert room.closes == [10.0, 10.01, 10.03]
    room.ingest.on_bars([bar(1, 10.5), bar(2, 10.2)])
    assert room.closes == [10.0, 10.01, 10.2, 10.03]
    assert [event.ts_event for event in room.revised] == [START + 2 * MINUTE]


def test_a_revised_bar_goes_over_one_of_all_its_prints() -> None:
    room = Room()
    room.ingest.on_bars([bar(1, 10.5, revised=True)])
    room.ingest.on_bars([bar(1, 10.6, revised=True)])
    assert room.closes == [10.0, 10.6, 10.03]
    assert [event.bar.close for event in room.revised if event.bar] == [10.5, 10.6]


def test_an_odd_bar_is_set_aside_and_one_of_another_length_left_out() -> None:
    room = Room()
    odd = [
        bar(2, 10.2, high=9.0), bar(2, 10.2, volume=float("nan")), bar(2, 10.2, low=None),
        bar(2, 10.2, volume=0.0),
    ]  # fmt: skip
    room.ingest.on_bars([*odd, bar(2, 10.2, interval_s=300)])
    assert room.closes == [10.0, 10.01, 10.03]
    assert room.ingest.quality.counts == {"unreadable": len(odd)}
    minutes = Room(120)
    before = minutes.closes
    minutes.ingest.on_bars([bar(0, 10.5, revised=True)])
    assert minutes.closes == before
