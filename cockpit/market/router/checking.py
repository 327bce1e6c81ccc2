"""Whether an answer is one to what was asked. What a source says of itself is not enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from cockpit.kernel.clock import SECOND
from cockpit.market.router.pieces import over_ns
from cockpit.ports.feed import RawBar
from cockpit.ports.source import (
    KIND_OF,
    ActionKind,
    Answer,
    Ask,
    BarsAsk,
    CorporateAction,
    Fundamentals,
    Kind,
    LatestQuote,
    MalformedError,
    NewsAsk,
    NewsItem,
    Row,
    SourceError,
)

_INF = float("inf")
_AHEAD_NS = SECOND  # as the quality rules allow
_TYPES: Mapping[Kind, type[Row]] = {
    Kind.QUOTE: LatestQuote,
    Kind.BARS: RawBar,
    Kind.FUNDAMENTALS: Fundamentals,
    Kind.NEWS: NewsItem,
    Kind.ACTIONS: CorporateAction,
}


class NoPriceError(SourceError):
    """The source has nothing to say of this symbol now: no fault of the source."""

    code = "SOURCE_NO_PRICE"


def checked(answer: Answer, ask: Ask, now_ns: int) -> Answer:
    """The answer with what can be used of it, in order of time.

    Raises MalformedError for one of another kind, symbol or time, and for prices from the future;
    NoPriceError for a quote without any. Single bars that can't be bars, and those still under
    way, are left out.
    """
    kind = KIND_OF[type(ask)]
    rows: Sequence[Row] = answer.of(_TYPES[kind])
    _refuse_others(answer.source, rows, ask)
    if isinstance(ask, BarsAsk):
        rows = _bars(answer, ask, now_ns)
    elif kind is Kind.QUOTE:
        rows = [_quote(answer.source, row, now_ns) for row in answer.of(LatestQuote)]
    elif kind is Kind.ACTIONS:
        rows = _actions(answer)
    return msgspec.structs.replace(answer, rows=tuple(rows))


def _refuse_others(source: str, rows: Iterable[Row], ask: Ask) -> None:
    for row in rows:
        if isinstance(row, NewsItem):
            if isinstance(ask, NewsAsk) and ask.symbol and ask.symbol not in row.symbols:
                raise MalformedError(source, f"news that is not of {ask.symbol}")
        elif row.symbol != ask.symbol:
            raise MalformedError(source, f"{row.symbol or 'nothing'} in place of {ask.symbol}")


def _bars(answer: Answer, ask: BarsAsk, now_ns: int) -> list[Row]:
    bars = answer.of(RawBar)
    if any(bar.interval_s != ask.interval_s for bar in bars):
        raise MalformedError(answer.source, "bars of another length")
    if answer.adjusted is not ask.adjusted:
        raise MalformedError(answer.source, f"bars that are adjusted as {answer.adjusted.value}")
    if any(bar.ts_event > now_ns + _AHEAD_NS for bar in bars):
        raise MalformedError(answer.source, "bars from the future")
    within = [bar for bar in bars if ask.start_ns <= bar.ts_event < ask.end_ns]
    if bars and not within:
        raise MalformedError(answer.source, "bars of another time")
    sound = [bar for bar in within if _may_be(bar)]
    if within and not sound:
        raise MalformedError(answer.source, "bars that can't be bars")
    known_ns = min(now_ns, answer.fetched_ns) - answer.delay_s * SECOND
    over = {b.ts_event: b for b in sound if over_ns(b.ts_event, b.interval_s) <= known_ns}
    return [over[ts] for ts in sorted(over)]


def _may_be(bar: RawBar) -> bool:
    """Prices that hold each other. A vendor without a vwap or a count of trades says 0."""
    holds = 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
    return holds and bar.high < _INF and 0 <= bar.volume < _INF and 0 <= bar.vwap < _INF


def _quote(source: str, quote: LatestQuote, now_ns: int) -> LatestQuote:
    """The quote without prices that are none, and without a book that is crossed."""
    if quote.ts_event > now_ns + _AHEAD_NS:
        raise MalformedError(source, "a price from the future")
    bid, ask, last = (_price(price) for price in (quote.bid, quote.ask, quote.last))
    if bid is not None and ask is not None and not bid <= ask:
        bid = ask = None
    if bid is None and ask is None and last is None:
        raise NoPriceError(source, f"it has no price of {quote.symbol}")
    return msgspec.structs.replace(quote, bid=bid, ask=ask, last=last)


def _price(price: float | None) -> float | None:
    return price if price is not None and 0 < price < _INF else None


def _actions(answer: Answer) -> list[CorporateAction]:
    for action in (actions := answer.of(CorporateAction)):
        _refuse_action(answer.source, action)
    return sorted(actions, key=lambda action: action.ex_day)


def _refuse_action(source: str, action: CorporateAction) -> None:
    if action.kind is ActionKind.SPLIT:
        sound = action.shares_before > 0 and action.shares_after > 0
    else:
        sound = action.amount > 0
    if not (sound and action.ex_day):
        raise MalformedError(source, f"a {action.kind.value} that is none")
