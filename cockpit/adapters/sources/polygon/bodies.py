"""Polygon's bodies as they come; what it may leave out or send as null is None here."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import msgspec

from cockpit.adapters.sources import reading
from cockpit.adapters.sources.reading import price
from cockpit.kernel.clock import MILLISECOND
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
_HUGE = 1 << 62
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=_HUGE // MILLISECOND)]
Nanoseconds = Annotated[int, msgspec.Meta(ge=0, le=_HUGE)]


class Told(msgspec.Struct, kw_only=True):
    """What every body may say of itself."""

    status: str = ""
    error: str | None = None
    message: str | None = None
    next_url: str | None = None

    @property
    def why(self) -> str:
        """Its own words, if it has any."""
        return self.error or self.message or ""


class Agg(msgspec.Struct, gc=False):
    """A bar; `t` is its START in ms UTC."""

    o: Number = None
    h: Number = None
    l: Number = None  # noqa: E741 -- the wire's name
    c: Number = None
    v: Number = None
    vw: Number = None
    n: int | None = None
    t: Milliseconds | None = None


class Aggs(Told, kw_only=True):
    """Bars of `ticker`."""

    ticker: str = ""
    results: list[Agg] | None = None


class LastTrade(msgspec.Struct):
    """The last print."""

    p: Number = None
    s: Number = None
    t: Nanoseconds | None = None


class LastQuote(msgspec.Struct):
    """The last quote: small letters are the bid, large ones the ask."""

    p: Number = None
    s: Number = None
    P: Number = None
    S: Number = None
    t: Nanoseconds | None = None


class Shot(msgspec.Struct, kw_only=True):
    """Where a symbol stands."""

    ticker: str = ""
    day: Agg | None = None
    min: Agg | None = None
    prev_day: Agg | None = msgspec.field(name="prevDay", default=None)
    last_quote: LastQuote | None = msgspec.field(name="lastQuote", default=None)
    last_trade: LastTrade | None = msgspec.field(name="lastTrade", default=None)


class OneShot(Told, kw_only=True):
    """A symbol's snapshot."""

    ticker: Shot | None = None


class Shots(Told, kw_only=True):
    """Several snapshots."""

    tickers: list[Shot] | None = None


class Company(msgspec.Struct, kw_only=True):
    """What is known of a symbol."""

    ticker: str = ""
    name: str = ""
    primary_exchange: str = ""
    currency_name: str = ""
    locale: str = ""
    description: str = ""
    sic_description: str = ""
    market_cap: Decimal | None = None
    weighted_shares_outstanding: Decimal | None = None
    share_class_shares_outstanding: Decimal | None = None


class Details(Told, kw_only=True):
    """One symbol's details."""

    results: Company | None = None


class Publisher(msgspec.Struct):
    """Who wrote it."""

    name: str = ""


class Article(msgspec.Struct, kw_only=True):
    """One article."""

    id: str = ""
    title: str = ""
    article_url: str = ""
    published_utc: str = ""
    description: str | None = None
    publisher: Publisher | None = None
    tickers: list[str] | None = None


class News(Told, kw_only=True):
    """Articles."""

    results: list[Article] | None = None


class SplitRow(msgspec.Struct, kw_only=True):
    """A split: `split_from` shares become `split_to`."""

    ticker: str = ""
    execution_date: str = ""
    split_from: Decimal
    split_to: Decimal


class Splits(Told, kw_only=True):
    """Splits."""

    results: list[SplitRow] | None = None


class DividendRow(msgspec.Struct, kw_only=True):
    """A dividend in cash."""

    ticker: str = ""
    cash_amount: Decimal
    currency: str | None = None
    ex_dividend_date: str = ""
    declaration_date: str | None = None
    record_date: str | None = None
    pay_date: str | None = None


class Dividends(Told, kw_only=True):
    """Dividends."""

    results: list[DividendRow] | None = None


def bar_of(symbol: str, agg: Agg, interval_s: int) -> RawBar:
    """A bar as a row, unchecked: what is missing is NaN, and no bar that can be one."""
    nan = float("nan")
    ts_ns = (agg.t or 0) * MILLISECOND
    return RawBar(
        symbol=symbol,
        open=_or(agg.o, nan),
        high=_or(agg.h, nan),
        low=_or(agg.l, nan),
        close=_or(agg.c, nan),
        volume=_or(agg.v, nan),
        vwap=_or(agg.vw, 0.0),
        trades=agg.n or 0,
        interval_s=interval_s,
        ts_event=reading.same_day_start_ns(ts_ns) if interval_s >= reading.DAY_S else ts_ns,
    )


def quote_of(symbol: str, shot: Shot) -> LatestQuote:
    """A snapshot as a row. Its time is that of the quote, where it has one, else of the price."""
    quote, trade, minute = shot.last_quote, shot.last_trade, shot.min
    bid, ask = (price(quote.p), price(quote.P)) if quote else (None, None)
    last, ts_ns = price(trade.p) if trade else None, (trade.t or 0) if trade else 0
    if last is None and minute is not None:
        last, ts_ns = price(minute.c), (minute.t or 0) * MILLISECOND
    if quote is not None and quote.t and (bid or ask):
        ts_ns = quote.t
    day, before = shot.day or Agg(), shot.prev_day or Agg()
    return LatestQuote(
        symbol=symbol,
        ts_event=ts_ns,
        bid=bid,
        ask=ask,
        bid_size=price(quote.s) if quote else None,
        ask_size=price(quote.S) if quote else None,
        last=last,
        volume=price(day.v),
        day_open=price(day.o),
        day_high=price(day.h),
        day_low=price(day.l),
        previous_close=price(before.c),
    )


def close_of(symbol: str, agg: Agg) -> LatestQuote:
    """The bar of the last whole day: all that a plan without snapshots has."""
    return LatestQuote(
        symbol=symbol,
        ts_event=0,
        day=reading.day_of((agg.t or 0) * MILLISECOND),
        last=price(agg.c),
        volume=price(agg.v),
        day_open=price(agg.o),
        day_high=price(agg.h),
        day_low=price(agg.l),
    )


def company_of(company: Company) -> Fundamentals:
    """Details as a row."""
    shares = company.share_class_shares_outstanding or company.weighted_shares_outstanding
    values: dict[Figure, object] = {
        Figure.MARKET_CAP: company.market_cap,
        Figure.SHARES_OUTSTANDING: shares,
    }
    return Fundamentals(
        symbol=company.ticker,
        name=company.name,
        exchange=company.primary_exchange,
        currency=company.currency_name.upper(),
        country=company.locale.upper(),
        industry=company.sic_description,
        description=company.description,
        figures=reading.figures_of(values, {}),
    )


def item_of(article: Article) -> NewsItem:
    """An article as a row. Raises ValueError."""
    return NewsItem(
        news_id=article.id,
        headline=article.title,
        url=article.article_url,
        ts_event=reading.moment_ns(article.published_utc),
        summary=article.description or "",
        publisher=article.publisher.name if article.publisher else "",
        symbols=tuple(article.tickers or ()),
    )


def split_of(row: SplitRow) -> CorporateAction:
    """A split as a row. Raises ValueError."""
    if not (row.split_from > 0 and row.split_to > 0):
        raise ValueError(f"a split of {row.split_from} for {row.split_to}")
    return CorporateAction(
        symbol=row.ticker,
        kind=ActionKind.SPLIT,
        ex_day=reading.needed_day(row.execution_date),
        shares_before=row.split_from,
        shares_after=row.split_to,
    )


def dividend_of(row: DividendRow) -> CorporateAction:
    """A dividend as a row. Raises ValueError."""
    if not row.cash_amount > 0:
        raise ValueError(f"a dividend of {row.cash_amount}")
    return CorporateAction(
        symbol=row.ticker,
        kind=ActionKind.DIVIDEND,
        ex_day=reading.needed_day(row.ex_dividend_date),
        amount=row.cash_amount,
        currency=(row.currency or "USD").upper(),
        declared_day=reading.iso_day(row.declaration_date),
        record_day=reading.iso_day(row.record_date),
        pay_day=reading.iso_day(row.pay_date),
    )


def _or(value: Number, other: float) -> float:
    return other if value is None else value
