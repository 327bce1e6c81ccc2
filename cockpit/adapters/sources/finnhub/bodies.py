"""Finnhub's bodies as they come; what it may leave out or send as null is None here."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec

from cockpit.adapters.sources import reading
from cockpit.adapters.sources.reading import price
from cockpit.kernel.clock import SECOND
from cockpit.ports.feed import RawBar
from cockpit.ports.source import (
    ActionKind,
    CorporateAction,
    Figure,
    Fundamentals,
    LatestQuote,
    NewsItem,
)

Number = float | None
Seconds = Annotated[int, msgspec.Meta(ge=0, le=1 << 32)]
_MILLION = Decimal(1_000_000)
_PERCENT = Decimal("0.01")

METRICS: tuple[tuple[Figure, tuple[str, ...]], ...] = (
    (Figure.PE_TRAILING, ("peTTM", "peBasicExclExtraTTM")),
    (Figure.PRICE_TO_BOOK, ("pbQuarterly", "pbAnnual")),
    (Figure.PRICE_TO_SALES, ("psTTM",)),
    (Figure.EPS_TRAILING, ("epsTTM", "epsBasicExclExtraItemsTTM")),
    (Figure.PROFIT_MARGIN, ("netProfitMarginTTM",)),
    (Figure.DIVIDEND_PER_SHARE, ("dividendPerShareTTM", "dividendPerShareAnnual")),
    (Figure.DIVIDEND_YIELD, ("currentDividendYieldTTM", "dividendYieldIndicatedAnnual")),
    (Figure.BETA, ("beta",)),
    (Figure.HIGH_52_WEEKS, ("52WeekHigh",)),
    (Figure.LOW_52_WEEKS, ("52WeekLow",)),
    (Figure.AVERAGE_VOLUME, ("10DayAverageTradingVolume",)),
)
"""Which of Finnhub's metrics is which figure; of several the first that is there."""

SCALE = {
    Figure.MARKET_CAP: _MILLION,
    Figure.SHARES_OUTSTANDING: _MILLION,
    Figure.AVERAGE_VOLUME: _MILLION,
    Figure.PROFIT_MARGIN: _PERCENT,
    Figure.DIVIDEND_YIELD: _PERCENT,
}
"""Finnhub counts money and shares in millions, and fractions in percent."""


class Told(msgspec.Struct):
    """What comes in place of data."""

    error: str | None = None


class Quote(Told, kw_only=True):
    """The latest price; all zero for a symbol that it does not know."""

    c: Number = None
    h: Number = None
    l: Number = None  # noqa: E741 -- the wire's name
    o: Number = None
    pc: Number = None
    t: Seconds | None = None


class Candles(Told, kw_only=True):
    """Bars, a column each; `s` is "ok" or "no_data"."""

    s: str = ""
    o: list[Number] | None = None
    h: list[Number] | None = None
    l: list[Number] | None = None  # noqa: E741 -- the wire's name
    c: list[Number] | None = None
    v: list[Number] | None = None
    t: list[Seconds] | None = None


class Profile(Told, kw_only=True):
    """A company; empty for one that it does not know."""

    ticker: str = ""
    name: str = ""
    exchange: str = ""
    currency: str = ""
    country: str = ""
    finnhubIndustry: str = ""  # noqa: N815 -- the wire's name
    marketCapitalization: Decimal | None = None  # noqa: N815 -- the wire's name
    shareOutstanding: Decimal | None = None  # noqa: N815 -- the wire's name


class Metrics(Told, kw_only=True):
    """Its figures, by names of which there are hundreds."""

    symbol: str = ""
    metric: dict[str, float | str | None] | None = None


class Article(msgspec.Struct, kw_only=True):
    """One article; `related` names symbols, with commas between them."""

    id: int = 0
    headline: str = ""
    url: str = ""
    datetime: Seconds = 0
    summary: str = ""
    source: str = ""
    related: str = ""


class SplitRow(msgspec.Struct, kw_only=True):
    """A split."""

    symbol: str = ""
    date: str = ""
    fromFactor: Decimal  # noqa: N815 -- the wire's name
    toFactor: Decimal  # noqa: N815 -- the wire's name


class DividendRow(msgspec.Struct, kw_only=True):
    """A dividend; `date` is its ex-day."""

    symbol: str = ""
    date: str = ""
    amount: Decimal
    currency: str | None = None
    declarationDate: str | None = None  # noqa: N815 -- the wire's name
    recordDate: str | None = None  # noqa: N815 -- the wire's name
    payDate: str | None = None  # noqa: N815 -- the wire's name


def quote_of(symbol: str, quote: Quote) -> LatestQuote:
    """A quote as a row: the last price only, for Finnhub has no bid and ask here."""
    return LatestQuote(
        symbol=symbol,
        ts_event=(quote.t or 0) * SECOND,
        last=price(quote.c),
        day_open=price(quote.o),
        day_high=price(quote.h),
        day_low=price(quote.l),
        previous_close=price(quote.pc),
    )


def bars_of(symbol: str, candles: Candles, interval_s: int) -> list[RawBar]:
    """Columns as rows, unchecked. Raises ValueError for columns of different length."""
    times = candles.t or []
    columns = [candles.o, candles.h, candles.l, candles.c, candles.v]
    if any(len(column or ()) != len(times) for column in columns):
        raise ValueError("columns of different length")
    rows = zip(times, *(column or () for column in columns), strict=True)
    return [_bar(symbol, interval_s, ts, values) for ts, *values in rows]


def company_of(profile: Profile, metrics: Metrics) -> Fundamentals:
    """Profile and metrics as a row."""
    told = metrics.metric or {}
    values: dict[Figure, object] = {
        Figure.MARKET_CAP: profile.marketCapitalization,
        Figure.SHARES_OUTSTANDING: profile.shareOutstanding,
    }
    for figure, names in METRICS:
        values[figure] = next((told[n] for n in names if told.get(n) is not None), None)
    return Fundamentals(
        symbol=profile.ticker,
        name=profile.name,
        exchange=profile.exchange,
        currency=profile.currency,
        country=profile.country,
        industry=profile.finnhubIndustry,
        figures=reading.figures_of(values, SCALE),
    )


def item_of(article: Article) -> NewsItem:
    """An article as a row."""
    symbols = (symbol.strip() for symbol in article.related.split(","))
    return NewsItem(
        news_id=str(article.id),
        headline=article.headline,
        url=article.url,
        ts_event=article.datetime * SECOND,
        summary=article.summary,
        publisher=article.source,
        symbols=tuple(symbol for symbol in symbols if symbol),
    )


def split_of(row: SplitRow) -> CorporateAction:
    """A split as a row. Raises ValueError."""
    if not (row.fromFactor > 0 and row.toFactor > 0):
        raise ValueError(f"a split of {row.fromFactor} for {row.toFactor}")
    return CorporateAction(
        symbol=row.symbol,
        kind=ActionKind.SPLIT,
        ex_day=reading.needed_day(row.date),
        shares_before=row.fromFactor,
        shares_after=row.toFactor,
    )


def dividend_of(row: DividendRow) -> CorporateAction:
    """A dividend as a row. Raises ValueError."""
    if not row.amount > 0:
        raise ValueError(f"a dividend of {row.amount}")
    return CorporateAction(
        symbol=row.symbol,
        kind=ActionKind.DIVIDEND,
        ex_day=reading.needed_day(row.date),
        amount=row.amount,
        currency=row.currency or "USD",
        declared_day=reading.iso_day(row.declarationDate),
        record_day=reading.iso_day(row.recordDate),
        pay_day=reading.iso_day(row.payDate),
    )


def _bar(symbol: str, interval_s: int, ts: int, values: list[Number]) -> RawBar:
    nan = float("nan")
    open_, high, low, close, volume = (nan if v is None else v for v in values)
    ts_ns = ts * SECOND
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
        ts_event=reading.utc_day_start_ns(ts_ns) if interval_s >= reading.DAY_S else ts_ns,
    )
