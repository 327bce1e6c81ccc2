"""The Robinhood adapter at the toy, with a vault that holds what the toy wants to know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cockpit.adapters.brokers.robinhood import RobinhoodBroker, RobinhoodSettings, build
from cockpit.domain.account import Mode
from cockpit.domain.order import Order
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import GateToken
from tests.toyserver.client import DictVault
from tests.toyserver.exchange import ACCOUNT
from tests.toyserver.hood.door import PASSWORD, TOTP, USERNAME
from tests.toyserver.hood.server import ToyHood

STORED = "toy"


def vault(**changed: str) -> DictVault:
    kept = {"username": USERNAME, "password": PASSWORD, "totp": TOTP} | changed
    return DictVault(**{f"accounts/{STORED}/{name}": secret for name, secret in kept.items()})


def robinhood_at(
    toy: ToyHood,
    redeem: Callable[[GateToken, Order], None] = lambda _token, _order: None,
    *,
    keeper: DictVault | None = None,
    **settings: Any,
) -> RobinhoodBroker:
    """The adapter with short waits; nothing is asked before `connect`."""
    clock = WallClock()
    patience = {
        "connect_timeout_s": 1.0, "answer_timeout_s": 1.0, "poll_s": 0.05,
        "approval_within_s": 1.0, "approval_poll_s": 0.05,
    }  # fmt: skip
    return build(
        RobinhoodSettings(**(patience | {"url": toy.url} | settings)),
        clock=clock,
        redeem=redeem,
        account_id=ACCOUNT,
        mode=Mode.LIVE,
        supervisor=Supervisor(clock),
        vault=keeper or vault(),
        account=STORED,
    )
