"""The assembled cockpit without a screen: what the window and the command line are given."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.app.arming import Armed
from cockpit.app.commands import Commands
from cockpit.app.health.findings import Findings
from cockpit.app.limits.desk import LimitDesk
from cockpit.app.limits.lockout import Lockout
from cockpit.app.recapping.room import RecapRoom
from cockpit.app.settings import AppSettings, JournalSettings
from cockpit.app.signing.desk import AccountDesk
from cockpit.app.telling.alerts import Alerts
from cockpit.domain.account import Mode
from cockpit.domain.recovery import Recovering
from cockpit.journal.journal import Journal
from cockpit.kernel.bus import Bus
from cockpit.kernel.pauses import CollectorPauses
from cockpit.kernel.supervisor import Supervisor
from cockpit.kernel.watchdog import LoopWatchdog
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.ingest import Ingest
from cockpit.market.recorder import Recorder
from cockpit.market.router.router import Router
from cockpit.market.session import SessionCalendar
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed, Playback
from cockpit.ports.store import Store
from cockpit.risk.limit_book import LimitBook
from cockpit.risk.monitor import RiskMonitor
from cockpit.trading.approvals import Approvals
from cockpit.trading.gate.situation import Situation
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.protection.protector import Protector
from cockpit.trading.readiness import Readiness
from cockpit.trading.state import TradingSwitch

if TYPE_CHECKING:
    from cockpit.app.configuring.room import SettingsRoom
    from cockpit.app.trigger_desk import TriggerDesk


@dataclass(kw_only=True)
class Viewing:
    """Whom a viewer watches; `lost` says why nothing it shows is of now, empty while all is."""

    pid: int
    since_ns: int
    lost: str = ""


@dataclass(kw_only=True)
class Core:
    """Every room's public face. `finished` is set when a simulated session has ended.

    `feed_label` must stand beside every price ("SIMULATED", "REPLAY 2018-01-02"), and
    is empty for live data. `viewing` is set in a window that only watches another cockpit,
    which has no `accounts` and no `configuring`; `account_name` is what the person calls a stored
    account; `recorder` while the session is put on a tape; `router` in a session of today's real
    market.
    """

    mode: Mode
    account_id: str
    data_dir: Path
    settings: AppSettings
    limits: LimitBook
    limit_desk: LimitDesk
    bus: Bus
    clock: Clock
    supervisor: Supervisor
    store: Store
    feed: Feed
    playback: Playback | None
    book: Book
    bars: BarBook
    ingest: Ingest
    calendar: SessionCalendar
    orders: OrderBook
    portfolio: Portfolio
    approvals: Approvals
    switch: TradingSwitch
    situation: Situation
    readiness: Readiness
    recovery: Recovering
    protector: Protector
    monitor: RiskMonitor
    alerts: Alerts
    health: Findings
    arming: Armed
    journal: Journal
    recaps: RecapRoom
    commands: Commands
    watchdog: LoopWatchdog
    pauses: CollectorPauses
    viewing: Viewing | None = None
    accounts: AccountDesk | None = None
    account_name: str = ""
    recorder: Recorder | None = None
    not_recorded: str = ""
    triggers: TriggerDesk | None = None
    journal_lists: JournalSettings = field(default_factory=JournalSettings)
    lockout: Lockout | None = None
    router: Router | None = None
    configuring: SettingsRoom | None = None
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def feed_label(self) -> str:
        """What must stand beside the feed's prices."""
        return self.feed.label
