"""Adapters that break one rule each; put beside the example's own checks, which they must fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import cockpit_tidemark
import pytest
import pytest_asyncio
from cockpit_tidemark import TidemarkBroker, words
from cockpit_tidemark.toy import ToyVenue
from test_contract import TidemarkVenue

from cockpit.domain.connection import Health
from cockpit.domain.order import Order, OrderState
from cockpit.ports.broker import (
    Ack,
    BrokerError,
    BrokerPosition,
    GateToken,
    NotSentError,
    OrderRejectedError,
    SubmitUnknownError,
)
from cockpit.testing import BrokerContract


class Sloppy(BrokerContract):
    kind: type[TidemarkBroker]

    @pytest_asyncio.fixture
    async def venue(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TidemarkVenue]:
        monkeypatch.setattr(cockpit_tidemark, "TidemarkBroker", self.kind)
        async with ToyVenue() as toy:
            venue = TidemarkVenue(toy)
            venue.patience_s = 0.5
            yield venue


class RejectsWhatIsUnknown(TidemarkBroker):
    async def _send(self, do: str, **terms: Any) -> Ack:
        try:
            return await super()._send(do, **terms)
        except SubmitUnknownError as error:
            raise OrderRejectedError(str(error), user_text="It failed.") from error


class SendsAgain(TidemarkBroker):
    async def _send(self, do: str, **terms: Any) -> Ack:
        try:
            return await super()._send(do, **terms)
        except SubmitUnknownError:
            return await super()._send(do, **terms)


class IsFlatWhenAsked(TidemarkBroker):
    async def positions(self) -> Sequence[BrokerPosition]:
        try:
            return await super().positions()
        except BrokerError:
            return []


class TakesNoToken(TidemarkBroker):
    async def submit(self, order: Order, token: GateToken) -> Ack:
        return await self._send("submit", order=words.body(order))


class DropsTheTerms(TidemarkBroker):
    async def submit(self, order: Order, token: GateToken) -> Ack:
        self._redeem(token, order)
        return await self._send("submit", order=words.body(order))


class HidesTheCut(TidemarkBroker):
    def _lamp(self, health: Health, detail: str = "") -> None:
        if health is not Health.DOWN:
            super()._lamp(health, detail)


class NamesAnew(TidemarkBroker):
    made = 0

    async def _send(self, do: str, **terms: Any) -> Ack:
        self.made += 1
        order = terms["order"]
        name = order["client_id"]
        order["client_id"] = f"{name}-{self.made}"
        ack = await super()._send(do, **terms)
        return Ack(client_order_id=name, venue_order_id=ack.venue_order_id, ts_event=ack.ts_event)


class CancelsFirst(TidemarkBroker):
    async def replace(self, order: Order, replacement: Order, token: GateToken) -> Ack:
        await asyncio.gather(self.cancel(order), return_exceptions=True)
        return await self.submit(replacement, token)


class ForgetsToSay(TidemarkBroker):
    async def submit(self, order: Order, token: GateToken) -> Ack:
        try:
            return await super().submit(order, token)
        except NotSentError as error:
            raise SubmitUnknownError(str(error), user_text="It failed.") from error


class TestRejectsWhatIsUnknown(Sloppy):
    kind = RejectsWhatIsUnknown


class TestSendsAgain(Sloppy):
    kind = SendsAgain


class TestIsFlatWhenAsked(Sloppy):
    kind = IsFlatWhenAsked


class TestTakesNoToken(Sloppy):
    kind = TakesNoToken


class TestDropsTheTerms(Sloppy):
    kind = DropsTheTerms


class TestHidesTheCut(Sloppy):
    kind = HidesTheCut


class TestNamesAnew(Sloppy):
    kind = NamesAnew


class TestCancelsFirst(Sloppy):
    kind = CancelsFirst


class TestForgetsToSay(Sloppy):
    kind = ForgetsToSay


class TestGuessesTheEnd(Sloppy):
    kind = TidemarkBroker

    @pytest.fixture(autouse=True)
    def _guess(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(words.STATES, "quantum", OrderState.CANCELED)
