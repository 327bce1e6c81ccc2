"""From the bytes of Alpaca's stream to the latest price: how many quotes a second of one core.

    python tests/bench/decode.py [--quick] [--socket] [--json]
    python tests/bench/decode.py --curve [--quick]

The same bytes, as the toy server packs them, go through alpaca-py's own parsing and dispatch and
through the feed's decoding, in turns of one run, at 1, 10 and 50 quotes a frame of 200 symbols.
Each keeps the latest quote of a symbol. `book` goes on through the quality gate into the book and
onto the bus, which alpaca-py has nothing like. Read the figures as ratios; they count CPU time,
so that other work on the machine hits none of them. `--socket` puts a real websocket in front,
written to by another process: alpaca-py's own stream against the feed's. `--curve` grows the number
of symbols, at ten quotes a frame.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import multiprocessing
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from itertools import islice, product
from pathlib import Path
from string import ascii_uppercase
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgpack

from cockpit.adapters.brokers.alpaca.keys import Keys
from cockpit.adapters.feeds.alpaca.stream import HEADERS, AlpacaDialect
from cockpit.adapters.feeds.market_stream import Listeners, MarketStream, StreamSettings
from cockpit.adapters.streams import StreamState
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality
from cockpit.ports.feed import RawRow
from tests.toyserver.market import quote_message

warnings.simplefilter("ignore", DeprecationWarning)  # alpaca-py imports websockets.legacy

BATCHES = (1, 10, 50)
SYMBOLS = tuple(f"S{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(200))
CURVE = (50, 500, 5_000)
READ = 200  # quotes in one read of the socket: what waits there in a busy moment
STEP_NS = 1_000
BEGAN_NS = 1_712_854_800 * 10**9

Run = Callable[[list[bytes], int], int]


def frames_of(batch: int, count: int, symbols: Sequence[str] = SYMBOLS) -> list[bytes]:
    """`count` quotes, `batch` a frame, as the toy server packs them."""
    quotes = [
        quote_message(
            symbols[n % len(symbols)], 99.99 + n % 7 / 100, 100.05 + n % 7 / 100, 100.0 + n % 5,
            BEGAN_NS + n * STEP_NS,
        )
        for n in range(count)
    ]  # fmt: skip
    return [msgpack.packb(quotes[at : at + batch]) for at in range(0, count, batch)]


def alpaca_py(frames: list[bytes], _batch: int) -> int:
    """Its own unpacking, model and dispatch, to a handler that keeps the latest."""
    from alpaca.data.live import StockDataStream

    stream = StockDataStream("key", "secret")
    latest: dict[str, Any] = {}

    async def keep(quote: Any) -> None:
        latest[quote.symbol] = quote

    stream._handlers["quotes"] = dict.fromkeys(SYMBOLS, keep)

    async def dispatch() -> None:
        for frame in frames:
            for message in msgpack.unpackb(frame):
                await stream._dispatch(message)

    asyncio.run(dispatch())
    return len(latest)


def msgpack_only(frames: list[bytes], _batch: int) -> int:
    """Nothing but unpacking, to plain dicts."""
    latest: dict[str, Any] = {}
    for frame in frames:
        for message in msgpack.unpackb(frame):
            latest[message["S"]] = message
    return len(latest)


def decoding(
    frames: list[bytes],
    batch: int,
    keep: Callable[[list[RawRow]], None],
    symbols: Sequence[str] = SYMBOLS,
) -> None:
    """What the feed's stream does with frames, a socket read of `READ` quotes after the other."""
    stream = MarketStream(
        "bench",
        AlpacaDialect(Keys("key", "secret")),
        StreamSettings(url="", connect_timeout_s=5, quiet_s=5, reconnect_max_s=1),
        tuple(symbols),
        Listeners(rows=keep, state=print, unreadable=sys.exit, refused=print),
    )
    read = READ // batch
    for at in range(0, len(frames), read):
        stream.take(frames[at : at + read])


def feed(frames: list[bytes], batch: int, symbols: Sequence[str] = SYMBOLS) -> int:
    """The feed's decoding; the latest is kept."""
    latest: dict[str, RawRow] = {}
    decoding(frames, batch, lambda rows: latest.update({r.symbol: r for r in rows}), symbols)
    return len(latest)


def book(frames: list[bytes], batch: int, symbols: Sequence[str] = SYMBOLS) -> int:
    """Decoded, checked, stored in the book and published."""
    bus, clock = Bus(), VirtualClock(BEGAN_NS + len(frames) * batch * STEP_NS)  # none is stale
    kept = Book(clock)
    door = Ingest(bus, clock, kept, Quality(), BarBook(bus), latest_only=True)
    decoding(frames, batch, door.on_rows, symbols)
    return sum(1 for symbol in kept.symbols if kept.quote(symbol) is not None)


RUNS: dict[str, Run] = {
    "alpaca_py": alpaca_py,
    "msgpack": msgpack_only,
    "feed": feed,
    "book": book,
}


def measured(rounds: int, count: int) -> dict[int, dict[str, float]]:
    """Quotes a second of CPU: the best of the rounds, by batch size and name."""
    best: dict[int, dict[str, float]] = {}
    for batch in BATCHES:
        frames, figures = frames_of(batch, count), dict.fromkeys(RUNS, 0.0)
        for _ in range(rounds):
            for name, run in RUNS.items():
                gc.collect()
                began = time.process_time()
                symbols = run(frames, batch)
                rate = count / (time.process_time() - began)
                assert symbols == len(SYMBOLS), f"{name} knows {symbols} symbols"
                figures[name] = max(figures[name], rate)
        best[batch] = figures
    return best


def curve(rounds: int, count: int) -> dict[int, dict[str, float]]:
    """Quotes a second of CPU at ten a frame, by the number of symbols and name."""
    found: dict[int, dict[str, float]] = {}
    for many in CURVE:
        names = ["".join(each) for each in islice(product(ascii_uppercase, repeat=4), many)]
        frames = frames_of(10, count, names)
        rates = {"feed": 0.0, "book": 0.0}
        for _ in range(rounds):
            for name, run in (("feed", feed), ("book", book)):
                gc.collect()
                began = time.process_time()
                known = run(frames, 10, names)
                rates[name] = max(rates[name], count / (time.process_time() - began))
                assert known == many, f"{name} knows {known} symbols"
        found[many] = rates
    return found


# through a socket


def serve(batch: int, count: int, ready: Any) -> None:
    """Another process: signs everybody in, then writes the frames as fast as they are read."""
    asyncio.run(_serve(frames_of(batch, count), ready))


async def _serve(frames: list[bytes], ready: Any) -> None:
    from aiohttp import WSMsgType, web

    async def handle(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_bytes(msgpack.packb([{"T": "success", "msg": "connected"}]))
        async for message in socket:
            if message.type is not WSMsgType.BINARY:
                break
            word = msgpack.unpackb(message.data)
            if word["action"] == "auth":
                told = {"T": "success", "msg": "authenticated"}
                await socket.send_bytes(msgpack.packb([told]))
            else:
                quotes = word.get("quotes", [])
                told = {"T": "subscription", "quotes": quotes, "trades": quotes}
                await socket.send_bytes(msgpack.packb([told]))
                for frame in frames:
                    await socket.send_bytes(frame)
        return socket

    app = web.Application()
    app.add_routes([web.get("/{path:.*}", handle)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ready.send(runner.addresses[0][1])
    await asyncio.Event().wait()


def socket_alpaca_py(url: str, count: int) -> float:
    """CPU seconds of alpaca-py's stream until it has dispatched all."""
    from alpaca.data.live import StockDataStream

    seen, latest = 0, dict[str, Any]()
    stream = StockDataStream("key", "secret", url_override=f"{url}/v2/iex")

    async def keep(quote: Any) -> None:
        nonlocal seen
        latest[quote.symbol] = quote
        seen += 1
        if seen == count:
            await stream.stop_ws()

    stream.subscribe_quotes(keep, *SYMBOLS)
    began = time.process_time()
    stream.run()
    assert seen == count
    return time.process_time() - began


def socket_feed(url: str, count: int) -> float:
    """CPU seconds of the feed's stream until all rows were handed over."""
    return asyncio.run(_socket_feed(url, count))


async def _socket_feed(url: str, count: int) -> float:
    loop, done, closed = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
    latest: dict[str, RawRow] = {}
    seen = 0

    def keep(rows: list[RawRow]) -> None:
        nonlocal seen
        latest.update({row.symbol: row for row in rows})
        seen += len(rows)
        if seen == count:
            loop.call_soon_threadsafe(done.set)

    def state(now: StreamState, _why: str) -> None:
        if now is StreamState.CLOSED:
            loop.call_soon_threadsafe(closed.set)

    stream = MarketStream(
        "bench",
        AlpacaDialect(Keys("key", "secret")),
        StreamSettings(
            url=f"{url}/v2/iex", headers=HEADERS, connect_timeout_s=5, quiet_s=5,
            reconnect_max_s=1,
        ),
        SYMBOLS,
        Listeners(rows=keep, state=state, unreadable=sys.exit, refused=lambda _symbols: None),
    )  # fmt: skip
    began = time.process_time()
    stream.start()
    await done.wait()
    took = time.process_time() - began
    stream.stop()
    await closed.wait()
    return took


def measured_by_socket(rounds: int, count: int) -> dict[int, dict[str, float]]:
    """As `measured`, with a websocket in front."""
    best: dict[int, dict[str, float]] = {}
    context = multiprocessing.get_context("spawn")
    for batch in BATCHES:
        ours, theirs = context.Pipe()
        server = context.Process(target=serve, args=(batch, count, theirs), daemon=True)
        server.start()
        url = f"ws://127.0.0.1:{ours.recv()}"
        figures = {"alpaca_py": 0.0, "feed": 0.0}
        for _ in range(rounds):
            figures["alpaca_py"] = max(figures["alpaca_py"], count / socket_alpaca_py(url, count))
            figures["feed"] = max(figures["feed"], count / socket_feed(url, count))
        best[batch] = figures
        server.terminate()
        server.join()
    return best


def result(best: dict[int, dict[str, float]]) -> dict[str, float]:
    """Rates and ratios to alpaca-py, by name and batch size."""
    told: dict[str, float] = {}
    for batch, figures in best.items():
        for name, rate in figures.items():
            told[f"{name}_{batch}"] = round(rate)
            if name != "alpaca_py":
                told[f"ratio_{name}_{batch}"] = round(rate / figures["alpaca_py"], 1)
    return told


def main() -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--socket", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--curve", action="store_true")
    options = parser.parse_args()
    rounds, count = (2, 20_000) if options.quick else (5, 100_000)
    if options.curve:
        for many, rates in curve(rounds, count).items():
            told = ", ".join(f"{name} {rate:,.0f}" for name, rate in rates.items())
            print(f"{many:>6,} symbols: {told} quotes/s of one core")
        return
    best = (measured_by_socket if options.socket else measured)(rounds, count)
    if options.json:
        print(json.dumps(result(best)))
        return
    print(f"{'quotes/s of one core':<22}" + "".join(f"{f'{b} a frame':>22}" for b in BATCHES))
    for name in next(iter(best.values())):
        cells = (
            f"{best[b][name]:>12,.0f} {best[b][name] / best[b]['alpaca_py']:>6.1f} x"
            for b in BATCHES
        )
        print(f"{name:<22}" + "".join(f"{cell:>22}" for cell in cells))


if __name__ == "__main__":
    main()
