"""Robinhood, for reading only. The SDK is loaded by the session's own thread, at the sign-in."""

from __future__ import annotations

from pathlib import Path

from cockpit.adapters.brokers.robinhood.broker import RobinhoodBroker
from cockpit.adapters.brokers.robinhood.settings import RobinhoodSettings
from cockpit.domain.account import Mode
from cockpit.kernel.clock import VirtualClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import Broker, BrokerError, Redeem
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Credential, Plugin
from cockpit.ports.vault import Vault

CREDENTIALS = (
    Credential("username", "Robinhood email"),
    Credential("password", "Robinhood password"),
    Credential("totp", "Authenticator key (leave empty for none)", optional=True),
)
__all__ = ["RobinhoodBroker", "RobinhoodSettings", "build", "plugin"]


def build(
    settings: RobinhoodSettings,
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
) -> RobinhoodBroker:
    """A session that has not signed in yet.

    Raises BrokerError for any mode but LIVE: Robinhood has real accounts only.
    """
    del folder, known  # the venue keeps the books
    if mode is not Mode.LIVE or isinstance(clock, VirtualClock):
        raise BrokerError(
            f"robinhood asked for a {mode.value} account on {type(clock).__name__}",
            user_text="Robinhood has real accounts only, and today's market. Start it with "
            "--mode live (it is read-only all the same), or choose the paper broker.",
            code="BROKER_ENVIRONMENT",
        )
    if vault is None or not account:
        raise BrokerError(
            "no account was chosen",
            user_text="No account was chosen for Robinhood, so Cockpit did not sign in. Store one "
            "with: cockpit accounts add NAME --broker robinhood --mode live. Then start with "
            "--account NAME.",
            code="AUTH_MISSING",
        )
    return RobinhoodBroker(
        settings,
        clock=clock,
        redeem=redeem,
        account_id=account_id,
        supervisor=supervisor,
        vault=vault,
        account=account,
    )


_broker: type[Broker] = RobinhoodBroker

plugin = Plugin(
    name="robinhood",
    settings=RobinhoodSettings,
    build=build,
    credentials=CREDENTIALS,
    modes=(Mode.LIVE,),
    read_only=True,
)
