"""The toy venue's market-data stream: Alpaca's words in msgpack, its error codes, its limits."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgpack
from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from tests.toyserver.server import ToyServer

GARBAGE = b"\xc1<html>502 Bad Gateway</html>"
CHANNELS = ("trades", "quotes", "bars", "updatedBars", "statuses")
_KIND = {"quotes": "q", "trades": "t", "bars": "b", "updatedBars": "u", "statuses": "s"}
_CHANNEL = {kind: channel for channel, kind in _KIND.items()} | {"x": "trades", "c": "trades"}


@dataclass
class MarketFaults:
    """How the stream of market data misbehaves.

    `mute_at` names the step after which nothing more is said: "hello" (no welcome), "auth" (no
    answer to the sign-in), "subscribe" (no answer to a subscription) or "data" (subscribed and
    silent). `frozen` answers no ping either. `error_at` says (step, code, message) instead of the
    answer of "hello", "auth" or "subscribe". `refused` symbols are left out of the answer.
    """

    mute_at: str = ""
    frozen: bool = False
    stalled: bool = False
    error_at: tuple[str, int, str] | None = None
    refuse_status: int = 0
    refused: set[str] = field(default_factory=set)
    symbol_limit: int = 0
    plans: tuple[str, ...] = ("iex", "sip", "delayed_sip")


class Market:
    """Everybody who listens, and what they subscribed to. Times and prices are the caller's."""

    def __init__(self, server: ToyServer) -> None:
        self._server = server
        self.faults = MarketFaults()
        self.sockets: dict[web.WebSocketResponse, dict[str, set[str]]] = {}
        self._prints = itertools.count(1)
        self.connects = self.sign_ins = self.pings = 0
        self.latest: dict[str, dict[str, Any]] = {}
        self.news: list[dict[str, Any]] = []
        self.actions: dict[str, list[dict[str, Any]]] = {}

    @property
    def listeners(self) -> int:
        """How many sockets are subscribed to something."""
        return sum(1 for channels in self.sockets.values() if any(channels.values()))

    @property
    def subscribed(self) -> set[str]:
        """The symbols whose quotes somebody gets."""
        return set().union(*(channels["quotes"] for channels in self.sockets.values()))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One socket, from welcome to its end."""
        self.connects += 1
        faults = self.faults
        if faults.stalled:
            await self._server.stopping.wait()
        if faults.refuse_status:
            return web.Response(status=faults.refuse_status)
        socket = web.WebSocketResponse(autoping=False, autoclose=True)
        await socket.prepare(request)
        self.sockets[socket] = {channel: set() for channel in CHANNELS}
        try:
            if await self._may_go_on(socket, "hello"):
                await _say(socket, {"T": "success", "msg": "connected"})
            async for message in socket:
                if message.type is WSMsgType.PING:
                    self.pings += 1
                    if not self.faults.frozen:
                        await socket.pong(message.data)
                elif message.type is WSMsgType.BINARY:
                    await self._on_word(socket, request, msgpack.unpackb(message.data))
        finally:
            self.sockets.pop(socket, None)
        return socket

    async def _may_go_on(self, socket: web.WebSocketResponse, step: str) -> bool:
        """False at a step where the faults have it otherwise; said, when it is an error."""
        error = self.faults.error_at
        if error is not None and error[0] == step:
            await _say(socket, {"T": "error", "code": error[1], "msg": error[2]})
            return False
        return self.faults.mute_at != step

    async def _on_word(
        self, socket: web.WebSocketResponse, request: web.Request, word: dict[str, Any]
    ) -> None:
        if word.get("action") == "auth":
            if await self._may_go_on(socket, "auth"):
                await self._authenticate(socket, request.match_info["feed"], word)
        elif word.get("action") == "subscribe" and await self._may_go_on(socket, "subscribe"):
            await self._subscribe(socket, word)

    async def _authenticate(
        self, socket: web.WebSocketResponse, feed: str, word: dict[str, Any]
    ) -> None:
        self.sign_ins += 1
        if (word.get("key"), word.get("secret")) != self._server.keys:
            await _say(socket, {"T": "error", "code": 402, "msg": "auth failed"})
        elif feed not in self.faults.plans:
            await _say(socket, {"T": "error", "code": 409, "msg": "insufficient subscription"})
        else:
            await _say(socket, {"T": "success", "msg": "authenticated"})

    async def _subscribe(self, socket: web.WebSocketResponse, word: dict[str, Any]) -> None:
        channels = self.sockets[socket]
        wanted = {c: channels[c] | set(word.get(c, ())) - self.faults.refused for c in CHANNELS}
        limit = self.faults.symbol_limit
        if limit and len(wanted["quotes"]) > limit:
            await _say(socket, {"T": "error", "code": 405, "msg": "symbol limit exceeded"})
            return
        channels.update(wanted)
        await _say(socket, {"T": "subscription"} | {c: sorted(wanted[c]) for c in CHANNELS})

    # what a market tells

    def quote(self, symbol: str, bid: float, ask: float, size: float = 100.0) -> None:
        """Tell a quote of now."""
        now = time.time_ns()
        self.latest[symbol] = {"bp": bid, "ap": ask, "bs": size, "as": size, "t": now}
        self.publish([quote_message(symbol, bid, ask, size, now)])

    def trade(self, symbol: str, price: float, size: float) -> None:
        """Tell a print of now, under an id of its own."""
        told = {"T": "t", "S": symbol, "i": next(self._prints), "x": "V", "p": price, "s": size}
        self.publish([told | {"c": ["@"], "z": "C", "t": stamp(time.time_ns())}])

    def publish(self, messages: Iterable[dict[str, Any]]) -> None:
        """Send messages, in one frame, to whoever subscribed to them."""
        if self.faults.mute_at == "data":
            return
        told = list(messages)
        for socket, channels in list(self.sockets.items()):
            part = [m for m in told if m["S"] in channels[_CHANNEL.get(m["T"], "quotes")]]
            if part:
                self.send_raw(msgpack.packb(part), socket)

    def send_raw(self, frame: bytes, socket: web.WebSocketResponse | None = None) -> None:
        """Send bytes as they are, to one socket or to all."""
        for one in [socket] if socket is not None else list(self.sockets):
            self._server.spawn(self._send(one, frame))

    async def _send(self, socket: web.WebSocketResponse, frame: bytes) -> None:
        if not socket.closed:
            try:
                await socket.send_bytes(frame)
            except ConnectionError:
                self.sockets.pop(socket, None)

    def say(self, word: dict[str, Any]) -> None:
        """Say a word of the session to everybody, e.g. that a client is slow."""
        self.send_raw(msgpack.packb([word]))

    def cut(self) -> None:
        """Break every socket without a word."""
        for socket in list(self.sockets):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()


def quote_message(symbol: str, bid: float, ask: float, size: float, ts_ns: int) -> dict[str, Any]:
    """A quote as it goes out."""
    return {
        "T": "q", "S": symbol, "bx": "V", "bp": bid, "bs": size, "ax": "V", "ap": ask, "as": size,
        "c": ["R"], "z": "C", "t": stamp(ts_ns),
    }  # fmt: skip


def stamp(ts_ns: int) -> msgpack.Timestamp:
    """A time as msgpack has it, to the nanosecond."""
    return msgpack.Timestamp(*divmod(ts_ns, 1_000_000_000))


async def _say(socket: web.WebSocketResponse, word: dict[str, Any]) -> None:
    await socket.send_bytes(msgpack.packb([word]))
