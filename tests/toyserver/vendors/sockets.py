"""Streams of text that the toy vendors speak: what is said, to whom, and how it goes wrong."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from tests.toyserver.vendors.server import ToyVendor


@dataclass
class SocketFaults:
    """How a stream misbehaves.

    `mute_at` names the step after which nothing more is said: "hello", "auth", "subscribe" or
    "data". `frozen` answers no ping either. `stalled` never ends the handshake. `say_at` says
    something else at a step. `refused` symbols or channels are not granted.
    """

    mute_at: str = ""
    frozen: bool = False
    stalled: bool = False
    refuse_status: int = 0
    say_at: tuple[str, Any] | None = None
    refused: set[str] = field(default_factory=set)


class Stream(ABC):
    """Everybody who listens, and to what."""

    def __init__(self, vendor: ToyVendor) -> None:
        self.vendor = vendor
        self.faults = SocketFaults()
        self.sockets: dict[web.WebSocketResponse, set[str]] = {}
        self.connects = self.sign_ins = self.pings = 0
        self.heard: list[Any] = []

    @property
    def subscribed(self) -> set[str]:
        """What somebody listens to."""
        return set().union(*self.sockets.values())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One socket, from welcome to its end."""
        self.connects += 1
        if self.faults.stalled:
            await self.vendor.stopping.wait()
        if refused := self.refused(request):
            return web.Response(status=refused)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.sockets[socket] = set()
        try:
            if await self._may_go_on(socket, "hello"):
                await self.greet(socket)
            async for message in socket:
                if message.type is WSMsgType.PING:
                    self.pings += 1
                    if not self.faults.frozen:
                        await socket.pong(message.data)
                elif message.type is WSMsgType.TEXT:
                    word = json.loads(message.data)
                    self.heard.append(word)
                    await self.on_word(socket, word)
        finally:
            self.sockets.pop(socket, None)
        return socket

    def refused(self, request: web.Request) -> int:
        """The status of a handshake that is refused; 0 for a good one."""
        del request
        return self.faults.refuse_status

    async def greet(self, socket: web.WebSocketResponse) -> None:
        """What it says first; nothing."""
        return

    @abstractmethod
    async def on_word(self, socket: web.WebSocketResponse, word: Any) -> None:
        """What somebody asks of it."""

    async def _may_go_on(self, socket: web.WebSocketResponse, step: str) -> bool:
        said = self.faults.say_at
        if said is not None and said[0] == step:
            await say(socket, said[1])
            return False
        return self.faults.mute_at != step

    def say(self, word: Any) -> None:
        """Say something to everybody."""
        self.send_raw(json.dumps(word))

    def send_raw(self, text: str) -> None:
        """Send text as it is, to everybody."""
        for socket in list(self.sockets):
            self.vendor.spawn(self._send(socket, text))

    async def _send(self, socket: web.WebSocketResponse, text: str) -> None:
        if not socket.closed:
            try:
                await socket.send_str(text)
            except ConnectionError:
                self.sockets.pop(socket, None)

    def cut(self) -> None:
        """Break every socket without a word."""
        for socket in list(self.sockets):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()


class PolygonStream(Stream):
    """Polygon's: a welcome, a key, then channels like "Q.ABC", all in JSON lists."""

    async def greet(self, socket: web.WebSocketResponse) -> None:
        await say(socket, [status("connected", "Connected Successfully")])

    async def on_word(self, socket: web.WebSocketResponse, word: Any) -> None:
        if word["action"] == "auth" and await self._may_go_on(socket, "auth"):
            self.sign_ins += 1
            good = word["params"] == self.vendor.key
            told = status("auth_success", "authenticated")
            bad = status("auth_failed", "authentication failed")
            await say(socket, [told if good else bad])
        elif word["action"] == "subscribe" and await self._may_go_on(socket, "subscribe"):
            for channel in word["params"].split(","):
                kind, _, symbol = channel.partition(".")
                if {kind, symbol} & self.faults.refused:
                    why = f"not authorized to subscribe to {channel}"
                    await say(socket, [status("error", why)])
                else:
                    self.sockets[socket].add(channel)
                    await say(socket, [status("success", f"subscribed to: {channel}")])

    def quote(self, symbol: str, bid: float, ask: float, size: float = 100) -> None:
        """Tell a quote of now."""
        self.publish([quote_message(symbol, bid, ask, size, time.time_ns() // 10**6)])

    def trade(self, symbol: str, price: float, size: float, number: int = 1) -> None:
        """Tell a print of now."""
        at = time.time_ns() // 10**6
        self.publish(
            [{"ev": "T", "sym": symbol, "i": str(number), "x": 4, "p": price, "s": size,
              "c": [14, 41], "t": at, "q": number, "z": 3}]
        )  # fmt: skip

    def band(self, symbol: str, *indicators: int) -> None:
        """Tell price bands of now; 17 among the indicators is a halt, 18 a resumption."""
        at = time.time_ns()
        self.publish(
            [{"ev": "LULD", "T": symbol, "h": 11.0, "l": 9.0, "i": list(indicators), "z": 3,
              "t": at, "q": 5925769}]
        )  # fmt: skip

    def publish(self, messages: Iterable[dict[str, Any]]) -> None:
        """Send messages, in one frame, to whoever subscribed to them."""
        if self.faults.mute_at == "data":
            return
        told = list(messages)
        for socket, channels in list(self.sockets.items()):
            part = [m for m in told if f"{m['ev']}.{m.get('sym') or m['T']}" in channels]
            if part:
                self.vendor.spawn(self._send(socket, json.dumps(part)))


class FinnhubStream(Stream):
    """Finnhub's: the key in the address, a subscription a symbol, no word that it is granted."""

    limit = 50

    def refused(self, request: web.Request) -> int:
        if self.faults.refuse_status:
            return self.faults.refuse_status
        self.sign_ins += 1
        return 0 if request.query.get("token") == self.vendor.key else 401

    async def on_word(self, socket: web.WebSocketResponse, word: Any) -> None:
        if word["type"] != "subscribe" or not await self._may_go_on(socket, "subscribe"):
            return
        channels = self.sockets[socket]
        if len(channels) >= self.limit:
            await say(socket, {"type": "error", "msg": "Subscribing to too many symbols"})
        elif word["symbol"] not in self.faults.refused:
            channels.add(word["symbol"])

    def trade(self, symbol: str, price: float, size: float) -> None:
        """Tell a print of now."""
        at = time.time_ns() // 10**6
        self.publish([{"s": symbol, "p": price, "v": size, "t": at, "c": ["1"]}])

    def publish(self, trades: Iterable[dict[str, Any]]) -> None:
        """Send prints, in one message, to whoever subscribed to them."""
        if self.faults.mute_at == "data":
            return
        told = list(trades)
        for socket, symbols in list(self.sockets.items()):
            part = [t for t in told if t["s"] in symbols]
            if part:
                self.vendor.spawn(self._send(socket, json.dumps({"type": "trade", "data": part})))


def status(word: str, message: str) -> dict[str, str]:
    """A word of Polygon's about the session."""
    return {"ev": "status", "status": word, "message": message}


def quote_message(symbol: str, bid: float, ask: float, size: float, at_ms: int) -> dict[str, Any]:
    """A quote of Polygon's as it goes out."""
    return {
        "ev": "Q", "sym": symbol, "bx": 4, "bp": bid, "bs": size, "ax": 7, "ap": ask, "as": size,
        "c": 0, "i": [604], "t": at_ms, "q": 50385480, "z": 3,
    }  # fmt: skip


async def say(socket: web.WebSocketResponse, word: Any) -> None:
    """Say something to one."""
    await socket.send_str(json.dumps(word))
