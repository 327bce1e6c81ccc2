"""Builds everything and wires it: the only place that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.adapters.storage.attachment_files import ATTACHMENTS, AttachmentFolder
from cockpit.app import registry
from cockpit.app.arming import Arming
from cockpit.app.attention import AtStake
from cockpit.app.bookkeeping.excursions import ExcursionKeeper
from cockpit.app.bookkeeping.live import journal_of
from cockpit.app.commands import Commands
from cockpit.app.configuring.room import open_settings
from cockpit.app.core import Core
from cockpit.app.data.research import Research, open_hours
from cockpit.app.day_trades import DayTradeCount
from cockpit.app.following import Following
from cockpit.app.ground import Ground
from cockpit.app.health.account import AccountChecks
from cockpit.app.health.findings import Findings
from cockpit.app.health.guarding import guard
from cockpit.app.health.prices import PriceChecks
from cockpit.app.health.research import ResearchChecks
from cockpit.app.health.watch import HealthWatch
from cockpit.app.ids import IntentIds
from cockpit.app.launch import Approve
from cockpit.app.limits.desk import LimitDesk
from cockpit.app.limits.lockout import Lockout
from cockpit.app.order_preview import Previews
from cockpit.app.recapping.making import recaps_of
from cockpit.app.recapping.voice_rules import VoiceChecks
from cockpit.app.recording import RecordingChecks
from cockpit.app.settings import QualitySettings
from cockpit.app.signing.accounts import AccountBook
from cockpit.app.signing.desk import AccountDesk
from cockpit.app.signing.vaults import vault_of
from cockpit.app.telling.alerts import tell_of_failure
from cockpit.app.telling.asked_for import AskedFor
from cockpit.app.telling.desk_news import DeskNews
from cockpit.app.telling.recovery_news import RecoveryNews
from cockpit.app.unattended.auto_approval import AutoApproval
from cockpit.kernel import settings
from cockpit.kernel.bus import HandlerFailed
from cockpit.kernel.clock import VirtualClock, WallClock
from cockpit.kernel.pauses import CollectorPauses
from cockpit.kernel.watchdog import LoopWatchdog
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality
from cockpit.ports.broker import Broker, Charging, Listing, MarketAware, Redeem
from cockpit.risk.board import Consequences
from cockpit.risk.monitor import RiskMonitor
from cockpit.risk.streak import LossStreak
from cockpit.strategies.host import StrategyHost
from cockpit.trading.desk import Means, TradingDesk, open_desk
from cockpit.trading.protection.protector import Protector
from cockpit.trading.venue_days import VenueDays


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """The core and what only its start and stop need."""

    core: Core
    desk: TradingDesk
    hosts: tuple[StrategyHost, ...]
    health: HealthWatch
    arming: Arming
    following: Following


def assemble(ground: Ground) -> Assembly:
    """Build the rooms and connect them. Raises PluginError and SettingsError."""
    bus, clock = ground.bus, ground.clock
    book = Book(clock)
    bars = BarBook(bus, ground.settings.bar_seconds, calendar=ground.calendar)
    watchdog, ids = LoopWatchdog(), IntentIds(ground.run.account_id)
    streak, findings = LossStreak(ground.limits, clock), Findings()
    arming, health = _arming(ground), _health(ground, findings)
    desk = _desk(ground, book, watchdog, ids, streak, arming=arming)
    journal = journal_of(ground, ground.launch.data_dir)
    desk.situation.day_trades = DayTradeCount(journal, ground.calendar)
    kept_in = None if ground.launch.mode.simulated else ground.launch.data_dir
    lockout = Lockout(
        kept_in, ground.run.account_id, clock, desk.switch, ground.supervisor, ground.alerts
    )
    monitor = _monitor(ground, desk, streak, lockout)
    limit_desk = LimitDesk(
        book=ground.limits,
        written=ground.written_limits,
        store=ground.store,
        clock=clock,
        mode=ground.launch.mode,
    )
    limit_desk.measured_by(monitor.gauges, lambda: desk.gate.last)
    fees = desk.broker.fee_of if isinstance(desk.broker, Charging) else None
    listings = desk.broker.instruments if isinstance(desk.broker, Listing) else None
    commands = Commands(
        limit_desk=limit_desk,
        bus=bus,
        clock=clock,
        supervisor=ground.supervisor,
        alerts=ground.alerts,
        ids=ids,
        account_id=ground.run.account_id,
        oms=desk.oms,
        kill_switch=desk.kill_switch,
        switch=desk.switch,
        recovery=desk.recovery,
        settlement=desk.settlement,
        journal=journal,
        entry_store=ground.store,
        files=AttachmentFolder(ground.launch.data_dir / ATTACHMENTS),
        recaps=(recaps := recaps_of(ground, journal, bars)),
        playback=ground.feed.playback,
        protector=desk.protector,
        arming=arming,
        health=health,
        previews=Previews(desk.oms, desk.situation, fees),
        lockout=lockout,
    )
    core = Core(
        mode=ground.launch.mode,
        account_id=ground.run.account_id,
        data_dir=ground.launch.data_dir,
        settings=ground.settings,
        limits=ground.limits,
        limit_desk=limit_desk,
        bus=bus,
        clock=clock,
        supervisor=ground.supervisor,
        store=ground.store,
        feed=ground.feed,
        playback=ground.feed.playback,
        book=book,
        bars=bars,
        ingest=_ingest(ground, book, bars),
        calendar=ground.calendar,
        orders=desk.orders,
        portfolio=desk.portfolio,
        approvals=desk.approvals,
        switch=desk.switch,
        situation=desk.situation,
        readiness=desk.readiness,
        recovery=desk.recovery,
        protector=desk.protector,
        monitor=monitor,
        alerts=ground.alerts,
        health=findings,
        arming=arming,
        journal=journal,
        recaps=recaps,
        commands=commands,
        watchdog=watchdog,
        pauses=CollectorPauses(),
        accounts=_accounts(ground),
        configuring=open_settings(
            ground.launch, ground.settings.broker, ground.toml, limit_desk, ground.vault
        ),
        account_name=ground.launch.account,
        lockout=lockout,
        router=ground.research.router if isinstance(ground.research, Research) else None,
    )
    ExcursionKeeper(bus, bars, journal, ground.store, ground.supervisor)
    core.ingest.watch_closely(AtStake(desk.orders, desk.protector.covers))
    _list_instruments(core, desk.broker)
    RecoveryNews(bus, ground.alerts)
    AskedFor(bus, ground.alerts)
    DeskNews(bus, ground.alerts, desk.protector.bare)
    bus.subscribe(HandlerFailed, lambda failed: tell_of_failure(ground.alerts, failed))
    if ground.launch.approve is not Approve.ASK:
        AutoApproval(bus, commands, ground.launch.approve)
    guard(
        core,
        arming,
        health,
        ledger=ground.launch.ledger,
        config=ground.launch.config,
        wall=ground.wall,
        parts=_asked(ground, desk, core),
    )
    hosts = _hosts(ground, commands, desk.protector)
    return Assembly(
        core=core,
        desk=desk,
        hosts=hosts,
        health=health,
        arming=arming,
        following=Following(core, listings),
    )


def _asked(ground: Ground, desk: TradingDesk, core: Core) -> Mapping[str, object]:
    """Who is asked how it is, by what stands above the answer."""
    broker, feed, launch = desk.broker, ground.feed, ground.launch
    parts: dict[str, object] = {f"broker {broker.name}": broker, f"feed {feed.name}": feed}
    if name := launch.account:
        book = AccountBook(launch.data_dir)
        parts[f"account {name}"] = AccountChecks(book, ground.vault, name, ground.wall)
    parts["charges"] = desk.charges
    parts["broker's calendar"] = VenueDays(broker, ground.wall, core.calendar.session)
    parts["voice"] = VoiceChecks(core.recaps.rules)
    parts["prices"] = PriceChecks(core.ingest.quality)
    parts[f"writer {core.recaps.writer.name}"] = core.recaps.writer
    parts["recording"] = RecordingChecks(core)
    parts["research data"] = ResearchChecks(ground.research, ground.wall)
    return parts


def _arming(ground: Ground) -> Arming:
    return Arming(
        bus=ground.bus,
        clock=ground.clock,
        wall=ground.wall,
        supervisor=ground.supervisor,
        store=ground.store,
        alerts=ground.alerts,
        account_id=ground.run.account_id,
        idle_s=ground.settings.disarm_after_idle_s,
    )


def _health(ground: Ground, findings: Findings) -> HealthWatch:
    return HealthWatch(
        findings=findings,
        clock=ground.wall,
        session_clock=ground.clock,
        bus=ground.bus,
        supervisor=ground.supervisor,
        alerts=ground.alerts,
    )


def _ingest(ground: Ground, book: Book, bars: BarBook) -> Ingest:
    """A played market is told quote by quote, so that it is the same however fast it is played."""
    live, quality = not isinstance(ground.clock, VirtualClock), _quality(ground)
    return Ingest(ground.bus, ground.clock, book, quality, bars, latest_only=live)


def _quality(ground: Ground) -> Quality:
    chosen = settings.load(QualitySettings, section="quality", toml=ground.toml)
    quality = Quality(dict(chosen), source=ground.feed.name)
    for symbol, close in ground.feed.reference_prices.items():
        quality.expect(symbol, close)
    return quality


def _desk(
    ground: Ground,
    book: Book,
    watchdog: LoopWatchdog,
    ids: IntentIds,
    streak: LossStreak,
    *,
    arming: Arming,
) -> TradingDesk:
    account_id, mode = ground.run.account_id, ground.launch.mode

    def make_broker(redeem: Redeem) -> Broker:
        return registry.build(
            "brokers",
            ground.settings.broker,
            ground.toml,
            ground.launch.broker_options,
            offered={"vault": ground.vault, "account": ground.launch.account},
            clock=ground.clock,
            redeem=redeem,
            account_id=account_id,
            mode=mode,
            supervisor=ground.supervisor,
            folder=ground.launch.data_dir,
            known=ground.known,
        )

    means = Means(
        bus=ground.bus,
        clock=ground.clock,
        supervisor=ground.supervisor,
        store=ground.store,
        prices=book,
        make_broker=make_broker,
        account_id=account_id,
        mode=mode,
        limits=ground.limits,
        autonomy=lambda name: arming.autonomy_of(ground.settings.autonomy_of(name)),
        session_open=open_hours(ground.calendar),
        extended_open=open_hours(ground.calendar, extended=True),
        late=lambda: watchdog.lagging,
        incident=ground.alerts.incident,
        next_id=ids.next,
        resting=streak.why_not,
        resume_ids=ids.go_on_after,
        stored_key=ground.launch.opens,
        began_ns=ground.run.started_ns,
    )
    return open_desk(means)


def _monitor(
    ground: Ground, desk: TradingDesk, streak: LossStreak, lockout: Lockout
) -> RiskMonitor:
    alerts = ground.alerts
    return RiskMonitor(
        bus=ground.bus,
        clock=ground.clock,
        limits=ground.limits,
        holdings=desk.portfolio,
        rates=desk.situation.traffic,
        streak=streak,
        consequences=Consequences(
            tighten=desk.switch.tighten,
            lock_out=lockout.limit_crossed,
            raise_alert=alerts.raise_,
            clear_alert=alerts.clear,
            incident=alerts.incident,
        ),
    )


def _list_instruments(core: Core, broker: Broker) -> None:
    for instrument in core.feed.instruments:
        core.book.add(instrument, core.feed.reference_prices.get(instrument.symbol))
        core.portfolio.add_instrument(instrument)
        if isinstance(broker, MarketAware):
            broker.on_instrument(instrument)


def _accounts(ground: Ground) -> AccountDesk:
    """Real brokers keep real time, whatever time this session keeps."""
    launch, clock = ground.launch, WallClock()
    folder, vault = launch.home or launch.data_dir, ground.vault
    if launch.home is not None:
        vault = vault_of(ground.toml, folder, clock, launch.ask_passphrase)
    return AccountDesk(ground.toml, folder, vault, clock)


def _hosts(ground: Ground, commands: Commands, protector: Protector) -> tuple[StrategyHost, ...]:
    chosen = ground.launch.strategies
    names = ground.settings.active_strategies if chosen is None else chosen
    return tuple(
        StrategyHost(
            strategy=registry.build("strategies", name, ground.toml),
            account_id=ground.run.account_id,
            bus=ground.bus,
            place=lambda intent: commands.run(commands.place(intent), "place-order"),
            cancel=lambda order_id: commands.run(commands.cancel(order_id), "cancel-order"),
            left=protector.left,
        )
        for name in names
    )
