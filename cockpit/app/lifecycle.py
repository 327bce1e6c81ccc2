"""Start and stop: lock, store, feed, rooms, connect, trade; and all of it back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Any

import structlog

from cockpit.adapters.storage import open_store
from cockpit.app import registry
from cockpit.app.bookkeeping.live import load_journal
from cockpit.app.compose import Assembly, assemble
from cockpit.app.control.latch import LatchKeeper
from cockpit.app.control.room import ControlRoom
from cockpit.app.core import Core
from cockpit.app.data.at_work import ask_sources
from cockpit.app.data.feeds import follow_serving, open_feed
from cockpit.app.data.meters import meters_of
from cockpit.app.data.research import Needs, Research, open_hours, open_router
from cockpit.app.errors import DataFolderError
from cockpit.app.ground import Ground
from cockpit.app.launch import CACHE_FOLDER, Launch
from cockpit.app.limits.desk import settle_limits
from cockpit.app.limits.file import load_limits
from cockpit.app.multipliers import record_multipliers
from cockpit.app.paper_time import paper_time
from cockpit.app.recording import begin_recording
from cockpit.app.settings import AppSettings, TapeSettings, settings_file
from cockpit.app.signing.accounts import AccountBook, AccountError
from cockpit.app.signing.choosing import admit
from cockpit.app.signing.vaults import AnyVault, vault_of
from cockpit.app.standing import take_over, tell_waiting
from cockpit.app.telling.alerts import Alerts
from cockpit.app.trigger_desk import watch_triggers
from cockpit.app.unattended.arm_at_start import arm_when_green
from cockpit.domain.account import Mode
from cockpit.domain.alert import Severity
from cockpit.domain.connection import Connection
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.limits import TradingState
from cockpit.domain.values import session_date
from cockpit.journal.days import day_of
from cockpit.kernel import log, settings
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock, WallClock
from cockpit.kernel.instance import InstanceLock
from cockpit.kernel.supervisor import OnCrash, Stage, Supervisor, TaskCrashed
from cockpit.market.errors import MarketError
from cockpit.market.session import SessionCalendar
from cockpit.ports.feed import Playback
from cockpit.ports.store import StoreError, account_source
from cockpit.risk.limit_book import LimitBook

_log = structlog.get_logger(__name__)
TICK_S = 0.05


class Session:
    """One run of the cockpit, from lock to unlock. `start` once, `stop` once.

    `told` hears every change of a lamp, also while it starts and nothing else shows it.
    """

    def __init__(
        self, launch: Launch, told: Callable[[Connection], None] = lambda _lamp: None
    ) -> None:
        self._launch = launch
        self._told = told
        self._exits = AsyncExitStack()
        self._assembly: Assembly | None = None

    async def start(self) -> Core:
        """Bring everything up to the first price.

        Raises CockpitError or KernelError with nothing left open.
        """
        try:
            self._assembly = await self._start()
        except BaseException:
            await self._exits.aclose()
            raise
        return self._assembly.core

    async def stop(self) -> None:
        """Stop strategies, feed and work in stages, write the journal, close the store."""
        await self._exits.aclose()

    async def _start(self) -> Assembly:
        launch = self._launch
        toml = settings_file(launch.config)
        admit(launch, toml)
        own = settings.load(AppSettings, toml=toml, overrides={"broker": launch.broker or None})
        rules = load_limits(toml, registry.names("strategies"))
        tape = settings.load(TapeSettings, section="tape", toml=toml)
        # Plug-ins and source are looked at before anything is made: what is bad leaves no trace.
        _check_plugins(launch, own, toml)
        calendar = SessionCalendar(launch.data_dir / CACHE_FOLDER)
        clock, options = await _time_of(launch, calendar)
        vault = vault_of(toml, launch.data_dir, WallClock(), launch.ask_passphrase)
        offered = self._offered(toml, vault)
        feed = await open_feed(launch, own, toml, options, offered=offered, clock=clock)
        self._lock_folder(launch.data_dir)
        bus = self._bus()
        alerts = Alerts(bus, clock)
        supervisor = Supervisor(clock, lambda crash: self._on_crash(crash, alerts))
        store = await open_store(launch.ledger)
        self._exits.push_async_callback(store.close)
        await asyncio.to_thread(
            _load_calendar, calendar, session_date(clock.now_ns()), held=launch.mode is Mode.DEMO
        )
        run = await store.open_run(
            launch.mode,
            label=feed.label,
            source=account_source(launch.opens) if launch.opens else launch.feed,
            now_ns=clock.now_ns(),
            fresh=launch.new_account,
        )
        in_force = await settle_limits(store, run, rules, clock.now_ns())
        await record_multipliers(store, run, feed.instruments, clock.now_ns())
        ground = Ground(
            launch=launch,
            toml=toml,
            settings=own,
            limits=LimitBook(in_force, run.account_id),
            written_limits=rules,
            bus=bus,
            clock=clock,
            wall=WallClock(),
            supervisor=supervisor,
            alerts=alerts,
            store=store,
            run=run,
            known=await store.newest_record("order", run.account_id) is not None,
            feed=feed,
            calendar=calendar,
            vault=vault,
            research=await self._open_research(toml, vault, supervisor, calendar),
        )
        assembly = assemble(ground)
        await take_over(assembly.desk.switch, alerts, run, assembly.core.lockout)
        tell_waiting(alerts, assembly.core.limit_desk.waiting())
        room = await self._open_control(assembly.core)
        await self._bring_up(assembly, tape)
        self._exits.callback(room.farewell)
        return assembly

    def _offered(self, toml: Mapping[str, Any], vault: AnyVault) -> Mapping[str, Any]:
        """What a feed may take of the session."""
        launch, meters = self._launch, meters_of(self._launch.data_dir, toml)
        self._exits.push_async_callback(meters.close)
        return {
            "vault": vault,
            "account": launch.account,
            "mode": launch.mode,
            "meters": meters.of,
        }

    async def _open_research(
        self,
        toml: Mapping[str, Any],
        vault: AnyVault,
        supervisor: Supervisor,
        calendar: SessionCalendar,
    ) -> Research | str:
        """The router, or why there is none. A vendor knows nothing of a market that is played."""
        launch = self._launch
        if launch.mode.simulated or registry.find("feeds", launch.feed).mode.simulated:
            return ""
        book = AccountBook(launch.home or launch.data_dir)
        try:
            needs = Needs(
                toml=toml,
                data_dir=launch.data_dir,
                vault=vault,
                clock=WallClock(),
                account=book.find(launch.account) if launch.account else None,
            )
            opening = open_router(needs, supervisor, open_hours(calendar))
            return await self._exits.enter_async_context(opening)
        except (StoreError, AccountError) as error:  # a session can do without
            _log.warning("no_research", error=str(error))
            return error.user_text

    def _bus(self) -> Bus:
        bus = Bus()
        bus.subscribe(ConnectionChanged, lambda e: self._told(e.connection), name="told")
        return bus

    def _lock_folder(self, folder: Path) -> None:
        lock = InstanceLock(folder)
        lock.acquire()
        self._exits.callback(lock.release)
        file = folder / "logs" / "cockpit.log"
        try:
            self._exits.callback(log.configure(file, verbose=self._launch.verbose))
        except OSError as error:
            raise DataFolderError(
                f"{file}: {error}",
                user_text=f"The log {file} can't be written: {error.strerror or error}. "
                "Nothing was changed. Make room for it, or choose another folder with --data-dir.",
            ) from error

    async def _open_control(self, core: Core) -> ControlRoom:
        """Let a second terminal in before anything trades, and honour the halt it left."""
        latch = LatchKeeper(
            core.data_dir,
            core.mode,
            switch=core.switch,
            bus=core.bus,
            supervisor=core.supervisor,
            alerts=core.alerts,
        )
        await latch.take_over()
        room = ControlRoom(core, latch)
        self._exits.push_async_callback(room.close)
        await room.open()
        core.supervisor.serve(latch.watch, name="latch-watch", owner="control")
        return room

    async def _bring_up(self, assembly: Assembly, tape: TapeSettings) -> None:
        core = assembly.core
        self._exits.push_async_callback(_wind_down, assembly)
        await load_journal(core.journal, self._told)  # before the broker tells what was missed
        core.monitor.count_earlier(core.journal.trades())
        await _sign_in(assembly)
        for host in assembly.hosts:
            host.start(core.feed.instruments)
        self._watch_the_loop(core)
        if core.playback is not None:
            self._set_pace(core, core.playback)
        core.recorder = await begin_recording(core, tape)
        follow_serving(core)
        core.triggers = await watch_triggers(core)
        assembly.following.start()
        core.supervisor.serve(assembly.following.run, name="listings", owner="market")
        core.supervisor.serve(
            lambda: self._run_feed(core), name="feed", owner="market", policy=OnCrash.HALT
        )
        ask_sources(core)
        self._watch_health(assembly)

    def _watch_health(self, assembly: Assembly) -> None:
        core, launch = assembly.core, self._launch
        if launch.interactive or not core.mode.simulated:
            assembly.health.start()
        if launch.arm:
            core.supervisor.serve(
                lambda: arm_when_green(core, assembly.arming), name="arm", owner="arming"
            )

    def _watch_the_loop(self, core: Core) -> None:
        core.pauses.start()
        self._exits.callback(core.pauses.stop)
        if not self._launch.interactive and core.mode.simulated:
            return  # as fast as possible means that the loop is always late
        core.watchdog.start()
        self._exits.callback(core.watchdog.stop)
        core.supervisor.serve(
            lambda: core.pauses.tend(asyncio.sleep, lambda: core.watchdog.lagging),
            name="collector",
            owner="kernel",
            stage=Stage.OUTPUT,
        )

    def _set_pace(self, core: Core, playback: Playback) -> None:
        playback.on_change.append(core.commands.publish_playback)
        speed = self._launch.speed
        if speed is not None:
            playback.set_speed(None if speed == "max" else speed)

    async def _run_feed(self, core: Core) -> None:
        try:
            await core.feed.run(core.recorder or core.ingest)
        except CockpitError as error:
            text = error.user_text
            core.alerts.raise_("feed", Severity.CRITICAL, "The feed stopped", text, "feed")
            core.switch.tighten(TradingState.HALTED, "The feed stopped.")
        finally:
            if core.playback is not None:  # a live session goes on: what is held is still held
                core.finished.set()
        if self._launch.interactive and isinstance(core.clock, VirtualClock):
            await _keep_time(core.clock)

    def _on_crash(self, crash: TaskCrashed, alerts: Alerts) -> None:
        alerts.raise_(
            f"crash.{crash.owner}.{crash.name}",
            Severity.CRITICAL,
            "Something inside failed",
            f"The task {crash.owner}/{crash.name} stopped: {crash.error}. "
            "The ledger is safe; the log has the details.",
            "kernel",
        )
        if crash.policy is OnCrash.HALT and self._assembly is not None:
            self._assembly.core.switch.tighten(TradingState.HALTED, f"{crash.name} failed.")


async def _time_of(
    launch: Launch, calendar: SessionCalendar
) -> tuple[VirtualClock | WallClock, Mapping[str, Any]]:
    """The clock of the feed's market, and the feed's options.

    A paper account at a simulated market has a time of its own, which goes on where it stood.
    """
    if launch.mode.simulated:
        return VirtualClock(0), launch.options
    if not registry.find("feeds", launch.feed).mode.simulated:
        return WallClock(), launch.options
    began = await asyncio.to_thread(
        paper_time, launch.ledger, launch.feed, calendar, fresh=launch.new_account
    )
    return VirtualClock(began), {**launch.options, "day": session_date(began)}


def _check_plugins(launch: Launch, own: AppSettings, toml: Mapping[str, Any]) -> None:
    registry.chosen("brokers", own.broker, toml, launch.broker_options)
    registry.chosen("writers", own.writer, toml)
    for name in own.active_strategies if launch.strategies is None else launch.strategies:
        registry.chosen("strategies", name, toml)


async def _sign_in(assembly: Assembly) -> None:
    """Sign in; under a virtual clock, drive it meanwhile."""
    core = assembly.core
    outcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def sign_in() -> None:
        try:
            await assembly.desk.start()
            outcome.set_result(None)
        except CockpitError as error:
            outcome.set_exception(error)

    task = core.supervisor.work(sign_in(), name="sign-in", owner="trading")
    if isinstance(core.clock, VirtualClock):
        await core.clock.run_until_done(task)
    await outcome
    core.monitor.take_up(core.portfolio.open_positions(), core.orders.open())
    core.journal.equity_day = day_of(core.clock.now_ns())
    core.journal.starting_equity = core.portfolio.start_equity


async def _keep_time(clock: VirtualClock) -> None:
    """Let time pass after the last row, so that a cancel or the kill switch still gets through."""
    while True:
        await asyncio.sleep(TICK_S)
        await clock.run_until(clock.now_ns() + round(TICK_S * SECOND))


async def _wind_down(assembly: Assembly) -> None:
    core = assembly.core
    for host in assembly.hosts:
        host.stop()
    await assembly.arming.close()
    report = await core.supervisor.stop()
    if core.triggers is not None:
        await core.triggers.close()
    if core.recorder is not None:
        await core.recorder.tape.close(core.feed.skipped)
    await core.switch.close()
    if core.lockout is not None:
        await core.lockout.close()
    core.ingest.close()
    core.monitor.close()
    assembly.desk.protector.close()
    try:
        await core.journal.close()
    finally:
        await assembly.desk.broker.close()
    _log.info("stopped", tasks=report.stopped, stuck=report.stuck)


def _load_calendar(calendar: SessionCalendar, day: date, *, held: bool) -> None:
    """Load the days around `day`; the market of a demo is open on any, `held` for it."""
    try:
        calendar.load(day)
        if held:
            calendar.hold(day)
        calendar.keep()
    except MarketError as error:
        _log.warning("calendar_missing", day=str(day), error=str(error))
