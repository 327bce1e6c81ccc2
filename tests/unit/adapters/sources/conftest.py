"""Toy vendors, and the bodies of the real ones that were recorded."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.testing import CountingMeter
from tests.toyserver.vendors import ToyAlphaVantage, ToyFinnhub, ToyPolygon


@pytest.fixture
def meter() -> CountingMeter:
    return CountingMeter()


@pytest.fixture
async def polygon() -> AsyncIterator[ToyPolygon]:
    async with ToyPolygon() as toy:
        yield toy


@pytest.fixture
async def finnhub() -> AsyncIterator[ToyFinnhub]:
    async with ToyFinnhub() as toy:
        yield toy


@pytest.fixture
async def alpha_vantage() -> AsyncIterator[ToyAlphaVantage]:
    async with ToyAlphaVantage() as toy:
        yield toy


@pytest.fixture(scope="module")
def polygon_bodies(shared_data: Path) -> dict[str, bytes]:
    """Polygon's recorded bodies by path."""
    lines = (shared_data / "api_fixtures" / "polygon_rest.jsonl").read_text().splitlines()
    read = [json.loads(line) for line in lines]
    return {r["path"]: json.dumps(r["body"]).encode() for r in read}


@pytest.fixture(scope="module")
def alpha_vantage_bodies(shared_data: Path) -> dict[str, bytes]:
    """Alpha Vantage's recorded bodies by file."""
    folder = shared_data / "api_fixtures" / "alpha_vantage"
    return {path.stem: path.read_bytes() for path in folder.glob("*.json")}
