"""What Alpaca's data API tells when asked: bars, the latest quotes, yesterday's closes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from cockpit.adapters.brokers.alpaca.budget import Purpose
from cockpit.adapters.brokers.alpaca.faults import HeldBackError, UnreadableError
from cockpit.adapters.brokers.alpaca.lines import Lines
from cockpit.adapters.brokers.bodies import ns_of
from cockpit.domain.values import utc
from cockpit.kernel.clock import SECOND
from cockpit.ports.feed import RawBar, RawQuote
from cockpit.ports.source import HeldBackError as HeldBack
from cockpit.ports.source import Meter

T = TypeVar("T")
_PAGE = 10_000
_ONE_ASK = 200  # symbols: an address that names a whole market is refused for its length
_MAX_PAGES = 100
_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400


class RestBar(msgspec.Struct, frozen=True, gc=False):
    """A bar as it is listed; `t` is its start."""

    t: str
    o: float
    h: float
    l: float  # noqa: E741 -- the wire's name
    c: float
    v: float
    n: int = 0
    vw: float = 0.0


class RestQuote(msgspec.Struct, frozen=True, gc=False):
    """A quote as it is listed."""

    t: str
    bp: float = 0.0
    ap: float = 0.0
    bs: float = 0.0
    as_: float = msgspec.field(name="as", default=0.0)


class BarsPage(msgspec.Struct, frozen=True):
    """A page of bars by symbol."""

    bars: dict[str, list[RestBar] | None] | None  # null where there are none; never left out
    next_page_token: str | None = None


class Quotes(msgspec.Struct, frozen=True):
    """The latest quotes by symbol."""

    quotes: dict[str, RestQuote]


class Snapshot(msgspec.Struct, frozen=True):
    """Where a symbol stands; what the source does not have is None."""

    prev_daily: RestBar | None = msgspec.field(name="prevDailyBar", default=None)
    daily: RestBar | None = msgspec.field(name="dailyBar", default=None)
    quote: RestQuote | None = msgspec.field(name="latestQuote", default=None)


class History:
    """Asks one feed (iex, sip ...) of the data API, each request counted by `meter`.

    All raise NoAnswerError, VenueRefusalError, HeldBackError and UnreadableError.
    """

    def __init__(self, lines: Lines, meter: Meter, feed: str, quote_lot: int) -> None:
        self._lines = lines
        self._meter = meter
        self._feed = feed
        self._lot = quote_lot

    async def bars(
        self, symbols: Sequence[str], start_ns: int, end_ns: int, interval_s: int
    ) -> list[RawBar]:
        """All bars that begin in `start_ns` to `end_ns`, by symbol and then by time."""
        found: dict[str, list[RawBar]] = {symbol: [] for symbol in symbols}
        params = {
            "symbols": ",".join(symbols),
            "timeframe": timeframe(interval_s),
            "start": time_of(start_ns),
            "end": time_of(end_ns),
            "limit": str(_PAGE),
            "adjustment": "raw",
            "feed": self._feed,
        }
        for _ in range(_MAX_PAGES):
            page = await self._get("/stocks/bars", BarsPage, params, Purpose.RESEARCH)
            for symbol, bars in (page.bars or {}).items():
                listed = found.setdefault(symbol, [])
                listed += [raw_bar(symbol, bar, interval_s) for bar in bars or ()]
            if not page.next_page_token:
                return [bar for bars in found.values() for bar in bars]
            if page.next_page_token == params.get("page_token"):
                break
            params["page_token"] = page.next_page_token
        raise UnreadableError("the list of bars does not come to an end")

    async def latest_quotes(self, symbols: Sequence[str]) -> list[RawQuote]:
        """The latest quote of each symbol that has one, oldest first."""
        quotes: list[RawQuote] = []
        for params in self._asks(symbols):
            answer = await self._get("/stocks/quotes/latest", Quotes, params, Purpose.COMPARE)
            quotes += [raw_quote(s, quote, self._lot) for s, quote in answer.quotes.items()]
        return sorted(quotes, key=lambda quote: quote.ts_event)

    async def snapshots(self, symbols: Sequence[str]) -> dict[str, Snapshot]:
        """Where each symbol stands; one that the source does not know is left out."""
        found: dict[str, Snapshot] = {}
        for params in self._asks(symbols):
            answer = await self._get(
                "/stocks/snapshots", dict[str, Snapshot | None], params, Purpose.COMPARE
            )
            found |= {symbol: shot for symbol, shot in answer.items() if shot is not None}
        return found

    async def _get(self, path: str, kind: type[T], params: dict[str, str], purpose: Purpose) -> T:
        try:
            async with self._meter.request():
                return await self._lines.get(path, kind, params, purpose=purpose, data=True)
        except HeldBack as error:
            raise HeldBackError(error.why) from error

    def _asks(self, symbols: Sequence[str]) -> Iterator[dict[str, str]]:
        for first in range(0, len(symbols), _ONE_ASK):
            asked = ",".join(symbols[first : first + _ONE_ASK])
            yield {"symbols": asked, "feed": self._feed}


def previous_closes(snapshots: Mapping[str, Snapshot], today: str) -> dict[str, float]:
    """The close before `today` (ISO date, New York) by symbol.

    Before the bell the daily bar is still that of the last session, and its close is meant.
    """
    closes: dict[str, float] = {}
    for symbol, shot in snapshots.items():
        before = shot.daily if shot.daily and shot.daily.t[:10] < today else shot.prev_daily
        if before is not None and before.c > 0:
            closes[symbol] = before.c
    return closes


def raw_bar(symbol: str, bar: RestBar, interval_s: int) -> RawBar:
    """A listed bar as a row. Raises UnreadableError."""
    return RawBar(
        symbol=symbol,
        open=bar.o,
        high=bar.h,
        low=bar.l,
        close=bar.c,
        volume=bar.v,
        vwap=bar.vw,
        trades=bar.n,
        interval_s=interval_s,
        ts_event=ns_of(bar.t),
    )


def raw_quote(symbol: str, quote: RestQuote, lot: int) -> RawQuote:
    """A listed quote as a row. Raises UnreadableError."""
    return RawQuote(symbol, quote.bp, quote.ap, quote.bs * lot, quote.as_ * lot, ns_of(quote.t))


def timeframe(interval_s: int) -> str:
    """Alpaca's word for a length of bars. Raises UnreadableError for one that it has not."""
    for unit, word, most in ((_DAY_S, "Day", 1), (_HOUR_S, "Hour", 23), (_MINUTE_S, "Min", 59)):
        count, rest = divmod(interval_s, unit)
        if not rest and 1 <= count <= most:
            return f"{count}{word}"
    raise UnreadableError(f"Alpaca has no bars of {interval_s} s")


def time_of(ts_ns: int) -> str:
    """A time as the data API takes it, in whole seconds."""
    return f"{utc(ts_ns - ts_ns % SECOND):%Y-%m-%dT%H:%M:%SZ}"
