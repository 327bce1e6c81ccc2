"""What splits and dividends make of past prices: a table of factors, and bars put right by it.

A split of `before` shares into `after` multiplies prices of the days before its ex-day by
before / after, and volumes by after / before. A dividend D multiplies those prices by 1 - D / P,
where P is the last close before the ex-day (as the CRSP price index and most vendors do it).
A price is multiplied with the factors of all ex-days after it, so the newest stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from cockpit.domain.values import at_new_york, to_ns
from cockpit.ports.feed import RawBar
from cockpit.ports.source import ActionKind, Adjusted, CorporateAction


class Factor(NamedTuple):
    """Prices before `ex_ns` (midnight in New York of the ex-day) times `price`, volumes likewise.

    Both hold all later factors, too.
    """

    ex_ns: int
    price: float
    volume: float


def factors(
    actions: Sequence[CorporateAction],
    adjusted: Adjusted,
    closes: Mapping[str, float],
    today: str,
) -> list[Factor]:
    """The table, oldest first. `closes` is the raw close before each ex-day of a dividend.

    What has its ex-day after `today` has not happened. A dividend without a close, or one that
    is not below it, changes nothing. The same split told twice counts once.
    """
    table, price, volume = list[Factor](), 1.0, 1.0
    known = {(a.ex_day, a.kind, a.shares_before, a.shares_after, a.amount): a for a in actions}
    for action in sorted(known.values(), key=lambda action: action.ex_day, reverse=True):
        if action.ex_day > today or adjusted is Adjusted.RAW:
            continue
        if action.kind is ActionKind.SPLIT:
            ratio = float(action.shares_before / action.shares_after)
            price, volume = price * ratio, volume / ratio
        elif adjusted is Adjusted.ALL:
            close, paid = closes.get(action.ex_day, 0.0), float(action.amount)
            price *= 1 - paid / close if 0 < paid < close else 1.0
        else:
            continue
        table.append(Factor(_midnight(action.ex_day), price, volume))
    return table[::-1]


def adjust(bars: Sequence[RawBar], table: Sequence[Factor]) -> list[RawBar]:
    """Raw bars, in order of time, by the table; the bars that are given stay as they are."""
    found, at = list[RawBar](), 0
    for bar in bars:
        while at < len(table) and table[at].ex_ns <= bar.ts_event:
            at += 1
        found.append(bar if at == len(table) else _times(bar, table[at]))
    return found


def closes_before(days: Sequence[str], daily: Sequence[RawBar]) -> dict[str, float]:
    """The last close before each ex-day, by raw daily bars in order of time."""
    found: dict[str, float] = {}
    for day in days:
        ex_ns = _midnight(day)
        before = [bar.close for bar in daily if bar.ts_event < ex_ns]
        if before:
            found[day] = before[-1]
    return found


def _times(bar: RawBar, factor: Factor) -> RawBar:
    price = factor.price
    return msgspec.structs.replace(
        bar,
        open=bar.open * price,
        high=bar.high * price,
        low=bar.low * price,
        close=bar.close * price,
        vwap=bar.vwap * price,
        volume=bar.volume * factor.volume,
    )


def _midnight(day: str) -> int:
    return to_ns(at_new_york(date.fromisoformat(day), "00:00"))
