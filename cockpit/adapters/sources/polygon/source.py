"""Polygon by REST: bars, quotes, company details, news, splits and dividends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from cockpit.adapters.sources import reading
from cockpit.adapters.sources.polygon import bodies
from cockpit.adapters.sources.polygon.settings import PolygonSettings
from cockpit.adapters.sources.reading import DAY_S
from cockpit.adapters.sources.rest import Reply
from cockpit.adapters.sources.vendor import Door, Vendor, VendorSource
from cockpit.kernel.clock import MILLISECOND, SECOND
from cockpit.ports.clock import Clock
from cockpit.ports.source import (
    ActionsAsk,
    Adjusted,
    Answer,
    BarOffer,
    BarsAsk,
    Budget,
    DownError,
    FundamentalsAsk,
    KeyRefusedError,
    Kind,
    LatestQuote,
    MalformedError,
    Meter,
    NewsAsk,
    NotEntitledError,
    Profile,
    QuoteAsk,
    SourceError,
    Span,
    ThrottledError,
    UnknownSymbolError,
)
from cockpit.ports.vault import Vault

POLYGON = Vendor("polygon", "Polygon", "https://massive.com/pricing")
QUARTER_HOUR_S = 900
_UNITS = {60: "minute", 3600: "hour", DAY_S: "day"}
_INTERVALS_S = (60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, DAY_S)
_PAGE = 50_000
_MAX_PAGES = 40
_MAX_NEWS = 1000
_REFUSED = frozenset({"ERROR", "NOT_AUTHORIZED", "NOT_FOUND"})
B = TypeVar("B", bound=bodies.Told)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan has: requests a minute (0: no limit), how far back, how late, what kinds."""

    per_minute: int
    depth_days: int
    delay_s: int
    snapshots: bool = True


PLANS: Mapping[str, Plan] = {
    "basic": Plan(5, 730, DAY_S, snapshots=False),
    "starter": Plan(0, 1826, QUARTER_HOUR_S),
    "developer": Plan(0, 3652, QUARTER_HOUR_S),
    "advanced": Plan(0, 0, 0),
}


class PolygonSource(VendorSource):
    """Implements `Source` and `Checked`."""

    def __init__(self, settings: PolygonSettings, *, clock: Clock, vault: Vault | None) -> None:
        super().__init__(Door(POLYGON, settings.url, settings, vault, clock), clock)
        self._settings = settings
        self._plan = PLANS[settings.plan]

    @property
    def profile(self) -> Profile:
        """By the plan of the settings."""
        plan = self._plan
        late = {Kind.QUOTE: plan.delay_s, Kind.BARS: plan.delay_s} if plan.delay_s else {}
        return Profile(
            kinds=frozenset(Kind),
            budget=Budget(per_minute=self._settings.requests_per_minute or plan.per_minute),
            bars=(BarOffer(_INTERVALS_S, plan.depth_days, (Adjusted.RAW, Adjusted.SPLITS)),),
            delay_s=late,
            requests={Kind.ACTIONS: 2},
            plan=self._settings.plan,
        )

    async def snapshots(self, symbols: Sequence[str], meter: Meter) -> dict[str, LatestQuote]:
        """Where several symbols stand, by one request; those it does not know are left out.

        Raises SourceError, NotEntitledError on a plan without snapshots.
        """
        if not self._plan.snapshots:
            raise self._not_offered("snapshots")
        path = "/v2/snapshot/locale/us/markets/stocks/tickers"
        body = await self._ask(meter, path, {"tickers": ",".join(symbols)}, bodies.Shots)
        wanted = set(symbols)
        return {
            shot.ticker: bodies.quote_of(shot.ticker, shot)
            for shot in body.tickers or ()
            if shot.ticker in wanted
        }

    # one kind each

    async def _quote(self, ask: QuoteAsk, meter: Meter) -> Answer:
        symbol = quote(ask.symbol, safe="")
        if self._plan.snapshots:
            path = f"/v2/snapshot/locale/us/markets/stocks/tickers/{symbol}"
            body = await self._ask(meter, path, {}, bodies.OneShot)
            if body.ticker is None:
                raise UnknownSymbolError(self.name, f"it does not know {ask.symbol}")
            self._check(ask.symbol, body.ticker.ticker)
            row = bodies.quote_of(ask.symbol, body.ticker)
        else:
            body = await self._ask(meter, f"/v2/aggs/ticker/{symbol}/prev", {}, bodies.Aggs)
            self._check(ask.symbol, body.ticker)
            if not body.results:
                raise UnknownSymbolError(self.name, f"it does not know {ask.symbol}")
            row = bodies.close_of(ask.symbol, body.results[0])
        if row.last is None and row.bid is None and row.ask is None:
            raise MalformedError(self.name, f"no price that can be one for {ask.symbol}")
        return self._answer((row,), self._late(body.status))

    async def _bars(self, ask: BarsAsk, meter: Meter) -> Answer:
        unit_s = next((u for u in (DAY_S, 3600, 60) if ask.interval_s % u == 0), 0)
        if ask.interval_s not in _INTERVALS_S or ask.adjusted is Adjusted.ALL:
            raise self._not_offered(f"bars of {ask.interval_s} s, adjusted for {ask.adjusted}")
        start_ms = -(-ask.start_ns // MILLISECOND)
        end_ms = -(-ask.end_ns // MILLISECOND) - 1
        count, unit = ask.interval_s // unit_s, _UNITS[unit_s]
        symbol = quote(ask.symbol, safe="")
        base = f"/v2/aggs/ticker/{symbol}/range/{count}/{unit}/"
        adjusted = "false" if ask.adjusted is Adjusted.RAW else "true"
        params = {"adjusted": adjusted, "sort": "asc", "limit": str(_PAGE)}
        pages, whole = await self._pages(
            meter, f"{base}{start_ms}/{end_ms}", params, bodies.Aggs, base
        )
        for page in pages:
            self._check(ask.symbol, page.ticker or ask.symbol)
        raw = (
            bodies.bar_of(ask.symbol, agg, ask.interval_s)
            for page in pages
            for agg in page.results or ()
        )
        late_s = min(self._plan.delay_s, QUARTER_HOUR_S)
        rows, all_sound = reading.bars_of(
            self.name,
            raw,
            start_ns=ask.start_ns,
            end_ns=ask.end_ns,
            closed_by_ns=self._clock.now_ns() - late_s * SECOND,
        )
        if not rows:
            await self._prove_known(ask.symbol, meter)
        answer = self._answer(rows, self._late(pages[0].status), complete=whole and all_sound)
        return msgspec.structs.replace(answer, adjusted=ask.adjusted)

    async def _fundamentals(self, ask: FundamentalsAsk, meter: Meter) -> Answer:
        company = await self._company(ask.symbol, meter)
        return self._answer((bodies.company_of(company),), 0)

    async def _news(self, ask: NewsAsk, meter: Meter) -> Answer:
        params = {"limit": str(min(max(1, ask.most), _MAX_NEWS)), "order": "desc"}
        params["sort"] = "published_utc"
        if ask.symbol:
            params["ticker"] = ask.symbol
        if ask.start_ns:
            params["published_utc.gte"] = reading.moment(ask.start_ns)
        body = await self._ask(meter, "/v2/reference/news", params, bodies.News)
        items = [self._read("news", partial(bodies.item_of, a)) for a in body.results or ()]
        if ask.symbol and any(ask.symbol not in item.symbols for item in items):
            raise MalformedError(self.name, f"news that are not of {ask.symbol}")
        if ask.symbol and not items:
            await self._prove_known(ask.symbol, meter)
        rows = sorted((i for i in items if i.ts_event >= ask.start_ns), key=lambda i: i.ts_event)
        return self._answer(rows, 0, complete=not body.next_url)

    async def _actions(self, ask: ActionsAsk, meter: Meter) -> Answer:
        below = "/v3/reference/"
        path, params = f"{below}splits", _days(ask, "execution_date")
        split, all_split = await self._pages(meter, path, params, bodies.Splits, path)
        path, params = f"{below}dividends", _days(ask, "ex_dividend_date")
        paid, all_paid = await self._pages(meter, path, params, bodies.Dividends, path)
        rows = [
            self._read("a split", partial(bodies.split_of, row))
            for page in split
            for row in page.results or ()
        ]
        rows += [
            self._read("a dividend", partial(bodies.dividend_of, row))
            for page in paid
            for row in page.results or ()
        ]
        for row in rows:
            self._check(ask.symbol, row.symbol)
        if not rows:
            await self._prove_known(ask.symbol, meter)
        within = (row for row in rows if ask.first_day <= row.ex_day <= ask.last_day)
        in_order = sorted(within, key=lambda action: action.ex_day)
        return self._answer(in_order, 0, complete=all_split and all_paid)

    # asking

    async def _company(self, symbol: str, meter: Meter) -> bodies.Company:
        path = f"/v3/reference/tickers/{quote(symbol, safe='')}"
        body = await self._ask(meter, path, {}, bodies.Details)
        if body.results is None:
            raise UnknownSymbolError(self.name, f"it does not know {symbol}")
        self._check(symbol, body.results.ticker)
        self._known.add(symbol)
        return body.results

    async def _prove_known(self, symbol: str, meter: Meter) -> None:
        """A list is empty for a symbol that there is not, too."""
        if symbol not in self._known:
            await self._company(symbol, meter)

    async def _pages(
        self, meter: Meter, path: str, params: Mapping[str, str], kind: type[B], below: str
    ) -> tuple[list[B], bool]:
        """All pages of a list, and whether they came to an end; each begins `below` a path."""
        pages = [await self._ask(meter, path, params, kind)]
        while pages[-1].next_url and len(pages) < _MAX_PAGES:
            if any(page.next_url == pages[-1].next_url for page in pages[:-1]):
                raise MalformedError(self.name, "a list that goes round in a circle")
            link = urlsplit(pages[-1].next_url)  # its host is of no interest: we ask our own
            cursor = {name: values[0] for name, values in parse_qs(link.query).items()}
            if not link.path.startswith(below):
                raise MalformedError(self.name, "a list that goes on somewhere else")
            cursor.pop("apiKey", None)
            pages.append(await self._ask(meter, link.path, cursor, kind))
        return pages, not pages[-1].next_url

    async def _ask(self, meter: Meter, path: str, params: Mapping[str, str], kind: type[B]) -> B:
        key = await self._door.key()
        bearer = {"Authorization": f"Bearer {key}"}
        reply = await self._door.get(meter, path, params, bearer)
        if reply.status != 200:
            raise self._refusal(reply)
        body = await reading.decoded(self.name, reply.body, kind)
        if body.status in _REFUSED:
            raise self._refusal(reply)
        if not body.status:
            raise MalformedError(self.name, "an answer of another shape")
        return body

    def _refusal(self, reply: Reply) -> SourceError:
        """What a no means, if it is Polygon's own and not that of something on the way."""
        try:
            told = reading.decode(self.name, reply.body, bodies.Told)
        except MalformedError:
            told = bodies.Told()
        if not told.status and not told.why:
            return DownError(self.name, f"HTTP {reply.status} without Polygon's own words")
        why = self._door.told(told.why or told.status)
        if reply.status == 429:
            after = reply.headers.get("Retry-After", "")
            seconds = float(after) if after.isdecimal() else None
            return ThrottledError(self.name, why, span=Span.MINUTE, retry_after_s=seconds)
        if reply.status == 401 or "api key" in why.lower():
            return KeyRefusedError(self.name, why)
        if reply.status == 403 or told.status == "NOT_AUTHORIZED":
            return NotEntitledError(self.name, why)
        if reply.status == 404 or told.status == "NOT_FOUND":
            return UnknownSymbolError(self.name, why)
        return SourceError(self.name, f"HTTP {reply.status}: {why}")

    def _late(self, status: str) -> int:
        """What is delayed by its own word is never taken for the present."""
        return max(self._plan.delay_s, QUARTER_HOUR_S if status == "DELAYED" else 0)

    def _read(self, what: str, convert: Callable[[], R]) -> R:
        return reading.read(self.name, what, convert)


def _days(ask: ActionsAsk, field: str) -> dict[str, str]:
    return {
        "ticker": ask.symbol,
        f"{field}.gte": ask.first_day,
        f"{field}.lte": ask.last_day,
        "limit": "1000",
    }
