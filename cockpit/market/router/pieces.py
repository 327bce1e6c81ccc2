"""What is kept under which name: an ask becomes pieces that other asks share.

Bars are kept by pieces of the calendar: a New York day of bars under an hour, a month of longer
ones, a year of days. A piece that is over is final; the one under way grows old.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import msgspec

from cockpit.domain.values import NEW_YORK, session_date, to_ns
from cockpit.kernel.clock import SECOND
from cockpit.ports.research import Kept
from cockpit.ports.source import KIND_OF, ActionsAsk, Adjusted, Ask, BarsAsk, Kind, NewsAsk

DAY_S = 86_400
_HOUR_S = 3_600
_SETTLES_NS = 6 * _HOUR_S * SECOND
"""Vendors put a day right for some hours after its end."""
_CLOSES_NS = 20 * _HOUR_S * SECOND  # the day's last trade is at 20:00
_DAY_NS = DAY_S * SECOND

FRESH_S = {
    Kind.QUOTE: 2.0,
    Kind.BARS: 60.0,
    Kind.FUNDAMENTALS: 86_400.0,
    Kind.NEWS: 300.0,
    Kind.ACTIONS: 43_200.0,
}
"""How old an answer may be, of each kind, when nothing else is asked for."""


def pieces_of(ask: Ask) -> Sequence[Ask]:
    """The pieces that hold what is asked for, in order of time."""
    if not isinstance(ask, BarsAsk):
        return (ask,)
    if not ask.start_ns < ask.end_ns:
        return ()
    pieces, day = list[Ask](), _first(ask.interval_s, session_date(ask.start_ns))
    while (start := _midnight(day)) < ask.end_ns:
        day = _next(ask.interval_s, day)
        pieces.append(msgspec.structs.replace(ask, start_ns=start, end_ns=_midnight(day)))
    return pieces


def together(pieces: Sequence[Ask], now_ns: int) -> Sequence[tuple[Ask, Sequence[Ask]]]:
    """Neighbours in one request: what to ask for, and the pieces it is of."""
    runs: list[list[Ask]] = []
    for piece in pieces:
        last = runs[-1][-1] if runs else None
        joins = (
            isinstance(piece, BarsAsk)
            and isinstance(last, BarsAsk)
            and last.end_ns == piece.start_ns
        )
        if joins:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return [(_whole(run, now_ns), run) for run in runs]


def key_of(source: str, ask: Ask) -> str:
    """The name under which an answer of `source` is kept."""
    kind = KIND_OF[type(ask)]
    parts: list[object] = [source, kind.value, ask.symbol]
    if isinstance(ask, BarsAsk):
        parts += [ask.interval_s, ask.adjusted.value, session_date(ask.start_ns).isoformat()]
    elif isinstance(ask, NewsAsk):
        parts += [ask.start_ns, ask.most]
    elif isinstance(ask, ActionsAsk):
        parts += [ask.first_day, ask.last_day]
    return "|".join(map(str, parts))


def refusal_key(source: str, ask: Ask) -> str:
    """The name of a refusal: of the symbol, as far as this kind (and length of bars) goes."""
    kind = KIND_OF[type(ask)]
    length = f"|{ask.interval_s}" if isinstance(ask, BarsAsk) else ""
    return f"{source}|no|{kind.value}|{ask.symbol}{length}"


def is_final(piece: Ask, fetched_ns: int, *, complete: bool) -> bool:
    """True for bars of a time that is over and settled, which no later split can change."""
    return (
        isinstance(piece, BarsAsk)
        and complete
        and piece.adjusted is Adjusted.RAW
        and piece.end_ns + _SETTLES_NS <= fetched_ns
    )


def is_fresh(kept: Kept, piece: Ask, now_ns: int, most_s: float) -> bool:
    """Whether a kept answer is young enough. Older than `most_s`, or from a clock that ran ahead.

    Adjusted bars of the past, and raw ones that are still put right, last an hour.
    """
    if kept.final:
        return True
    if isinstance(piece, BarsAsk) and piece.end_ns <= kept.fetched_ns:
        most_s = max(most_s, _HOUR_S)
    return -SECOND <= now_ns - kept.fetched_ns <= most_s * SECOND


def over_ns(start_ns: int, interval_s: int) -> int:
    """When a bar that begins at `start_ns` is over; a day with the end of its late session."""
    if interval_s == DAY_S:
        return start_ns + _CLOSES_NS
    return start_ns + interval_s * SECOND


def _whole(run: Sequence[Ask], now_ns: int) -> Ask:
    first, last = run[0], run[-1]
    if isinstance(first, BarsAsk) and isinstance(last, BarsAsk):
        end_ns = max(first.start_ns + 1, min(last.end_ns, now_ns))
        return msgspec.structs.replace(first, end_ns=end_ns)
    return first


def _first(interval_s: int, day: date) -> date:
    if interval_s >= DAY_S:
        return day.replace(month=1, day=1)
    return day if interval_s < _HOUR_S else day.replace(day=1)


def _next(interval_s: int, day: date) -> date:
    if interval_s >= DAY_S:
        return day.replace(year=day.year + 1)
    if interval_s < _HOUR_S:
        return day + timedelta(days=1)
    return (day + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> int:
    return to_ns(datetime.combine(day, time(), NEW_YORK))
