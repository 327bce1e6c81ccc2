"""One question to the router from outside a session, with all that is needed for it."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from cockpit.adapters.research.store import open_research
from cockpit.app import registry
from cockpit.app.data.budgets import BudgetLine, lines_of
from cockpit.app.data.research import (
    SECTION,
    DataSettings,
    Needs,
    Research,
    account_for_data,
    build_source,
    open_hours,
    open_router,
)
from cockpit.app.errors import AppError
from cockpit.app.launch import CACHE_FOLDER
from cockpit.app.settings import AppSettings, settings_file
from cockpit.app.signing.accounts import AccountBook
from cockpit.app.signing.vaults import vault_of
from cockpit.domain.values import at_new_york, day_end_ns, session_date, to_ns
from cockpit.kernel import settings
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.router.adjusting import adjusted_bars
from cockpit.market.router.router import Found
from cockpit.market.session import SessionCalendar
from cockpit.ports.clock import Clock
from cockpit.ports.research import KeptLine
from cockpit.ports.source import (
    ActionsAsk,
    Adjusted,
    Ask,
    BarsAsk,
    FundamentalsAsk,
    Kind,
    NewsAsk,
    QuoteAsk,
)

_SYMBOL = re.compile(r"[A-Z][A-Z.]{0,9}")
_INTERVAL = re.compile(r"([1-9]\d{0,3})([mhd])")
_UNITS = {"m": 60, "h": 3_600, "d": 86_400}
_MB = 1_000_000


class QuestionError(AppError):
    """A question that can't be asked."""

    code = "DATA_QUESTION"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks for. Days are ISO dates; an empty `last` is today.

    Without a `first` day, bars and news are of the last `days`.
    """

    symbol: str
    kind: Kind
    interval: str = "1d"
    first: date | None = None
    last: date | None = None
    days: int = 30
    adjusted: Adjusted = Adjusted.RAW
    most: int = 20
    max_age_s: float | None = None
    source: str = ""
    account: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """Why a source was passed over."""

    source: str
    code: str
    why: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An answer for other programs; times in ns UTC. `rows` are of the port's types."""

    symbol: str
    kind: Kind
    source: str
    fetched_ns: int
    age_s: float
    delay_s: int
    adjusted: Adjusted
    adjusted_by: str
    complete: bool
    kept: bool
    stale: bool
    passed_over: list[Line]
    rows: tuple[Any, ...]


def told(wanted: Wanted, found: Found) -> Told:
    """The answer as one value."""
    answer = found.answer
    return Told(
        symbol=wanted.symbol,
        kind=wanted.kind,
        source=answer.source,
        fetched_ns=answer.fetched_ns,
        age_s=round(found.age_s, 3),
        delay_s=answer.delay_s,
        adjusted=answer.adjusted,
        adjusted_by=found.adjusted_by,
        complete=answer.complete,
        kept=found.kept,
        stale=found.stale,
        passed_over=[Line(source=e.source, code=e.code, why=e.why) for e in found.passed_over],
        rows=answer.rows,
    )


def seconds_of(interval: str) -> int:
    """Seconds of "5m", "1h" or "1d". Raises QuestionError."""
    found = _INTERVAL.fullmatch(interval.strip().lower())
    if found is None:
        raise QuestionError(
            f"interval {interval!r}",
            user_text=f"{interval!r} is no length of bars. Write it like 1m, 5m, 1h or 1d.",
        )
    return int(found[1]) * _UNITS[found[2]]


def ask_of(wanted: Wanted, now_ns: int) -> Ask:
    """The question for the router. Raises QuestionError."""
    symbol = wanted.symbol
    if not _SYMBOL.fullmatch(symbol):
        raise QuestionError(
            f"symbol {symbol!r}",
            user_text=f"{symbol!r} is no symbol. Write it like AAPL or BRK.B.",
        )
    today = session_date(now_ns)
    last = wanted.last or today
    first = wanted.first or last - timedelta(days=wanted.days)
    if not first <= last:
        raise QuestionError(
            f"{first} to {last}", user_text=f"The span ends on {last}, before its start on {first}."
        )
    start_ns = to_ns(at_new_york(first, "00:00"))
    match wanted.kind:
        case Kind.QUOTE:
            return QuoteAsk(symbol)
        case Kind.FUNDAMENTALS:
            return FundamentalsAsk(symbol)
        case Kind.NEWS:
            return NewsAsk(symbol=symbol, start_ns=start_ns, most=wanted.most)
        case Kind.ACTIONS:
            return ActionsAsk(symbol=symbol, first_day=first.isoformat(), last_day=last.isoformat())
        case Kind.BARS:
            end_ns = day_end_ns(to_ns(at_new_york(last, "12:00")))
            return BarsAsk(
                symbol=symbol,
                interval_s=seconds_of(wanted.interval),
                start_ns=start_ns,
                end_ns=min(end_ns, max(now_ns, start_ns + 1)),
                adjusted=wanted.adjusted,
            )


async def get(wanted: Wanted, data_dir: Path, config: Path | None) -> Told:
    """Ask the router. Raises CockpitError."""
    clock = WallClock()
    ask = ask_of(wanted, clock.now_ns())
    async with asking(data_dir, config, clock, wanted.account, wanted.source) as research:
        router, max_age_s = research.router, wanted.max_age_s
        if isinstance(ask, BarsAsk):
            found = await adjusted_bars(router, ask, clock.now_ns(), max_age_s=max_age_s)
        else:
            found = await router.get(ask, max_age_s=max_age_s)
        return told(wanted, found)


async def budgets(data_dir: Path, config: Path | None, account: str = "") -> list[BudgetLine]:
    """What each installed source has left. Asks nobody, and opens no vault."""
    clock = WallClock()
    needs, chosen = _needs(data_dir, config, clock, account)
    sources = [build_source(needs, name) for name in registry.names("sources")]
    store = await open_research(data_dir, most_bytes=chosen.cache_mb * _MB)
    try:
        return lines_of(sources, await store.spent(), clock)
    finally:
        await store.close()
        for source in sources:
            await source.close()


async def kept(data_dir: Path, config: Path | None) -> Sequence[KeptLine]:
    """What is kept of all sources."""
    chosen = settings.load(DataSettings, section=SECTION, toml=settings_file(config))
    store = await open_research(data_dir, most_bytes=chosen.cache_mb * _MB)
    try:
        return await store.lines()
    finally:
        await store.close()


async def forget(
    data_dir: Path, config: Path | None, *, source: str, kind: str, symbol: str
) -> int:
    """Forget answers; how many. What was spent stays counted."""
    chosen = settings.load(DataSettings, section=SECTION, toml=settings_file(config))
    store = await open_research(data_dir, most_bytes=chosen.cache_mb * _MB)
    try:
        return await store.clear(source=source, kind=kind, symbol=symbol)
    finally:
        await store.close()


@asynccontextmanager
async def asking(
    data_dir: Path, config: Path | None, clock: Clock, account: str = "", only: str = ""
) -> AsyncGenerator[Research]:
    """The router of a data folder for a while, outside a session. Raises as `open_router`."""
    needs, _ = _needs(data_dir, config, clock, account)
    calendar = SessionCalendar(data_dir / CACHE_FOLDER)
    supervisor = Supervisor(clock)
    try:
        async with open_router(needs, supervisor, open_hours(calendar), only=only) as research:
            yield research
    finally:
        await supervisor.stop()


def _needs(
    data_dir: Path, config: Path | None, clock: Clock, account: str
) -> tuple[Needs, DataSettings]:
    toml: Mapping[str, Any] = settings_file(config)
    own = settings.load(AppSettings, toml=toml)
    needs = Needs(
        toml=toml,
        data_dir=data_dir,
        vault=vault_of(toml, data_dir, clock),
        clock=clock,
        account=account_for_data(AccountBook(data_dir), account or own.account),
    )
    return needs, settings.load(DataSettings, section=SECTION, toml=toml)
