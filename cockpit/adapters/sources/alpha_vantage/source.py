"""Alpha Vantage by REST: one address, a `function` for each kind, and refusals with status 200."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from cockpit.adapters.sources import reading
from cockpit.adapters.sources.alpha_vantage import bodies
from cockpit.adapters.sources.alpha_vantage.settings import AlphaVantageSettings
from cockpit.adapters.sources.reading import DAY_S
from cockpit.adapters.sources.rest import Reply
from cockpit.adapters.sources.vendor import Door, Vendor, VendorSource
from cockpit.domain.values import NEW_YORK, utc
from cockpit.kernel.clock import SECOND
from cockpit.ports.clock import Clock
from cockpit.ports.feed import RawBar
from cockpit.ports.source import (
    ActionsAsk,
    Adjusted,
    Answer,
    BarOffer,
    BarsAsk,
    Budget,
    CorporateAction,
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

ALPHA_VANTAGE = Vendor("alpha_vantage", "Alpha Vantage", "https://www.alphavantage.co/premium/")
QUARTER_HOUR_S = 900
_MINUTES = tuple(interval_s for interval_s in bodies.LENGTHS if interval_s < DAY_S)
_COMPACT_DAYS = 140  # a hundred sessions, which is all that a free key gets
_MONTHS = 24  # that one ask for intraday bars may span
_A_WORD = 1_000  # bytes: what comes in place of data is no longer
_MAX_NEWS = 1_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """Requests a minute, and a day (0: no limit)."""

    per_minute: int
    per_day: int
    per_second: int


PLANS: Mapping[str, Plan] = {"free": Plan(5, 25, 1), "premium": Plan(75, 0, 0)}
_DELAYS_S = {"end-of-day": DAY_S, "delayed": QUARTER_HOUR_S, "realtime": 0}


class AlphaVantageSource(VendorSource):
    """Implements `Source` and `Checked`."""

    def __init__(
        self, settings: AlphaVantageSettings, *, clock: Clock, vault: Vault | None
    ) -> None:
        super().__init__(Door(ALPHA_VANTAGE, settings.url, settings, vault, clock), clock)
        self._settings = settings
        self._premium = settings.plan == "premium"
        self._delay_s = _DELAYS_S[settings.entitlement if self._premium else "end-of-day"]

    @property
    def profile(self) -> Profile:
        """By the plan of the settings."""
        own, plan = self._settings, PLANS[self._settings.plan]
        daily = BarOffer((DAY_S,), 0 if self._premium else _COMPACT_DAYS)
        intraday = (BarOffer(_MINUTES),) if self._premium else ()
        per_day = plan.per_day if own.requests_per_day is None else own.requests_per_day
        late = {Kind.QUOTE: self._delay_s, Kind.BARS: self._delay_s} if self._delay_s else {}
        return Profile(
            kinds=frozenset(Kind),
            budget=Budget(
                per_second=plan.per_second,
                per_minute=own.requests_per_minute or plan.per_minute,
                per_day=per_day,
                at_once=1,
            ),
            bars=(daily, *intraday),
            delay_s=late,
            requests={Kind.ACTIONS: 2},
            plan=own.plan,
        )

    # one kind each

    async def _quote(self, ask: QuoteAsk, meter: Meter) -> Answer:
        params = self._entitled({"symbol": spelt(ask.symbol)})
        body = await self._ask(meter, "GLOBAL_QUOTE", params, bodies.Quote)
        row = body.now or body.late
        if row is None:
            raise MalformedError(self.name, "an answer of another shape")
        if not row.symbol:
            raise UnknownSymbolError(self.name, f"it does not know {ask.symbol}")
        self._check(spelt(ask.symbol), row.symbol)
        quote = bodies.quote_of(ask.symbol, row)
        if quote.last is None:
            raise MalformedError(self.name, f"no price that can be one for {ask.symbol}")
        late_s = QUARTER_HOUR_S if body.now is None else 0
        return self._answer((quote,), max(self._delay_s, late_s))

    async def _bars(self, ask: BarsAsk, meter: Meter) -> Answer:
        offered = ask.interval_s == DAY_S or (self._premium and ask.interval_s in _MINUTES)
        if not offered or ask.adjusted is not Adjusted.RAW:
            raise self._not_offered(f"bars of {ask.interval_s} s, adjusted for {ask.adjusted}")
        raw: list[RawBar] = []
        compact = ask.interval_s == DAY_S and not self._premium
        for params in self._series(ask):
            raw += await self._listed(ask, params, meter)
        late_s = min(self._delay_s, QUARTER_HOUR_S)
        rows, sound = reading.bars_of(
            self.name,
            raw,
            start_ns=ask.start_ns,
            end_ns=ask.end_ns,
            closed_by_ns=self._clock.now_ns() - late_s * SECOND,
        )
        first_ns = min((bar.ts_event for bar in raw), default=ask.end_ns)
        whole = sound and not (compact and ask.start_ns < first_ns)
        return self._answer(rows, self._delay_s, complete=whole)

    def _series(self, ask: BarsAsk) -> Iterator[dict[str, str]]:
        """The requests that the bars of an ask take: one for days, else one for each month."""
        symbol = {"symbol": spelt(ask.symbol)}
        if ask.interval_s == DAY_S:
            size = "full" if self._premium else "compact"
            yield self._entitled({"function": "TIME_SERIES_DAILY", "outputsize": size, **symbol})
            return
        months = months_of(ask.start_ns, min(ask.end_ns, self._clock.now_ns()))
        if len(months) > _MONTHS:
            raise self._not_offered(f"more than {_MONTHS} months of intraday bars at once")
        for month in months:
            yield self._entitled(
                {
                    "function": "TIME_SERIES_INTRADAY",
                    "interval": bodies.LENGTHS[ask.interval_s],
                    "month": month,
                    "outputsize": "full",
                    "adjusted": "false",
                    "extended_hours": "true",
                    **symbol,
                }
            )

    async def _listed(self, ask: BarsAsk, params: Mapping[str, str], meter: Meter) -> list[RawBar]:
        wanted = spelt(ask.symbol)
        body = await self._ask(meter, params["function"], params, bodies.Series)
        meta = reading.read(self.name, "a series", partial(bodies.meta_of, body))
        self._check(wanted, meta.symbol)
        return reading.read(
            self.name,
            "bars",
            lambda: list(bodies.bars_of(ask.symbol, body, meta.zone, ask.interval_s)),
        )

    async def _fundamentals(self, ask: FundamentalsAsk, meter: Meter) -> Answer:
        params = {"symbol": spelt(ask.symbol)}
        told = await self._ask(meter, "OVERVIEW", params, dict[str, str | None])
        if not told:
            raise UnknownSymbolError(self.name, f"it does not know {ask.symbol}")
        self._check(spelt(ask.symbol), told.get("Symbol") or "")
        return self._answer((bodies.company_of(ask.symbol, told),), 0)

    async def _news(self, ask: NewsAsk, meter: Meter) -> Answer:
        limit = min(max(1, ask.most), _MAX_NEWS)
        params = {"sort": "LATEST", "limit": str(limit)}
        if ask.symbol:
            params["tickers"] = ask.symbol
        if ask.start_ns:
            params["time_from"] = f"{utc(ask.start_ns):%Y%m%dT%H%M}"
        body = await self._ask(meter, "NEWS_SENTIMENT", params, bodies.News)
        if body.feed is None:
            raise MalformedError(self.name, "an answer of another shape")
        items = [
            reading.read(self.name, "news", partial(bodies.item_of, article))
            for article in body.feed
        ]
        if ask.symbol and any(ask.symbol not in item.symbols for item in items):
            raise MalformedError(self.name, f"news that are not of {ask.symbol}")
        later = sorted((i for i in items if i.ts_event >= ask.start_ns), key=lambda i: i.ts_event)
        return self._answer(later[-ask.most :], 0, complete=len(items) < limit)

    async def _actions(self, ask: ActionsAsk, meter: Meter) -> Answer:
        symbol = spelt(ask.symbol)
        params = {"symbol": symbol}
        splits = await self._ask(meter, "SPLITS", params, bodies.Splits)
        paid = await self._ask(meter, "DIVIDENDS", params, bodies.Dividends)
        for told in (splits, paid):
            if told.data is None:
                raise UnknownSymbolError(self.name, f"it does not know {ask.symbol}")
            self._check(symbol, told.symbol)
        rows: list[CorporateAction] = [
            reading.read(self.name, "a split", partial(bodies.split_of, ask.symbol, row))
            for row in splits.data or ()
        ]
        rows += [
            reading.read(self.name, "a dividend", partial(bodies.dividend_of, ask.symbol, row))
            for row in paid.data or ()
        ]
        within = (row for row in rows if ask.first_day <= row.ex_day <= ask.last_day)
        in_order = sorted(within, key=lambda action: action.ex_day)
        return self._answer(in_order, 0)

    # asking

    def _entitled(self, params: dict[str, str]) -> dict[str, str]:
        """A premium key must say which of its rights it means to use."""
        if self._premium and self._settings.entitlement != "end-of-day":
            return params | {"entitlement": self._settings.entitlement}
        return params

    async def _ask(
        self, meter: Meter, function: str, params: Mapping[str, str], kind: type[T]
    ) -> T:
        key = await self._door.key()
        query = {"function": function, **params, "apikey": key}  # it takes it in no header
        reply = await self._door.get(meter, "/query", query)
        if reply.status != 200:
            raise DownError(self.name, f"HTTP {reply.status}")
        if len(reply.body) < _A_WORD:
            self._raise_if_refused(reply)
        return await reading.decoded(self.name, reply.body, kind)

    def _raise_if_refused(self, reply: Reply) -> None:
        told = reading.decode(self.name, reply.body, bodies.Told)
        if text := told.error or told.information or told.note:
            raise refusal(self.name, self._door.told(text), failed=told.error is not None)


def refusal(source: str, why: str, *, failed: bool) -> SourceError:
    """What a note in place of data means; `failed` is one that calls itself an error.

    They all come with status 200, and a note about the limits ends by praising the premium
    plans, as one about a premium endpoint does: so the words are looked at in this order.
    """
    low = why.lower()
    if "apikey" in low or "demo** api key" in low:
        return KeyRefusedError(source, why)
    if failed:
        return UnknownSymbolError(source, why)
    if "sparingly" in low or "per second" in low:
        return ThrottledError(source, why, span=Span.SECOND, retry_after_s=1.0)
    if "per minute" in low:
        return ThrottledError(source, why, span=Span.MINUTE)
    if "per day" in low or "rate limit" in low:
        return ThrottledError(source, why, span=Span.DAY)
    if "premium" in low:
        return NotEntitledError(source, why)
    return ThrottledError(source, why)


def spelt(symbol: str) -> str:
    """A symbol as Alpha Vantage writes it: share classes with a dash."""
    return symbol.replace(".", "-")


def months_of(start_ns: int, end_ns: int) -> list[str]:
    """The New York months from one time to before another, as "2026-11"."""
    first, last = (
        utc(ts_ns).astimezone(NEW_YORK) for ts_ns in (start_ns, max(start_ns, end_ns - 1))
    )
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers]
