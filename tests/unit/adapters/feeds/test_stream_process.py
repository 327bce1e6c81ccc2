"""While the window takes nothing rows wait in the stream's process, and are thinned there."""

from __future__ import annotations

import multiprocessing
import sys
from typing import Any

import pytest

from cockpit.adapters.feeds.crossing import Reader, Writer, told_in
from cockpit.adapters.feeds.stream_process import _Teller
from cockpit.adapters.streams import StreamState
from cockpit.ports.feed import RawQuote, RawRow, RawTrade
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its pipes hold the writer up")


def batch(number: int) -> list[RawRow]:
    """Twenty quotes of two symbols, and a print."""
    base = 100 * number
    quotes: list[RawRow] = [RawQuote("AB"[n % 2], 9.0, 9.01, 1.0, 1.0, base + n) for n in range(20)]
    return [*quotes, RawTrade("A", 9.0, 1.0, base + 20)]


class Window:
    """The other end: what it was told, once it looks."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._names = reader, list[str]()
        self.words: list[tuple[str, Any]] = []
        self.rows: list[RawRow] = []

    def look(self) -> None:
        for message in self._reader.read():
            kind, what = told_in(message, self._names)
            if kind in ("rows", "list"):
                self.rows += what
            else:
                self.words.append((kind, what))


async def test_what_is_not_taken_waits_and_is_thinned_and_nothing_else_is_lost() -> None:
    here, there = multiprocessing.get_context("spawn").Pipe()
    window, writer = Window(Reader(here)), Writer(there)
    teller = _Teller(writer, most=500)
    told = teller.listeners()
    sent: list[RawRow] = []

    def quote_once() -> None:
        rows = batch(len(sent))
        sent.extend(rows)
        told.rows(rows)

    async def full() -> None:
        def more() -> bool:
            quote_once()
            return teller._full

        await eventually(more)

    await full()
    for _ in range(200):
        quote_once()
    assert teller._waiting.conflated
    told.state(StreamState.DOWN, "gone")
    quote_once()

    def all_here() -> bool:
        window.look()
        left_out = sum(what for kind, what in window.words if kind == "left_out")
        return len(window.rows) + left_out == len(sent)

    await eventually(all_here)
    assert [row for row in window.rows if isinstance(row, RawTrade)] == [
        row for row in sent if isinstance(row, RawTrade)
    ]
    latest = {row.symbol: row for row in window.rows if isinstance(row, RawQuote)}
    assert latest == {row.symbol: row for row in sent if isinstance(row, RawQuote)}
    times = [row.ts_event for row in window.rows]
    assert times == sorted(times)
    assert ("state", (StreamState.DOWN, "gone")) in window.words
    assert not teller._full
    writer.close()
    for end in (here, there):
        end.close()
    window._reader.close()


async def test_words_stay_behind_the_rows_that_came_before_them() -> None:
    here, there = multiprocessing.get_context("spawn").Pipe()
    window, writer = Window(Reader(here)), Writer(there)
    told = _Teller(writer).listeners()
    first, second = batch(0), batch(1)
    told.rows(first)  # at once
    told.rows(second)  # waits for a millisecond
    told.unreadable("a line")
    window.look()
    assert window.rows == [*first, *second]
    assert window.words == [("unreadable", "a line")]
    writer.close()
    for end in (here, there):
        end.close()
    window._reader.close()
