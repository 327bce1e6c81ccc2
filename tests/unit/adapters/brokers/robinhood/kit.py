"""A signed-in Robinhood session and what it told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from cockpit.adapters.brokers.robinhood import RobinhoodBroker
from cockpit.domain.connection import Connection, Health
from cockpit.kernel.clock import WallClock
from tests.toyserver.client import DictVault
from tests.toyserver.hood import ToyHood
from tests.toyserver.hood.client import robinhood_at, vault
from tests.unit.adapters.brokers.paper_kit import Recorder


@dataclass
class Session:
    broker: RobinhoodBroker
    sink: Recorder
    vault: DictVault

    @property
    def lamps(self) -> list[Connection]:
        return self.sink.of(Connection)

    @property
    def healths(self) -> list[Health]:
        return [lamp.health for lamp in self.lamps]

    def kept(self, name: str) -> str | None:
        return self.vault.secrets.get(f"accounts/toy/{name}")


def session_of(toy: ToyHood, keeper: DictVault | None = None, **settings: Any) -> Session:
    keeper = keeper or vault()
    broker = robinhood_at(toy, keeper=keeper, **settings)
    return Session(broker, Recorder(WallClock()), keeper)


@asynccontextmanager
async def signed_in(
    toy: ToyHood, keeper: DictVault | None = None, **settings: Any
) -> AsyncIterator[Session]:
    session = session_of(toy, keeper, **settings)
    await session.broker.connect(session.sink)
    try:
        yield session
    finally:
        await session.broker.close()
