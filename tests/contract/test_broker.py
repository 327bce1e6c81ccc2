"""Our own broker adapters, held to what every broker adapter must do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cockpit.testing import BrokerContract
from tests.contract.venues import AlpacaVenue, PaperVenue
from tests.toyserver import ToyServer


class TestPaper(BrokerContract):
    @pytest.fixture
    async def venue(self) -> PaperVenue:
        return PaperVenue()


class TestAlpaca(BrokerContract):
    @pytest.fixture
    async def venue(self) -> AsyncIterator[AlpacaVenue]:
        async with ToyServer() as toy:
            yield AlpacaVenue(toy)
