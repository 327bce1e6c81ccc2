"""Alpaca's data API as a source of research: quotes, bars, news, splits and dividends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol, TypeVar

import msgspec
from pydantic import Field

from cockpit.adapters.brokers.alpaca.budget import Purpose
from cockpit.adapters.brokers.alpaca.faults import (
    HeldBackError,
    NoAnswerError,
    UnreadableError,
    VenueRefusalError,
)
from cockpit.adapters.brokers.alpaca.keys import Keys, keys_of
from cockpit.adapters.brokers.alpaca.lines import Lines
from cockpit.adapters.brokers.alpaca.settings import AlpacaSettings
from cockpit.adapters.brokers.bodies import ns_of
from cockpit.adapters.feeds.alpaca.history import (
    BarsPage,
    Quotes,
    raw_bar,
    raw_quote,
    time_of,
    timeframe,
)
from cockpit.domain.account import Mode
from cockpit.domain.errors import CockpitError
from cockpit.kernel.settings import SettingsModel
from cockpit.ports import source as port
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Plugin
from cockpit.ports.source import (
    ActionKind,
    ActionsAsk,
    Adjusted,
    Answer,
    Ask,
    BarOffer,
    BarsAsk,
    Budget,
    CorporateAction,
    Kind,
    LatestQuote,
    Meter,
    NewsAsk,
    NewsItem,
    Profile,
    QuoteAsk,
    Row,
    Source,
)
from cockpit.ports.vault import Vault

T = TypeVar("T")
NAME = "alpaca"
_PAGE = 10_000
_NEWS_PAGE = 50
_MAX_PAGES = 50
_DELAY_S = {"delayed_sip": 900}
_ADJUSTMENT = {Adjusted.RAW: "raw", Adjusted.SPLITS: "split", Adjusted.ALL: "all"}
_INTERVALS = (*(60 * n for n in (1, 2, 3, 5, 10, 15, 30, 60, 120, 240)), 86_400)
_KINDS = frozenset({Kind.QUOTE, Kind.BARS, Kind.NEWS, Kind.ACTIONS})
_TYPES = "forward_split,reverse_split,cash_dividend"
_PAID_WITHIN = timedelta(days=90)
"""Actions are listed by the day they are processed; a dividend's is that of its payment."""
_PROCESSED_BEFORE = timedelta(days=10)


class AlpacaSourceSettings(SettingsModel):
    """Section `[sources.alpaca]`: what of the data plan's requests research may use.

    Addresses, feed and patience are those of `[brokers.alpaca]`, keys those of the account.
    `quote_lot` as in `[feeds.alpaca]`.
    """

    requests_per_minute: int = Field(default=100, gt=0)
    quote_lot: int = Field(default=1, gt=0)


class _Article(msgspec.Struct, frozen=True):
    id: int
    headline: str
    url: str | None
    created_at: str
    summary: str = ""
    source: str = ""
    symbols: tuple[str, ...] = ()


class _News(msgspec.Struct, frozen=True):
    news: list[_Article]
    next_page_token: str | None = None


class _Split(msgspec.Struct, frozen=True):
    symbol: str
    new_rate: Decimal
    old_rate: Decimal
    ex_date: str
    record_date: str | None = None
    payable_date: str | None = None


class _Dividend(msgspec.Struct, frozen=True):
    symbol: str
    rate: Decimal
    ex_date: str
    record_date: str | None = None
    payable_date: str | None = None


class _Listed(msgspec.Struct, frozen=True):
    forward_splits: list[_Split] = []
    reverse_splits: list[_Split] = []
    cash_dividends: list[_Dividend] = []


class _Actions(msgspec.Struct, frozen=True):
    corporate_actions: _Listed
    next_page_token: str | None = None


class _Paged(Protocol):
    @property
    def next_page_token(self) -> str | None: ...


P = TypeVar("P", bound=_Paged)


class AlpacaSource:
    """Implements `ports.source.Source`."""

    name = NAME

    def __init__(
        self,
        settings: AlpacaSourceSettings,
        shared: AlpacaSettings,
        *,
        clock: Clock,
        keys: Callable[[], Awaitable[Keys]],
        mode: Mode,
    ) -> None:
        self._settings = settings
        self._shared = shared
        self._clock = clock
        self._keys = keys
        self._mode = mode
        self._lines: Lines | None = None

    @property
    def profile(self) -> Profile:
        """By the data plan of the broker's settings."""
        delay_s = _DELAY_S.get(self._shared.feed, 0)
        return Profile(
            kinds=_KINDS,
            budget=Budget(per_minute=self._settings.requests_per_minute, at_once=2),
            bars=(BarOffer(_INTERVALS, adjusted=tuple(Adjusted)),),
            delay_s={Kind.QUOTE: delay_s, Kind.BARS: delay_s},
            plan=self._shared.feed,
        )

    async def fetch(self, ask: Ask, meter: Meter) -> Answer:
        """Ask once. Raises SourceError."""
        try:
            lines = await self._signed_in()
            rows = await self._rows(ask, _Metered(lines, meter))
        except (NoAnswerError, UnreadableError, HeldBackError, VenueRefusalError) as error:
            raise _of(error) from error
        kind = port.KIND_OF[type(ask)]
        return Answer(
            source=NAME,
            fetched_ns=self._clock.now_ns(),
            rows=tuple(rows),
            delay_s=self.profile.delay_s.get(kind, 0),
            adjusted=ask.adjusted if isinstance(ask, BarsAsk) else Adjusted.RAW,
        )

    async def close(self) -> None:
        """Let the threads end."""
        if self._lines is not None:
            self._lines.close()
            self._lines = None

    async def _signed_in(self) -> Lines:
        if self._lines is None:
            try:
                keys = await self._keys()
            except CockpitError as error:
                raise port.KeyRefusedError(NAME, f"it has no keys ({error})") from error
            own = self._shared.model_copy(
                update={"requests_per_minute": 2 * self._settings.requests_per_minute}
            )  # research may use half of what the line counts: the meter is what limits it
            self._lines = Lines(own, keys, self._mode, self._clock)
        return self._lines

    async def _rows(self, ask: Ask, lines: _Metered) -> Sequence[Row]:
        match ask:
            case QuoteAsk():
                return [await self._quote(ask, lines)]
            case BarsAsk():
                return await self._bars(ask, lines)
            case NewsAsk():
                return await _news(ask, lines)
            case ActionsAsk():
                return await _actions(ask, lines)
            case _:
                raise port.NotEntitledError(NAME, f"it has no {port.KIND_OF[type(ask)].value}")

    async def _quote(self, ask: QuoteAsk, lines: _Metered) -> LatestQuote:
        params = {"symbols": ask.symbol, "feed": self._shared.feed}
        answer = await lines.get("/stocks/quotes/latest", Quotes, params)
        found = answer.quotes.get(ask.symbol)
        if found is None:
            raise port.UnknownSymbolError(NAME, f"it quotes no {ask.symbol}")
        raw = raw_quote(ask.symbol, found, self._settings.quote_lot)
        return LatestQuote(
            symbol=ask.symbol,
            ts_event=raw.ts_event,
            bid=raw.bid,
            ask=raw.ask,
            bid_size=raw.bid_size,
            ask_size=raw.ask_size,
        )

    async def _bars(self, ask: BarsAsk, lines: _Metered) -> Sequence[Row]:
        params = {
            "symbols": ask.symbol,
            "timeframe": timeframe(ask.interval_s),
            "start": time_of(ask.start_ns),
            "end": time_of(ask.end_ns),
            "limit": str(_PAGE),
            "adjustment": _ADJUSTMENT[ask.adjusted],
            "feed": self._shared.feed,
        }
        rows: list[Row] = []
        for page in await lines.pages("/stocks/bars", BarsPage, params):
            for symbol, bars in (page.bars or {}).items():
                rows += [raw_bar(symbol, bar, ask.interval_s) for bar in bars or ()]
        return rows


async def _news(ask: NewsAsk, lines: _Metered) -> Sequence[Row]:
    params = {"limit": str(min(_NEWS_PAGE, max(1, ask.most))), "sort": "desc"}
    params |= {"symbols": ask.symbol} if ask.symbol else {}
    params |= {"start": time_of(ask.start_ns)} if ask.start_ns else {}
    pages = await lines.pages("/news", _News, params, "v1beta1", -(-ask.most // _NEWS_PAGE))
    articles = [article for page in pages for article in page.news][: ask.most]
    return [_item(article) for article in reversed(articles)]


def _item(article: _Article) -> NewsItem:
    return NewsItem(
        news_id=str(article.id),
        headline=article.headline,
        url=article.url or "",
        ts_event=ns_of(article.created_at),
        summary=article.summary,
        publisher=article.source,
        symbols=article.symbols,
    )


async def _actions(ask: ActionsAsk, lines: _Metered) -> Sequence[Row]:
    first, last = date.fromisoformat(ask.first_day), date.fromisoformat(ask.last_day)
    params = {
        "symbols": ask.symbol,
        "types": _TYPES,
        "start": (first - _PROCESSED_BEFORE).isoformat(),
        "end": (last + _PAID_WITHIN).isoformat(),
        "limit": "1000",
    }
    rows = list[CorporateAction]()
    for page in await lines.pages("/corporate-actions", _Actions, params, "v1"):
        listed = page.corporate_actions
        rows += [_split(each) for each in (*listed.forward_splits, *listed.reverse_splits)]
        rows += [_dividend(each) for each in listed.cash_dividends]
    return [row for row in rows if ask.first_day <= row.ex_day <= ask.last_day]


def _split(split: _Split) -> CorporateAction:
    return CorporateAction(
        symbol=split.symbol,
        kind=ActionKind.SPLIT,
        ex_day=split.ex_date,
        shares_before=split.old_rate,
        shares_after=split.new_rate,
        record_day=split.record_date or "",
        pay_day=split.payable_date or "",
    )


def _dividend(dividend: _Dividend) -> CorporateAction:
    return CorporateAction(
        symbol=dividend.symbol,
        kind=ActionKind.DIVIDEND,
        ex_day=dividend.ex_date,
        amount=dividend.rate,
        record_day=dividend.record_date or "",
        pay_day=dividend.payable_date or "",
    )


class _Metered:
    """The data API, each request of which is counted before it goes out."""

    def __init__(self, lines: Lines, meter: Meter) -> None:
        self._lines = lines
        self._meter = meter

    async def get(
        self, path: str, kind: type[T], params: dict[str, str], version: str | None = None
    ) -> T:
        """One answer."""
        async with self._meter.request():
            return await self._lines.get(
                path, kind, params, purpose=Purpose.RESEARCH, data=True, version=version
            )

    async def pages(
        self,
        path: str,
        kind: type[P],
        params: dict[str, str],
        version: str | None = None,
        most: int = _MAX_PAGES,
    ) -> list[P]:
        """All pages of a list, or the first `most`. Raises UnreadableError for one without end."""
        pages = list[P]()
        while len(pages) < most:
            page = await self.get(path, kind, params, version)
            pages.append(page)
            token = page.next_page_token
            if not token:
                return pages
            if token == params.get("page_token"):
                break
            params = {**params, "page_token": token}
        if most < _MAX_PAGES:
            return pages
        raise UnreadableError(f"the list at {path} does not come to an end")


def _of(
    error: NoAnswerError | UnreadableError | HeldBackError | VenueRefusalError,
) -> port.SourceError:
    """The line's words as those of the port."""
    if isinstance(error, UnreadableError):
        return port.MalformedError(NAME, str(error))
    if isinstance(error, NoAnswerError):
        return port.DownError(NAME, str(error))
    if isinstance(error, HeldBackError):
        return port.HeldBackError(NAME, str(error))
    if error.status == 429:
        wait_s = error.retry_after_s or None
        return port.ThrottledError(NAME, error.message, span=port.Span.MINUTE, retry_after_s=wait_s)
    if error.status == 403 and "subscription" in error.message.lower():
        return port.NotEntitledError(NAME, error.message)
    if error.status in (401, 403):
        return port.KeyRefusedError(NAME, error.message)
    if error.status == 404 or "symbol" in error.message.lower():
        return port.UnknownSymbolError(NAME, error.message)
    return port.DownError(NAME, f"HTTP {error.status}: {error.message}")


def build(
    settings: AlpacaSourceSettings,
    *,
    clock: Clock,
    beside: AlpacaSettings | None = None,
    vault: Vault | None = None,
    account: str = "",
    mode: Mode = Mode.PAPER,
) -> AlpacaSource:
    """A source that has not signed in yet; `beside` are the settings of the broker."""
    shared = beside or AlpacaSettings()
    return AlpacaSource(
        settings,
        shared,
        clock=clock,
        keys=lambda: keys_of(vault, account, mode),
        mode=mode,
    )


_source: type[Source] = AlpacaSource

plugin = Plugin(name=NAME, settings=AlpacaSourceSettings, build=build, beside="brokers.alpaca")
