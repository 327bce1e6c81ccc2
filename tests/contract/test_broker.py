"""Our own broker adapters, held to what every broker adapter must do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from cockpit.adapters.brokers.alpaca import broker as alpaca
from cockpit.adapters.brokers.alpaca.writing import Body, order_body
from cockpit.domain.order import Order
from cockpit.domain.venue_terms import Feature
from cockpit.testing import Bench, BrokerContract, ReadOnlyContract
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


@pytest.mark.parametrize("feature", Feature)
async def test_the_contract_finds_an_offer_that_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, feature: Feature
) -> None:
    def without_terms(order: Order) -> Body:
        plain = msgspec.structs.replace(order.intent, venue=None)
        return order_body(msgspec.structs.replace(order, intent=plain))

    monkeypatch.setattr(alpaca, "order_body", without_terms)
    async with ToyServer() as toy:
        venue = AlpacaVenue(toy)
        venue.patience_s = 2.0
        bench = Bench(venue)
        await bench.broker.connect(bench.sink)
        try:
            venue.quote(9.99, 10.01)
            check = TestAlpaca().test_terms_are_carried_out_if_offered_and_else_refused_in_words
            with pytest.raises(AssertionError):
                await check(bench, feature)
        finally:
            await bench.broker.close()
