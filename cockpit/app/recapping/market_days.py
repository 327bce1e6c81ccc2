"""What instruments did in one session, for a digest: from the session's own bars, or researched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import structlog

from cockpit.domain.errors import CockpitError, DomainError
from cockpit.domain.values import (
    NEW_YORK,
    at_new_york,
    day_end_ns,
    session_date,
    to_decimal,
    to_ns,
    utc,
)
from cockpit.market.bars import BarBook
from cockpit.market.errors import MarketError
from cockpit.market.router.adjusting import adjusted_bars
from cockpit.market.router.budget import Purpose
from cockpit.market.router.router import Router
from cockpit.market.series import BarSeries
from cockpit.market.session import SessionCalendar
from cockpit.ports.feed import RawBar
from cockpit.ports.source import Adjusted, BarsAsk, NewsAsk, NewsItem
from cockpit.recap.material import Headline, SymbolDay

_DAY_S, _SECOND = 86_400, 1_000_000_000
_BEFORE = timedelta(days=7)
"""So far back there is a session before any."""
MOST_HEADLINES = 8
_TEN_THOUSANDTH = Decimal("0.0001")
_log = structlog.get_logger(__name__)


def seen_days(
    bars: BarBook,
    calendar: SessionCalendar,
    day: str,
    before: Mapping[str, float],
    label: str,
) -> list[SymbolDay]:
    """Each symbol's regular session as this program's bars have it; `before` are closes before."""
    try:
        hours = calendar.session(date.fromisoformat(day))
    except MarketError:
        hours = None
    if hours is None:
        return []
    found = (
        _seen(bars.series(symbol), hours.open_ns, hours.close_ns, before.get(symbol), label)
        for symbol in bars.symbols
    )
    return [row for row in found if row is not None]


def _seen(
    series: BarSeries, open_ns: int, close_ns: int, before: float | None, label: str
) -> SymbolDay | None:
    starts = series.ts * _SECOND
    rows = np.flatnonzero((starts >= open_ns) & (starts < close_ns))
    if not len(rows):
        return None
    first, last = int(rows[0]), int(rows[-1])
    until = utc(int(starts[last])).astimezone(NEW_YORK)
    try:
        return SymbolDay(
            symbol=series.symbol,
            open=_price(float(series.open[first])),
            high=_price(float(series.high[rows].max())),
            low=_price(float(series.low[rows].min())),
            close=_price(float(series.close[last])),
            volume=_price(float(series.volume[rows].sum())).quantize(Decimal(1)),
            previous_close=None if before is None else _price(before),
            source=f"{label or 'live'} bars of this program until {until:%H:%M}",
        )
    except DomainError:
        return None  # a price that is none


async def researched_days(
    router: Router, symbols: Iterable[str], day: str, now_ns: int
) -> list[SymbolDay]:
    """Each symbol's session of `day` as a source tells it; those that nobody knows are left out.

    Prices are put right for splits, so that a change is none that a split made.
    """
    found = [await _researched(router, symbol, day, now_ns) for symbol in symbols]
    return [row for row in found if row is not None]


async def _researched(router: Router, symbol: str, day: str, now_ns: int) -> SymbolDay | None:
    wanted = date.fromisoformat(day)
    ask = BarsAsk(
        symbol=symbol,
        interval_s=_DAY_S,
        start_ns=to_ns(at_new_york(wanted - _BEFORE, "00:00")),
        end_ns=min(day_end_ns(to_ns(at_new_york(wanted, "12:00"))), now_ns),
        adjusted=Adjusted.SPLITS,
    )
    try:
        found = await adjusted_bars(router, ask, now_ns, purpose=Purpose.BACKGROUND)
        bars = sorted(found.answer.of(RawBar), key=lambda bar: bar.ts_event)
        return _row(symbol, bars, wanted, found.answer.source)
    except CockpitError as error:
        _log.info("no_day_for_digest", symbol=symbol, day=day, why=str(error))
        return None


def _row(symbol: str, bars: Sequence[RawBar], wanted: date, source: str) -> SymbolDay | None:
    own = next((bar for bar in bars if session_date(bar.ts_event) == wanted), None)
    if own is None:
        return None
    earlier = [bar for bar in bars if session_date(bar.ts_event) < wanted]
    return SymbolDay(
        symbol=symbol,
        open=_price(own.open),
        high=_price(own.high),
        low=_price(own.low),
        close=_price(own.close),
        volume=_price(own.volume).quantize(Decimal(1)),
        previous_close=_price(earlier[-1].close) if earlier else None,
        source=f"{source}, bars of a day, adjusted for splits",
    )


async def headlines(router: Router, day: str) -> list[Headline]:
    """The market's news of a day, the newest first; none where nobody tells them."""
    start = to_ns(at_new_york(date.fromisoformat(day), "00:00"))
    ask = NewsAsk(start_ns=start, most=4 * MOST_HEADLINES)
    try:
        found = await router.get(ask, purpose=Purpose.BACKGROUND)
    except CockpitError as error:
        _log.info("no_news_for_digest", day=day, why=str(error))
        return []
    items = [i for i in found.answer.of(NewsItem) if session_date(i.ts_event).isoformat() == day]
    items.sort(key=lambda item: item.ts_event, reverse=True)
    return [
        Headline(
            text=" ".join(item.headline.split()),
            publisher=item.publisher or found.answer.source,
            ts_event=item.ts_event,
            ref=item.url,
        )
        for item in items[:MOST_HEADLINES]
        if item.headline.strip()
    ]


def _price(mark: float) -> Decimal:
    return to_decimal(mark).quantize(_TEN_THOUSANDTH, rounding=ROUND_HALF_EVEN).normalize() + 0
