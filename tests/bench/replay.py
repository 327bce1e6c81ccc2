"""Rows a second on the whole path feed -> quality -> book -> bars -> bus, and how it grows.

    python tests/bench/replay.py [--rows N]

Plays files made from the simulated market, and the recorded session if it is beside the
project. Times are CPU seconds of all threads, so that a busy machine does not
blur them. Prints 1x, 2x and 4x rows (best of three), reading and ingesting alone as
ratios, and the peak of Python memory while the longest one plays.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import gzip
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.adapters.feeds.replay import ReplayFeed, ReplaySettings
from cockpit.adapters.feeds.synthetic import SyntheticFeed, SyntheticSettings
from cockpit.domain.market import Quote, TradePrint
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality
from cockpit.ports.feed import RawQuote, RawRow, RawTrade

ROUNDS = 3
DAY = date(2026, 3, 2)


class Collect:
    """A sink that keeps the rows, to feed single parts with them."""

    def __init__(self) -> None:
        self.rows: list[RawRow] = []

    def on_rows(self, rows: list[RawRow]) -> None:
        self.rows += rows

    def on_quarantined(self, reason: str, detail: str) -> None:
        raise AssertionError(detail)

    def on_connection(self, connection: object) -> None:
        pass


def room() -> tuple[Bus, VirtualClock, Ingest]:
    bus, clock = Bus(), VirtualClock(0)
    bus.subscribe(Quote, lambda _: None)
    bus.subscribe(TradePrint, lambda _: None)
    return bus, clock, Ingest(bus, clock, Book(clock), Quality(), BarBook(bus))


def simulated_rows(count: int) -> list[RawRow]:
    collect = Collect()
    for turn in range(1 + count // 400_000):
        feed = SyntheticFeed(SyntheticSettings(speed="max", day=DAY, seed=turn), VirtualClock(0))
        asyncio.run(feed.run(collect))
    return collect.rows[:count]


def write_files(folder: Path, rows: list[RawRow]) -> tuple[Path, Path]:
    quotes, trades = folder / f"q{len(rows)}.csv.gz", folder / f"t{len(rows)}.csv.gz"
    with gzip.open(quotes, "wt", compresslevel=1, encoding="utf-8", newline="") as out:
        out.write("ts,symbol,bid,bid_size,ask,ask_size,exchange\n")
        out.writelines(
            f"{stamp(r.ts_event)},{r.symbol},{r.bid},{r.bid_size / 100:g},{r.ask},"
            f"{r.ask_size / 100:g},N\n"
            for r in rows
            if isinstance(r, RawQuote)
        )
    with gzip.open(trades, "wt", compresslevel=1, encoding="utf-8", newline="") as out:
        out.write("ts,symbol,price,size,exchange,conditions,corr\n")
        out.writelines(
            f"{stamp(r.ts_event)},{r.symbol},{r.price},{r.size:g},N,{r.conditions},0\n"
            for r in rows
            if isinstance(r, RawTrade)
        )
    return quotes, trades


def stamp(ts: int) -> str:
    whole = datetime.fromtimestamp(ts // 10**9, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{ts % 10**9 // 1000:06d}Z"


def play(files: tuple[Path, ...]) -> tuple[int, float, float]:
    """Rows, seconds of the first pass, seconds of the session."""

    async def go() -> tuple[int, float, float]:
        _, clock, ingest = room()
        feed = ReplayFeed(ReplaySettings(files=files, speed="max"), clock)
        start = time.process_time()
        await feed.prepare()
        prepared = time.process_time()
        await feed.run(ingest)
        return ingest.rows, prepared - start, time.process_time() - prepared

    gc.collect()
    return asyncio.run(go())


def best(files: tuple[Path, ...]) -> tuple[int, float, float]:
    return min((play(files) for _ in range(ROUNDS)), key=lambda run: run[2])


def reading_alone(files: tuple[Path, ...]) -> float:
    feed = ReplayFeed(ReplaySettings(files=files), VirtualClock(0))
    asyncio.run(feed.prepare())
    start = time.process_time()
    count = sum(1 for _ in feed.recording.rows())
    return count / (time.process_time() - start)


def ingesting_alone(files: tuple[Path, ...]) -> float:
    collect = Collect()
    asyncio.run(ReplayFeed(ReplaySettings(files=files, speed="max"), VirtualClock(0)).run(collect))
    _, clock, ingest = room()
    start = time.process_time()
    for row in collect.rows:
        clock.advance_to(row.ts_event)
        ingest.on_rows((row,))
    return len(collect.rows) / (time.process_time() - start)


def cases(folder: Path, rows: int) -> Iterator[tuple[str, tuple[Path, ...]]]:
    made = simulated_rows(4 * rows)
    for factor in (1, 2, 4):
        yield f"{factor}x", write_files(folder, made[: factor * rows])


def show_growth(folder: Path, rows: int) -> tuple[Path, ...]:
    print(f"{'case':>10} {'rows':>10} {'first pass s':>13} {'session s':>10} {'rows/s':>10}")
    files: tuple[Path, ...] = ()
    for name, files in cases(folder, rows):
        count, first, session = best(files)
        show_line(name, count, first, session)
    return files


def show_line(name: str, count: int, first: float, session: float) -> None:
    print(f"{name:>10} {count:>10,} {first:>13.2f} {session:>10.2f} {count / session:>10,.0f}")


def show_recorded() -> None:
    data = Path(__file__).resolve().parents[3] / "shared" / "data" / "intraday_us"
    files = tuple(sorted(data.glob("XXX_2018-01-02_*.csv.gz")))
    if files:
        count, first, session = best(files)
        show_line("recorded", count, first, session)


def show_parts(files: tuple[Path, ...]) -> None:
    count, _, session = best(files)
    whole = count / session
    for name, rate in (("reading", reading_alone(files)), ("ingesting", ingesting_alone(files))):
        print(f"{name} alone: {rate:,.0f} rows/s, {rate / whole:.1f} x the whole path")


def show_memory(files: tuple[Path, ...]) -> None:
    tracemalloc.start()
    count, _, _ = play(files)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"peak of Python memory over {count:,} rows: {peak / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        biggest = show_growth(Path(folder), rows)
        show_recorded()
        show_parts(biggest)
        show_memory(biggest)


if __name__ == "__main__":
    main()
