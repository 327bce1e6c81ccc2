"""Rows cross from a thread into the loop in order, and never without bound."""

from __future__ import annotations

import asyncio
from threading import Thread

from cockpit.adapters.feeds.inbox import Inbox
from cockpit.ports.feed import RawQuote, RawRow, RawTrade
from tests.support.waiting import eventually


def quote(symbol: str, number: int) -> RawQuote:
    return RawQuote(symbol, 1.0, 1.1, 1, 1, number)


async def test_all_rows_of_a_thread_come_in_order_and_a_few_at_once() -> None:
    batches: list[list[RawRow]] = []
    inbox = Inbox(asyncio.get_running_loop(), batches.append, at_once=50)

    def write() -> None:
        for number in range(0, 1000, 10):
            inbox.put([quote("A", n) for n in range(number, number + 10)])

    thread = Thread(target=write)
    thread.start()
    await eventually(lambda: sum(map(len, batches)) == 1000)
    thread.join()
    assert [row.ts_event for batch in batches for row in batch] == list(range(1000))
    assert max(map(len, batches)) <= 50
    assert inbox.conflated == 0


async def test_what_waits_too_long_is_thinned_to_the_latest_quotes_and_all_prints() -> None:
    rows: list[RawRow] = []
    inbox = Inbox(asyncio.get_running_loop(), rows.extend, most=20)
    for number in range(40):
        inbox.put([quote("AB"[number % 2], number)])
        if number % 10 == 0:
            inbox.put([RawTrade("A", 1.0, 1, number)])
    await eventually(lambda: rows)
    await eventually(lambda: inbox._called is False)
    assert [row.ts_event for row in rows if isinstance(row, RawTrade)] == [0, 10, 20, 30]
    latest = {row.symbol: row.ts_event for row in rows if isinstance(row, RawQuote)}
    assert latest == {"A": 38, "B": 39}
    assert len(rows) + inbox.conflated == 44
    assert [row.ts_event for row in rows] == sorted(row.ts_event for row in rows)


async def test_a_closed_loop_is_nobodys_error() -> None:
    other = asyncio.new_event_loop()
    other.close()
    Inbox(other, lambda _rows: None).put([quote("A", 1)])
