"""The toy Finnhub: its paths, its words for a refusal, its rate headers, its stream of trades."""

from __future__ import annotations

import ssl
import time
from typing import Any

from aiohttp import web

from tests.toyserver.vendors.server import Handler, ToyVendor, dated
from tests.toyserver.vendors.sockets import FinnhubStream

_STEPS = {"1": 60, "5": 300, "15": 900, "30": 1800, "60": 3600, "D": 86_400}


class ToyFinnhub(ToyVendor):
    """`left` is what its headers say is left of the minute; `error_200` refuses with status 200."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.left = 59
        self.error_200 = False
        self.stream = FinnhubStream(self)
        self.last_at = 0  # s UTC; 0 is now

    def sockets(self) -> dict[str, Handler]:
        return {"/": self.stream.handle}

    def hang_up(self) -> None:
        self.stream.cut()

    def handlers(self) -> dict[str, Handler]:
        return {
            "/quote": self._quote,
            "/stock/candle": self._candles,
            "/stock/profile2": self._profile,
            "/stock/metric": self._metric,
            "/company-news": self._news,
            "/news": self._news,
            "/stock/split": self._splits,
            "/stock/dividend": self._dividends,
        }

    def _no(self, why: str, status: int) -> web.Response:
        return web.json_response({"error": why}, status=200 if self.error_200 else status)

    def refused(self, request: web.Request) -> web.Response | None:
        if request.headers.get("X-Finnhub-Token") == self.key:
            return None
        return self._no("Invalid API key", 401)

    def throttled(self) -> web.Response:
        return self._no("API limit reached. Please try again later. Remaining Limit: 0", 429)

    def not_entitled(self) -> web.Response:
        return self._no("You don't have access to this resource.", 403)

    def _told(self, body: Any) -> web.Response:
        reset = str(int(time.time()) + 30)
        headers = {"X-Ratelimit-Limit": "60", "X-Ratelimit-Remaining": str(self.left)}
        return web.json_response(body, headers=headers | {"X-Ratelimit-Reset": reset})

    def _knows(self, request: web.Request) -> bool:
        return request.query.get("symbol") in self.facts.prices

    async def _quote(self, request: web.Request) -> web.StreamResponse:
        if not self._knows(request):
            empty = dict.fromkeys("chlopct", 0) | {"pc": 0, "d": None, "dp": None}
            return self._told(empty)
        price = self.facts.prices[request.query["symbol"]]
        at = self.last_at or int(time.time())
        return self._told(
            {"c": price, "d": 0.05, "dp": 0.5, "h": price + 1, "l": price - 1, "o": price,
             "pc": price - 0.05, "t": at}
        )  # fmt: skip

    async def _candles(self, request: web.Request) -> web.StreamResponse:
        asked = request.query
        if not self._knows(request):
            return self._told({"s": "no_data"})
        step = _STEPS[asked["resolution"]]
        bars = self.facts.bars(asked["symbol"], int(asked["from"]), int(asked["to"]), step)
        if not bars:
            return self._told({"s": "no_data"})
        return self._told({"s": "ok"} | {name: [bar[name] for bar in bars] for name in "tohlcv"})

    async def _profile(self, request: web.Request) -> web.StreamResponse:
        if not self._knows(request):
            return self._told({})
        return self._told(
            {"ticker": request.query["symbol"], "name": "Toys & Co.", "exchange": "NASDAQ",
             "currency": "USD", "country": "US", "finnhubIndustry": "Leisure",
             "marketCapitalization": 1234.5, "shareOutstanding": 98.765}
        )  # fmt: skip

    async def _metric(self, request: web.Request) -> web.StreamResponse:
        metric = {
            "52WeekHigh": 12.5, "52WeekLow": 8.25, "beta": 1.2, "peTTM": 20.5, "epsTTM": 0.5,
            "netProfitMarginTTM": 27.6, "currentDividendYieldTTM": 0.35,
            "10DayAverageTradingVolume": 1.5, "52WeekHighDate": "2026-01-02", "psTTM": None,
        }  # fmt: skip
        body = {"symbol": request.query["symbol"], "metricType": "all", "metric": metric}
        return self._told(body | {"series": {"annual": {}}})

    async def _news(self, request: web.Request) -> web.StreamResponse:
        symbol = request.query.get("symbol", "")
        rows = [
            {"id": a["number"], "headline": a["title"], "url": a["url"], "datetime": a["seconds"],
             "source": "Wire", "related": a["symbols"][0], "summary": ""}
            for a in self.facts.news
            if not symbol or symbol in a["symbols"]
        ]  # fmt: skip
        return self._told(rows)

    async def _splits(self, request: web.Request) -> web.StreamResponse:
        rows = [
            {"symbol": s["ticker"], "date": s["execution_date"], "fromFactor": s["split_from"],
             "toFactor": s["split_to"]}
            for s in self.facts.splits
        ]  # fmt: skip
        return self._listed(request, rows)

    async def _dividends(self, request: web.Request) -> web.StreamResponse:
        rows = [
            {"symbol": d["ticker"], "date": d["ex_dividend_date"], "amount": d["cash_amount"],
             "currency": "USD", "payDate": d["pay_date"]}
            for d in self.facts.dividends
        ]  # fmt: skip
        return self._listed(request, rows)

    def _listed(self, request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
        asked = request.query
        here = [row for row in rows if row["symbol"] == asked["symbol"]]
        return self._told(dated(here, "date", asked["from"], asked["to"]))
