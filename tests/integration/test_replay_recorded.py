"""The recorded session, played whole; what must come out is counted by a reading of its own."""

from __future__ import annotations

import asyncio
import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cockpit.adapters.feeds.replay import ReplayFeed, ReplaySettings
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.market import Bar, Quote, TradePrint, TradingStatus
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality

TOPICS = (Quote, TradePrint, TradingStatus, Bar, ConnectionChanged)


class Session:
    """A market room with a feed, and everything that was published, in order."""

    def __init__(self, *files: Path, **choices: Any) -> None:
        self.bus = Bus()
        self.clock = VirtualClock(0)
        self.book = Book(self.clock)
        self.quality = Quality()
        self.bars = BarBook(self.bus)
        self.ingest = Ingest(self.bus, self.clock, self.book, self.quality, self.bars)
        settings = ReplaySettings(files=files, speed="max", **choices)
        self.feed = ReplayFeed(settings, self.clock)
        self.events: list[Any] = []
        for topic in TOPICS:
            self.bus.subscribe(topic, self.events.append)

    async def play(self) -> Session:
        await self.feed.prepare()
        await self.feed.run(self.ingest)
        return self

    def of(self, topic: type[Any]) -> list[Any]:
        return [event for event in self.events if type(event) is topic]


def read(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


@pytest.fixture(scope="session")
def recorded(shared_data: Path) -> tuple[Path, Path]:
    folder = shared_data / "intraday_us"
    return folder / "XXX_2018-01-02_quotes.csv.gz", folder / "XXX_2018-01-02_trades.csv.gz"


@pytest.mark.parametrize("exchange", ["", "N", "P", "T", "A"])
async def test_every_row_is_accounted_for(recorded: tuple[Path, Path], exchange: str) -> None:
    quotes, trades = (list(read(path)) for path in recorded)
    book_of = exchange or Counter(row["exchange"] for row in quotes).most_common(1)[0][0]
    kept = [row for row in quotes if row["exchange"] == book_of]
    zero_bid = sum(float(row["bid"]) == 0 for row in kept)
    zero_ask = sum(float(row["ask"]) == 0 != float(row["bid"]) for row in kept)
    priced = [row for row in kept if float(row["bid"]) and float(row["ask"])]
    crossed = sum(float(row["bid"]) > float(row["ask"]) for row in priced)
    locked = sum(float(row["bid"]) == float(row["ask"]) for row in priced)
    bad = {"zero_bid": zero_bid, "zero_ask": zero_ask, "crossed": crossed}

    session = await Session(*recorded, exchange=exchange).play()

    assert session.feed.books == {"XXX": book_of}
    assert session.feed.skipped.get("other_exchange", 0) == len(quotes) - len(kept)
    assert session.quality.counts == {reason: n for reason, n in bad.items() if n}
    assert session.quality.flagged.get("locked", 0) == locked
    assert session.ingest.rows == len(kept) + len(trades)
    assert len(session.of(Quote)) == len(kept) - sum(bad.values())
    assert len(session.of(TradePrint)) == len(trades)
    assert session.book.volume("XXX") >= float(trades[-1]["size"])
    assert session.feed.playback.finished


async def test_the_default_book_is_clean_and_its_figures_are_those_of_the_files(
    recorded: tuple[Path, Path],
) -> None:
    quotes, trades = (list(read(path)) for path in recorded)
    session = await Session(*recorded).play()

    assert (len(quotes), len(trades)) == (66_695, 39_470)
    assert len(session.of(Quote)) == 49_536
    assert session.quality.quarantined == 0
    last = [row for row in quotes if row["exchange"] == "N"][-1]
    quote = session.book.quote("XXX")
    assert quote is not None
    assert (quote.bid, quote.ask) == (float(last["bid"]), float(last["ask"]))
    assert (quote.bid_size, quote.ask_size) == (
        100 * float(last["bid_size"]),
        100 * float(last["ask_size"]),
    )
    assert sum(t.size for t in session.of(TradePrint)) == sum(float(t["size"]) for t in trades)
    assert session.feed.playback.end_ns / 1e9 == pytest.approx(
        max(seconds(last["ts"]), seconds(trades[-1]["ts"])), abs=1e-6
    )


async def test_time_never_goes_back_and_is_what_was_recorded(recorded: tuple[Path, Path]) -> None:
    session = await Session(*recorded).play()
    ticks = [e for e in session.events if isinstance(e, Quote | TradePrint)]
    times = [event.ts_event for event in ticks]
    assert times == sorted(times)
    assert all(event.ts_event == event.ts_init for event in ticks)
    recorded_times = [round(seconds(row["ts"]) * 1e6) * 1000 for row in read(recorded[1])]
    assert [event.ts_event for event in session.of(TradePrint)] == recorded_times


@pytest.mark.parametrize(
    "name", ["XXX_2018-01-02_trades.csv.gz", "ETF_AAA_BBB_2014-09-17_trades.csv.gz"]
)
async def test_bars_are_those_computed_elsewhere(shared_data: Path, name: str) -> None:
    """Trades alone must play too; the reference holds the regular session only."""
    folder = shared_data / "intraday_us"
    session = await Session(folder / name).play()
    symbols = {instrument.symbol for instrument in session.feed.instruments}
    ours = {(bar.symbol, bar.ts_event // 10**9): bar for bar in session.of(Bar)}
    expected = [
        row for row in read(folder / "derived_1min_bars.csv.gz") if row["symbol"] in symbols
    ]
    assert len(expected) >= 389
    for row in expected:
        bar = ours[row["symbol"], round(seconds(row["ts"]))]
        for column in ("open", "high", "low", "close", "volume"):
            assert getattr(bar, column) == float(row[column]), (row, bar)
        assert bar.vwap == pytest.approx(float(row["vwap"]), abs=1e-6)
        assert bar.trades == int(row["trades"])
    for symbol in symbols:
        series = session.bars.series(symbol)
        assert len(series) == series.closed == sum(key[0] == symbol for key in ours)


async def test_two_runs_publish_the_same(recorded: tuple[Path, Path]) -> None:
    """Also with a subscriber whose work sleeps on the clock and waits for the loop."""

    async def once() -> list[Any]:
        session = Session(*recorded)
        supervisor = Supervisor(session.clock)

        async def order(number: int) -> None:
            await asyncio.sleep(0)
            session.events.append(("sent", number, session.clock.now_ns()))
            await session.clock.sleep(0.037)
            session.events.append(("filled", number, session.clock.now_ns()))

        def on_bar(bar: Bar) -> None:
            supervisor.work(order(bar.trades), name="order", owner="test")

        session.bus.subscribe(Bar, on_bar)
        await session.play()
        await supervisor.stop()
        return session.events

    first, second = await once(), await once()
    assert len(first) > 49_536 + 39_470 + 2 * 480
    assert first == second
