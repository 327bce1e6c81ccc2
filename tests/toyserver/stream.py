"""The toy venue's stream of order updates: Alpaca's words, JSON in binary frames."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from tests.toyserver.server import ToyServer


class Stream:
    """All listeners, each with a queue that keeps its updates in order."""

    def __init__(self, server: ToyServer) -> None:
        self._server = server
        self._sockets: set[web.WebSocketResponse] = set()
        self._listening: set[web.WebSocketResponse] = set()
        self.sign_ins = self.pings = 0

    @property
    def listeners(self) -> int:
        """How many sockets get updates."""
        return len(self._listening)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One socket, from hello to its end."""
        faults = self._server.stream_faults
        if faults.refuse_status:
            return web.Response(status=faults.refuse_status)
        socket = web.WebSocketResponse(autoping=False, autoclose=True)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.PING:
                    self.pings += 1
                    if not self._server.stream_faults.frozen:
                        await socket.pong(message.data)
                elif message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                    await self._on_word(socket, json.loads(message.data))
        finally:
            self._sockets.discard(socket)
            self._listening.discard(socket)
        return socket

    async def _on_word(self, socket: web.WebSocketResponse, word: dict[str, Any]) -> None:
        mute = self._server.stream_faults.mute_at
        data = word.get("data", {})
        if mute == "hello":
            return
        if word.get("action") == "authenticate":
            await self._authenticate(socket, data)
        elif word.get("action") == "listen" and mute != "auth":
            streams = [s for s in data.get("streams", []) if s == "trade_updates"]
            await _say(socket, "listening", {"streams": streams})
            if mute != "listen":
                self._listening.add(socket)

    async def _authenticate(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> None:
        self.sign_ins += 1
        if self._server.stream_faults.limit:
            told = {"status": "unauthorized", "code": 406, "message": "connection limit exceeded"}
            await _say(socket, "authorization", told)
            await socket.close()
            return
        keys = (data.get("key_id"), data.get("secret_key"))
        known = keys == self._server.keys
        status = "authorized" if known else "unauthorized"
        why = {} if known else {"message": "access key verification failed"}
        await _say(socket, "authorization", {"status": status, "action": "authenticate", **why})
        if not known:
            await socket.close()

    def publish(self, update: dict[str, Any]) -> None:
        """Send an update to every listener, as the faults have it."""
        message = json.dumps(
            {"stream": "trade_updates", "data": update}, separators=(",", ":")
        ).encode()
        for spoilt in self._server.stream_faults.spoil(message):
            for socket in list(self._listening):
                self._server.spawn(self._send(socket, spoilt))

    async def _send(self, socket: web.WebSocketResponse, message: bytes) -> None:
        if not socket.closed:
            try:
                await socket.send_bytes(message)
            except ConnectionError:
                self._listening.discard(socket)

    def cut(self) -> None:
        """Break every socket without a word."""
        for socket in list(self._sockets):
            transport = socket._req.transport if socket._req is not None else None
            if transport is not None:
                transport.abort()


async def _say(socket: web.WebSocketResponse, stream: str, data: dict[str, Any]) -> None:
    await socket.send_bytes(json.dumps({"stream": stream, "data": data}).encode())
