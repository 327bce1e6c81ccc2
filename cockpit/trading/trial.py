"""Signing in to see whether a key works: nothing can be sent, nothing is stored."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import structlog

from cockpit.domain.account import Account
from cockpit.domain.connection import Connection, Health
from cockpit.domain.order import Order
from cockpit.ports.broker import (
    Broker,
    BustReport,
    ExecutionReport,
    GateToken,
    OrderReport,
    Redeem,
    TokenRefusedError,
)
from cockpit.ports.health import Check, Checked

_log = structlog.get_logger(__name__)
Tell = Callable[[str], None]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in found: the account's money, and how many positions and open orders.

    `checks` are what the session said of itself, if it does.
    """

    account: Account
    positions: int
    open_orders: int
    checks: tuple[Check, ...] = ()


async def try_sign_in(make_broker: Callable[[Redeem], Broker], tell: Tell) -> Found:
    """Sign in, look, sign out. `tell` hears in words how it goes.

    Raises BrokerError, and whatever other CockpitError the adapter raises.
    """
    broker = make_broker(_refuse)
    try:
        tell("Signing in.")
        await broker.connect(_Listener(tell))
        tell("Signed in. Asking for the account.")
        account = await broker.account()
        tell("Asking for positions and open orders.")
        held, working = await broker.positions(), await broker.open_orders()
        checks = tuple(await broker.checks()) if isinstance(broker, Checked) else ()
    finally:
        await broker.close()
    return Found(account=account, positions=len(held), open_orders=len(working), checks=checks)


def _refuse(_token: GateToken, order: Order) -> None:
    """No order comes from a trial."""
    raise TokenRefusedError(
        f"{order.client_order_id} in a trial",
        user_text="Nothing is sent while keys are tried.",
    )


class _Listener:
    """Hears what the session says, and passes on what a person should know meanwhile."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def on_order(self, report: OrderReport) -> None:
        """Somebody else's order moved; nothing is booked here."""

    def on_execution(self, report: ExecutionReport) -> None:
        """Somebody else's order filled; nothing is booked here."""

    def on_bust(self, report: BustReport) -> None:
        """A fill was taken back; nothing is booked here."""

    def on_account(self, account: Account) -> None:
        """The account is asked for."""

    def on_connection(self, connection: Connection) -> None:
        """Pass on what goes on, for example that a phone must confirm; a failure is raised."""
        if connection.detail and connection.health is Health.CONNECTING:
            self._tell(connection.detail)
