"""Statistics of the trades that have something in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from cockpit.domain.currency import each_once
from cockpit.domain.trade import Trade
from cockpit.journal.days import WEEKDAYS, Sessions, hour_of, weekdays
from cockpit.journal.statistics import RBucket, Statistic, r_distribution, statistics_of
from cockpit.ports.entries import tag_levels

if TYPE_CHECKING:  # the books bring the store with them, and --help needs only the names
    from cockpit.app.bookkeeping.books import AccountBook

_SETUP = "setup/"
UNTAGGED = "(none)"
UNTIMED = "(no time of day)"


class By(StrEnum):
    """What trades can be grouped by; hour and weekday are those of the entry, in New York.

    A statement that knows the day only gives no hour.
    """

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
    rs: tuple[RBucket, ...]


def grouped(
    trades: Iterable[tuple[AccountBook, Trade]],
    by: By | None,
    *,
    period: str,
    equity: Decimal | None = None,
    sessions: Sessions = weekdays,
) -> list[Group]:
    """Statistics a group, in the order of the keys. A trade with two tags is in both groups.

    A tag below another, `setup/orb`, counts for that one, `setup`, too. Returns of a group are
    what its trades alone have made of `equity`.
    """
    found: defaultdict[str, list[Trade]] = defaultdict(list)
    money: defaultdict[str, set[str]] = defaultdict(set)
    for book, trade in trades:
        for key in [""] if by is None else _KEYS[by](book, trade):
            found[key].append(trade)
            money[key].add(trade.currency)
    if by is None:
        found.setdefault("", [])
    return [
        Group(
            key=key,
            statistics=statistics_of(
                found[key],
                period=period,
                starting_equity=equity,
                sessions=sessions,
                currencies=each_once(money[key]),
            ),
            rs=r_distribution(found[key]),
        )
        for key in sorted(found, key=_place)
    ]


def with_parents(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags and all those above them: `a/b/c` stands for `a/b` and `a`, too."""
    return tuple(dict.fromkeys(level for tag in tags for level in tag_levels(tag)))


def _place(key: str) -> tuple[int, str]:
    return (WEEKDAYS.index(key) if key in WEEKDAYS else len(WEEKDAYS), key)


def _hour(_book: AccountBook, trade: Trade) -> Sequence[str]:
    return (f"{hour_of(trade.opened_ns)[1]:02d}:00" if trade.opened_timed else UNTIMED,)


def _weekday(_book: AccountBook, trade: Trade) -> Sequence[str]:
    return (WEEKDAYS[hour_of(trade.opened_ns)[0]],)


def _setups(book: AccountBook, trade: Trade) -> Sequence[str]:
    named = [tag.removeprefix(_SETUP) for tag in book.tags(trade) if tag.startswith(_SETUP)]
    return named or (UNTAGGED,)


_KEYS: Mapping[By, Callable[[AccountBook, Trade], Sequence[str]]] = {
    By.SYMBOL: lambda _book, trade: (trade.symbol,),
    By.STRATEGY: lambda _book, trade: (trade.strategy,),
    By.TAG: lambda book, trade: with_parents(book.tags(trade)) or (UNTAGGED,),
    By.HOUR: _hour,
    By.WEEKDAY: _weekday,
    By.SETUP: _setups,
}
