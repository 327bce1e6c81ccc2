"""Our own sources of research data, held to what every source must do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cockpit.testing import SourceContract
from tests.contract.vendors import AlphaVantage, Finnhub, Polygon
from tests.toyserver.vendors import ToyAlphaVantage, ToyFinnhub, ToyPolygon


class TestPolygon(SourceContract):
    @pytest.fixture
    async def venue(self) -> AsyncIterator[Polygon]:
        async with ToyPolygon() as toy:
            yield Polygon(toy)


class TestFinnhub(SourceContract):
    @pytest.fixture
    async def venue(self) -> AsyncIterator[Finnhub]:
        async with ToyFinnhub() as toy:
            yield Finnhub(toy)


class TestAlphaVantage(SourceContract):
    @pytest.fixture
    async def venue(self) -> AsyncIterator[AlphaVantage]:
        async with ToyAlphaVantage() as toy:
            yield AlphaVantage(toy)
