"""The toy Robinhood on loopback, in the loop of whoever started it."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web

from tests.toyserver.hood import books
from tests.toyserver.hood.door import Door

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ToyHood:
    """`async with ToyHood() as toy`: then `toy.url` answers.

    `moods` maps the start of a path to what goes wrong there: a status, or "html", "truncated",
    "hang", "drip", "elsewhere" (a redirect), "foreign" (a next page at another host) or "round"
    (a next page that is this one). `from_page` spares the pages before it. `requests` holds
    every request as (method, path).
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.books = books.Books()
        self.door = Door()
        self.page = 100
        self.still = False  # then quotes keep the time of the toy's start
        self.halted: set[str] = set()
        self._began = books.moment(time.time())
        self.moods: dict[str, int | str] = {}
        self.from_page = 0
        self.requests: list[tuple[str, str]] = []
        self.headers_seen: list[dict[str, str]] = []
        self.url = ""
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._around])
        app.add_routes([*self.door.routes(), *self._routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.tls).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http{'' if self.tls is None else 's'}://{host}:{port}"
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def asked(self, method: str, path: str) -> int:
        """How many requests came whose path begins so."""
        return sum(1 for m, p in self.requests if m == method and p.startswith(path))

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.get("/accounts/", self._accounts),
            web.get("/accounts/{number}", self._account),
            web.get("/portfolios/{number}/", self._portfolio),
            web.get("/positions/", self._positions),
            web.get("/orders/", self._orders),
            web.get("/orders/{id}/", self._order),
            web.get("/instruments/", self._instruments),
            web.get("/instruments/{id}/", self._instrument),
            web.get("/quotes/", self._quotes),
            web.get("/quotes/historicals/", self._history),
            web.get("/marketdata/quotes/{id}/", self._quote),
            web.get("/options/chains/{id}/", self._chain),
            web.get("/options/instruments/", self._options),
            web.get("/options/orders/", self._option_orders),
            web.get("/options/positions/", self._option_positions),
            web.get("/midlands/lists/default/", self._lists),
            web.route("*", "/{rest:.*}", self._unknown),
        ]

    @web.middleware
    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs))
        self.headers_seen.append(dict(request.headers))
        opens = request.path.startswith(("/oauth2/", "/pathfinder/", "/push/"))
        if not opens and not self.door.knows(request):
            told = {"detail": "Incorrect authentication credentials."}
            return web.json_response(told, status=401)
        mood = next((m for p, m in self.moods.items() if request.path.startswith(p)), None)
        if mood is None or int(request.query.get("cursor", "0")) < self.from_page:
            return await handler(request)
        return await self._spoilt(mood, request, handler)

    async def _spoilt(
        self, mood: int | str, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        if isinstance(mood, int):
            told = {"detail": "You do not have permission to perform this action."}
            return web.json_response(told, status=mood)
        if mood == "html":
            return web.Response(text="<html>Just a moment...</html>", content_type="text/html")
        if mood == "hang":
            await self._stopping.wait()
        if mood == "elsewhere":
            return web.Response(status=302, headers={"Location": "https://example.com/positions/"})
        if mood in ("foreign", "round"):
            host = "https://example.com" if mood == "foreign" else books.HOST
            return web.json_response({"results": [], "next": f"{host}{request.path}?cursor=7"})
        answer = await handler(request)
        body = answer.body if isinstance(answer, web.Response) else b""
        if mood == "drip":
            return await self._dripping(request)
        return web.Response(body=bytes(body or b"")[:-9], content_type="application/json")

    async def _dripping(self, request: web.Request) -> web.StreamResponse:
        slow = web.StreamResponse()
        await slow.prepare(request)
        while not self._stopping.is_set():
            try:
                await slow.write(b" ")
                await asyncio.wait_for(self._stopping.wait(), 0.05)
            except TimeoutError:
                pass
            except ConnectionError:
                break
        return slow

    # what it says

    def _paged(self, request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
        """A page; the next one begins at `cursor`, and has its own address at the real host."""
        number = int(request.query.get("cursor", "0"))
        here = rows[number * self.page : (number + 1) * self.page]
        more = len(rows) > (number + 1) * self.page
        query = {**request.query, "cursor": str(number + 1)}
        joined = "&".join(f"{k}={v}" for k, v in query.items())
        next_ = f"{books.HOST}{request.path}?{joined}" if more else None
        return web.json_response({"results": here, "next": next_, "previous": None})

    async def _accounts(self, request: web.Request) -> web.Response:
        return self._paged(request, self.books.accounts)

    async def _account(self, _request: web.Request) -> web.Response:
        return web.json_response(self.books.accounts[0])

    async def _portfolio(self, _request: web.Request) -> web.Response:
        return web.json_response({"equity": "12345.6700", "extended_hours_equity": "12345.9900"})

    async def _positions(self, request: web.Request) -> web.Response:
        number = request.query.get("account_number", books.NUMBER)
        held = [p for p in self.books.positions if p["account_number"] == number]
        return self._paged(request, held)

    async def _orders(self, request: web.Request) -> web.Response:
        since = request.query.get("updated_at[gte]", "").replace("Z", ".000000Z")
        newest_first = sorted(self.books.orders, key=lambda o: o["created_at"], reverse=True)
        return self._paged(request, [o for o in newest_first if o["updated_at"] >= since])

    async def _order(self, request: web.Request) -> web.Response:
        wanted = request.match_info["id"]
        for order in self.books.orders:
            if order["id"] == wanted:
                return web.json_response(order)
        return web.json_response({"detail": "Not found."}, status=404)

    async def _instruments(self, request: web.Request) -> web.Response:
        symbol = request.query.get("symbol", "AAPL")
        return self._paged(request, [books.instrument(symbol)])

    async def _instrument(self, request: web.Request) -> web.Response:
        return web.json_response(books.instrument(request.match_info["id"].removeprefix("id-")))

    async def _quotes(self, request: web.Request) -> web.Response:
        wanted = request.query.get("symbols", "").split(",")
        told = [self._quoted(s) if s in books.SYMBOLS else None for s in wanted]
        return web.json_response({"results": told})

    def _quoted(self, symbol: str) -> dict[str, Any]:
        told = books.quote(symbol) | {"trading_halted": symbol in self.halted}
        return told | ({"updated_at": self._began} if self.still else {})

    async def _quote(self, request: web.Request) -> web.Response:
        return web.json_response(books.quote(request.match_info["id"].removeprefix("id-")))

    async def _history(self, request: web.Request) -> web.Response:
        wanted, interval = request.query["symbols"].split(","), request.query["interval"]
        return web.json_response({"results": [books.history(s, interval) for s in wanted]})

    async def _chain(self, _request: web.Request) -> web.Response:
        return web.json_response({"underlying_instruments": [{"id": "underlying-1"}]})

    async def _options(self, request: web.Request) -> web.Response:
        expiry = request.query["expiration_dates"]
        return self._paged(request, [{"id": "option-1", "expiration_date": expiry}])

    async def _option_orders(self, request: web.Request) -> web.Response:
        cancel = f"{books.HOST}/options/orders/option-order-1/cancel/"
        return self._paged(request, [{"id": "option-order-1", "cancel_url": cancel}])

    async def _option_positions(self, request: web.Request) -> web.Response:
        return self._paged(request, self.books.contracts)

    async def _lists(self, _request: web.Request) -> web.Response:
        told = {"results": [{"id": "list-1", "display_name": "My First List"}]}
        return web.json_response(told)

    async def _unknown(self, request: web.Request) -> web.Response:
        return web.json_response({"detail": f"Not found: {request.path}"}, status=404)
