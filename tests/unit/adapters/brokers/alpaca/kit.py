"""What the Alpaca tests share: a signed-in adapter and short ways to send."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from cockpit.adapters.brokers.alpaca import AlpacaBroker
from cockpit.domain.connection import Connection
from cockpit.domain.order import Order
from cockpit.kernel.clock import WallClock
from cockpit.ports.broker import Ack, GateToken
from tests.toyserver import ToyServer
from tests.toyserver.client import alpaca_at
from tests.toyserver.exchange import ACCOUNT
from tests.unit.adapters.brokers.paper_kit import Recorder, order

SYMBOL = "ABC"
TOKEN = GateToken(secret="s", fingerprint="f")


def toy_order(name: str, *args: Any, **terms: Any) -> Order:
    return order(name, *args, **({"symbol": SYMBOL, "account_id": ACCOUNT} | terms))


@dataclass
class Session:
    toy: ToyServer
    broker: AlpacaBroker
    sink: Recorder

    async def submit(self, made: Order) -> Ack:
        return await self.broker.submit(made, TOKEN)

    @property
    def lamps(self) -> list[str]:
        return [lamp.health.value for lamp in self.sink.of(Connection)]

    @property
    def details(self) -> str:
        return " | ".join(lamp.detail for lamp in self.sink.of(Connection))


@asynccontextmanager
async def session_at(toy: ToyServer, **settings: Any) -> AsyncIterator[Session]:
    broker = alpaca_at(toy, **settings)
    sink = Recorder(WallClock())
    try:
        await broker.connect(sink)
        yield Session(toy, broker, sink)
    finally:
        await broker.close()
