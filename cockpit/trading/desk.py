"""The trading room assembled: every part behind the door, connected."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import msgspec

from cockpit.domain.account import Mode
from cockpit.domain.approval import Autonomy
from cockpit.domain.events import ArmingChanged
from cockpit.domain.market import Quote, TradingStatus
from cockpit.domain.order import FLATTEN, Order
from cockpit.domain.values import ZERO
from cockpit.kernel.bus import Bus
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import Broker, MarketAware, Offering, Redeem
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store
from cockpit.risk.limit_book import LimitBook
from cockpit.trading.approvals import Approvals
from cockpit.trading.booking import Booking
from cockpit.trading.books import FillBooks
from cockpit.trading.charges import Charges
from cockpit.trading.drafts import Drafts
from cockpit.trading.durable import Durable, Incident
from cockpit.trading.emergency import Emergency
from cockpit.trading.gate import Gate, Turnstile
from cockpit.trading.gate.situation import DayTrades, Prices, Situation
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.judge import Judge
from cockpit.trading.key_pin import KeyPin
from cockpit.trading.kill_switch import KillSwitch
from cockpit.trading.names import OrderNames
from cockpit.trading.oms import Oms
from cockpit.trading.order_log import OrderLog
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.protection.protector import Protector
from cockpit.trading.protection.room import Room
from cockpit.trading.protection.way import MakeWay
from cockpit.trading.readiness import Readiness
from cockpit.trading.recovery import Loader, Reconciler, Recovery, Settlement, Sweeper
from cockpit.trading.sender import Sender
from cockpit.trading.start import Start
from cockpit.trading.state import TradingSwitch
from cockpit.trading.state_log import StateLog
from cockpit.trading.venue_events import VenueEvents


@dataclass(frozen=True, kw_only=True)
class Means:
    """What the desk works with and does not own.

    `make_broker` gets the turnstile's redeem: a broker that sends only for a token.
    `late` says whether the event loop lags, `next_id` names an intent of a kind and goes on
    after those that `resume_ids` was told, `resting` says why openings must wait on all
    symbols, as after too many losses, or nothing. `extended_open` is true before and after the
    session, when some brokers trade on. `stored_key` is what a stored account's key
    must open, `began_ns` when the account's ledger was begun.
    """

    bus: Bus
    clock: Clock
    supervisor: Supervisor
    store: Store
    prices: Prices
    make_broker: Callable[[Redeem], Broker]
    account_id: str
    mode: Mode
    limits: LimitBook
    autonomy: Callable[[str], Autonomy]
    session_open: Callable[[int], bool]
    late: Callable[[], bool]
    incident: Incident
    next_id: Callable[[str], str]
    resting: Callable[[], str] = lambda: ""
    resume_ids: Callable[[Iterable[str]], None] = lambda _ids: None
    day_trades: DayTrades = lambda _symbol, _now_ns: None
    extended_open: Callable[[int], bool] = lambda _now_ns: False
    stored_key: str = ""
    began_ns: int = 0


@dataclass(frozen=True, kw_only=True)
class TradingDesk:
    """The parts that others use."""

    broker: Broker
    turnstile: Turnstile
    orders: OrderBook
    portfolio: Portfolio
    approvals: Approvals
    switch: TradingSwitch
    situation: Situation
    readiness: Readiness
    events: VenueEvents
    oms: Oms
    kill_switch: KillSwitch
    key_pin: KeyPin
    gate: Gate
    protector: Protector
    recovery: Recovery
    settlement: Settlement
    bring_up: Start
    sweeper: Sweeper
    charges: Charges

    async def start(self) -> None:
        """Come up from the ledger and the broker's books; see `Start.run`."""
        await self.bring_up.run()

    def snapshot(self) -> bytes:
        """Orders, positions and trading state as canonical JSON: equal states, equal bytes."""
        state = {
            "orders": self.orders.all(),
            "positions": sorted(self.portfolio.touched(), key=lambda p: p.symbol),
            "state": self.switch.state,
        }
        return msgspec.json.encode(state, order="sorted")


def open_desk(means: Means) -> TradingDesk:
    """Build the parts and connect them; nothing is sent before `start`."""
    bus, clock = means.bus, means.clock
    orders, approvals, truth = OrderBook(), Approvals(clock), dict[str, Decimal]()
    portfolio, switch = Portfolio(bus, means.account_id), _switch(means)
    turnstile, traffic = Turnstile(clock.now_ns, partial(_outgrown, portfolio, truth)), Traffic()
    _stop_at_the_turnstile(bus, switch, turnstile)
    gate, broker = Gate(turnstile, traffic), means.make_broker(turnstile.redeem)
    _show_market(bus, broker)
    log = OrderLog(bus, clock, means.store, orders)
    durable = Durable(switch, clock, means.incident)
    books, names = FillBooks(), OrderNames.at(broker, means.account_id, means.began_ns)
    key_pin = KeyPin(means.store, clock, means.account_id, means.mode, means.stored_key)
    booking = Booking(
        bus=bus,
        clock=clock,
        store=means.store,
        log=log,
        books=books,
        incident=means.incident,
        account_id=means.account_id,
    )
    events = VenueEvents(
        bus=bus,
        clock=clock,
        log=log,
        booking=booking,
        durable=durable,
        supervisor=means.supervisor,
        incident=means.incident,
    )
    reconciler = Reconciler(
        broker=broker,
        clock=clock,
        log=log,
        books=books,
        booking=booking,
        events=events,
        portfolio=portfolio,
        durable=durable,
    )
    sender = Sender(
        supervisor=means.supervisor,
        broker=broker,
        clock=clock,
        log=log,
        durable=durable,
        events=events,
        look_for=reconciler.look_for,
        incident=means.incident,
    )
    settlement = Settlement(
        bus=bus,
        clock=clock,
        store=means.store,
        log=log,
        reconciler=reconciler,
        account_id=means.account_id,
    )
    recovery = Recovery(
        bus=bus,
        clock=clock,
        supervisor=means.supervisor,
        store=means.store,
        books=books,
        reconciler=reconciler,
        settlement=settlement,
        durable=durable,
        incident=means.incident,
        account_id=means.account_id,
    )
    sweeper = Sweeper(
        bus=bus,
        clock=clock,
        supervisor=means.supervisor,
        orders=orders,
        reconciler=reconciler,
        recovery=recovery,
    )
    booking.on_gap = sweeper.soon
    recovery.on_ready.append(events.frozen.clear)
    readiness = Readiness(
        bus=bus,
        orders=orders,
        late=means.late,
        frozen=ChainMap(events.frozen, events.unclear),
        max_skew_s=lambda: means.limits.account.max_clock_skew_s,
        recovering=recovery.why_not,
    )
    situation = Situation(
        mode=means.mode,
        limits=means.limits,
        clock=clock,
        prices=means.prices,
        orders=orders,
        portfolio=portfolio,
        switch=switch,
        traffic=traffic,
        not_ready=readiness.why_not,
        not_connected=readiness.disconnected,
        session_open=means.session_open,
        account=lambda: events.account,
        expected_key=lambda: key_pin.expected,
        cooldown=means.resting,
        day_trades=means.day_trades,
        extended_open=means.extended_open,
        offers=broker.offers if isinstance(broker, Offering) else frozenset(),
    )
    way, drafts = MakeWay(orders, portfolio, clock), Drafts(means.account_id, names, orders.get)
    oms = Oms(
        bus=bus,
        clock=clock,
        supervisor=means.supervisor,
        broker=broker,
        gate=gate,
        judge=Judge(gate, situation, durable),
        situation=situation,
        log=log,
        approvals=approvals,
        sender=sender,
        autonomy=means.autonomy,
        drafts=drafts,
        durable=durable,
        way=way,
    )
    protector = Protector(
        Room(
            bus=bus,
            clock=clock,
            supervisor=means.supervisor,
            store=means.store,
            durable=durable,
            oms=oms,
            orders=orders,
            portfolio=portfolio,
            switch=switch,
            prices=means.prices,
            traffic=traffic,
            limits=means.limits,
            way=way,
            incident=means.incident,
            account_id=means.account_id,
        )
    )
    kill_switch = KillSwitch(
        switch=switch,
        oms=oms,
        approvals=approvals,
        orders=orders,
        portfolio=portfolio,
        broker=broker,
        clock=clock,
        supervisor=means.supervisor,
        account_id=means.account_id,
        next_id=means.next_id,
        way=way,
        stand_down=protector.stand_down,
        recovery=recovery,
        emergency=Emergency(
            clock=clock,
            supervisor=means.supervisor,
            store=means.store,
            broker=broker,
            gate=gate,
            turnstile=turnstile,
            situation=situation,
            log=log,
            sender=sender,
            truth=truth,
            durable=durable,
            account_id=means.account_id,
            names=names,
        ),
    )
    recovery.on_ready.append(lambda: _rearm(means.supervisor, durable, protector))
    loader = Loader(
        store=means.store,
        clock=clock,
        log=log,
        books=books,
        portfolio=portfolio,
        traffic=traffic,
        drafts=drafts,
        account_id=means.account_id,
        resume_ids=means.resume_ids,
    )
    bring_up = Start(
        clock=clock,
        supervisor=means.supervisor,
        store=means.store,
        broker=broker,
        events=events,
        orders=orders,
        portfolio=portfolio,
        loader=loader,
        recovery=recovery,
        sweeper=sweeper,
        key_pin=key_pin,
        charges=(charges := _charges(means, broker)),
        account_id=means.account_id,
    )
    return TradingDesk(
        broker=broker,
        turnstile=turnstile,
        orders=orders,
        portfolio=portfolio,
        approvals=approvals,
        switch=switch,
        situation=situation,
        readiness=readiness,
        events=events,
        oms=oms,
        kill_switch=kill_switch,
        gate=gate,
        key_pin=key_pin,
        protector=protector,
        recovery=recovery,
        settlement=settlement,
        bring_up=bring_up,
        sweeper=sweeper,
        charges=charges,
    )


def _rearm(supervisor: Supervisor, durable: Durable, protector: Protector) -> None:
    """Bring the exits back to what is held, however often the ledger refuses to tell them."""
    with suppress(SupervisorStoppedError):
        supervisor.work(durable.write(protector.again), name="rearm", owner="trading")


def _stop_at_the_turnstile(bus: Bus, switch: TradingSwitch, turnstile: Turnstile) -> None:
    """What passed the gate and is not sent yet stops with trading, and with the arming."""

    def on_arming(event: ArmingChanged) -> None:
        if not event.armed:
            turnstile.disarmed()

    switch.on_latch(turnstile.tighten)
    bus.subscribe(ArmingChanged, on_arming, name="turnstile.arming")


def _outgrown(portfolio: Portfolio, truth: Mapping[str, Decimal], order: Order) -> bool:
    """Whether `order` closes more than is held, by the broker's word where `truth` has it."""
    intent = order.intent
    if intent.strategy != FLATTEN and not intent.protects:
        return False
    held = truth.get(order.client_order_id, portfolio.position(intent.symbol).quantity)
    return not (ZERO < order.remaining <= -held * intent.side.sign)


def _charges(means: Means, broker: Broker) -> Charges:
    return Charges(
        bus=means.bus,
        clock=means.clock,
        supervisor=means.supervisor,
        store=means.store,
        broker=broker,
        account_id=means.account_id,
    )


def _switch(means: Means) -> TradingSwitch:
    log = StateLog(means.store, means.clock, means.supervisor, means.account_id)
    return TradingSwitch(means.bus, means.clock, log)


def _show_market(bus: Bus, broker: Broker) -> None:
    """A simulated venue must see the quotes that were really seen."""
    if isinstance(broker, MarketAware):
        bus.subscribe(Quote, broker.on_quote, name="broker.quote")
        bus.subscribe(TradingStatus, broker.on_status, name="broker.status")
