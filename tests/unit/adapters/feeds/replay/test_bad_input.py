"""Whatever is wrong with a file: one clear sentence, before the session starts."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cockpit.adapters.feeds.replay import ReplayFeed, ReplaySettings
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.feed import FeedError

QUOTES = "ts,symbol,bid,bid_size,ask,ask_size,exchange"


async def refusal(clock: VirtualClock, *paths: Path, exchange: str = "") -> FeedError:
    feed = ReplayFeed(ReplaySettings(files=paths, exchange=exchange), clock)
    with pytest.raises(FeedError) as caught:
        await feed.prepare()
    assert clock.now_ns() == 0, "nothing may have started"
    text = caught.value.user_text
    assert text.endswith(".")
    assert "Traceback" not in text
    return caught.value


async def test_no_file_named(clock: VirtualClock) -> None:
    assert "at least one" in (await refusal(clock)).user_text


async def test_missing_file(clock: VirtualClock, tmp_path: Path) -> None:
    error = await refusal(clock, tmp_path / "nothing.csv")
    assert error.code == "FEED_MISSING"
    assert f"{tmp_path / 'nothing.csv'}: there is no such file" in error.user_text


async def test_a_folder(clock: VirtualClock, tmp_path: Path) -> None:
    assert "this is not a file" in (await refusal(clock, tmp_path)).user_text


@pytest.mark.parametrize("name", ["empty.csv", "empty.csv.gz"])
async def test_empty_file(clock: VirtualClock, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert "the file is empty" in (await refusal(clock, tmp_path / name)).user_text


async def test_a_header_and_nothing_else(clock: VirtualClock, write: Any) -> None:
    assert "no row" in (await refusal(clock, write("a.csv", QUOTES))).user_text


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("ts,symbol,bid,bid_size,exchange", "as quotes it lacks the columns ask, ask_size"),
        ("ts,symbol,price", "as trades it lacks the column size"),
        ("symbol,price,size", "as trades it lacks the column ts"),
        ("a,b,c", "lacks the columns"),
    ],
)
async def test_wrong_columns_are_named(
    clock: VirtualClock, write: Any, header: str, missing: str
) -> None:
    error = await refusal(clock, write("a.csv", header, "1,2,3,4,5"))
    assert error.code == "FEED_COLUMNS"
    assert missing in error.user_text
    assert "a.csv, line 1" in error.user_text


async def test_truncated_gzip_says_how_far_it_could_be_read(
    clock: VirtualClock, quotes: Any, line: Any
) -> None:
    quote, _ = line
    path = quotes([quote(n / 1000) for n in range(20_000)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    error = await refusal(clock, path)
    assert error.code == "FEED_TRUNCATED"
    assert "cut off" in error.user_text
    read = int(error.user_text.split(" lines could")[0].rsplit(" ", 1)[1])
    assert 5_000 < read < 15_000


async def test_damaged_gzip(clock: VirtualClock, quotes: Any, line: Any) -> None:
    quote, _ = line
    path = quotes([quote(n / 1000) for n in range(5_000)])
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert "damaged" in (await refusal(clock, path)).user_text


async def test_named_gz_but_plain(clock: VirtualClock, tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_text(QUOTES + "\n", encoding="utf-8")
    assert "isn't gzipped" in (await refusal(clock, path)).user_text


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
async def test_binary_garbage(
    clock: VirtualClock, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "garbage.csv"
    path.write_bytes(pack(bytes(range(128, 256)) * 50))
    assert "not a text file" in (await refusal(clock, path)).user_text


async def test_unsorted_times_name_the_first_offending_line(
    clock: VirtualClock, quotes: Any, line: Any
) -> None:
    quote, _ = line
    error = await refusal(clock, quotes([quote(s) for s in (1, 2, 5, 3, 4, 6)]))
    assert error.code == "FEED_UNSORTED"
    assert "line 5: the times are not sorted: this row and 1 more" in error.user_text


async def test_the_same_file_twice(clock: VirtualClock, quotes: Any, line: Any) -> None:
    path = quotes([line[0](1)])
    assert "named twice" in (await refusal(clock, path, path)).user_text


async def test_an_exchange_that_does_not_quote(clock: VirtualClock, quotes: Any, line: Any) -> None:
    path = quotes([line[0](1, "N"), line[0](2, "N"), line[0](3, "P")])
    error = await refusal(clock, path, exchange="Q")
    assert "exchange Q" in error.user_text
    assert "N (2), P (1)" in error.user_text


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may read everything")
async def test_a_file_that_may_not_be_read(clock: VirtualClock, write: Any) -> None:
    path = write("a.csv", QUOTES)
    path.chmod(0)
    assert "can't be read" in (await refusal(clock, path)).user_text


async def test_a_file_that_breaks_between_the_passes(
    clock: VirtualClock, recorder: Any, quotes: Any, line: Any
) -> None:
    quote, _ = line
    path = quotes([quote(n / 1000) for n in range(20_000)])
    feed = ReplayFeed(ReplaySettings(files=(path,), speed="max"), clock)
    await feed.prepare()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FeedError, match="cut off"):
        await feed.run(recorder)
    assert recorder.lamps[-1].health == "down"
    assert "cut off" in recorder.lamps[-1].detail
