"""Cockpit at Tidemark: settings, credentials and the factory that the entry point names."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from cockpit.domain.account import Mode
from cockpit.kernel.clock import VirtualClock
from cockpit.kernel.settings import SettingsModel
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import BrokerError, Redeem
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Credential, Plugin
from cockpit.ports.vault import Vault
from cockpit_tidemark.broker import TidemarkBroker

__all__ = ["TidemarkBroker", "TidemarkSettings", "build", "plugin"]


class TidemarkSettings(SettingsModel):
    """The section `[brokers.tidemark]`: where the venue is and how long to wait for it."""

    host: str = "127.0.0.1"
    port: int = Field(default=7411, gt=0, le=65_535)
    answer_timeout_s: float = Field(default=5.0, gt=0)
    reconnect_max_s: float = Field(default=10.0, gt=0)


def build(
    settings: TidemarkSettings,
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
) -> TidemarkBroker:
    """A session that has not signed in yet. Raises BrokerError for what can't be one."""
    del folder, known  # the venue keeps the books
    if mode.simulated or isinstance(clock, VirtualClock):
        raise BrokerError(
            f"tidemark asked for a {mode.value} account",
            user_text="Tidemark trades today's market, not a simulated or recorded one. Choose the "
            "paper broker for this.",
            code="BROKER_ENVIRONMENT",
        )
    if vault is None or not account:
        raise BrokerError(
            "no account was chosen",
            user_text="No account was chosen for Tidemark. Store one with: cockpit accounts add "
            "NAME --broker tidemark. Then start with --account NAME.",
            code="AUTH_MISSING",
        )
    return TidemarkBroker(
        address=(settings.host, settings.port),
        answer_timeout_s=settings.answer_timeout_s,
        reconnect_max_s=settings.reconnect_max_s,
        clock=clock,
        redeem=redeem,
        account_id=account_id,
        mode=mode,
        supervisor=supervisor,
        vault=vault,
        account=account,
    )


plugin = Plugin(
    name=TidemarkBroker.name,
    settings=TidemarkSettings,
    build=build,
    credentials=(Credential("key", "Tidemark key"),),
)
