"""The toy Alpha Vantage: one path, numbers as text, and refusals with status 200."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from tests.toyserver.vendors.server import Handler, ToyVendor

NEW_YORK = ZoneInfo("America/New_York")
PRAISE = "Please visit https://www.alphavantage.co/premium/ to instantly remove all limits."
_STEPS = {"1min": 60, "5min": 300, "15min": 900, "30min": 1800, "60min": 3600}


class ToyAlphaVantage(ToyVendor):
    """`notes` are told before anything else, one a request: {"Note": ...} and the like."""

    numbers_are_text = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.notes: list[dict[str, str]] = []
        self.today = dt.date(2026, 11, 20)

    def handlers(self) -> dict[str, Handler]:
        return {"/query": self._query}

    def refused(self, request: web.Request) -> web.Response | None:
        if request.query.get("apikey") == self.key:
            return None
        why = "the parameter apikey is invalid or missing. Please claim your free API key."
        return web.json_response({"Error Message": why})

    def throttled(self) -> web.Response:
        why = f"We have detected your API key as {self.key} and our standard API rate limit is 25"
        return web.json_response({"Information": f"{why} requests per day. {PRAISE}"})

    def not_entitled(self) -> web.Response:
        why = "Thank you for using Alpha Vantage! This is a premium endpoint. You may subscribe to"
        return web.json_response({"Information": f"{why} any of the premium plans."})

    async def _query(self, request: web.Request) -> web.StreamResponse:
        if self.notes:
            return web.json_response(self.notes.pop(0))
        told: dict[str, Callable[[web.Request], web.Response]] = {
            "GLOBAL_QUOTE": self._quote,
            "TIME_SERIES_DAILY": self._daily,
            "TIME_SERIES_INTRADAY": self._intraday,
            "OVERVIEW": self._overview,
            "NEWS_SENTIMENT": self._news,
            "SPLITS": self._splits,
            "DIVIDENDS": self._dividends,
        }
        return told[request.query["function"]](request)

    def _symbol(self, request: web.Request) -> str | None:
        """The symbol as the facts write it, if they know it."""
        asked = request.query["symbol"].replace("-", ".")
        return asked if asked in self.facts.prices else None

    def _invalid(self, request: web.Request) -> web.Response:
        why = f"Invalid API call. Please retry or visit the documentation for {request.path}."
        return web.json_response({"Error Message": why})

    def _quote(self, request: web.Request) -> web.Response:
        symbol = self._symbol(request)
        if symbol is None:
            return web.json_response({"Global Quote": {}})
        price = self.facts.prices[symbol]
        row = {
            "01. symbol": request.query["symbol"], "02. open": f"{price:.4f}",
            "03. high": f"{price + 1:.4f}", "04. low": f"{price - 1:.4f}",
            "05. price": f"{price:.4f}", "06. volume": "12345",
            "07. latest trading day": self.today.isoformat(),
            "08. previous close": f"{price - 0.05:.4f}", "09. change": "0.0500",
            "10. change percent": "0.5%",
        }  # fmt: skip
        late = request.query.get("entitlement") == "delayed"
        name = "Global Quote - DATA DELAYED BY 15 MINUTES" if late else "Global Quote"
        return web.json_response({name: row})

    def _daily(self, request: web.Request) -> web.Response:
        symbol = self._symbol(request)
        if symbol is None:
            return self._invalid(request)
        count = 100 if request.query["outputsize"] == "compact" else 400
        days = [self.today - dt.timedelta(n) for n in range(count * 2)]
        open_days = [day for day in days if day.weekday() < 5][:count]
        rows = {d.isoformat(): self._row(symbol, d.toordinal() * 86_400, 86_400) for d in open_days}
        return self._series(request, "Time Series (Daily)", rows)

    def _intraday(self, request: web.Request) -> web.Response:
        symbol, step = self._symbol(request), _STEPS[request.query["interval"]]
        if symbol is None:
            return self._invalid(request)
        first = dt.date.fromisoformat(request.query["month"] + "-01")
        rows = {}
        for number in range(31):
            day = first + dt.timedelta(number)
            if day.month != first.month or day.weekday() > 4:
                continue
            bell = dt.datetime.combine(day, dt.time(9, 30), NEW_YORK)
            for n in range(5):
                at = bell + dt.timedelta(seconds=n * step)
                rows[f"{at:%Y-%m-%d %H:%M:%S}"] = self._row(symbol, int(at.timestamp()), step)
        label = f"Time Series ({request.query['interval']})"
        return self._series(request, label, dict(reversed(rows.items())))

    def _row(self, symbol: str, at: int, step: int) -> dict[str, str]:
        bar = self.facts.bar(symbol, at, step)
        return {
            "1. open": str(bar["o"]), "2. high": str(bar["h"]), "3. low": str(bar["l"]),
            "4. close": str(bar["c"]), "5. volume": str(bar["v"]),
        }  # fmt: skip

    def _series(self, request: web.Request, name: str, rows: dict[str, Any]) -> web.Response:
        meta = {
            "1. Information": "Prices and volumes", "2. Symbol": request.query["symbol"],
            "3. Last Refreshed": self.today.isoformat(), "5. Time Zone": "US/Eastern",
        }  # fmt: skip
        return web.json_response({"Meta Data": meta, name: rows})

    def _overview(self, request: web.Request) -> web.Response:
        symbol = self._symbol(request)
        if symbol is None:
            return web.json_response({})
        return web.json_response(
            {"Symbol": request.query["symbol"], "Name": "Toys & Co.", "Exchange": "NASDAQ",
             "Currency": "USD", "Country": "USA", "Sector": "TOYS", "Industry": "None",
             "LatestQuarter": "2026-09-30", "MarketCapitalization": "1234567",
             "TrailingPE": "20.5", "ForwardPE": "-", "DividendYield": "0.0035",
             "ProfitMargin": "0.276", "DividendPerShare": "None", "52WeekHigh": "12.5"}
        )  # fmt: skip

    def _news(self, request: web.Request) -> web.Response:
        wanted = request.query.get("tickers", "")
        rows = [
            {"title": a["title"], "url": a["url"], "source": "Wire", "summary": "",
             "time_published": dt.datetime.fromtimestamp(a["seconds"], dt.UTC)
             .strftime("%Y%m%dT%H%M%S"),
             "ticker_sentiment": [{"ticker": s, "relevance_score": "0.9"} for s in a["symbols"]]}
            for a in self.facts.news
            if not wanted or wanted in a["symbols"]
        ]  # fmt: skip
        newest = sorted(rows, key=lambda row: str(row["time_published"]), reverse=True)
        return web.json_response({"items": str(len(rows)), "feed": newest})

    def _splits(self, request: web.Request) -> web.Response:
        rows = [
            {"effective_date": s["execution_date"], "split_factor": s["split_to"] / s["split_from"]}
            for s in self.facts.splits
        ]
        return self._listed(request, rows)

    def _dividends(self, request: web.Request) -> web.Response:
        rows = [
            {"ex_dividend_date": d["ex_dividend_date"], "amount": str(d["cash_amount"]),
             "declaration_date": "None", "record_date": "None", "payment_date": d["pay_date"]}
            for d in self.facts.dividends
        ]  # fmt: skip
        return self._listed(request, rows)

    def _listed(self, request: web.Request, rows: list[dict[str, Any]]) -> web.Response:
        if self._symbol(request) is None:
            return web.json_response({})
        return web.json_response({"symbol": request.query["symbol"], "data": rows})
