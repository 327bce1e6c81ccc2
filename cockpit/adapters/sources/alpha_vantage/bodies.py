"""Alpha Vantage's bodies as they come: nearly all numbers are text, and keys begin with digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from cockpit.adapters.sources import reading
from cockpit.adapters.sources.reading import not_negative, parsed, price
from cockpit.domain.values import to_ns
from cockpit.ports.feed import RawBar
from cockpit.ports.source import (
    ActionKind,
    CorporateAction,
    Figure,
    Fundamentals,
    LatestQuote,
    NewsItem,
)

FIGURES: Mapping[Figure, str] = {
    Figure.MARKET_CAP: "MarketCapitalization",
    Figure.SHARES_OUTSTANDING: "SharesOutstanding",
    Figure.SHARES_FLOAT: "SharesFloat",
    Figure.PE_TRAILING: "TrailingPE",
    Figure.PE_FORWARD: "ForwardPE",
    Figure.PRICE_TO_BOOK: "PriceToBookRatio",
    Figure.PRICE_TO_SALES: "PriceToSalesRatioTTM",
    Figure.EPS_TRAILING: "DilutedEPSTTM",
    Figure.REVENUE_TRAILING: "RevenueTTM",
    Figure.PROFIT_MARGIN: "ProfitMargin",
    Figure.DIVIDEND_PER_SHARE: "DividendPerShare",
    Figure.DIVIDEND_YIELD: "DividendYield",
    Figure.BETA: "Beta",
    Figure.HIGH_52_WEEKS: "52WeekHigh",
    Figure.LOW_52_WEEKS: "52WeekLow",
}
LENGTHS = {
    60: "1min",
    300: "5min",
    900: "15min",
    1800: "30min",
    3600: "60min",
    reading.DAY_S: "Daily",
}
"""Alpha Vantage's words for the lengths of bars."""
_NAMELESS = frozenset({"", "None", "-"})


class Told(msgspec.Struct, kw_only=True):
    """What comes in place of data, with status 200."""

    note: str | None = msgspec.field(name="Note", default=None)
    information: str | None = msgspec.field(name="Information", default=None)
    error: str | None = msgspec.field(name="Error Message", default=None)


class QuoteRow(msgspec.Struct, kw_only=True):
    """The latest price; empty for a symbol that it does not know."""

    symbol: str = msgspec.field(name="01. symbol", default="")
    open: str | None = msgspec.field(name="02. open", default=None)
    high: str | None = msgspec.field(name="03. high", default=None)
    low: str | None = msgspec.field(name="04. low", default=None)
    price: str | None = msgspec.field(name="05. price", default=None)
    volume: str | None = msgspec.field(name="06. volume", default=None)
    day: str = msgspec.field(name="07. latest trading day", default="")
    before: str | None = msgspec.field(name="08. previous close", default=None)


class Quote(msgspec.Struct, kw_only=True):
    """The body of GLOBAL_QUOTE; a delayed one says so in its name."""

    now: QuoteRow | None = msgspec.field(name="Global Quote", default=None)
    late: QuoteRow | None = msgspec.field(
        name="Global Quote - DATA DELAYED BY 15 MINUTES", default=None
    )


class BarRow(msgspec.Struct, gc=False):
    """A bar."""

    o: str | None = msgspec.field(name="1. open", default=None)
    h: str | None = msgspec.field(name="2. high", default=None)
    l: str | None = msgspec.field(name="3. low", default=None)  # noqa: E741 -- as on the wire
    c: str | None = msgspec.field(name="4. close", default=None)
    v: str | None = msgspec.field(name="5. volume", default=None)


class Meta(msgspec.Struct):
    """Of whom a series is, and in what time zone; they are numbered in several ways."""

    symbol: str
    zone: str


class ArticleTicker(msgspec.Struct):
    """Whom an article is about."""

    ticker: str = ""


class Article(msgspec.Struct, kw_only=True):
    """One article."""

    title: str = ""
    url: str = ""
    time_published: str = ""
    summary: str = ""
    source: str = ""
    ticker_sentiment: list[ArticleTicker] | None = None


class News(msgspec.Struct, kw_only=True):
    """The body of NEWS_SENTIMENT."""

    feed: list[Article] | None = None


class SplitRow(msgspec.Struct):
    """A split: what one share becomes."""

    effective_date: str = ""
    split_factor: Decimal = Decimal(0)


class DividendRow(msgspec.Struct):
    """A dividend in cash."""

    ex_dividend_date: str = ""
    amount: str = ""
    declaration_date: str | None = None
    record_date: str | None = None
    payment_date: str | None = None


class Splits(msgspec.Struct, kw_only=True):
    """The body of SPLITS."""

    symbol: str = ""
    data: list[SplitRow] | None = None


class Dividends(msgspec.Struct, kw_only=True):
    """The body of DIVIDENDS."""

    symbol: str = ""
    data: list[DividendRow] | None = None


Series = dict[str, msgspec.Raw]
"""A body of bars: "Meta Data", and the bars under a name that tells their length."""


def quote_of(symbol: str, row: QuoteRow) -> LatestQuote:
    """A quote as a row: the last price, of which only the day is known."""
    return LatestQuote(
        symbol=symbol,
        ts_event=0,
        day=reading.iso_day(row.day),
        last=price(parsed(row.price)),
        volume=not_negative(parsed(row.volume)),
        day_open=price(parsed(row.open)),
        day_high=price(parsed(row.high)),
        day_low=price(parsed(row.low)),
        previous_close=price(parsed(row.before)),
    )


def meta_of(series: Series) -> Meta:
    """Of whom a series is. Raises ValueError for one without."""
    told = msgspec.json.decode(series.get("Meta Data", b"{}"), type=dict[str, object])
    named = {name.partition(" ")[2]: str(value) for name, value in told.items()}
    if "Symbol" not in named:
        raise ValueError("a series without a symbol")
    return Meta(named["Symbol"], named.get("Time Zone", ""))


def bars_of(symbol: str, series: Series, zone: str, interval_s: int) -> Iterator[RawBar]:
    """The bars of a series, unchecked. Raises ValueError."""
    name = f"Time Series ({LENGTHS[interval_s]})"
    if name not in series:
        raise ValueError(f"no {name}")
    body, where = series[name], zone_of(zone)
    for label, row in msgspec.json.decode(body, type=dict[str, BarRow]).items():
        if interval_s >= reading.DAY_S:
            ts_ns = reading.day_start_ns(label[:10])
        else:
            ts_ns = to_ns(datetime.fromisoformat(label).replace(tzinfo=where))
        yield _bar(symbol, row, interval_s, ts_ns)


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name. Raises ValueError for one that there is not."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"a time zone {name!r}") from error


def company_of(symbol: str, told: Mapping[str, str | None]) -> Fundamentals:
    """The body of OVERVIEW as a row."""

    def word(name: str) -> str:
        text = told.get(name) or ""
        return "" if text in _NAMELESS else text

    return Fundamentals(
        symbol=symbol,
        name=word("Name"),
        exchange=word("Exchange"),
        currency=word("Currency"),
        country=word("Country"),
        sector=word("Sector"),
        industry=word("Industry"),
        description=word("Description"),
        day=reading.iso_day(word("LatestQuarter")),
        figures=reading.figures_of({f: told.get(name) for f, name in FIGURES.items()}, {}),
    )


def item_of(article: Article) -> NewsItem:
    """An article as a row; its id is its address. Raises ValueError."""
    form = "%Y%m%dT%H%M%S" if len(article.time_published) > 13 else "%Y%m%dT%H%M"
    when = datetime.strptime(article.time_published, form).replace(tzinfo=ZoneInfo("UTC"))
    return NewsItem(
        news_id=article.url,
        headline=article.title,
        url=article.url,
        ts_event=to_ns(when),
        summary=article.summary,
        publisher=article.source,
        symbols=tuple(one.ticker for one in article.ticker_sentiment or ()),
    )


def split_of(symbol: str, row: SplitRow) -> CorporateAction:
    """A split as a row. Raises ValueError."""
    if not row.split_factor > 0:
        raise ValueError(f"a split of {row.split_factor}")
    return CorporateAction(
        symbol=symbol,
        kind=ActionKind.SPLIT,
        ex_day=reading.needed_day(row.effective_date),
        shares_before=Decimal(1),
        shares_after=row.split_factor,
    )


def dividend_of(symbol: str, row: DividendRow) -> CorporateAction:
    """A dividend as a row. Raises ValueError."""
    amount = reading.exact(row.amount)
    if amount is None or not amount > 0:
        raise ValueError(f"a dividend of {row.amount!r}")
    return CorporateAction(
        symbol=symbol,
        kind=ActionKind.DIVIDEND,
        ex_day=reading.needed_day(row.ex_dividend_date),
        amount=amount,
        declared_day=reading.iso_day(row.declaration_date),
        record_day=reading.iso_day(row.record_date),
        pay_day=reading.iso_day(row.payment_date),
    )


def _bar(symbol: str, row: BarRow, interval_s: int, ts_ns: int) -> RawBar:
    nan = float("nan")
    values = [parsed(text) for text in (row.o, row.h, row.l, row.c, row.v)]
    open_, high, low, close, volume = (nan if value is None else value for value in values)
    return RawBar(
        symbol=symbol,
        open=open_,
        high=high,
        low=low,
        close=close,
        volume=volume,
        vwap=0.0,
        trades=0,
        interval_s=interval_s,
        ts_event=ts_ns,
    )
