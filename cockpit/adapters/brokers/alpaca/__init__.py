"""Alpaca, paper and live. The SDK is loaded by the session's own threads, at the sign-in."""

from __future__ import annotations

from pathlib import Path

from cockpit.adapters.brokers.alpaca.broker import AlpacaBroker
from cockpit.adapters.brokers.alpaca.keys import CREDENTIALS
from cockpit.adapters.brokers.alpaca.settings import AlpacaSettings
from cockpit.domain.account import Mode
from cockpit.kernel.clock import VirtualClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import Broker, BrokerError, Redeem
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Plugin
from cockpit.ports.vault import Vault

__all__ = ["AlpacaBroker", "AlpacaSettings", "build", "plugin"]


def build(
    settings: AlpacaSettings,
    *,
    clock: Clock,
    redeem: Redeem,
    account_id: str,
    mode: Mode,
    supervisor: Supervisor,
    folder: Path | None = None,
    known: bool = False,
    vault: Vault | None = None,
    account: str = "",
) -> AlpacaBroker:
    """A session that has not signed in yet.

    Raises BrokerError for a simulated market: also for a paper account on one, whose time
    is its own. Real orders must not follow prices that nobody quotes. Also for addresses
    that lead to the other venue: what is called paper must never be real money.
    """
    del folder, known  # the venue keeps the books
    if mode.simulated or isinstance(clock, VirtualClock):
        raise BrokerError(
            f"alpaca asked for a {mode.value} account on {type(clock).__name__}",
            user_text="Alpaca trades today's market, not a simulated or recorded one. Choose the "
            "paper broker for this.",
            code="BROKER_ENVIRONMENT",
        )
    if why := settings.why_not(mode):
        raise BrokerError(
            f"a {mode.value} account: {why}",
            user_text=f"This is a {mode.value} account, and {why}. Nothing was sent. Take "
            "trading_url and trading_stream_url out of [brokers.alpaca], or choose another "
            "account.",
            code="BROKER_ENVIRONMENT",
        )
    return AlpacaBroker(
        settings,
        clock=clock,
        redeem=redeem,
        account_id=account_id,
        mode=mode,
        supervisor=supervisor,
        vault=vault,
        account=account,
    )


_broker: type[Broker] = AlpacaBroker

plugin = Plugin(name="alpaca", settings=AlpacaSettings, build=build, credentials=CREDENTIALS)
