"""Starts and stops the toy venue on loopback, in the loop of whoever started it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Coroutine, Mapping
from typing import Any, Self

from aiohttp import web

from tests.toyserver.exchange import Exchange
from tests.toyserver.faults import Faults, StreamFaults
from tests.toyserver.market import Market
from tests.toyserver.rest import Rest
from tests.toyserver.stream import Stream

KEY_ID = "PKTOY000000000000001"
SECRET_KEY = "toysecret0000000000000000000000000000001"  # opens nothing but the toy


class ToyServer:
    """`async with ToyServer() as toy`: then `toy.url`, `toy.stream_url` and `toy.data_stream_url`
    (below `/v2/FEED`) answer.

    With `tls` all three are encrypted. `clock_off_s` is how far its clock is ahead, `standing`
    goes over the account's body.
    `requests` holds every request as (method, path). `page_limit` makes order pages smaller.
    """

    def __init__(self, exchange: Exchange | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.exchange = exchange or Exchange()
        self.faults = Faults()
        self.stream_faults = StreamFaults()
        self.keys: tuple[str, str] = (KEY_ID, SECRET_KEY)
        self.rate_limit = 10_000
        self.clock_off_s = 0.0
        self.standing: dict[str, Any] = {}
        self.page_limit = 0
        self.requests: list[tuple[str, str]] = []
        self.stopping = asyncio.Event()
        self.stream = Stream(self)
        self.market = Market(self)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner: web.AppRunner | None = None
        self.url = self.stream_url = self.data_stream_url = ""
        self.exchange.on_update.append(self.stream.publish)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([*Rest(self).routes(), web.get("/stream", self.stream.handle)])
        app.add_routes([web.get("/v2/{feed:iex|sip|delayed_sip}", self.market.handle)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.tls)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        s = "" if self.tls is None else "s"
        self.url, self.stream_url = f"http{s}://{host}:{port}", f"ws{s}://{host}:{port}/stream"
        self.data_stream_url = f"ws{s}://{host}:{port}"
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.stopping.set()
        self.stream.cut()
        self.market.cut()
        if self._runner is not None:
            await self._runner.cleanup()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def quote(self, symbol: str, bid: float, ask: float, size: float = 1e6) -> None:
        """Let market data and matching see the same quote, in this order."""
        self.market.quote(symbol, bid, ask, size)
        self.exchange.quote(symbol, bid, ask, size)

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request carries the right keys."""
        given = (headers.get("APCA-API-KEY-ID"), headers.get("APCA-API-SECRET-KEY"))
        return given == self.keys

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the rest, until the server stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def count(self, method: str, path: str) -> int:
        """How many requests came of that kind."""
        return sum(1 for m, p in self.requests if m == method and p.partition("?")[0] == path)
