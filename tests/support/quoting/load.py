"""The market of the bench: the toy venue in a process of its own, told what to send by a pipe."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing.connection import Connection
from typing import Any

from aiohttp import web

from cockpit.ports.broker import BrokerPosition
from tests.support.quoting.frames import Frames
from tests.support.quoting.place import go_first
from tests.toyserver import ToyServer, show

MOST_WAITING = 64_000_000  # bytes that the reader is behind: then it will never catch up
_TICK_S = 0.001


@dataclass(frozen=True)
class Burst:
    """So many quotes a second, `batch` a frame, for so long."""

    rate: int
    batch: int
    seconds: float


@dataclass(frozen=True)
class Sent:
    """What became of a burst: how many went out, how long it took, and the last bid of each."""

    quotes: int
    took_s: float
    waiting: int
    last: dict[str, float]


def serve(pipe: Connection, symbols: tuple[str, ...], held: int) -> None:
    """Run until the pipe is closed. Tells the venue's addresses first, then answers each Burst."""
    go_first()
    asyncio.run(_serve(pipe, symbols, held))


async def _serve(pipe: Connection, symbols: tuple[str, ...], held: int) -> None:
    async with ToyServer() as toy:
        toy.exchange.list_symbols(*symbols)
        positions = [_position(symbol) for symbol in symbols[:held]]
        toy.exchange.positions = lambda: positions  # type: ignore[method-assign]
        for n, symbol in enumerate(symbols):
            toy.quote(symbol, 20.0 + n - 0.01, 20.0 + n + 0.01)
        pipe.send((toy.url, toy.stream_url, toy.data_stream_url, toy.keys))
        packed: dict[int, Frames] = {}
        while True:
            try:
                asked: Burst = await asyncio.to_thread(pipe.recv)
            except EOFError:
                return
            if asked.batch not in packed:
                packed[asked.batch] = Frames(symbols, asked.batch)
            pipe.send(await _burst(toy, packed[asked.batch], asked))


async def _burst(toy: ToyServer, frames: Frames, asked: Burst) -> Sent:
    socket = next(s for s, channels in toy.market.sockets.items() if channels["quotes"])
    transport = _transport(socket)
    began, sent = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < asked.seconds:
        due = (int(asked.rate * took) - sent) // frames.batch
        if due > 0 and transport.get_write_buffer_size() < MOST_WAITING:
            transport.write(frames.take(due, time.time_ns()))
            sent += due * frames.batch
        await asyncio.sleep(_TICK_S)
    return Sent(sent, took, transport.get_write_buffer_size(), frames.last())


def _transport(socket: web.WebSocketResponse) -> asyncio.Transport:
    request: Any = socket._req
    transport: asyncio.Transport = request.transport
    return transport


def _position(symbol: str) -> dict[str, Any]:
    return show.position(
        BrokerPosition(symbol=symbol, quantity=Decimal(1), average_cost=Decimal(20))
    )
