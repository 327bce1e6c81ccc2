"""Statistics of the trades that have something in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from cockpit.app.bookkeeping.books import AccountBook
from cockpit.domain.trade import Trade
from cockpit.domain.values import NEW_YORK, utc
from cockpit.journal.statistics import Statistic, statistics_of

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SETUP = "setup/"
UNTAGGED = "(none)"


class By(StrEnum):
    """What trades can be grouped by; hour and weekday are those of the entry, in New York."""

    SYMBOL = "symbol"
    STRATEGY = "strategy"
    TAG = "tag"
    HOUR = "hour"
    WEEKDAY = "weekday"
    SETUP = "setup"


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The statistics of one group; `key` is empty for all trades together."""

    key: str
    statistics: tuple[Statistic, ...]


def grouped(
    trades: Iterable[tuple[AccountBook, Trade]], by: By | None, *, period: str
) -> list[Group]:
    """Statistics a group, in the order of the keys. A trade with two tags is in both groups."""
    found: defaultdict[str, list[Trade]] = defaultdict(list)
    for book, trade in trades:
        for key in [""] if by is None else _KEYS[by](book, trade):
            found[key].append(trade)
    if by is None:
        found.setdefault("", [])
    return [
        Group(key=key, statistics=statistics_of(found[key], period=period))
        for key in sorted(found, key=_place)
    ]


def _place(key: str) -> tuple[int, str]:
    return (_WEEKDAYS.index(key) if key in _WEEKDAYS else len(_WEEKDAYS), key)


def _hour(_book: AccountBook, trade: Trade) -> Sequence[str]:
    at = utc(trade.opened_ns).astimezone(NEW_YORK)
    return (f"{at.hour:02d}:00",)


def _weekday(_book: AccountBook, trade: Trade) -> Sequence[str]:
    return (_WEEKDAYS[utc(trade.opened_ns).astimezone(NEW_YORK).weekday()],)


def _setups(book: AccountBook, trade: Trade) -> Sequence[str]:
    named = [tag.removeprefix(_SETUP) for tag in book.tags(trade) if tag.startswith(_SETUP)]
    return named or (UNTAGGED,)


_KEYS: Mapping[By, Callable[[AccountBook, Trade], Sequence[str]]] = {
    By.SYMBOL: lambda _book, trade: (trade.symbol,),
    By.STRATEGY: lambda _book, trade: (trade.strategy,),
    By.TAG: lambda book, trade: book.tags(trade) or (UNTAGGED,),
    By.HOUR: _hour,
    By.WEEKDAY: _weekday,
    By.SETUP: _setups,
}
