"""Rows cross from a thread into the loop in order, and never without bound."""

from __future__ import annotations

import asyncio
from threading import Thread

import pytest

from cockpit.adapters.feeds import inbox as inbox_module
from cockpit.adapters.feeds.inbox import Inbox, Waiting, cost
from cockpit.ports.columns import Columns
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


class Brings:
    """A source that has so many batches, and counts what it is asked."""

    def __init__(self, inbox: Inbox, batches: list[list[RawRow]]) -> None:
        self.inbox, self.batches, self.rested = inbox, batches, 0

    def bring(self) -> None:
        if self.batches:
            self.inbox.put(self.batches.pop(0))

    def rest(self) -> None:
        self.rested += 1


async def test_a_source_is_asked_before_each_turn_until_it_has_no_more() -> None:
    rows: list[RawRow] = []
    inbox = Inbox(asyncio.get_running_loop(), rows.extend)
    source = Brings(inbox, [[quote("A", n)] for n in range(5)])
    inbox.draw_from(source)
    inbox.look()
    await eventually(lambda: source.rested)
    assert [row.ts_event for row in rows] == list(range(5))
    source.batches.append([quote("A", 5)])
    inbox.catch_up()
    assert len(rows) == 5, "who rests is told when there is more"
    inbox.look()
    await eventually(lambda: source.rested == 2)
    assert len(rows) == 6


async def test_a_frame_may_take_at_once_what_waits_for_its_turn() -> None:
    rows: list[RawRow] = []
    inbox = Inbox(asyncio.get_running_loop(), rows.extend)
    inbox.put([quote("A", 1)])
    inbox.catch_up()
    assert len(rows) == 1
    await eventually(lambda: inbox._called is False)
    assert len(rows) == 1


def test_prints_that_may_not_be_left_out_are_looked_through_seldom(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(
        inbox_module, "only_newest", lambda rows: (looked.append(len(rows)), rows)[1]
    )
    waiting = Waiting(100)
    for number in range(1000):
        waiting.add([RawTrade("A", 1.0, 1, number)])
    assert sum(looked) <= 4 * 1000
    assert len(waiting) == 1000
    assert waiting.conflated == 0


def test_columns_are_cut_as_lists_are() -> None:
    rows: list[RawRow] = [
        RawTrade("A", 1.0, 1, n) if n % 3 == 0 else quote("AB"[n % 2], n) for n in range(300)
    ]
    columns = Columns.of(rows, [], {})
    assert columns is not None
    waiting, taken = Waiting(1000), list[RawRow]()
    waiting.add(columns)
    turns = 0
    while waiting:
        for part in waiting.next(50):
            assert cost(part) <= 50
            taken += part
        turns += 1
    assert taken == rows
    assert turns >= 3
