"""The router of a data folder: which sources it asks, in which order, with whose keys."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from cockpit.adapters.research.store import open_research
from cockpit.app import registry
from cockpit.app.signing.accounts import AccountBook, AccountRecord
from cockpit.domain.account import Mode
from cockpit.domain.errors import CockpitError
from cockpit.kernel import settings
from cockpit.kernel.aside import aside
from cockpit.kernel.settings import SettingsError, SettingsModel
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.errors import MarketError
from cockpit.market.router.pieces import FRESH_S
from cockpit.market.router.router import Router, Rules
from cockpit.market.session import Phase, SessionCalendar
from cockpit.ports.clock import Clock
from cockpit.ports.research import ResearchStore
from cockpit.ports.source import Kind, Source
from cockpit.ports.vault import Vault, VaultError, vendor_secret

SECTION = "data"
_MB = 1_000_000


class DataSettings(SettingsModel):
    """Section `[data]`. `sources` names the sources of a kind, the preferred first.

    A kind that is left out is asked of every installed source that there is a key for. `fresh_s`
    is how old an answer may be, by kind; `reserve` is the fraction of a budget that is left for
    what is on screen; answers take `cache_mb` of the disk; a source that says nothing for
    `timeout_s` is passed over.
    """

    cache_mb: int = Field(default=256, ge=1, le=100_000)
    reserve: float = Field(default=0.2, ge=0, le=0.9)
    timeout_s: float = Field(default=10.0, gt=0, le=120)
    sources: dict[Kind, tuple[str, ...]] = Field(default_factory=dict[Kind, tuple[str, ...]])
    fresh_s: dict[Kind, float] = Field(default_factory=lambda: dict(FRESH_S))


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What sources are built from. `account` is the stored account whose keys may be used."""

    toml: Mapping[str, Any]
    data_dir: Path
    vault: Vault
    clock: Clock
    account: AccountRecord | None


@dataclass(frozen=True, kw_only=True)
class Research:
    """The router with what is behind it."""

    router: Router
    store: ResearchStore
    settings: DataSettings


def account_for_data(
    book: AccountBook, name: str, *, broker: str = "alpaca"
) -> AccountRecord | None:
    """The stored account whose keys also open market data: the named one, else the only one."""
    if name:
        return book.find(name)
    records = [record for record in book.records() if record.broker == broker]
    return records[0] if len(records) == 1 else None


def open_hours(calendar: SessionCalendar, *, extended: bool = False) -> Callable[[int], bool]:
    """Whether the exchange trades at a time; what nobody knows is no trading time.

    With `extended` its early and late session count, too.
    """
    shut = (Phase.CLOSED,) if extended else (Phase.CLOSED, Phase.PRE, Phase.POST)

    def is_open(now_ns: int) -> bool:
        try:
            return calendar.phase(now_ns) not in shut
        except MarketError:
            return False

    return is_open


@asynccontextmanager
async def open_router(
    needs: Needs,
    supervisor: Supervisor,
    market_open: Callable[[int], bool],
    *,
    only: str = "",
) -> AsyncGenerator[Research]:
    """The router of a data folder, closed at the end; `only` asks that one source.

    Raises SettingsError, PluginError, StoreError.
    """
    chosen = settings.load(DataSettings, section=SECTION, toml=needs.toml)
    order, sources = await sources_of(needs, chosen, only)
    async with AsyncExitStack() as exits:
        store = await open_research(needs.data_dir, most_bytes=chosen.cache_mb * _MB)
        exits.push_async_callback(store.close)
        rules = Rules(
            order=order,
            fresh_s=chosen.fresh_s,
            reserve=chosen.reserve,
            timeout_s=chosen.timeout_s,
        )
        router = Router(
            sources,
            rules,
            store=store,
            clock=needs.clock,
            spawn=supervisor.work,
            market_open=market_open,
        )
        exits.push_async_callback(router.close)
        yield Research(router=router, store=store, settings=chosen)


async def sources_of(
    needs: Needs, chosen: DataSettings, only: str = ""
) -> tuple[Mapping[Kind, Sequence[str]], list[Source]]:
    """The order of each kind, and the sources that are in it. Raises PluginError."""
    if only:
        order = dict.fromkeys(Kind, (only,))
    else:
        keyed = [] if set(Kind) <= set(chosen.sources) else await with_keys(needs)
        order = {kind: tuple(chosen.sources.get(kind, keyed)) for kind in Kind}
    names = dict.fromkeys(name for names in order.values() for name in names)
    built = {name: build_source(needs, name) for name in names}
    if only:
        return order, list(built.values())
    named = {
        kind: names if kind in chosen.sources else _by_worth(kind, names, built)
        for kind, names in order.items()
    }
    _check(chosen, built)
    return named, list(built.values())


def build_source(needs: Needs, name: str) -> Source:
    """A source that has not asked anything yet. Raises PluginError and SettingsError."""
    account = needs.account
    return registry.build(
        "sources",
        name,
        needs.toml,
        offered={
            "vault": needs.vault,
            "account": account.name if account else "",
            "mode": account.mode if account else Mode.PAPER,
        },
        clock=needs.clock,
    )


async def with_keys(needs: Needs) -> list[str]:
    """The installed sources that there is a key for: one of their own, or that of the account."""
    found = list[str]()
    for name, beside in (await aside(_installed, name="load-sources")).items():
        if needs.account is not None and beside == f"brokers.{needs.account.broker}":
            found.append(name)
            continue
        try:
            if await needs.vault.get(vendor_secret(name)):
                found.append(name)
        except VaultError:
            break  # a vault that stays shut has no key for anybody
    return found


def _installed() -> dict[str, str]:
    """The sources that can be loaded, each with the plug-in that it stands beside."""
    found = dict[str, str]()
    for name in registry.names("sources"):
        with suppress(CockpitError):  # one that can't be loaded is told by the doctor
            found[name] = registry.find("sources", name).beside
    return found


def _by_worth(kind: Kind, names: Sequence[str], built: Mapping[str, Source]) -> tuple[str, ...]:
    """Real time before delayed, then who may be asked more."""

    def worth(name: str) -> tuple[int, float, str]:
        profile = built[name].profile
        a_minute = profile.budget.per_minute or float("inf")
        return profile.delay_s.get(kind, 0), -a_minute, name

    return tuple(sorted((n for n in names if kind in built[n].profile.kinds), key=worth))


def _check(chosen: DataSettings, built: Mapping[str, Source]) -> None:
    for kind, names in chosen.sources.items():
        for name in names:
            if kind not in built[name].profile.kinds:
                raise SettingsError(
                    f"data.sources.{kind}: {name}",
                    user_text=f"A setting can't be used: data.sources.{kind} names {name!r}, which "
                    f"has no {kind}. Nothing was changed; correct it.",
                )
