"""REST v2 of the toy venue: Alpaca's paths, its error bodies, its rate headers, its paging."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.toyserver import calendar, show
from tests.toyserver.exchange import Exchange, ToyOrder
from tests.toyserver.faults import ACCEPTED, Fault, RefusedError

if TYPE_CHECKING:
    from tests.toyserver.server import ToyServer

Handler = Callable[[web.Request], Awaitable[Any]]
HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
_MAX_PAGE = 500
_NEWS_PAGE = 2


class Rest:
    """The handlers, behind keys, the rate limit and the faults."""

    def __init__(self, server: ToyServer) -> None:
        self._server = server
        self._used = self._reset = 0

    @property
    def _exchange(self) -> Exchange:
        return self._server.exchange

    def routes(self) -> list[web.RouteDef]:
        """All paths; `orders:by_client_order_id` is a path of its own there, too."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/v2/account", self._account),
            ("GET", "/v2/account/portfolio/history", self._history),
            ("GET", "/v2/account/activities/{kind}", self._activities),
            ("GET", "/v2/account/activities", self._charges),
            ("GET", "/v2/positions", self._positions),
            ("POST", "/v2/orders", self._submit),
            ("GET", "/v2/orders", self._orders),
            ("DELETE", "/v2/orders", self._cancel_all),
            ("GET", "/v2/orders:by_client_order_id", self._by_client),
            ("GET", "/v2/orders/{id}", self._order),
            ("PATCH", "/v2/orders/{id}", self._replace),
            ("DELETE", "/v2/orders/{id}", self._cancel),
            ("GET", "/v2/clock", self._clock),
            ("GET", "/v2/calendar", self._calendar),
            ("GET", "/v2/stocks/bars", self._bars),
            ("GET", "/v2/stocks/quotes/latest", self._latest_quotes),
            ("GET", "/v2/stocks/snapshots", self._snapshots),
            ("GET", "/v1beta1/news", self._news),
            ("GET", "/v1/corporate-actions", self._corporate_actions),
            ("GET", "/v2/assets", self._assets),
            ("GET", "/v2/assets/{symbol}", self._asset),
        ]
        return [web.route(verb, path, self._guarded(handler)) for verb, path, handler in table]

    def _guarded(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            self._server.requests.append((request.method, request.path_qs))
            fault = self._server.faults.next(request.method, request.path)
            if fault is not None and fault not in ACCEPTED:
                return await self._fail_before(request, fault)
            answer = await self._answer(request, handler)
            return answer if fault is None else self._fail_after(request, fault, answer)

        return handle

    async def _answer(self, request: web.Request, handler: Handler) -> web.Response:
        if not self._server.knows(request.headers):
            return self._json({"code": 40110000, "message": "request is not authorized"}, 401)
        self._count()
        if self._used > self._server.rate_limit:
            return self._json({"code": 42910000, "message": "rate limit exceeded"}, 429)
        try:
            body = await handler(request)
        except RefusedError as error:
            return self._json({"code": error.code, "message": error.message}, error.status)
        if body is None:
            return web.Response(status=204, headers=self._headers())
        return self._json(body, 207 if request.method == "DELETE" else 200)

    async def _fail_before(self, request: web.Request, fault: Fault) -> web.Response:
        if fault is Fault.LOST_REQUEST:
            return _reset(request)
        if fault is Fault.STALLED:
            await self._server.stopping.wait()
            return web.Response(status=503)
        if fault is Fault.HTML_403:
            return web.Response(status=403, text=HTML, content_type="text/html")
        if fault is Fault.TOO_MANY:
            body = {"code": 42910000, "message": "rate limit exceeded"}
            return self._json(body, 429, {"Retry-After": "1"})
        if fault is Fault.REDIRECT:
            return web.Response(status=301, headers={"Location": "/elsewhere"})
        return self._json({"code": 50010000, "message": "internal server error occurred"}, 500)

    def _fail_after(
        self, request: web.Request, fault: Fault, answer: web.Response
    ) -> web.StreamResponse:
        if fault is Fault.LOST_ANSWER:
            return _reset(request)
        if fault is Fault.ACCEPTED_HTML:
            return web.Response(text=HTML, content_type="text/html")
        if fault is Fault.ACCEPTED_ODD:
            return self._json({"result": ["ok"], "qty": 1e400}, 200)
        if fault is Fault.ACCEPTED_CUT:
            body = answer.body
            assert isinstance(body, bytes)
            return web.Response(body=body[: len(body) // 2], content_type="application/json")
        return web.Response(status=504, text=HTML, content_type="text/html")

    # handlers

    async def _account(self, _request: web.Request) -> Any:
        return self._exchange.account() | self._server.standing

    async def _positions(self, _request: web.Request) -> Any:
        return self._exchange.positions()

    async def _submit(self, request: web.Request) -> Any:
        return self._exchange.submit(await request.json())

    async def _replace(self, request: web.Request) -> Any:
        return self._exchange.replace(request.match_info["id"], await request.json())

    async def _cancel(self, request: web.Request) -> Any:
        self._exchange.cancel(request.match_info["id"])

    async def _cancel_all(self, _request: web.Request) -> Any:
        return self._exchange.cancel_all()

    async def _order(self, request: web.Request) -> Any:
        return self._shown(self._exchange.find(request.match_info["id"]))

    async def _by_client(self, request: web.Request) -> Any:
        return self._shown(self._exchange.find_client(request.query["client_order_id"]))

    async def _orders(self, request: web.Request) -> Any:
        query, orders = request.query, list(self._exchange.orders.values())
        status, nested = query.get("status", "open"), query.get("nested") == "true"
        if status != "all":  # an exit that is held back is in neither list
            orders = [o for o in orders if show.is_listed(o) == (status == "open")]
        if "after" in query:
            after = show.ns_of(query["after"])
            orders = [o for o in orders if o.submitted_ns > after]
        if query.get("direction", "desc") == "desc":
            orders.reverse()
        limit = min(int(query.get("limit", "50")), self._server.page_limit or _MAX_PAGE)
        if nested:
            orders = [o for o in orders if o.first not in orders]
        return [self._shown(o, nested=nested) for o in orders[:limit]]

    def _shown(self, order: ToyOrder, *, nested: bool = False) -> dict[str, Any]:
        spoilt = self._exchange.spoilt.get(order.client_order_id, {})
        return show.order(order, nested=nested) | spoilt

    async def _activities(self, request: web.Request) -> Any:
        query, made = request.query, list(self._exchange.executions)
        if request.match_info["kind"] != "FILL":
            return []
        if "after" in query:
            after = show.ns_of(query["after"])
            made = [e for e in made if e.ts_ns > after]
        if query.get("direction", "desc") == "desc":
            made.reverse()
        spoilt = self._exchange.spoilt_fills
        told = [show.activity(e) | spoilt.get(e.order.client_order_id, {}) for e in made]
        if token := query.get("page_token"):
            names = [a["id"] for a in told]
            told = told[names.index(token) + 1 :]
        return told[: min(int(query.get("page_size", "100")), 100)]

    async def _charges(self, request: web.Request) -> Any:
        kinds, told = request.query["activity_types"].split(","), self._exchange.charges
        since = request.query["after"][:10]
        told = [c for c in told if c["activity_type"] in kinds and c["date"] >= since]
        if token := request.query.get("page_token"):
            told = told[[charge["id"] for charge in told].index(token) + 1 :]
        return told[: int(request.query["page_size"])]

    async def _clock(self, _request: web.Request) -> Any:
        off_ns = round(self._server.clock_off_s * 1e9)
        return calendar.clock(self._exchange.now_ns() + off_ns)

    async def _calendar(self, request: web.Request) -> Any:
        start, end = request.query.get("start"), request.query.get("end")
        return await asyncio.to_thread(calendar.days, start, end)  # the first one loads it

    async def _history(self, _request: web.Request) -> Any:
        equity = float(self._exchange.venue.account(0).equity)
        return {
            "timestamp": [self._exchange.now_ns() // 1_000_000_000],
            "equity": [equity],
            "profit_loss": [0],
            "profit_loss_pct": [0],
            "base_value": float(self._exchange.settings.starting_cash),
            "timeframe": "1D",
        }

    async def _bars(self, request: web.Request) -> Any:
        return calendar.bars(request.query)

    async def _latest_quotes(self, request: web.Request) -> Any:
        wanted, latest = request.query["symbols"].split(","), self._server.market.latest
        return {"quotes": {s: show.latest_quote(latest[s]) for s in wanted if s in latest}}

    async def _snapshots(self, request: web.Request) -> Any:
        wanted = request.query["symbols"].split(",")
        return {
            symbol: self._snapshot(symbol) for symbol in wanted if symbol in self._exchange.assets
        }

    def _snapshot(self, symbol: str) -> dict[str, Any]:
        """Of one that is quoted elsewhere than around 10, yesterday's close is its mid."""
        quote = self._exchange.quotes.get(symbol)
        if quote is None or 9 <= quote.mid <= 11:
            return calendar.snapshot()
        return calendar.snapshot(quote.mid)

    async def _news(self, request: web.Request) -> Any:
        query = request.query
        wanted, at = query.get("symbols", ""), int(query.get("page_token") or 0)
        found = [a for a in self._server.market.news if not wanted or wanted in a["symbols"]]
        page, more = found[at : at + _NEWS_PAGE], len(found) > at + _NEWS_PAGE
        return {"news": page, "next_page_token": str(at + _NEWS_PAGE) if more else None}

    async def _corporate_actions(self, request: web.Request) -> Any:
        query = request.query
        listed = {
            kind: [
                action
                for action in actions
                if action["symbol"] == query["symbols"]
                and query["start"] <= action["process_date"] <= query["end"]
            ]
            for kind, actions in self._server.market.actions.items()
        }
        return {"corporate_actions": listed, "next_page_token": None}

    async def _assets(self, _request: web.Request) -> Any:
        return [show.asset(symbol, more) for symbol, more in self._exchange.assets.items()]

    async def _asset(self, request: web.Request) -> Any:
        symbol = request.match_info["symbol"]
        if symbol not in self._exchange.assets:
            raise RefusedError(404, 40410000, f"asset not found for {symbol}")
        return show.asset(symbol, self._exchange.assets[symbol])

    # answers

    def _count(self) -> None:
        now = int(time.time())
        if now >= self._reset:  # a minute from the first request on, so that no test straddles it
            self._used, self._reset = 0, now + 60
        self._used += 1

    def _headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self._server.rate_limit),
            "X-RateLimit-Remaining": str(max(0, self._server.rate_limit - self._used)),
            "X-RateLimit-Reset": str(self._reset),
        }

    def _json(self, body: Any, status: int, more: dict[str, str] | None = None) -> web.Response:
        text = json.dumps(body).replace("Infinity", "1e400")
        headers = self._headers() | (more or {})
        return web.Response(
            text=text, status=status, headers=headers, content_type="application/json"
        )


def _reset(request: web.Request) -> web.Response:
    """Break the line as a dying proxy does."""
    if request.transport is not None:
        request.transport.abort()
    raise asyncio.CancelledError
