"""Finnhub by REST: last prices, company figures and news; bars and actions on a premium plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from cockpit.adapters.sources import reading
from cockpit.adapters.sources.finnhub import bodies
from cockpit.adapters.sources.finnhub.settings import FinnhubSettings
from cockpit.adapters.sources.reading import DAY_S
from cockpit.adapters.sources.rest import Reply
from cockpit.adapters.sources.vendor import Door, Vendor, VendorSource
from cockpit.kernel.clock import SECOND
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

FINNHUB = Vendor("finnhub", "Finnhub", "https://finnhub.io/pricing")
_RESOLUTIONS = {60: "1", 300: "5", 900: "15", 1800: "30", 3600: "60", DAY_S: "D"}
_INTRADAY_S = (60, 300, 900, 1800, 3600)
_PER_SECOND = 30  # on every plan
_FREE = frozenset({Kind.QUOTE, Kind.FUNDAMENTALS, Kind.NEWS})
_NEWS_DAYS = 7
_A_WORD = 400  # bytes: what comes in place of data is no longer
T = TypeVar("T")


class FinnhubSource(VendorSource):
    """Implements `Source` and `Checked`."""

    def __init__(self, settings: FinnhubSettings, *, clock: Clock, vault: Vault | None) -> None:
        super().__init__(Door(FINNHUB, settings.url, settings, vault, clock), clock)
        self._settings = settings

    @property
    def profile(self) -> Profile:
        """By the plan of the settings."""
        premium = self._settings.plan == "premium"
        offers = (BarOffer(_INTRADAY_S), BarOffer((DAY_S,), 0, (Adjusted.SPLITS,)))
        return Profile(
            kinds=frozenset(Kind) if premium else _FREE,
            budget=Budget(per_second=_PER_SECOND, per_minute=self._settings.requests_per_minute),
            bars=offers if premium else (),
            requests={Kind.FUNDAMENTALS: 2, Kind.ACTIONS: 2},
            plan=self._settings.plan,
        )

    # one kind each

    async def _quote(self, ask: QuoteAsk, meter: Meter) -> Answer:
        body = await self._ask(meter, "/quote", {"symbol": ask.symbol}, bodies.Quote)
        row = bodies.quote_of(ask.symbol, body)
        if row.last is None:
            if not body.t and not body.pc:
                raise UnknownSymbolError(self.name, f"it does not know {ask.symbol}")
            raise MalformedError(self.name, f"no price that can be one for {ask.symbol}")
        return self._answer((row,), 0)

    async def _bars(self, ask: BarsAsk, meter: Meter) -> Answer:
        adjusted = Adjusted.SPLITS if ask.interval_s == DAY_S else Adjusted.RAW
        if ask.interval_s not in _RESOLUTIONS or ask.adjusted is not adjusted:
            raise self._not_offered(f"bars of {ask.interval_s} s, adjusted for {ask.adjusted}")
        params = {
            "symbol": ask.symbol,
            "resolution": _RESOLUTIONS[ask.interval_s],
            "from": str(-(-ask.start_ns // SECOND)),
            "to": str(-(-ask.end_ns // SECOND) - 1),
        }
        body = await self._ask(meter, "/stock/candle", params, bodies.Candles)
        if body.s not in ("ok", "no_data"):
            raise MalformedError(self.name, f"candles that are {self._door.told(body.s)!r}")
        raw = reading.read(
            self.name, "bars", lambda: bodies.bars_of(ask.symbol, body, ask.interval_s)
        )
        rows, whole = reading.bars_of(
            self.name,
            raw,
            start_ns=ask.start_ns,
            end_ns=ask.end_ns,
            closed_by_ns=self._clock.now_ns(),
        )
        if not rows:
            await self._prove_known(ask.symbol, meter)
        answer = self._answer(rows, 0, complete=whole)
        return msgspec.structs.replace(answer, adjusted=adjusted)

    async def _fundamentals(self, ask: FundamentalsAsk, meter: Meter) -> Answer:
        profile = await self._profile(ask.symbol, meter)
        params = {"symbol": ask.symbol, "metric": "all"}
        metrics = await self._ask(meter, "/stock/metric", params, bodies.Metrics)
        self._check(ask.symbol, metrics.symbol or ask.symbol)
        return self._answer((bodies.company_of(profile, metrics),), 0)

    async def _news(self, ask: NewsAsk, meter: Meter) -> Answer:
        if ask.symbol:
            now_ns = self._clock.now_ns()
            first = ask.start_ns or now_ns - _NEWS_DAYS * DAY_S * SECOND
            path = "/company-news"
            params = {"symbol": ask.symbol, "from": reading.day_of(first)}
            params["to"] = reading.day_of(now_ns)
        else:
            path, params = "/news", {"category": "general"}
        articles = await self._listed(meter, path, params, bodies.Article)
        items = [bodies.item_of(article) for article in articles]
        if ask.symbol and any(ask.symbol not in item.symbols for item in items):
            raise MalformedError(self.name, f"news that are not of {ask.symbol}")
        if ask.symbol and not items:
            await self._prove_known(ask.symbol, meter)
        later = sorted((i for i in items if i.ts_event >= ask.start_ns), key=lambda i: i.ts_event)
        return self._answer(later[-ask.most :], 0, complete=len(later) <= ask.most)

    async def _actions(self, ask: ActionsAsk, meter: Meter) -> Answer:
        params = {"symbol": ask.symbol, "from": ask.first_day, "to": ask.last_day}
        splits = await self._listed(meter, "/stock/split", params, bodies.SplitRow)
        paid = await self._listed(meter, "/stock/dividend", params, bodies.DividendRow)
        rows = [reading.read(self.name, "a split", partial(bodies.split_of, row)) for row in splits]
        rows += [
            reading.read(self.name, "a dividend", partial(bodies.dividend_of, row)) for row in paid
        ]
        for row in rows:
            self._check(ask.symbol, row.symbol)
        if not rows:
            await self._prove_known(ask.symbol, meter)
        within = (row for row in rows if ask.first_day <= row.ex_day <= ask.last_day)
        in_order = sorted(within, key=lambda action: action.ex_day)
        return self._answer(in_order, 0)

    # asking

    async def _profile(self, symbol: str, meter: Meter) -> bodies.Profile:
        profile = await self._ask(meter, "/stock/profile2", {"symbol": symbol}, bodies.Profile)
        if not profile.ticker:
            raise UnknownSymbolError(self.name, f"it does not know {symbol}")
        self._check(symbol, profile.ticker)
        self._known.add(symbol)
        return profile

    async def _prove_known(self, symbol: str, meter: Meter) -> None:
        """A list is empty for a symbol that there is not, too."""
        if symbol not in self._known:
            await self._profile(symbol, meter)

    async def _listed(
        self, meter: Meter, path: str, params: Mapping[str, str], row: type[T]
    ) -> Sequence[T]:
        reply = await self._reply(meter, path, params)
        if reply.body.lstrip()[:1] == b"{":
            raise self._refusal(reply)
        return await reading.decoded(self.name, reply.body, list[row])

    async def _ask(self, meter: Meter, path: str, params: Mapping[str, str], kind: type[T]) -> T:
        reply = await self._reply(meter, path, params)
        if len(reply.body) < _A_WORD and b'"error"' in reply.body:
            raise self._refusal(reply)
        return await reading.decoded(self.name, reply.body, kind)

    async def _reply(self, meter: Meter, path: str, params: Mapping[str, str]) -> Reply:
        key = await self._door.key()
        reply = await self._door.get(meter, path, params, {"X-Finnhub-Token": key})
        await self._hear(reply, meter)
        if reply.status != 200:
            raise self._refusal(reply)
        return reply

    async def _hear(self, reply: Reply, meter: Meter) -> None:
        """What the answer says of the minute's budget."""
        left = reply.headers.get("X-Ratelimit-Remaining", "")
        reset = reply.headers.get("X-Ratelimit-Reset", "")
        if left.isdecimal():
            after = int(reset) - self._clock.now_ns() / SECOND if reset.isdecimal() else None
            known = after if after is not None and 0 < after <= 120 else None
            await meter.heard(Span.MINUTE, int(left), resets_in_s=known)

    def _refusal(self, reply: Reply) -> SourceError:
        """What a no means, if it is Finnhub's own and not that of something on the way."""
        try:
            why = reading.decode(self.name, reply.body, bodies.Told).error or ""
        except MalformedError:
            why = ""
        if not why:
            if reply.status == 200:
                return MalformedError(self.name, "an answer of another shape")
            return DownError(self.name, f"HTTP {reply.status} without Finnhub's own words")
        why, low = self._door.told(why), why.lower()
        if reply.status == 429 or "limit reached" in low:
            after = reply.headers.get("Retry-After", "")
            seconds = float(after) if after.isdecimal() else None
            return ThrottledError(self.name, why, span=Span.MINUTE, retry_after_s=seconds)
        if reply.status == 401 or "api key" in low:
            return KeyRefusedError(self.name, why)
        if reply.status == 403 or "access" in low:
            return NotEntitledError(self.name, why)
        return SourceError(self.name, f"HTTP {reply.status}: {why}")
