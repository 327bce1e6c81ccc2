from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.toyserver import ToyServer
from tests.unit.adapters.brokers.alpaca.kit import SYMBOL, Session, session_at


@pytest.fixture
async def toy() -> AsyncIterator[ToyServer]:
    """A toy venue with ABC quoted 9.99 at 10.01."""
    async with ToyServer() as server:
        server.exchange.list_symbols(SYMBOL)
        server.exchange.quote(SYMBOL, 9.99, 10.01)
        yield server


@pytest.fixture
async def session(toy: ToyServer) -> AsyncIterator[Session]:
    """The adapter signed in there."""
    async with session_at(toy) as signed_in:
        yield signed_in
