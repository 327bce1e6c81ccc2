"""The toy Polygon: its paths, its words for a refusal, its pages, its stream of text."""

from __future__ import annotations

import ssl
import time
from typing import Any

from aiohttp import web

from tests.toyserver.vendors.server import Handler, ToyVendor, dated
from tests.toyserver.vendors.sockets import PolygonStream

_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
_NEW_YORK_S = 5 * 3600  # midnight there in winter


class ToyPolygon(ToyVendor):
    """`page` makes pages smaller; `delayed` lets it say that its data is."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.page = 50_000
        self.delayed = False
        self.stream = PolygonStream(self)
        self.quotes: dict[str, tuple[float, float, int]] = {}  # bid, ask, time in ns

    def sockets(self) -> dict[str, Handler]:
        return {"/stocks": self.stream.handle}

    def hang_up(self) -> None:
        self.stream.cut()

    def handlers(self) -> dict[str, Handler]:
        shots = "/v2/snapshot/locale/us/markets/stocks/tickers"
        return {
            "/v2/aggs/ticker/{symbol}/prev": self._prev,
            "/v2/aggs/ticker/{symbol}/range/{count}/{unit}/{start}/{end}": self._aggs,
            shots: self._snapshots,
            shots + "/{symbol}": self._snapshot,
            "/v3/reference/tickers/{symbol}": self._details,
            "/v2/reference/news": self._news,
            "/v3/reference/splits": self._splits,
            "/v3/reference/dividends": self._dividends,
        }

    def refused(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {self.key}":
            return None
        return web.json_response(
            {"status": "ERROR", "request_id": "1", "error": "Unknown API Key"}, status=401
        )

    def throttled(self) -> web.Response:
        why = "You've exceeded the maximum requests per minute, please wait or upgrade your plan."
        body = {"status": "ERROR", "request_id": "1", "error": why}
        return web.json_response(body, status=429, headers={"Retry-After": "17"})

    def not_entitled(self) -> web.Response:
        why = "You are not entitled to this data. Please upgrade your plan."
        body = {"status": "NOT_AUTHORIZED", "request_id": "1", "message": why}
        return web.json_response(body, status=403)

    def _told(self, **more: Any) -> web.Response:
        return web.json_response({"status": "DELAYED" if self.delayed else "OK", **more})

    @staticmethod
    def _not_found() -> web.Response:
        body = {"status": "NOT_FOUND", "request_id": "1", "message": "Ticker not found."}
        return web.json_response(body, status=404)

    async def _aggs(self, request: web.Request) -> web.StreamResponse:
        asked = request.match_info
        symbol, step = asked["symbol"], int(asked["count"]) * _SECONDS[asked["unit"]]
        head = {"ticker": symbol, "adjusted": request.query.get("adjusted") == "true"}
        if symbol not in self.facts.prices:
            return self._told(**head, queryCount=0, resultsCount=0)
        shift = _NEW_YORK_S if asked["unit"] == "day" else 0
        start, end = int(asked["start"]) // 1000 - shift, int(asked["end"]) // 1000 - shift
        bars = self.facts.bars(symbol, start, end, step)
        at = int(request.query.get("cursor", "0"))
        rows = [bar | {"t": (bar["t"] + shift) * 1000} for bar in bars[at : at + self.page]]
        more = {}
        if at + self.page < len(bars):
            # the real host, and the key as some versions repeat it
            more["next_url"] = f"https://api.massive.com{request.path}?cursor={at + self.page}"
        return self._told(**head, resultsCount=len(rows), results=rows, **more)

    async def _prev(self, request: web.Request) -> web.StreamResponse:
        symbol = request.match_info["symbol"]
        if symbol not in self.facts.prices:
            return self._told(ticker=symbol, resultsCount=0)
        at = int(time.time()) // 86_400 * 86_400 - 4 * 3600  # yesterday's bell
        bar = self.facts.bar(symbol, at, 86_400)
        rows = [bar | {"T": symbol, "t": at * 1000}]
        return self._told(ticker=symbol, resultsCount=1, results=rows)

    async def _snapshots(self, request: web.Request) -> web.StreamResponse:
        wanted = request.query.get("tickers", "").split(",")
        shots = [self._shot(symbol) for symbol in wanted if symbol in self.facts.prices]
        return self._told(count=len(shots), tickers=shots)

    async def _snapshot(self, request: web.Request) -> web.StreamResponse:
        symbol = request.match_info["symbol"]
        if symbol not in self.facts.prices:
            return self._not_found()
        return self._told(ticker=self._shot(symbol))

    def _shot(self, symbol: str) -> dict[str, Any]:
        price, now = self.facts.prices[symbol], time.time_ns()
        bid, ask, at = self.quotes.get(symbol, (price - 0.01, price + 0.01, now))
        return {
            "ticker": symbol, "todaysChange": 0.05, "updated": now,
            "day": {"o": price, "h": price + 1, "l": price - 1, "c": price, "v": 12_345},
            "min": {"o": price, "h": price, "l": price, "c": price, "v": 9, "t": now // 10**6},
            "prevDay": {"o": price, "h": price, "l": price, "c": price - 0.05, "v": 99},
            "lastQuote": {"p": bid, "s": 3, "P": ask, "S": 4, "t": at},
            "lastTrade": {"p": price, "s": 25, "t": at, "x": 4, "c": [14], "i": "7"},
        }  # fmt: skip

    async def _details(self, request: web.Request) -> web.StreamResponse:
        symbol = request.match_info["symbol"]
        if symbol not in self.facts.prices:
            return self._not_found()
        return self._told(
            results={
                "ticker": symbol, "name": "Toys & Co.", "primary_exchange": "XNAS",
                "currency_name": "usd", "locale": "us", "sic_description": "GAMES, TOYS",
                "market_cap": 1234567.89, "share_class_shares_outstanding": 98765,
            }
        )  # fmt: skip

    async def _news(self, request: web.Request) -> web.StreamResponse:
        symbol, since = request.query.get("ticker"), request.query.get("published_utc.gte", "")
        found = [
            article
            for article in sorted(self.facts.news, key=lambda a: a["at"], reverse=True)
            if article["at"] >= since and (not symbol or symbol in article["symbols"])
        ]
        limit = int(request.query["limit"])
        rows = [
            {
                "id": a["id"], "title": a["title"], "article_url": a["url"],
                "tickers": a["symbols"], "published_utc": a["at"],
                "publisher": {"name": "The Wire"},
            }
            for a in found[:limit]
        ]  # fmt: skip
        more = {"next_url": "https://api.massive.com/v2/reference/news?cursor=1"}
        return self._told(results=rows, count=len(rows), **(more if len(found) > limit else {}))

    async def _splits(self, request: web.Request) -> web.StreamResponse:
        return self._listed(request, self.facts.splits, "execution_date")

    async def _dividends(self, request: web.Request) -> web.StreamResponse:
        return self._listed(request, self.facts.dividends, "ex_dividend_date")

    def _listed(self, request: web.Request, rows: list[dict[str, Any]], day: str) -> web.Response:
        asked = request.query
        here = [row for row in rows if row["ticker"] == asked["ticker"]]
        return self._told(results=dated(here, day, asked[f"{day}.gte"], asked[f"{day}.lte"]))
