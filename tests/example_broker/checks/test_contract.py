"""Tidemark's adapter, held to what every broker adapter must do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
import pytest_asyncio
from cockpit_tidemark import TidemarkSettings, build
from cockpit_tidemark.toy import KEY, ToyVenue

from cockpit.domain.account import Mode
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import Broker, BrokerError, Redeem
from cockpit.ports.vault import account_secret
from cockpit.testing import BrokerContract, BrokerVenue, Mood, RecordingSink

_LOSSES = {
    Mood.LOST_ANSWER: ("submit", "answer"),
    Mood.LOST_REQUEST: ("submit", "request"),
    Mood.LOST_REPLACEMENT: ("replace", "answer"),
    Mood.LOST_CANCEL: ("cancel", "answer"),
}


class DictVault:
    """A vault for tests."""

    def __init__(self, **secrets: str) -> None:
        self.secrets = secrets

    async def get(self, name: str) -> str | None:
        return self.secrets.get(name)

    async def put(self, name: str, secret: str) -> None:
        self.secrets[name] = secret

    async def delete(self, name: str) -> None:
        self.secrets.pop(name, None)


class TidemarkVenue(BrokerVenue):
    """The adapter at the toy."""

    start_cash = Decimal(100_000)
    moods = frozenset(Mood)

    def __init__(self, toy: ToyVenue, key: str = KEY) -> None:
        self.toy = toy
        self.key = key

    def broker(self, redeem: Redeem) -> Broker:
        clock = WallClock()
        host, port = self.toy.address
        return build(
            TidemarkSettings(host=host, port=port, answer_timeout_s=0.5, reconnect_max_s=0.2),
            clock=clock,
            redeem=redeem,
            account_id=self.account_id,
            mode=Mode.PAPER,
            supervisor=Supervisor(clock),
            vault=DictVault(**{account_secret("mine", "key"): self.key}),
            account="mine",
        )

    def quote(self, bid: float, ask: float, size: float = 1_000_000.0) -> None:
        self.toy.quote(bid, ask, size)

    def fall_into(self, mood: Mood, client_order_id: str = "") -> None:
        if mood in _LOSSES:
            do, what = _LOSSES[mood]
            self.toy.lost[do] = what
        elif mood is Mood.FAILED_QUESTIONS:
            self.toy.silent = True
        elif mood is Mood.ODD_STATUS:
            self.toy.odd[client_order_id] = "quantum"
        elif mood is Mood.DOUBLED_UPDATES:
            self.toy.doubled = True
        else:
            self.toy.cut()


class TestTidemark(BrokerContract):
    @pytest_asyncio.fixture
    async def venue(self) -> AsyncIterator[TidemarkVenue]:
        async with ToyVenue() as toy:
            yield TidemarkVenue(toy)


async def refused(venue: TidemarkVenue) -> str:
    sink = RecordingSink()
    broker = venue.broker(lambda _token, _order: None)
    with pytest.raises(BrokerError) as no:
        await broker.connect(sink)
    return no.value.code


@pytest.mark.asyncio
async def test_a_wrong_key_is_told_as_such() -> None:
    async with ToyVenue() as toy:
        assert await refused(TidemarkVenue(toy, key="wrong")) == "AUTH_FAILED"


@pytest.mark.asyncio
async def test_a_venue_that_is_not_there_is_told_as_such() -> None:
    async with ToyVenue() as toy:
        gone = TidemarkVenue(toy)
    assert await refused(gone) == "BROKER_NO_ANSWER"
