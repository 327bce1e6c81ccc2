"""What protection works with."""

from __future__ import annotations

from dataclasses import dataclass

from cockpit.kernel.bus import Bus
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store
from cockpit.risk.limit_book import LimitBook
from cockpit.trading.durable import Durable, Incident
from cockpit.trading.gate.situation import Prices
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.oms import Oms
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.protection.way import MakeWay
from cockpit.trading.state import TradingSwitch


@dataclass(frozen=True, kw_only=True)
class Room:
    """The parts of the trading room that protection works with."""

    bus: Bus
    clock: Clock
    supervisor: Supervisor
    store: Store
    durable: Durable
    oms: Oms
    orders: OrderBook
    portfolio: Portfolio
    switch: TradingSwitch
    prices: Prices
    traffic: Traffic
    limits: LimitBook
    way: MakeWay
    incident: Incident
    account_id: str
