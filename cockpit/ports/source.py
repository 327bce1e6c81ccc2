"""Research data from anywhere: bars, quotes, fundamentals, news and corporate actions on request.

A `Source` is one vendor's REST side, as a `Feed` is its stream. It says what it can give in a
`Profile`, asks only through the `Meter` that it is handed, and answers with rows that say where
they come from, or raises one of the errors below. Which source is asked, what is remembered and
how much may be spent is the business of `market/router`; a source keeps no cache, retries
nothing and waits for no budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from cockpit.domain.errors import CockpitError
from cockpit.ports.feed import RawBar

R = TypeVar("R")


class Kind(StrEnum):
    """What can be asked for."""

    QUOTE = "quote"
    BARS = "bars"
    FUNDAMENTALS = "fundamentals"
    NEWS = "news"
    ACTIONS = "actions"


class Adjusted(StrEnum):
    """What past prices were made comparable with."""

    RAW = "raw"
    SPLITS = "splits"
    ALL = "all"
    """Splits and dividends."""


# what is asked


class QuoteAsk(msgspec.Struct, frozen=True):
    """The latest price of one symbol."""

    symbol: str


class BarsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Bars of one symbol that BEGIN in `start_ns` to before `end_ns`, of `interval_s` each.

    A day is 86,400 s and begins at midnight in New York, whatever hour the vendor writes.
    """

    symbol: str
    interval_s: int
    start_ns: int
    end_ns: int
    adjusted: Adjusted = Adjusted.RAW


class FundamentalsAsk(msgspec.Struct, frozen=True):
    """What one company is worth and earns."""

    symbol: str


class NewsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """News of one symbol from `start_ns` on, the newest `most` of them; "" is the market."""

    symbol: str = ""
    start_ns: int = 0
    most: int = 50


class ActionsAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Splits and dividends of one symbol by ex-day, ISO dates, both ends included."""

    symbol: str
    first_day: str
    last_day: str


Ask = QuoteAsk | BarsAsk | FundamentalsAsk | NewsAsk | ActionsAsk

KIND_OF: Mapping[type, Kind] = {
    QuoteAsk: Kind.QUOTE,
    BarsAsk: Kind.BARS,
    FundamentalsAsk: Kind.FUNDAMENTALS,
    NewsAsk: Kind.NEWS,
    ActionsAsk: Kind.ACTIONS,
}


# what is answered


class LatestQuote(msgspec.Struct, frozen=True, kw_only=True):
    """Where a symbol stands; what the vendor does not say is None.

    `ts_event` is when the price was made, ns UTC; 0 where the vendor names only the trading
    `day` (ISO). `last` is the latest trade; sizes and `volume` (of the day) are in shares.
    """

    symbol: str
    ts_event: int
    day: str = ""
    bid: float | None = None
    ask: float | None = None
    bid_size: float | None = None
    ask_size: float | None = None
    last: float | None = None
    volume: float | None = None
    day_open: float | None = None
    day_high: float | None = None
    day_low: float | None = None
    previous_close: float | None = None


class Figure(StrEnum):
    """A figure of a company. Fractions are fractions: a yield of 1.2 % is 0.012."""

    MARKET_CAP = "market_cap"
    SHARES_OUTSTANDING = "shares_outstanding"
    SHARES_FLOAT = "shares_float"
    PE_TRAILING = "pe_trailing"
    PE_FORWARD = "pe_forward"
    PRICE_TO_BOOK = "price_to_book"
    PRICE_TO_SALES = "price_to_sales"
    EPS_TRAILING = "eps_trailing"
    REVENUE_TRAILING = "revenue_trailing"
    PROFIT_MARGIN = "profit_margin"
    DIVIDEND_PER_SHARE = "dividend_per_share"
    DIVIDEND_YIELD = "dividend_yield"
    BETA = "beta"
    HIGH_52_WEEKS = "high_52_weeks"
    LOW_52_WEEKS = "low_52_weeks"
    AVERAGE_VOLUME = "average_volume"


class Fundamentals(msgspec.Struct, frozen=True, kw_only=True):
    """One company. `day` is what the figures are of (ISO), empty where the vendor doesn't say."""

    symbol: str
    name: str = ""
    exchange: str = ""
    currency: str = ""
    country: str = ""
    sector: str = ""
    industry: str = ""
    description: str = ""
    day: str = ""
    figures: dict[Figure, Decimal] = msgspec.field(default_factory=dict[Figure, Decimal])


class NewsItem(msgspec.Struct, frozen=True, kw_only=True):
    """One article. `news_id` is the vendor's; `ts_event` is when it was published, ns UTC."""

    news_id: str
    headline: str
    url: str
    ts_event: int
    summary: str = ""
    publisher: str = ""
    symbols: tuple[str, ...] = ()


class ActionKind(StrEnum):
    """What a company did to its shares."""

    SPLIT = "split"
    DIVIDEND = "dividend"


class CorporateAction(msgspec.Struct, frozen=True, kw_only=True):
    """A split or a cash dividend; days are ISO dates, `ex_day` the first that trades without it.

    Of a split `shares_before` become `shares_after` (4 for 1: 1 and 4; a reverse one: 10 and 1).
    Of a dividend `amount` is cash a share.
    """

    symbol: str
    kind: ActionKind
    ex_day: str
    shares_before: Decimal = Decimal(1)
    shares_after: Decimal = Decimal(1)
    amount: Decimal = Decimal(0)
    currency: str = "USD"
    declared_day: str = ""
    record_day: str = ""
    pay_day: str = ""


Row = LatestQuote | RawBar | Fundamentals | NewsItem | CorporateAction


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in order of time, with where they come from; that there are none is an answer, too.

    `fetched_ns` is our time when the answer came, `delay_s` how far behind the market the vendor's
    data is by its own word (0: real time), `adjusted` what the prices of bars ARE. `complete` is
    False where there is more than was fetched: bars that the plan has no right to, or too many.
    """

    source: str
    fetched_ns: int
    rows: tuple[Row, ...]
    delay_s: int = 0
    adjusted: Adjusted = Adjusted.RAW
    complete: bool = True

    def of(self, row: type[R]) -> list[R]:
        """The rows, all of this type. Raises MalformedError for any other."""
        rows = [each for each in self.rows if isinstance(each, row)]
        if len(rows) != len(self.rows):
            raise MalformedError(self.source, f"an answer that should hold {row.__name__} only")
        return rows


# what a source says of itself


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that the plan allows; 0 is no such limit. A day begins at midnight in `day_zone`.

    `at_once` is how many may be under way together.
    """

    per_second: int = 0
    per_minute: int = 0
    per_day: int = 0
    at_once: int = 4
    day_zone: str = "America/New_York"


class BarOffer(msgspec.Struct, frozen=True):
    """Bars of these lengths, in seconds; `depth_days` back from today, 0 without a known end."""

    intervals_s: tuple[int, ...]
    depth_days: int = 0
    adjusted: tuple[Adjusted, ...] = (Adjusted.RAW,)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What a source can give on the plan it is set up for; it changes only by new settings.

    `delay_s` is by kind, 0 and real time where it is left out. `requests` is what one ask of a
    kind costs at least, 1 where it is left out. `plan` is a word for a person ("free").
    """

    kinds: frozenset[Kind]
    budget: Budget
    bars: tuple[BarOffer, ...] = ()
    delay_s: Mapping[Kind, int] = {}
    requests: Mapping[Kind, int] = {}
    plan: str = ""


class Span(StrEnum):
    """What a count of requests is of."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


class Meter(Protocol):
    """Counts a source's requests before they go out; each ask brings one along."""

    def request(self) -> AbstractAsyncContextManager[None]:
        """Around EVERY request, each page of a list, too: `async with meter.request(): ...`.

        Enters once the request is counted, durably; may wait a little for its turn. Raises
        HeldBackError when the budget does not allow it: let that pass through.
        """
        ...

    async def heard(self, span: Span, left: int, *, resets_in_s: float | None = None) -> None:
        """What an answer says is left of a span: believed where it is less than we counted."""
        ...


class Source(Protocol):
    """One vendor's REST side. A source reads its key from the vault when it is first asked.

    Factories get `clock`, and by name of the parameter `vault`, `account` and `mode`. The key of
    a data vendor is `feeds/<vendor>/key` in the vault (see `ports.vault.vendor_secret`).
    """

    @property
    def name(self) -> str:
        """The plug-in's name, e.g. "polygon"."""
        ...

    @property
    def profile(self) -> Profile:
        """What it can give; asked for at any time, without a request."""
        ...

    async def fetch(self, ask: Ask, meter: Meter) -> Answer:
        """Ask the vendor once. Raises SourceError and nothing else.

        Rows of another symbol, or a body that is not what was asked for, are MalformedError:
        never an answer. An empty list is an answer only where the vendor knows the symbol.
        """
        ...

    async def close(self) -> None:
        """Hang up; twice is harmless."""
        ...


# what can go wrong


class SourceError(CockpitError):
    """A source did not answer; `source` says which, `why` in words for the middle of a sentence.

    `retry_after_s` is when it makes sense to ask again, None where the vendor did not say.
    """

    code = "SOURCE_ERROR"

    def __init__(self, source: str, why: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(f"{source}: {why}", user_text=f"{source} did not answer: {why}.")
        self.source = source
        self.why = why
        self.retry_after_s = retry_after_s


class ThrottledError(SourceError):
    """The vendor says that we ask too much, by a status, a header or a note in a good answer.

    `span` is the limit that is used up, where the vendor tells.
    """

    code = "SOURCE_THROTTLED"

    def __init__(
        self,
        source: str,
        why: str,
        *,
        span: Span | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(source, why, retry_after_s=retry_after_s)
        self.span = span


class HeldBackError(SourceError):
    """Our own count says that the plan has no request left for this: nothing went out."""

    code = "SOURCE_HELD_BACK"


class NotEntitledError(SourceError):
    """The key is good, but the plan does not cover this."""

    code = "SOURCE_NOT_ENTITLED"


class UnknownSymbolError(SourceError):
    """The vendor does not know the symbol."""

    code = "SOURCE_UNKNOWN_SYMBOL"


class KeyRefusedError(SourceError):
    """There is no key, or the vendor does not accept it."""

    code = "SOURCE_KEY_REFUSED"


class DownError(SourceError):
    """No answer, not in time, or the vendor's own failure."""

    code = "SOURCE_DOWN"


class MalformedError(SourceError):
    """An answer that can't be read, or is not of what was asked."""

    code = "SOURCE_MALFORMED"
