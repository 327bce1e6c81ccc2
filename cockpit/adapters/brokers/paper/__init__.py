"""Simulated trading on quotes really seen; how it fills is told in docs/adr/0004."""

from __future__ import annotations

from cockpit.adapters.brokers.paper.broker import PaperBroker
from cockpit.adapters.brokers.paper.settings import PaperSettings
from cockpit.domain.account import Mode
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import Broker, BrokerError, MarketAware, Redeem
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Plugin

__all__ = ["PaperBroker", "PaperSettings", "build", "plugin"]


def build(
    settings: PaperSettings,
    *,
    clock: Clock,
    redeem: Redeem,
    account_id: str,
    mode: Mode,
    supervisor: Supervisor,
) -> PaperBroker:
    """A paper broker with a fresh account. Raises BrokerError for a live account."""
    del supervisor  # it runs on the clock's timers and needs no task of its own
    if mode is Mode.LIVE:
        raise BrokerError(
            "paper broker asked for a live account",
            user_text="The paper broker can't trade a live account. Choose another broker or mode.",
            code="BROKER_ENVIRONMENT",
        )
    return PaperBroker(settings, clock=clock, redeem=redeem, account_id=account_id, mode=mode)


_broker: type[Broker] = PaperBroker
_market_aware: type[MarketAware] = PaperBroker

plugin = Plugin(name="paper", settings=PaperSettings, build=build)
