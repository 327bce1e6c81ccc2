"""What stands before the rooms are built, and what everything in them is wired to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.app.data.research import Research
from cockpit.app.launch import Launch
from cockpit.app.settings import AppSettings
from cockpit.app.signing.vaults import AnyVault
from cockpit.app.telling.alerts import Alerts
from cockpit.domain.limit_rules import LimitRules
from cockpit.kernel.bus import Bus
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.session import SessionCalendar
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed
from cockpit.ports.store import Run, Store
from cockpit.risk.limit_book import LimitBook


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What has to stand before anything can be wired.

    `research` is the router, or why there is none: empty where the market is not today's.
    `known` says that the account has had orders before: its broker must know it, too.
    """

    launch: Launch
    toml: Mapping[str, Any]
    settings: AppSettings
    limits: LimitBook
    written_limits: LimitRules
    bus: Bus
    clock: Clock
    wall: Clock
    supervisor: Supervisor
    alerts: Alerts
    store: Store
    run: Run
    known: bool
    feed: Feed
    calendar: SessionCalendar
    vault: AnyVault
    research: Research | str = ""
