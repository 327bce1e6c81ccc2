"""The Alpaca adapter signed in at a toy venue, with a vault that holds the toy's keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cockpit.adapters.brokers.alpaca import AlpacaBroker, AlpacaSettings, build
from cockpit.adapters.brokers.alpaca.keys import names_of
from cockpit.adapters.feeds.alpaca import AlpacaFeed, AlpacaFeedSettings
from cockpit.adapters.feeds.alpaca import build as build_feed
from cockpit.adapters.feeds.alpaca.source import AlpacaSource, AlpacaSourceSettings
from cockpit.adapters.feeds.alpaca.source import build as build_source
from cockpit.domain.account import Mode
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import Redeem
from cockpit.ports.vault import Vault
from tests.toyserver.exchange import ACCOUNT
from tests.toyserver.server import ToyServer

PATIENCE = {
    "connect_timeout_s": 2.0, "answer_timeout_s": 2.0, "quiet_s": 1.0, "reconnect_max_s": 0.5,
    "keep_warm_s": 0,
}  # fmt: skip
STORED = "toy"
"""The name under which the keys are stored."""


class DictVault:
    """A vault for tests, in memory only."""

    def __init__(self, **secrets: str) -> None:
        self.secrets = dict(secrets)

    async def get(self, name: str) -> str | None:
        return self.secrets.get(name)

    async def put(self, name: str, secret: str) -> None:
        self.secrets[name] = secret

    async def delete(self, name: str) -> None:
        self.secrets.pop(name, None)


_vault: type[Vault] = DictVault


def vault_of(toy: ToyServer) -> DictVault:
    """The toy's keys where the adapter looks for them."""
    return DictVault(**dict(zip(names_of(STORED), toy.keys, strict=True)))


def alpaca_at(
    toy: ToyServer,
    redeem: Redeem = lambda _token, _order: None,
    *,
    vault: Vault | None = None,
    account_id: str = ACCOUNT,
    **settings: Any,
) -> AlpacaBroker:
    """The adapter with short waits; nothing is sent before `connect`."""
    clock = WallClock()
    addresses = {"trading_url": toy.url, "trading_stream_url": toy.stream_url, "data_url": toy.url}
    return build(
        AlpacaSettings(**(PATIENCE | addresses | settings)),
        clock=clock,
        redeem=redeem,
        account_id=account_id,
        mode=Mode.PAPER,
        supervisor=Supervisor(clock),
        vault=vault or vault_of(toy),
        account=STORED,
    )


def source_at(toy: ToyServer, *, vault: Vault | None = None, **settings: Any) -> AlpacaSource:
    """The source of research data with short waits."""
    return build_source(
        AlpacaSourceSettings(),
        clock=WallClock(),
        beside=AlpacaSettings(**(PATIENCE | {"data_url": toy.url} | settings)),
        vault=vault or vault_of(toy),
        account=STORED,
    )


def feed_at(
    toy: ToyServer, symbols: Sequence[str], *, vault: Vault | None = None, **settings: Any
) -> AlpacaFeed:
    """The feed with short waits; settings of its own go to it, all others to the shared ones.

    Its stream is in a thread, unless it is told otherwise.
    """
    own = {
        name: settings.pop(name)
        for name in list(settings)
        if name in AlpacaFeedSettings.model_fields
    }
    addresses = {"data_url": toy.url, "data_stream_url": toy.data_stream_url}
    return build_feed(
        AlpacaFeedSettings(**({"symbols": tuple(symbols), "own_process": False} | own)),
        clock=WallClock(),
        beside=AlpacaSettings(**(PATIENCE | addresses | settings)),
        vault=vault or vault_of(toy),
        account=STORED,
    )
