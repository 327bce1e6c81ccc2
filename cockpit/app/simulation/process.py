"""One life of the program: the real core on simulated clock, disk, line and feed.

After `die` nothing of it has an effect any more: its doors are shut before its tasks are
taken apart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from cockpit.adapters.brokers.faulty import FaultyBroker, FaultyVenue, Sent
from cockpit.adapters.faults import Plan
from cockpit.adapters.storage.inline import InlineWriter, MemoryDatabase, simulated_store
from cockpit.app.ids import IntentIds
from cockpit.app.simulation.market import Market
from cockpit.app.standing import take_over
from cockpit.app.telling.alerts import Alerts
from cockpit.domain.account import Mode
from cockpit.domain.approval import Autonomy
from cockpit.domain.connection import Connection, Health
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import AlertChanged
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits
from cockpit.domain.recovery import RecoveryPhase
from cockpit.journal.journal import Journal
from cockpit.kernel.bus import Bus, HandlerFailed
from cockpit.kernel.chance import Chance
from cockpit.kernel.errors import KernelError
from cockpit.kernel.stepped import SteppedClock, SteppedLoop, Timeline
from cockpit.kernel.supervisor import Supervisor, TaskCrashed
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality
from cockpit.ports.store import Run
from cockpit.risk.board import Consequences
from cockpit.risk.limit_book import LimitBook
from cockpit.risk.monitor import RiskMonitor
from cockpit.risk.streak import LossStreak
from cockpit.trading.desk import Means, TradingDesk, open_desk

ACCOUNT = "SIM-1"
ROBOT, MACHINE = "robot", "machine"
RULES = LimitRules.of(Limits())
RUN = Run(account_id=ACCOUNT, mode=Mode.LIVE, label="SIMULATION", source="", started_ns=0)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a life finds: all of it is there before, and goes on after."""

    timeline: Timeline
    venue: FaultyVenue
    market: Market
    disk: MemoryDatabase
    plan: Plan
    dice: Callable[[str], Chance]
    clock_offset_ns: Callable[[], int]
    note: Callable[[str], None]
    traced: bool
    sent: Callable[[Sent], None]
    durable: Callable[[], None]
    alerted: Callable[[str, str], None]
    broken: Callable[[str], None]
    came_up: Callable[[Process], None]


class Process:
    """Built, started once, ended once; `loop` is stepped by the world."""

    def __init__(self, around: Surroundings, life: int) -> None:
        self._around = around
        self.life = life
        self.alive = True
        self.started = self.failed = False
        self._commands: list[Coroutine[Any, Any, object]] = []
        self.loop = SteppedLoop(around.timeline, self._broken)
        self.clock = SteppedClock(around.timeline, self.loop, around.clock_offset_ns())
        self.bus = Bus()
        self.bus.subscribe(AlertChanged, self._on_alert, name="simulation")
        self.bus.subscribe(HandlerFailed, self._on_failure, name="simulation")
        self.alerts = Alerts(self.bus, self.clock)
        self.supervisor = Supervisor(self.clock, self._on_crash)
        self.ids = IntentIds(ACCOUNT)
        self.book = Book(self.clock)
        self.ingest = Ingest(self.bus, self.clock, self.book, Quality(), BarBook(self.bus))
        self._writer = InlineWriter(
            around.disk,
            loop=self.loop,
            plan=around.plan,
            chance=around.dice("disk"),
            now_ns=lambda: around.timeline.now_ns,
            on_durable=around.durable,
        )
        self.store = simulated_store(self._writer)
        self._limits = LimitBook(RULES, ACCOUNT)
        self._streak = LossStreak(self._limits, self.clock)
        self.desk = self._desk()
        self.monitor = self._monitor()
        self.journal = Journal(self.bus, self.store, self.clock, self.supervisor, ACCOUNT)
        for instrument in around.market.instruments:
            self.book.add(instrument)
            self.desk.portfolio.add_instrument(instrument)

    @property
    def broker(self) -> FaultyBroker:
        """The session with the venue."""
        broker = self.desk.broker
        assert isinstance(broker, FaultyBroker)  # noqa: S101 -- it was made here
        return broker

    @property
    def ready(self) -> bool:
        """Whether its books agree with the venue's, as far as it knows."""
        return self.started and self.desk.recovery.phase is RecoveryPhase.READY

    def begin(self) -> None:
        """Start the core; the rest happens in its loop."""
        self.loop.call_soon(self._begin)

    def die(self) -> None:
        """End as a crash does."""
        self.alive = False
        self.broker.cut()
        self._writer.cut()
        self.loop.abandon()
        for command in self._commands:
            command.close()  # one that never began

    def do(self, command: Coroutine[Any, Any, object], name: str) -> None:
        """Let a person's command run as work of its own; call it from the loop."""
        self._commands.append(command)
        self.supervisor.work(self._done(command, name), name=name, owner="commands")

    def _begin(self) -> None:
        lamp = Connection(name="market", kind="feed", health=Health.UP)
        self.ingest.on_connection(lamp)
        self.supervisor.work(self._start(), name="start", owner="simulation")

    async def _start(self) -> None:
        try:
            await take_over(self.desk.switch, self.alerts, RUN)
            self._around.came_up(self)
            await self.journal.load()  # as the program does: before the broker tells
            self.monitor.count_earlier(self.journal.trades())
            await self.desk.start()
            self.monitor.take_up(self.desk.portfolio.open_positions(), self.desk.orders.open())
        except (CockpitError, KernelError) as error:
            self._around.note(f"the start failed: {error}")
            self.failed = True
            self.loop.pause()
        else:
            self.started = True

    async def _done(self, command: Awaitable[object], name: str) -> None:
        try:
            result = await command
        except (CockpitError, KernelError) as error:
            self._around.note(f"{name}: refused: {error}")
        else:
            state = getattr(result, "state", None)
            self._around.note(f"{name}: {state.value if state else 'done'}")

    def _desk(self) -> TradingDesk:
        around = self._around
        return open_desk(
            Means(
                bus=self.bus,
                clock=self.clock,
                supervisor=self.supervisor,
                store=self.store,
                prices=self.book,
                make_broker=lambda redeem: FaultyBroker(
                    around.venue,
                    timeline=around.timeline,
                    loop=self.loop,
                    plan=around.plan,
                    chance=around.dice("line"),
                    redeem=redeem,
                    door=around.sent,
                    tell=around.note if around.traced else None,
                ),
                account_id=ACCOUNT,
                mode=Mode.LIVE,
                limits=self._limits,
                autonomy=lambda name: Autonomy.BOUNDED if name == MACHINE else Autonomy.APPROVE,
                session_open=lambda _now: True,
                late=lambda: False,
                incident=self.alerts.incident,
                next_id=self.ids.next,
                resting=self._streak.why_not,
                resume_ids=self.ids.go_on_after,
            )
        )

    def _monitor(self) -> RiskMonitor:
        return RiskMonitor(
            bus=self.bus,
            clock=self.clock,
            limits=self._limits,
            holdings=self.desk.portfolio,
            rates=self.desk.situation.traffic,
            streak=self._streak,
            consequences=Consequences(
                tighten=self.desk.switch.tighten,
                lock_out=lambda _why: None,  # what it may resume is the person's own affair here
                raise_alert=self.alerts.raise_,
                clear_alert=self.alerts.clear,
                incident=self.alerts.incident,
            ),
        )

    def _on_alert(self, event: AlertChanged) -> None:
        if self.alive:
            self._around.alerted(event.alert.key, f"{event.alert.title}: {event.alert.text}")

    def _on_failure(self, failed: HandlerFailed) -> None:
        self._broken(f"{failed.handler} failed: {failed.error}")

    def _on_crash(self, crash: TaskCrashed) -> None:
        self._broken(f"the task {crash.owner}/{crash.name} crashed: {crash.error}")

    def _broken(self, text: str) -> None:
        if self.alive:
            self._around.broken(text)
