"""A core of read-only parts, kept like the cockpit it watches: stored first, then published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import msgspec
import structlog

from cockpit.app.core import Core, Viewing
from cockpit.app.health.findings import Findings, HealthChanged
from cockpit.app.limits.desk import LimitDesk
from cockpit.app.limits.lockout import Lockout
from cockpit.app.recapping.room import RecapRoom
from cockpit.app.settings import AppSettings
from cockpit.app.viewer.commands import ViewerCommands
from cockpit.app.viewer.feed import MirrorFeed
from cockpit.app.viewer.parts import (
    Lamps,
    MirrorAlerts,
    MirrorApprovals,
    MirrorClock,
    MirrorJournal,
    MirrorOrders,
    MirrorPortfolio,
    MirrorRecovery,
    MirrorStore,
    MirrorSwitch,
    Money,
    absent,
)
from cockpit.app.viewer.prices import MirrorBars, MirrorBook
from cockpit.app.viewer.standing import MirrorArming, MirrorLockout
from cockpit.app.viewer.wire import (
    BY_NAME,
    Bars,
    Beat,
    Entries,
    Entry,
    Fact,
    Fills,
    Greeted,
    Orders,
    Snapshot,
    Word,
)
from cockpit.domain.events import (
    AccountChanged,
    AlertChanged,
    ApprovalRequested,
    ApprovalResolved,
    ArmingChanged,
    ConnectionChanged,
    FillBooked,
    JournalEntryWritten,
    OrderChanged,
    PositionChanged,
    RecoveryChanged,
    TradingStateChanged,
)
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.market import Bar, BarRevised
from cockpit.kernel.bus import Bus
from cockpit.kernel.pauses import CollectorPauses
from cockpit.kernel.supervisor import Supervisor
from cockpit.kernel.watchdog import LoopWatchdog
from cockpit.market.ingest import Ingest
from cockpit.market.session import SessionCalendar
from cockpit.ports.store import Store
from cockpit.risk.limit_book import LimitBook
from cockpit.risk.monitor import RiskMonitor
from cockpit.trading.gate.situation import Situation
from cockpit.trading.protection.protector import Protector
from cockpit.trading.readiness import Readiness

_log = structlog.get_logger(__name__)


class Mirror:
    """What a viewer shows; `core` is what its window is given."""

    def __init__(
        self, snapshot: Snapshot, data_dir: Path, supervisor: Supervisor, calendar: SessionCalendar
    ) -> None:
        self.bus = Bus()
        self.clock = MirrorClock(snapshot.now_ns)
        self.book, self.bars = MirrorBook(self.clock), MirrorBars(snapshot.bar_seconds)
        self.orders, self.approvals = MirrorOrders(), MirrorApprovals(self.clock)
        self.switch = MirrorSwitch(self.bus, self.clock)
        self.recovery = MirrorRecovery()
        self.health, self.arming = Findings(), MirrorArming()
        self.lockout = MirrorLockout(self.clock)
        self.alerts = MirrorAlerts(self.bus, self.clock)
        self.portfolio = MirrorPortfolio(snapshot.account_id, snapshot.figures)
        self.lamps, self.money, self.store = Lamps(), Money(), MirrorStore()
        store = cast("Store", self.store)
        self.journal = MirrorJournal(
            Bus(),
            store,
            self.clock,
            supervisor,
            snapshot.account_id,
            label=snapshot.label,
            multipliers={i.symbol: i.multiplier for i in snapshot.instruments},
        )
        self.limits = LimitBook(LimitRules.from_text(snapshot.rules), snapshot.account_id)
        self.viewing = Viewing(pid=snapshot.pid, since_ns=snapshot.since_ns)
        feed = MirrorFeed(snapshot)
        self.core = Core(
            mode=snapshot.mode,
            account_id=snapshot.account_id,
            data_dir=data_dir,
            settings=AppSettings(),
            limits=self.limits,
            limit_desk=absent(LimitDesk),
            bus=self.bus,
            clock=self.clock,
            supervisor=supervisor,
            store=store,
            feed=feed,
            playback=None,
            book=self.book,
            bars=self.bars,
            ingest=absent(Ingest),
            calendar=calendar,
            orders=self.orders,
            portfolio=self.portfolio,
            approvals=self.approvals,
            switch=self.switch,
            situation=cast("Situation", self.money),
            readiness=cast("Readiness", self.lamps),
            recovery=self.recovery,
            protector=absent(Protector),
            monitor=absent(RiskMonitor),
            alerts=self.alerts,
            health=self.health,
            arming=self.arming,
            journal=self.journal,
            recaps=absent(RecapRoom),
            commands=ViewerCommands(
                bus=self.bus,
                clock=self.clock,
                supervisor=supervisor,
                alerts=self.alerts,
                account_id=snapshot.account_id,
            ),
            watchdog=absent(LoopWatchdog),
            pauses=absent(CollectorPauses),
            account_name=snapshot.account_name,
            viewing=self.viewing,
            lockout=cast("Lockout", self.lockout),
        )
        self._changes: dict[type, Callable[[Any], object]] = {
            AccountChanged: lambda e: setattr(self.money, "told", e.account),
            AlertChanged: lambda e: self.alerts.show(e.alert),
            ApprovalRequested: lambda e: self.approvals.put(e.request),
            ApprovalResolved: lambda e: self.approvals.end(e.request.request_id),
            ArmingChanged: self.arming.show,
            Bar: self.bars.close_with,
            BarRevised: self.bars.revise,
            HealthChanged: self._take_health,
            ConnectionChanged: lambda e: self.lamps.put(e.connection),
            FillBooked: lambda e: self.journal.add(e.fill),
            OrderChanged: lambda e: self.orders.put(e.order),
            PositionChanged: lambda e: self.portfolio.put(e.position),
            RecoveryChanged: self.recovery.show,
            TradingStateChanged: lambda e: self.switch.show(e.state, e.reason),
        }
        self._words: dict[type, Callable[[Any], object]] = {
            Snapshot: self.take,
            Orders: lambda word: [self.orders.put(order) for order in word.orders],
            Fills: lambda word: self.journal.extend(word.fills),
            Bars: self.bars.take,
            Greeted: self._tell_all,
            Beat: self._beat,
            Fact: self._fact,
            Entry: self._entry,
            Entries: lambda word: [self.store.put(entry) for entry in word.entries],
        }
        self.take(snapshot)

    def hear(self, word: Word) -> None:
        """Take one message of the cockpit in."""
        act = self._words.get(type(word))
        if act is not None:
            act(word)

    def take(self, snapshot: Snapshot) -> None:
        """Everything anew."""
        self.clock.tell(snapshot.now_ns)
        for instrument in snapshot.instruments:
            self.book.add(instrument)
        for line in snapshot.lines:
            self.book.take(line)
        self.orders.take(())
        self.approvals.take_all(snapshot.approvals)
        self.journal.take(())
        self.portfolio.take(snapshot.figures)
        self.portfolio.take_curve(snapshot.curve_s, snapshot.curve_pnl)
        self.switch.show(snapshot.state, snapshot.reason)
        self.recovery.show(snapshot.recovery)
        self.arming.show(snapshot.arming)
        self.lockout.lock = snapshot.lock
        self.health.replay(snapshot.health, snapshot.health_changes)
        self.limits.put(LimitRules.from_text(snapshot.rules))
        for alert in snapshot.alerts:
            self.alerts.show(alert)
        for lamp in snapshot.lamps:
            self.lamps.put(lamp)
        self.money.told = snapshot.account
        self.store.take(snapshot)

    def _take_health(self, changed: HealthChanged) -> None:
        for finding in changed.findings:
            self.health.put(finding)
        for key in changed.gone:
            self.health.drop(key)

    def lost(self, text: str) -> None:
        """Nobody tells any more: from this instant nothing here is of now."""
        self.viewing.lost = self.lamps.lost = text
        self.book.lost = True
        self._publish_lamps()

    def found(self) -> None:
        """The connection is back."""
        self.viewing.lost = self.lamps.lost = ""
        self.book.lost = False
        self._publish_lamps()

    def _publish_lamps(self) -> None:
        now = self.clock.now_ns()
        for lamp in self.lamps.lamps:
            self.bus.publish(ConnectionChanged(connection=lamp, ts_event=now, ts_init=now))
        for symbol in self.book.symbols:  # a price is drawn anew, grey
            quote = self.book.quote(symbol)
            if quote is not None:
                self.bus.publish(quote)

    def _tell_all(self, _word: Greeted) -> None:
        """After everything was told anew: whoever shows something looks again."""
        now, switch = self.clock.now_ns(), self.switch
        self.bus.publish(
            TradingStateChanged(
                state=switch.state,
                previous=switch.state,
                reason=switch.reason,
                ts_event=now,
                ts_init=now,
            )
        )
        if self.recovery.told is not None:
            self.bus.publish(self.recovery.told)
        for order in self.orders.all()[-1:]:
            self.bus.publish(OrderChanged(order=order, previous=None, ts_event=now, ts_init=now))
        for position in self.portfolio.positions():
            self.bus.publish(PositionChanged(position=position, ts_event=now, ts_init=now))
        for alert in self.alerts.all()[:1]:
            self.bus.publish(AlertChanged(alert=alert, ts_event=now, ts_init=now))

    def _beat(self, beat: Beat) -> None:
        self.clock.tell(beat.now_ns)
        self.lockout.lock = beat.lock
        if beat.figures is not None:
            self.portfolio.take(beat.figures)
            self.portfolio.curve.add(beat.now_ns, beat.figures.day_pnl)
        for finding in beat.health:
            self.health.put(finding)
        for bar in beat.live:
            self.bars.grow(bar)
        for line in beat.lines:
            known, printed = self.book.quote(line.symbol), self.book.last(line.symbol)
            self.book.take(line)
            if line.quote is not None and line.quote != known:
                self.bus.publish(line.quote)
            if line.last is not None and line.last != printed:
                self.bus.publish(line.last)

    def _fact(self, fact: Fact) -> None:
        kind = BY_NAME.get(fact.kind)
        if kind is None:
            return  # a newer cockpit knows more
        event = msgspec.json.decode(fact.event, type=kind)
        if (change := self._changes.get(kind)) is not None:
            change(event)
        self.bus.publish(event)

    def _entry(self, word: Entry) -> None:
        self.store.put(word.entry)
        now = self.clock.now_ns()
        self.bus.publish(
            JournalEntryWritten(
                account_id=word.entry.account_id,
                day=word.entry.day,
                trade_id=word.entry.trade_id,
                net=self.portfolio.day_realised,
                ts_event=now,
                ts_init=now,
            )
        )
