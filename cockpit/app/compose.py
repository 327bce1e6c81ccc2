"""Builds everything and wires it: the only place that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.app import registry
from cockpit.app.alerts import Alerts
from cockpit.app.auto_approval import AutoApproval
from cockpit.app.commands import Commands
from cockpit.app.core import Core
from cockpit.app.ids import IntentIds
from cockpit.app.launch import Approve, Launch
from cockpit.app.readiness import Readiness
from cockpit.app.settings import AppSettings
from cockpit.domain.alert import Severity
from cockpit.domain.limits import Limits
from cockpit.domain.market import Quote, TradingStatus
from cockpit.journal.journal import Journal
from cockpit.kernel.bus import Bus, HandlerFailed
from cockpit.kernel.pauses import CollectorPauses
from cockpit.kernel.supervisor import Supervisor
from cockpit.kernel.watchdog import LoopWatchdog
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.market.errors import MarketError
from cockpit.market.ingest import Ingest
from cockpit.market.quality import Quality
from cockpit.market.session import Phase, SessionCalendar
from cockpit.ports.broker import Broker, MarketAware
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed
from cockpit.ports.store import Run, Store
from cockpit.recap.desk import RecapDesk
from cockpit.strategies.host import StrategyHost
from cockpit.trading.approvals import Approvals
from cockpit.trading.durable import Durable
from cockpit.trading.gate import Gate, Turnstile
from cockpit.trading.gate.situation import Situation
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.kill_switch import KillSwitch
from cockpit.trading.oms import Oms
from cockpit.trading.order_log import OrderLog
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.sender import Sender
from cockpit.trading.state import TradingSwitch
from cockpit.trading.venue_events import VenueEvents


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What has to stand before anything can be wired."""

    launch: Launch
    toml: Mapping[str, Any]
    settings: AppSettings
    limits: Limits
    bus: Bus
    clock: Clock
    supervisor: Supervisor
    alerts: Alerts
    store: Store
    run: Run
    feed: Feed
    calendar: SessionCalendar


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """The core and what only its start and stop need."""

    core: Core
    broker: Broker
    events: VenueEvents
    hosts: tuple[StrategyHost, ...]


def assemble(ground: Ground) -> Assembly:
    """Build the rooms and connect them. Raises PluginError and SettingsError."""
    bus, clock, account_id = ground.bus, ground.clock, ground.run.account_id
    book = Book(clock)
    bars = BarBook(bus, ground.settings.bar_seconds)
    ingest = Ingest(bus, clock, book, Quality(), bars)
    orders, approvals = OrderBook(), Approvals(clock)
    switch, watchdog = TradingSwitch(bus, clock), LoopWatchdog()
    turnstile, traffic = Turnstile(), Traffic()
    broker = _broker(ground, turnstile)
    log = OrderLog(bus, clock, ground.store, orders)

    def incident(key: str, title: str, text: str) -> None:
        _incident(ground.alerts, key, title, text)

    durable = Durable(switch, clock, incident)
    events = VenueEvents(
        bus=bus,
        clock=clock,
        store=ground.store,
        log=log,
        durable=durable,
        supervisor=ground.supervisor,
        incident=incident,
    )
    portfolio = Portfolio(bus, account_id)
    readiness = Readiness(bus, orders, watchdog, events.frozen)
    situation = Situation(
        mode=ground.launch.mode,
        limits=ground.limits,
        clock=clock,
        prices=book,
        orders=orders,
        portfolio=portfolio,
        switch=switch,
        traffic=traffic,
        not_ready=readiness.why_not,
        session_open=lambda now_ns: _session_open(ground.calendar, now_ns),
        account=lambda: events.account,
    )
    sender = Sender(
        supervisor=ground.supervisor,
        broker=broker,
        clock=clock,
        log=log,
        durable=durable,
        events=events,
        incident=incident,
    )
    oms = Oms(
        bus=bus,
        clock=clock,
        supervisor=ground.supervisor,
        broker=broker,
        gate=Gate(turnstile, traffic),
        situation=situation,
        log=log,
        approvals=approvals,
        sender=sender,
        autonomy=ground.settings.autonomy_of,
        account_id=account_id,
    )
    ids = IntentIds(account_id)
    kill_switch = KillSwitch(
        switch=switch,
        oms=oms,
        approvals=approvals,
        orders=orders,
        portfolio=portfolio,
        broker=broker,
        clock=clock,
        account_id=account_id,
        next_id=ids.next,
    )
    journal = Journal(
        bus,
        ground.store,
        clock,
        ground.supervisor,
        account_id,
        label=ground.feed.label,
        multipliers={i.symbol: i.multiplier for i in ground.feed.instruments},
    )
    recaps = _recap_desk(ground)
    commands = Commands(
        bus=bus,
        clock=clock,
        supervisor=ground.supervisor,
        alerts=ground.alerts,
        ids=ids,
        account_id=account_id,
        oms=oms,
        kill_switch=kill_switch,
        switch=switch,
        journal=journal,
        recaps=recaps,
        playback=ground.feed.playback,
    )
    core = Core(
        mode=ground.launch.mode,
        account_id=account_id,
        data_dir=ground.launch.data_dir,
        settings=ground.settings,
        limits=ground.limits,
        bus=bus,
        clock=clock,
        supervisor=ground.supervisor,
        store=ground.store,
        feed=ground.feed,
        playback=ground.feed.playback,
        book=book,
        bars=bars,
        ingest=ingest,
        calendar=ground.calendar,
        orders=orders,
        portfolio=portfolio,
        approvals=approvals,
        switch=switch,
        situation=situation,
        readiness=readiness,
        alerts=ground.alerts,
        journal=journal,
        recaps=recaps,
        commands=commands,
        watchdog=watchdog,
        pauses=CollectorPauses(),
    )
    _list_instruments(core, broker)
    bus.subscribe(HandlerFailed, lambda failed: _handler_failed(ground.alerts, failed))
    if ground.launch.approve is not Approve.ASK:
        AutoApproval(bus, commands, ground.launch.approve)
    return Assembly(core=core, broker=broker, events=events, hosts=_hosts(ground, commands))


def _broker(ground: Ground, turnstile: Turnstile) -> Broker:
    broker: Broker = registry.build(
        "brokers",
        ground.settings.broker,
        ground.toml,
        ground.launch.broker_options,
        clock=ground.clock,
        redeem=turnstile.redeem,
        account_id=ground.run.account_id,
        mode=ground.launch.mode,
        supervisor=ground.supervisor,
    )
    if isinstance(broker, MarketAware):
        ground.bus.subscribe(Quote, broker.on_quote, name="broker.quote")
        ground.bus.subscribe(TradingStatus, broker.on_status, name="broker.status")
    return broker


def _list_instruments(core: Core, broker: Broker) -> None:
    for instrument in core.feed.instruments:
        core.book.add(instrument, core.feed.reference_prices.get(instrument.symbol))
        core.portfolio.add_instrument(instrument)
        if isinstance(broker, MarketAware):
            broker.on_instrument(instrument)


def _recap_desk(ground: Ground) -> RecapDesk:
    writer = registry.build("writers", ground.settings.writer, ground.toml)
    fallback = registry.build("writers", "template", ground.toml)
    return RecapDesk(ground.store, writer, fallback, ground.clock)


def _hosts(ground: Ground, commands: Commands) -> tuple[StrategyHost, ...]:
    chosen = ground.launch.strategies
    names = ground.settings.strategies if chosen is None else chosen
    return tuple(
        StrategyHost(
            strategy=registry.build("strategies", name, ground.toml),
            account_id=ground.run.account_id,
            bus=ground.bus,
            place=lambda intent: commands.run(commands.place(intent), "place-order"),
            cancel=lambda order_id: commands.run(commands.cancel(order_id), "cancel-order"),
        )
        for name in names
    )


def _incident(alerts: Alerts, key: str, title: str, text: str) -> None:
    alerts.raise_(f"incident.{key}", Severity.CRITICAL, title, text, "trading")


def _handler_failed(alerts: Alerts, failed: HandlerFailed) -> None:
    alerts.raise_(
        f"handler.{failed.handler}",
        Severity.WARNING,
        "A part of the cockpit failed",
        f"{failed.handler} could not take in a {failed.topic}: {failed.error}. The others went on; "
        "the ledger is safe, the log has the details.",
        "kernel",
    )


def _session_open(calendar: SessionCalendar, now_ns: int) -> bool:
    try:
        return calendar.phase(now_ns) is Phase.OPEN
    except MarketError:
        return False  # hours that nobody knows are no trading hours
