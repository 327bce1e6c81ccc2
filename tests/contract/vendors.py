"""The toy data vendors as the contract of a source wants them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from cockpit.adapters.sources import alpha_vantage, finnhub, polygon
from cockpit.kernel.clock import WallClock
from cockpit.ports.source import (
    ActionsAsk,
    Adjusted,
    Ask,
    BarsAsk,
    FundamentalsAsk,
    Kind,
    NewsAsk,
    QuoteAsk,
    Source,
)
from cockpit.ports.vault import vendor_secret
from cockpit.testing import SourceVenue, Trouble
from cockpit.testing.source_contract import Spoilt
from tests.toyserver.client import DictVault
from tests.toyserver.vendors import Mood, ToyAlphaVantage, ToyFinnhub, ToyPolygon, ToyVendor

PATIENCE = {"connect_timeout_s": 0.8, "answer_timeout_s": 0.8, "max_answer_mb": 1}
MOODS = {
    Trouble.DOWN: Mood.DOWN,
    Trouble.HANGS: Mood.HANG,
    Trouble.RESET: Mood.RESET,
    Trouble.DRIPS: Mood.DRIP,
    Trouble.CUT: Mood.CUT,
    Trouble.PAGE: Mood.HTML,
    Trouble.PAGE_403: Mood.HTML_403,
    Trouble.REDIRECT: Mood.ELSEWHERE,
    Trouble.ENDLESS: Mood.HUGE,
    Trouble.TRUNCATED: Mood.TRUNCATED,
    Trouble.EMPTY: Mood.EMPTY,
    Trouble.THROTTLED: Mood.THROTTLED,
    Trouble.NOT_ENTITLED: Mood.NOT_ENTITLED,
    Trouble.OTHER_SYMBOL: Mood.OTHER_SYMBOL,
}
SPOILT = {
    Spoilt.NULLS: Mood.NULLS,
    Spoilt.ZEROS: Mood.ZEROS,
    Spoilt.NEGATIVE: Mood.NEGATIVE,
    Spoilt.MISSING: Mood.MISSING,
    Spoilt.NAN: Mood.NAN,
}
SECOND = 1_000_000_000
BELL = 1_768_573_800  # 2026-01-16 09:30 in New York, s UTC
NEWS_AT = 1_768_574_000
ACTIONS = ActionsAsk(symbol="ABC", first_day="2026-01-01", last_day="2026-06-30")


def intraday(symbol: str) -> BarsAsk:
    """Five minutes from the bell."""
    return BarsAsk(
        symbol=symbol, interval_s=60, start_ns=BELL * SECOND, end_ns=(BELL + 300) * SECOND
    )


class Vendor(SourceVenue):
    """A toy vendor that knows news, a split and two dividends of ABC."""

    def __init__(self, toy: ToyVendor) -> None:
        self.toy = toy
        self.key = toy.key
        toy.facts.news = [
            {"id": f"n{n}", "number": n, "title": f"News {n}", "url": f"https://example.com/{n}",
             "symbols": ["ABC", "DEF"], "seconds": NEWS_AT + n,
             "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NEWS_AT + n))}
            for n in (2, 1, 3)
        ]  # fmt: skip
        toy.facts.splits = [
            {"ticker": "ABC", "execution_date": "2026-03-02", "split_from": 1, "split_to": 4}
        ]
        toy.facts.dividends = [
            {"ticker": "ABC", "ex_dividend_date": day, "cash_amount": 0.25, "pay_date": day}
            for day in ("2026-05-04", "2026-02-03", "2027-01-04")
        ]

    def asks(self) -> Mapping[Kind, Ask]:
        return {
            Kind.QUOTE: QuoteAsk("ABC"),
            Kind.BARS: intraday("ABC"),
            Kind.FUNDAMENTALS: FundamentalsAsk("ABC"),
            Kind.NEWS: NewsAsk(symbol="ABC", start_ns=(NEWS_AT + 1) * SECOND),
            Kind.ACTIONS: ACTIONS,
        }

    def unknown(self) -> Mapping[Kind, Ask]:
        return {
            Kind.QUOTE: QuoteAsk("NONE"),
            Kind.BARS: intraday("NONE"),
            Kind.FUNDAMENTALS: FundamentalsAsk("NONE"),
            Kind.ACTIONS: ActionsAsk(symbol="NONE", first_day="2026-01-01", last_day="2026-06-30"),
        }

    @property
    def requests(self) -> int:
        return len(self.toy.requests)

    def fall_into(self, trouble: Trouble | None) -> None:
        self.toy.moods.clear()
        self.toy.key = "another" if trouble is Trouble.KEY_REVOKED else self.key
        if trouble in MOODS:
            self.toy.moods[""] = MOODS[trouble]

    def spoil(self, spoilt: Spoilt) -> None:
        self.toy.moods[""] = SPOILT[spoilt]

    @property
    def vault(self) -> DictVault:
        """Where the key is."""
        return DictVault(**{vendor_secret(self.source_name): self.key})

    source_name = ""


class Polygon(Vendor):
    source_name = "polygon"
    toy: ToyPolygon

    def source(self) -> Source:
        settings = polygon.PolygonSettings(url=self.toy.url, plan="advanced", **PATIENCE)
        return polygon.build(settings, clock=WallClock(), vault=self.vault)


class Finnhub(Vendor):
    source_name = "finnhub"
    nameless = frozenset({Kind.QUOTE, Kind.BARS})
    toy: ToyFinnhub

    def source(self) -> Source:
        settings = finnhub.FinnhubSettings(url=self.toy.url, plan="premium", **PATIENCE)
        return finnhub.build(settings, clock=WallClock(), vault=self.vault)


class AlphaVantage(Vendor):
    source_name = "alpha_vantage"
    toy: ToyAlphaVantage

    def source(self) -> Source:
        settings = alpha_vantage.AlphaVantageSettings(
            url=self.toy.url, plan="premium", entitlement="realtime", **PATIENCE
        )
        return alpha_vantage.build(settings, clock=WallClock(), vault=self.vault)


def days(symbol: str, first: int, last: int, adjusted: Adjusted = Adjusted.RAW) -> BarsAsk:
    """Whole days, by the first and the last second."""
    return BarsAsk(
        symbol=symbol, interval_s=86_400, start_ns=first * SECOND, end_ns=last * SECOND,
        adjusted=adjusted,
    )  # fmt: skip
