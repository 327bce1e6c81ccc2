"""What is traded is followed, and what the broker says of it ages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from cockpit.app import following
from cockpit.app.following import Following
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import OrderChanged, TriggersChanged
from cockpit.domain.instrument import Instrument
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import WallClock
from cockpit.market.book import Book
from cockpit.market.triggers import Trigger
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from tests.support.waiting import eventually
from tests.unit.adapters.brokers.paper_kit import order


class Feed:
    """A live feed that can be asked for more."""

    def __init__(self) -> None:
        self.watched: list[str] = []

    def watch(self, symbols: Sequence[str]) -> None:
        self.watched += symbols


class Broker:
    """Says of each symbol that it can be borrowed, until it is broken."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.broken = False

    async def instruments(self, symbols: Sequence[str]) -> Sequence[Instrument]:
        self.asked.append(tuple(symbols))
        if self.broken:
            raise CockpitError("broken", user_text="It is broken.")
        told = Instrument(
            symbol="ABC", shortable=True, easy_to_borrow=True, fraction=Decimal("1e-9")
        )
        return [msgspec.structs.replace(told, symbol=s) for s in symbols]


@asynccontextmanager
async def followed(broker: Broker | None) -> AsyncIterator[Any]:
    bus, clock = Bus(), WallClock()
    core = SimpleNamespace(
        bus=bus, clock=clock, book=Book(clock), feed=Feed(), orders=OrderBook(),
        portfolio=Portfolio(bus, "PAPER-1"), triggers=None,
    )  # fmt: skip
    core.book.add(Instrument(symbol="ABC", name="Abc Inc"))
    parts = Following(core, None if broker is None else broker.instruments)
    parts.start()
    task = asyncio.create_task(parts.run())
    try:
        yield core
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_symbol_that_is_traded_is_watched_and_asked_about() -> None:
    broker = Broker()
    async with followed(broker) as core:
        await eventually(lambda: core.book.instrument("ABC").shortable)
        assert core.book.instrument("ABC").name == "Abc Inc"
        assert core.book.instrument("ABC").fraction == Decimal("1e-9")
        assert core.book.instrument("ABC").lot == 1, "sizes that are reckoned stay whole"
        made = order("one", symbol="XYZ", account_id="PAPER-1")
        core.bus.publish(OrderChanged(order=made, previous=None, ts_event=1, ts_init=1))
        core.bus.publish(OrderChanged(order=made, previous=None, ts_event=2, ts_init=2))
        await eventually(lambda: core.book.instrument("XYZ").easy_to_borrow)
        assert core.feed.watched == ["XYZ"]


async def test_what_a_trigger_waits_for_is_watched_while_it_is_armed() -> None:
    made = [
        Trigger(name="a", symbol="NEW", when="crosses 5"),
        Trigger(name="b", symbol="OFF", when="crosses 5", on=False),
        Trigger(name="c", symbol="NO SUCH", when="crosses 5"),
        Trigger(name="d", symbol="ABC", when="crosses 5"),
    ]
    async with followed(None) as core:
        core.triggers = SimpleNamespace(all=lambda: made)
        for _ in range(2):
            core.bus.publish(TriggersChanged(name="a", ts_event=1, ts_init=1))
        assert core.feed.watched == ["NEW"]
        assert core.book.instrument("NEW") is not None


async def test_what_was_said_long_ago_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "ASK_EVERY_S", 0.01)
    monkeypatch.setattr(following, "AGAIN_S", 0.01)
    broker = Broker()
    async with followed(broker) as core:
        await eventually(lambda: core.book.instrument("ABC").shortable)
        broker.broken = True
        asked = len(broker.asked)
        await eventually(lambda: len(broker.asked) > asked + 2)
        assert core.book.instrument("ABC").shortable
        monkeypatch.setattr(following, "BELIEVED_NS", 0)
        await eventually(lambda: core.book.instrument("ABC").shortable is None)
        assert core.book.instrument("ABC").easy_to_borrow is None


async def test_a_broker_without_a_word_is_not_asked() -> None:
    async with followed(None) as core:
        assert core.book.instrument("ABC").shortable is None
        assert core.book.instrument("ABC").name == "Abc Inc"
