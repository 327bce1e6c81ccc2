"""Our own broker adapters, held to what every broker adapter must do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cockpit.testing import BrokerContract, ReadOnlyContract
from tests.contract.venues import AlpacaVenue, PaperVenue, RobinhoodVenue
from tests.toyserver import ToyServer
from tests.toyserver.hood import ToyHood


class TestPaper(BrokerContract):
    @pytest.fixture
    async def venue(self) -> PaperVenue:
        return PaperVenue()


class TestRobinhood(ReadOnlyContract):
    @pytest.fixture
    async def venue(self) -> AsyncIterator[RobinhoodVenue]:
        async with ToyHood() as toy:
            yield RobinhoodVenue(toy)


class TestAlpaca(BrokerContract):
    @pytest.fixture
    async def venue(self) -> AsyncIterator[AlpacaVenue]:
        async with ToyServer() as toy:
            yield AlpacaVenue(toy)
