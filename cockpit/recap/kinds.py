"""The kinds of recap: the period of each, its facts, and whose notes go along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from cockpit.domain.fact import Fact
from cockpit.domain.values import iso_week
from cockpit.journal.days import Day, iso_day
from cockpit.recap.devlog_facts import devlog_facts
from cockpit.recap.digest_facts import digest_facts
from cockpit.recap.errors import RecapError
from cockpit.recap.facts import daily_facts, week_span
from cockpit.recap.material import Material
from cockpit.recap.postmortem_facts import postmortem_facts, trade_span
from cockpit.recap.weekly_facts import weekly_facts


class Kind(NamedTuple):
    """One kind: `title` for a person, its period from any day of it, its facts."""

    name: str
    title: str
    period: Callable[[str, Material], str]
    facts: Callable[[Material, str], tuple[Fact, ...]]


def _day(day: str, _material: Material) -> str:
    return day


def _week(day: str, _material: Material) -> str:
    return iso_week(day)


def _daily(material: Material, day: str) -> tuple[Fact, ...]:
    return daily_facts(material.book, day)


def _weekly(material: Material, week: str) -> tuple[Fact, ...]:
    return weekly_facts(material.book, week)


def _postmortem(material: Material, _day: str) -> tuple[Fact, ...]:
    return postmortem_facts(material)


def _of_trade(day: str, material: Material) -> str:
    return day if material.trade is None else trade_span(material.trade).last


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("daily", "Daily recap", _day, _daily),
        Kind("weekly", "Weekly review", _week, _weekly),
        Kind("digest", "Market digest", _day, digest_facts),
        Kind("devlog", "Devlog", _week, devlog_facts),
        Kind("post-mortem", "Trade post-mortem", _of_trade, _postmortem),
    )
}


def kind_called(name: str) -> Kind:
    """A kind by name. Raises RecapError."""
    if name not in KINDS:
        raise RecapError(
            f"unknown kind {name}",
            user_text=f"There is no {name!r} recap; the kinds are: {', '.join(KINDS)}.",
        )
    return KINDS[name]


def period_of(name: str, day: Day, material: Material) -> str:
    """The period of a recap of some kind that holds `day`. Raises RecapError.

    A day as `2018-01-02`, a week as `2018-W01`; a post-mortem's is the day on which its trade
    closed.
    """
    kind = kind_called(name)
    if name == "post-mortem" and material.trade is None:
        raise RecapError(
            "post-mortem without a trade",
            user_text="A post-mortem is of one closed trade, and none was named.",
        )
    if name == "digest" and not material.market:
        raise RecapError(
            "digest without a market",
            user_text="No prices of that day are known here, so there is no market to digest. "
            "Name symbols, or choose a day whose bars can be asked for.",
        )
    return kind.period(iso_day(day), material)


def period_on(name: str, day: Day) -> str:
    """The period of a kind that holds `day`, whatever there is to tell. Raises RecapError."""
    kind = kind_called(name)
    return iso_week(iso_day(day)) if kind.period is _week else iso_day(day)


def days_of(period: str) -> tuple[str, ...]:
    """The days of a period, ISO 8601."""
    return tuple(week_span(period).days) if "-W" in period else (period,)
