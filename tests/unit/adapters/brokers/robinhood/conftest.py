from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.toyserver.hood import ToyHood


@pytest.fixture
async def toy() -> AsyncIterator[ToyHood]:
    """A toy Robinhood with one account, nothing held."""
    async with ToyHood() as server:
        yield server
