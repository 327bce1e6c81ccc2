"""A stream in a process of its own: the same rows, the same words, and nothing left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from cockpit.adapters.brokers.alpaca.keys import Keys
from cockpit.adapters.feeds import apart, stream_process
from cockpit.adapters.feeds.alpaca.stream import AlpacaDialect
from cockpit.adapters.feeds.market_stream import StreamSettings
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawQuote, RawRow, RawStatus, RawTrade
from tests.support.waiting import eventually
from tests.toyserver import ToyServer
from tests.toyserver.market import GARBAGE, quote_message, stamp
from tests.unit.adapters.feeds.alpaca.kit import SYMBOLS, Running, running

pytestmark = pytest.mark.timeout(120)
PATIENT = 40.0
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows can't stop a process")


@pytest.fixture
async def toy() -> AsyncIterator[ToyServer]:
    async with ToyServer() as toy:
        toy.exchange.list_symbols(*SYMBOLS)
        yield toy


@pytest.fixture(autouse=True)
def leaves_no_process() -> Iterator[None]:
    yield
    assert not multiprocessing.active_children()


async def up(feed: Running, times: int = 1) -> None:
    await eventually(
        lambda: feed.lamps.count("up") >= times and feed.lamps[-1] == "up", within=PATIENT
    )


async def test_rows_come_in_their_order_and_bursts_as_columns(
    toy: ToyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds: set[type] = set()
    async with running(toy, own_process=True) as feed:
        await up(feed)
        own = feed.sink.on_rows
        monkeypatch.setattr(feed.sink, "on_rows", lambda rows: (kinds.add(type(rows)), own(rows)))
        now = time.time_ns()
        many = [quote_message(SYMBOLS[n % 2], 9.0, 9.01, n + 1, now + n) for n in range(500)]
        toy.market.publish(many)
        await eventually(lambda: len(feed.quotes) >= len(many), within=PATIENT)
        toy.market.trade("ABC", 10.0, 40)
        halt = {"T": "s", "S": "DEF", "sc": "H", "rm": "Volatility pause", "t": stamp(now)}
        toy.market.publish([halt])
        toy.market.send_raw(GARBAGE)
        await eventually(
            lambda: (
                any(isinstance(row, RawStatus) for row in feed.sink.rows) and feed.sink.quarantined
            )
        )
    rows: list[RawRow] = [row for row in feed.sink.rows if row.ts_event >= now or row.symbol]
    quotes = [row for row in rows if isinstance(row, RawQuote) and row.bid == 9.0]
    assert [row.bid_size for row in quotes] == list(range(1, 501))
    assert [row.ts_event for row in quotes] == [now + n for n in range(500)]
    assert Columns in kinds
    last = [type(row) for row in rows if not isinstance(row, RawQuote)]
    assert last == [RawTrade, RawStatus]


async def test_a_process_that_dies_is_told_and_followed_by_another(toy: ToyServer) -> None:
    async with running(toy, own_process=True) as feed:
        await up(feed)
        (process,) = multiprocessing.active_children()
        process.kill()
        await eventually(lambda: "its process ended" in feed.details, within=PATIENT)
        await up(feed, times=2)
        toy.market.quote("ABC", 9.99, 10.01)
        await eventually(lambda: ("ABC", 9.99) in feed.quotes)


@unix_only
async def test_one_that_is_frozen_is_given_up_and_followed_by_another(
    toy: ToyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_SILENT_S", 2.5)
    async with running(toy, own_process=True) as feed:
        await up(feed)
        (process,) = multiprocessing.active_children()
        os.kill(process.pid or 0, signal.SIGSTOP)
        for _ in range(3000):  # more than a pipe holds: nobody is held up who asks
            feed.feed.watch((f"X{_}",) * 20)
        await eventually(lambda: "said nothing any more" in feed.details, within=PATIENT)
        assert feed.lamps[-1] != "up"
        await up(feed, times=2)
        assert process not in multiprocessing.active_children()


async def test_one_that_is_told_to_stop_ends_by_itself(
    toy: ToyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "_PATIENCE_S", PATIENT)
    async with running(toy, own_process=True) as feed:
        await up(feed)
        (process,) = multiprocessing.active_children()
    await eventually(lambda: process.exitcode is not None, within=PATIENT)
    assert process.exitcode == 0


async def test_what_can_not_be_read_ends_that_process(toy: ToyServer) -> None:
    async with running(toy, own_process=True) as feed:
        await up(feed)
        stream = feed.feed._stream
        monkey = stream._take
        stream._take = lambda told: (_ for _ in ()).throw(ValueError("of another version"))
        await eventually(lambda: "its process ended" in feed.details, within=PATIENT)
        stream._take = monkey
        await up(feed, times=2)


async def test_a_symbol_wanted_while_it_starts_comes_too(toy: ToyServer) -> None:
    toy.exchange.list_symbols("NEW")
    async with running(toy, own_process=True) as feed:
        feed.feed.watch(("NEW",))
        await up(feed)
        await eventually(
            lambda: any("NEW" in wanted["quotes"] for wanted in toy.market.sockets.values()),
            within=PATIENT,
        )


async def test_a_symbol_that_is_wanted_later_comes_too(toy: ToyServer) -> None:
    toy.exchange.list_symbols("NEW")
    async with running(toy, own_process=True) as feed:
        await up(feed)
        feed.feed.watch(("NEW",))
        await eventually(
            lambda: any("NEW" in wanted["quotes"] for wanted in toy.market.sockets.values()),
            within=PATIENT,
        )
        toy.market.quote("NEW", 5.0, 5.01)
        await eventually(lambda: ("NEW", 5.0) in feed.quotes)


async def test_what_only_a_person_can_mend_ends_it(toy: ToyServer) -> None:
    toy.market.faults.error_at = ("auth", 402, "the venue's words")
    async with running(toy, own_process=True) as feed:
        await eventually(feed.task.done, within=PATIENT)
        assert (await feed.failed()).code == "AUTH_FAILED"
        assert feed.lamps[-1] == "auth_failed"
        assert toy.market.connects == 1


def test_it_ends_when_nobody_listens_any_more() -> None:
    context = multiprocessing.get_context("spawn")
    pipe, other = context.Pipe()
    settings = StreamSettings(
        url="ws://127.0.0.1:9", connect_timeout_s=0.5, quiet_s=5.0, reconnect_max_s=5.0
    )
    order = stream_process.Order(
        "alpaca-market", AlpacaDialect(Keys("key", "secret")), settings, ("ABC",)
    )
    process = context.Process(target=stream_process.run, args=(other, order), daemon=True)
    process.start()
    other.close()
    assert pipe.poll(PATIENT), "it says that nobody answers"
    pipe.close()
    process.join(PATIENT)
    assert process.exitcode == 0
