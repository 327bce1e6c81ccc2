"""Whether one more request may go out. Pure: what was spent, the budget and the time, in and out.

Seconds and minutes are sliding, by the clock that nobody sets: any span of that length holds at
most what the plan allows, so a vendor whose minutes begin anywhere sees no more. A machine that
has started anew knows only how long it is up, and takes that for the time that has passed; both
are never more than the truth. Days are the vendor's, by the clock on the wall.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from cockpit.domain.values import to_ns, utc
from cockpit.kernel.clock import SECOND
from cockpit.ports.research import Spent
from cockpit.ports.source import Budget, Span

LATE_NS = SECOND // 4
"""How much later than we count it a vendor may count a request. A slower one is counted anew at
its end, see `moved`."""

_LENGTHS: Mapping[Span, int] = {
    Span.SECOND: SECOND + LATE_NS,
    Span.MINUTE: 60 * SECOND + LATE_NS,
}
_LONGEST = max(_LENGTHS.values())
_DAYS_KEPT = 7
_LONGEST_HOLD_S = 86_400.0
_HOLD_S: Mapping[Span | None, float] = {Span.SECOND: 1.0, Span.MINUTE: 60.0, None: 30.0}


class Purpose(StrEnum):
    """What a request is for: what is on screen may use what the rest must leave."""

    SCREEN = "screen"
    BACKGROUND = "background"


class Moment(NamedTuple):
    """Now, by the wall and by the clock that nobody sets; ns."""

    now_ns: int
    elapsed_ns: int


class Verdict(NamedTuple):
    """Whether a request may go out; if not, in how many seconds it makes sense to ask, and why.

    `stamp` is the time it was counted at.
    """

    allowed: bool
    wait_s: float = 0.0
    why: str = ""
    stamp: int = 0


def take(
    spent: Spent, budget: Budget, moment: Moment, *, reserve: float, purpose: Purpose
) -> tuple[Spent, Verdict]:
    """Count one request, if the budget allows it.

    `reserve` is the fraction of minutes and days that only the screen may use.
    """
    refusal = _held(spent, budget, moment) or _full(spent, budget, moment, reserve, purpose)
    if refusal is not None:
        return spent, refusal
    today = day_of(budget, moment.now_ns)
    days = {**spent.days, today: spent.days.get(today, 0) + 1}
    after = msgspec.structs.replace(
        spent,
        times=(*_recent(spent.times, moment), moment.elapsed_ns),
        days=dict(sorted(days.items())[-_DAYS_KEPT:]),
    )
    return after, Verdict(allowed=True, stamp=moment.elapsed_ns)


def moved(spent: Spent, stamp: int, moment: Moment) -> Spent:
    """A request that took long counts from its end: the vendor may have counted it that late."""
    times = list(spent.times)
    if stamp in times:
        times.remove(stamp)
    return msgspec.structs.replace(spent, times=(*times, moment.elapsed_ns))


def held(
    spent: Spent,
    budget: Budget,
    moment: Moment,
    *,
    span: Span | None,
    retry_after_s: float | None,
    why: str,
) -> Spent:
    """The vendor has had enough: nothing goes out until it says, or until its `span` is over."""
    if span is Span.DAY and retry_after_s is None:
        today = day_of(budget, moment.now_ns)
        return msgspec.structs.replace(spent, held_day=today, held_why=why)
    seconds = _HOLD_S.get(span, _HOLD_S[None]) if retry_after_s is None else retry_after_s
    seconds = min(seconds, _LONGEST_HOLD_S) if 0 < seconds < math.inf else _HOLD_S[None]
    if _passes_in(spent, moment) >= seconds * SECOND:
        return spent
    return msgspec.structs.replace(
        spent, held_from=moment.elapsed_ns, held_for_ns=round(seconds * SECOND), held_why=why
    )


def heard(
    spent: Spent,
    budget: Budget,
    moment: Moment,
    *,
    span: Span,
    left: int,
    resets_in_s: float | None,
) -> Spent:
    """Believe the vendor's own count where it leaves less than ours."""
    if span is Span.DAY:
        today = day_of(budget, moment.now_ns)
        used = max(spent.days.get(today, 0), budget.per_day - left)
        if budget.per_day:
            return msgspec.structs.replace(spent, days={**spent.days, today: used})
    elif most := _most(budget, span):
        seen = _within(spent.times, moment, _LENGTHS[span])
        more = (moment.elapsed_ns,) * max(0, min(most, most - left) - len(seen))
        return msgspec.structs.replace(spent, times=(*_recent(spent.times, moment), *more))
    if left > 0:
        return spent
    why = f"it says that no request is left this {span.value}"
    return held(spent, budget, moment, span=span, retry_after_s=resets_in_s, why=why)


class Left(NamedTuple):
    """What is left of a span: requests used, and the most there may be (0: no limit)."""

    used: int
    most: int


def left(spent: Spent, budget: Budget, moment: Moment) -> Mapping[Span, Left]:
    """How each span of a source stands."""
    used = {span: len(_within(spent.times, moment, ns)) for span, ns in _LENGTHS.items()}
    used[Span.DAY] = spent.days.get(day_of(budget, moment.now_ns), 0)
    return {span: Left(count, _most(budget, span)) for span, count in used.items()}


def hold_of(spent: Spent, budget: Budget, moment: Moment) -> Verdict | None:
    """Why nothing may go out by the vendor's own word; None while it may."""
    return _held(spent, budget, moment)


def day_of(budget: Budget, now_ns: int) -> str:
    """The vendor's day (ISO)."""
    return utc(now_ns).astimezone(ZoneInfo(budget.day_zone)).date().isoformat()


def _held(spent: Spent, budget: Budget, moment: Moment) -> Verdict | None:
    wait_ns = _passes_in(spent, moment)
    if wait_ns > 0:
        return Verdict(allowed=False, wait_s=wait_ns / SECOND, why=spent.held_why)
    if spent.held_day and spent.held_day == day_of(budget, moment.now_ns):
        return Verdict(
            allowed=False, wait_s=_to_midnight_s(budget, moment.now_ns), why=spent.held_why
        )
    return None


def _passes_in(spent: Spent, moment: Moment) -> int:
    return spent.held_for_ns - _passed(spent.held_from, moment) if spent.held_for_ns else 0


def _full(
    spent: Spent, budget: Budget, moment: Moment, reserve: float, purpose: Purpose
) -> Verdict | None:
    """The span that is used up and takes longest; None when there is room in each."""
    found: Verdict | None = None
    kept = reserve if purpose is Purpose.BACKGROUND else 0.0
    for span in Span:
        limit = _most(budget, span)
        if not limit:
            continue
        most = limit - (math.ceil(limit * kept) if limit > 1 and span is not Span.SECOND else 0)
        wait_s = _wait_s(spent, budget, moment, span, most)
        if wait_s is not None and (found is None or wait_s > found.wait_s):
            rest = f"; the other {limit - most} are for what is on screen" * bool(limit - most)
            why = f"{most} requests a {span.value} are used up{rest}"
            found = Verdict(allowed=False, wait_s=wait_s, why=why)
    return found


def _wait_s(spent: Spent, budget: Budget, moment: Moment, span: Span, most: int) -> float | None:
    if span is Span.DAY:
        used = spent.days.get(day_of(budget, moment.now_ns), 0)
        return None if 0 <= used < most else _to_midnight_s(budget, moment.now_ns)
    waits = _within(spent.times, moment, _LENGTHS[span])
    return None if len(waits) < most else waits[len(waits) - max(most, 1)] / SECOND


def _within(times: Sequence[int], moment: Moment, length: int) -> list[int]:
    """In how many ns each of the span's requests is out of it, soonest first."""
    waits = (length - _passed(then, moment) for then in times)
    return sorted(wait for wait in waits if wait > 0)


def _recent(times: Sequence[int], moment: Moment) -> tuple[int, ...]:
    return tuple(then for then in times if _passed(then, moment) < _LONGEST)


def _passed(then: int, moment: Moment) -> int:
    """At least so much time has passed: a smaller `elapsed` means that the machine is new."""
    now = moment.elapsed_ns
    return now - then if now >= then else now


def _most(budget: Budget, span: Span) -> int:
    return {
        Span.SECOND: budget.per_second,
        Span.MINUTE: budget.per_minute,
        Span.DAY: budget.per_day,
    }[span]


def _to_midnight_s(budget: Budget, now_ns: int) -> float:
    zone = ZoneInfo(budget.day_zone)
    tomorrow = utc(now_ns).astimezone(zone).date() + timedelta(days=1)
    return (to_ns(datetime.combine(tomorrow, time(), zone)) - now_ns) / SECOND
