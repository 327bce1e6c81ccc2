"""What every source of research data must do, whatever is behind it."""

from __future__ import annotations

import asyncio
import math
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from enum import Enum

import pytest
import pytest_asyncio

from cockpit.ports.feed import RawBar
from cockpit.ports.source import (
    ActionsAsk,
    Answer,
    Ask,
    BarsAsk,
    CorporateAction,
    DownError,
    Fundamentals,
    FundamentalsAsk,
    HeldBackError,
    KeyRefusedError,
    Kind,
    LatestQuote,
    MalformedError,
    NewsAsk,
    NewsItem,
    NotEntitledError,
    QuoteAsk,
    Row,
    Source,
    SourceError,
    ThrottledError,
    UnknownSymbolError,
)
from cockpit.testing.meter import CountingMeter

_ROWS: Mapping[type[Ask], type[Row]] = {
    QuoteAsk: LatestQuote,
    BarsAsk: RawBar,
    FundamentalsAsk: Fundamentals,
    NewsAsk: NewsItem,
    ActionsAsk: CorporateAction,
}
_NO_PRICE = (DownError, MalformedError, UnknownSymbolError)


class Trouble(Enum):
    """What a vendor may do to its clients."""

    DOWN = "it answers 503 with a web page"
    HANGS = "it does not answer"
    RESET = "it resets the line"
    DRIPS = "it answers a byte now and then"
    CUT = "it breaks the line in the middle of its answer"
    PAGE = "it answers 200 with a web page"
    PAGE_403 = "something on the way answers 403 with a web page"
    REDIRECT = "it sends us elsewhere"
    ENDLESS = "its answer has no end"
    TRUNCATED = "its answer is half of one"
    EMPTY = "its answer is {}"
    THROTTLED = "it says in its own way that we ask too much"
    NOT_ENTITLED = "it says in its own way that the plan does not cover it"
    KEY_REVOKED = "it does not take the key any more"
    OTHER_SYMBOL = "it answers with another symbol's data"


_ERRORS: Mapping[Trouble, tuple[type[SourceError], ...]] = {
    Trouble.CUT: (DownError, MalformedError),
    Trouble.PAGE: (MalformedError,),
    Trouble.ENDLESS: (MalformedError, DownError),
    Trouble.TRUNCATED: (MalformedError,),
    Trouble.EMPTY: (MalformedError, UnknownSymbolError),
    Trouble.THROTTLED: (ThrottledError,),
    Trouble.NOT_ENTITLED: (NotEntitledError,),
    Trouble.KEY_REVOKED: (KeyRefusedError,),
    Trouble.OTHER_SYMBOL: (MalformedError,),
}
"""One of these is raised, and nothing else; of any other trouble, DownError."""


class Spoilt(Enum):
    """What may become of the numbers of an answer that is good otherwise."""

    NULLS = "null"
    ZEROS = "0"
    NEGATIVE = "-1"
    MISSING = "left out"
    NAN = "NaN"


class SourceVenue(ABC):
    """A double of the vendor, on loopback, that behaves as told.

    Waits of the source must be under a second there. `key` is what stands in no message.
    Answers of the `nameless` kinds don't say whose they are, so nobody can look.
    """

    key = ""
    nameless: frozenset[Kind] = frozenset()
    troubles: frozenset[Trouble] = frozenset(Trouble)

    @abstractmethod
    def source(self) -> Source:
        """The source at this vendor, with a good key, on the plan that has the most."""

    @abstractmethod
    def asks(self) -> Mapping[Kind, Ask]:
        """Of each kind of its profile an ask that has rows there; of prices of one symbol."""

    @abstractmethod
    def unknown(self) -> Mapping[Kind, Ask]:
        """The same of a symbol that it does not know, of the kinds that tell."""

    @property
    @abstractmethod
    def requests(self) -> int:
        """How many requests came so far."""

    @abstractmethod
    def fall_into(self, trouble: Trouble | None) -> None:
        """Do that from now on; None is good again, with the key of the beginning."""

    @abstractmethod
    def spoil(self, spoilt: Spoilt) -> None:
        """Answer with such numbers from now on."""


class SourceContract:
    """Subclass it as `TestMySource` with a fixture `venue`; pytest finds the tests in it."""

    pytestmark = pytest.mark.asyncio

    @pytest_asyncio.fixture
    async def venue(self) -> AsyncIterator[SourceVenue]:
        """Overridden by the plug-in's author; gives the venue, running."""
        pytest.fail(f"{type(self).__name__} needs a fixture `venue` that gives a SourceVenue")
        yield

    @pytest_asyncio.fixture
    async def source(self, venue: SourceVenue) -> AsyncIterator[Source]:
        """The source; closed twice at the end, which must be harmless."""
        source = venue.source()
        yield source
        await source.close()
        await source.close()

    @pytest.fixture
    def meter(self) -> CountingMeter:
        """Lets a thousand requests go out."""
        return CountingMeter()

    async def test_there_is_an_ask_for_each_kind_of_the_profile(
        self, venue: SourceVenue, source: Source
    ) -> None:
        assert set(venue.asks()) == source.profile.kinds
        assert (Kind.BARS in source.profile.kinds) == bool(source.profile.bars)
        assert venue.requests == 0  # a profile is known without a request

    async def test_each_kind_is_answered_in_rows_of_its_own(
        self, venue: SourceVenue, source: Source, meter: CountingMeter
    ) -> None:
        for kind, ask in venue.asks().items():
            before = meter.requests
            answer = await source.fetch(ask, meter)
            rows = answer.of(_ROWS[type(ask)])
            assert rows
            assert answer.source == source.name
            assert answer.fetched_ns > 0
            assert answer.delay_s >= source.profile.delay_s.get(kind, 0)
            assert meter.requests - before >= source.profile.requests.get(kind, 1)
            _in_order(answer)
            _of_the_ask(answer, ask)
        assert meter.requests == venue.requests  # none went out uncounted

    async def test_the_profile_never_promises_fewer_requests_than_there_are(
        self, venue: SourceVenue, source: Source, meter: CountingMeter
    ) -> None:
        for kind, ask in venue.asks().items():
            await source.fetch(ask, meter)
            before = meter.requests
            await source.fetch(ask, meter)
            assert meter.requests - before == source.profile.requests.get(kind, 1)

    async def test_nothing_goes_out_that_the_meter_does_not_allow(
        self, venue: SourceVenue, source: Source
    ) -> None:
        for ask in venue.asks().values():
            with pytest.raises(HeldBackError):
                await source.fetch(ask, CountingMeter(0))
        assert venue.requests == 0

    @pytest.mark.parametrize("trouble", list(Trouble), ids=lambda t: t.name)
    async def test_trouble_has_a_name_and_passes(
        self, venue: SourceVenue, source: Source, meter: CountingMeter, trouble: Trouble
    ) -> None:
        if trouble not in venue.troubles:
            pytest.skip(f"this vendor can't be made to: {trouble.name}")
        slow = trouble in (Trouble.HANGS, Trouble.DRIPS)  # each costs the whole patience
        for kind, ask in list(venue.asks().items())[: 2 if slow else None]:
            if trouble is Trouble.OTHER_SYMBOL and kind in venue.nameless:
                continue
            before = venue.requests
            venue.fall_into(trouble)
            with pytest.raises(SourceError) as raised:
                await source.fetch(ask, meter)
            expected = _ERRORS.get(trouble, (DownError,))
            assert isinstance(raised.value, expected), (kind, repr(raised.value))
            if trouble not in (Trouble.EMPTY, Trouble.OTHER_SYMBOL):
                assert venue.requests - before == 1  # it is the router who asks again
            for told in (str(raised.value), raised.value.user_text, repr(raised.value)):
                assert venue.key not in told
            venue.fall_into(None)
            assert (await source.fetch(ask, meter)).rows
        assert meter.requests == venue.requests

    @pytest.mark.parametrize("spoilt", list(Spoilt), ids=lambda s: s.name)
    async def test_numbers_that_are_none_make_no_price(
        self, venue: SourceVenue, source: Source, meter: CountingMeter, spoilt: Spoilt
    ) -> None:
        venue.spoil(spoilt)
        for kind in (Kind.QUOTE, Kind.BARS, Kind.ACTIONS):
            if (ask := venue.asks().get(kind)) is None:
                continue
            try:
                answer = await source.fetch(ask, meter)
            except _NO_PRICE:
                continue
            assert not any(_is_price(row) for row in answer.rows), (kind, answer.rows)

    async def test_a_symbol_that_nobody_knows_is_no_empty_answer(
        self, venue: SourceVenue, source: Source, meter: CountingMeter
    ) -> None:
        for kind, ask in venue.unknown().items():
            with pytest.raises(UnknownSymbolError):
                await source.fetch(ask, meter)
            assert kind in source.profile.kinds

    async def test_two_asks_at_once_do_not_disturb_each_other(
        self, venue: SourceVenue, source: Source, meter: CountingMeter
    ) -> None:
        asks = list(venue.asks().values())
        answers = await asyncio.gather(*(source.fetch(ask, meter) for ask in asks))
        for ask, answer in zip(asks, answers, strict=True):
            assert answer.of(_ROWS[type(ask)])

    async def test_one_who_gives_up_waiting_leaves_the_source_usable(
        self, venue: SourceVenue, source: Source, meter: CountingMeter
    ) -> None:
        if Trouble.HANGS not in venue.troubles:
            pytest.skip("this vendor can't be made to hang")
        (ask, *_) = venue.asks().values()
        venue.fall_into(Trouble.HANGS)
        waiting = asyncio.ensure_future(source.fetch(ask, meter))  # noqa: TID251 -- cancelled below
        await asyncio.wait({waiting}, timeout=0.1)
        waiting.cancel()
        with pytest.raises((asyncio.CancelledError, DownError)):
            await waiting
        venue.fall_into(None)
        assert (await source.fetch(ask, meter)).rows


def _in_order(answer: Answer) -> None:
    keys = [_when(row) for row in answer.rows]
    assert keys == sorted(keys)


def _when(row: Row) -> tuple[int, str]:
    match row:
        case CorporateAction():
            return (0, row.ex_day)
        case Fundamentals():
            return (0, "")
        case _:
            return (row.ts_event, "")


def _of_the_ask(answer: Answer, ask: Ask) -> None:
    for row in answer.rows:
        if isinstance(row, NewsItem):
            assert not ask.symbol or ask.symbol in row.symbols
        else:
            assert row.symbol == ask.symbol
        if isinstance(row, RawBar) and isinstance(ask, BarsAsk):
            assert ask.start_ns <= row.ts_event < ask.end_ns
            assert row.interval_s == ask.interval_s
            assert _is_price(row)
        if isinstance(row, CorporateAction) and isinstance(ask, ActionsAsk):
            assert ask.first_day <= row.ex_day <= ask.last_day


def _is_price(row: Row) -> bool:
    """Whether a row says what something is worth, and soundly so."""
    match row:
        case RawBar():
            values = (row.open, row.high, row.low, row.close)
            assert all(math.isfinite(v) and v > 0 for v in values)
            assert row.low <= min(row.open, row.close) <= max(row.open, row.close) <= row.high
            return True
        case LatestQuote():
            told = [v for v in (row.bid, row.ask, row.last) if v is not None]
            assert all(math.isfinite(v) and v > 0 for v in told)
            return bool(told)
        case CorporateAction():
            return row.amount > 0 or row.shares_before != row.shares_after
        case _:
            return False
