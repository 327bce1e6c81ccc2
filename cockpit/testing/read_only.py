"""What a broker adapter must do that is for reading only: all is seen, nothing is sent."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
import pytest_asyncio

from cockpit.domain.connection import Health
from cockpit.domain.order import Order
from cockpit.ports.broker import (
    Broker,
    BrokerError,
    GateToken,
    NotSentError,
    Redeem,
    TokenRefusedError,
)
from cockpit.ports.health import Checked
from cockpit.testing.bench import TOKEN, Mood
from cockpit.testing.orders import make_order
from cockpit.testing.sink import RecordingSink
from cockpit.testing.waiting import eventually

D = Decimal


class ReadOnlyVenue(ABC):
    """A double of the plug-in's venue, where somebody else trades.

    Of the moods FAILED_QUESTIONS and ODD_STATUS are asked for. `patience_s` is how long a change
    may take to be noticed.
    """

    symbol = "ABC"
    account_id = "CONTRACT-1"
    patience_s = 5.0
    moods: frozenset[Mood] = frozenset()

    @abstractmethod
    def broker(self, redeem: Redeem) -> Broker:
        """The plug-in's broker at this venue, not connected, for `account_id`."""

    @abstractmethod
    def hold(self, quantity: Decimal, cost: Decimal) -> None:
        """Have the account hold so much of `symbol`."""

    @abstractmethod
    def rest(self, limit: Decimal, quantity: Decimal) -> str:
        """Make a buy order elsewhere; gives the id under which the broker must list it."""

    @abstractmethod
    def fill(self, order_id: str, quantity: Decimal, price: Decimal) -> None:
        """Trade a part of it."""

    @abstractmethod
    def writes(self) -> int:
        """How many requests came that could have changed an order."""

    def fall_into(self, mood: Mood, order_id: str = "") -> None:
        """Do what the mood says. Called for those in `moods` only."""
        pytest.fail(f"the venue says that it knows {mood.name} and does not do it")


@dataclass
class ReadingBench:
    """A connected broker, its venue, and what it told."""

    venue: ReadOnlyVenue
    sink: RecordingSink = field(default_factory=RecordingSink)
    redeemed: list[str] = field(default_factory=list[str])
    refuse_tokens: bool = False

    def __post_init__(self) -> None:
        """Build the broker; it is connected by whoever made the bench."""
        self.broker = self.venue.broker(self.redeem)

    def redeem(self, _token: GateToken, order: Order) -> None:
        """The gate's side of a token."""
        if self.refuse_tokens:
            raise TokenRefusedError("used", user_text="The gate's token was used before.")
        self.redeemed.append(order.client_order_id)

    def order(self, name: str) -> Order:
        """An order that somebody here would like."""
        venue = self.venue
        return make_order(name, limit="9.00", symbol=venue.symbol, account_id=venue.account_id)

    def fall_into(self, mood: Mood, order_id: str = "") -> None:
        """Have the venue do it; where it can't, the test is skipped and says so."""
        if mood not in self.venue.moods:
            pytest.skip(f"{type(self.venue).__name__} has no mood {mood.name}")
        self.venue.fall_into(mood, order_id)


class ReadOnlyContract:
    """Subclass it as `TestMyBroker` with a fixture `venue`; pytest finds the tests in it."""

    pytestmark = pytest.mark.asyncio

    @pytest_asyncio.fixture
    async def venue(self) -> AsyncIterator[ReadOnlyVenue]:
        """Overridden by the plug-in's author; gives the venue, running."""
        pytest.fail(f"{type(self).__name__} needs a fixture `venue` that gives a ReadOnlyVenue")
        yield

    @pytest_asyncio.fixture
    async def bench(self, venue: ReadOnlyVenue) -> AsyncIterator[ReadingBench]:
        """A connected broker at a venue where nothing is held and nothing open."""
        bench = ReadingBench(venue)
        await bench.broker.connect(bench.sink)
        try:
            yield bench
        finally:
            await bench.broker.close()
        assert venue.writes() == 0
        assert all(lamp.read_only and lamp.label == "READ ONLY" for lamp in bench.sink.lamps)

    async def test_the_lamp_says_read_only_from_connect_to_close(self, bench: ReadingBench) -> None:
        assert bench.sink.lamps[-1].health is Health.UP
        assert all(lamp.read_only for lamp in bench.sink.lamps)
        await bench.broker.close()
        assert bench.sink.lamps[-1].health is Health.ENDED

    async def test_every_order_takes_its_token_and_is_not_sent(self, bench: ReadingBench) -> None:
        made, new = bench.order("mine"), bench.order("new")
        with pytest.raises(NotSentError) as held:
            await bench.broker.submit(made, TOKEN)
        assert held.value.user_text
        with pytest.raises(NotSentError):
            await bench.broker.replace(made, new, TOKEN)
        assert bench.redeemed == ["mine", "new"]
        bench.refuse_tokens = True
        with pytest.raises(TokenRefusedError) as refused:
            await bench.broker.submit(made, TOKEN)
        assert not isinstance(refused.value, NotSentError)
        assert await bench.broker.find_order("mine") is None

    async def test_nothing_is_cancelled_and_it_says_so(self, bench: ReadingBench) -> None:
        name = bench.venue.rest(D("9.00"), D(10))
        with pytest.raises(BrokerError):
            await bench.broker.cancel(bench.order(name))
        with pytest.raises(BrokerError):
            await bench.broker.cancel_all()
        assert [o.client_order_id for o in await bench.broker.open_orders()] == [name]

    async def test_it_keeps_the_session_from_being_armed(self, bench: ReadingBench) -> None:
        assert isinstance(bench.broker, Checked)
        assert any(check.hinders for check in await bench.broker.checks())

    async def test_what_is_held_and_open_is_listed_exactly(self, bench: ReadingBench) -> None:
        assert list(await bench.broker.positions()) == []
        assert list(await bench.broker.open_orders()) == []
        bench.venue.hold(D("5.25"), D("100.1234"))
        name = bench.venue.rest(D("9.01"), D(10))
        [held] = await bench.broker.positions()
        assert (held.symbol, held.quantity) == (bench.venue.symbol, D("5.25"))
        assert held.average_cost == D("100.1234")
        [listed] = await bench.broker.open_orders()
        assert (listed.client_order_id, listed.symbol) == (name, bench.venue.symbol)
        assert (listed.quantity, listed.limit_price) == (D(10), D("9.01"))
        assert await bench.broker.find_order(name) == listed
        assert (await bench.broker.account()).key_fingerprint

    async def test_what_is_traded_elsewhere_is_noticed_and_listed_once(
        self, bench: ReadingBench
    ) -> None:
        name = bench.venue.rest(D("9.00"), D(10))
        seen = len(bench.sink.heard)
        bench.venue.fill(name, D(4), D("8.99"))
        bench.venue.fill(name, D(6), D("8.98"))
        await eventually(
            lambda: len(bench.sink.heard) > seen and bench.sink.lamps[-1].health is Health.UP,
            bench.venue.patience_s,
            "the change is told, or has the books compared",
        )
        told = await bench.broker.executions(0)
        assert [(e.quantity, e.price, e.cumulative) for e in told] == [
            (D(4), D("8.99"), D(4)),
            (D(6), D("8.98"), D(10)),
        ]
        assert len({e.execution_id for e in told}) == 2
        assert {e.client_order_id for e in told} == {name}
        assert list(await bench.broker.open_orders()) == []
        ended = await bench.broker.find_order(name)
        assert ended is not None
        assert (ended.report.filled, ended.report.state.terminal) == (D(10), True)
        assert list(await bench.broker.executions(told[-1].ts_event + 1)) == []

    async def test_a_failed_question_is_no_empty_answer(self, bench: ReadingBench) -> None:
        bench.fall_into(Mood.FAILED_QUESTIONS)
        for question in (bench.broker.account, bench.broker.positions, bench.broker.open_orders):
            with pytest.raises(BrokerError) as failed:
                await question()
            assert failed.value.user_text
        with pytest.raises(BrokerError):
            await bench.broker.find_order("any")
        with pytest.raises(BrokerError):
            await bench.broker.executions(0)

    async def test_an_unheard_of_status_is_neither_an_end_nor_an_error(
        self, bench: ReadingBench
    ) -> None:
        name = bench.venue.rest(D("9.00"), D(10))
        bench.fall_into(Mood.ODD_STATUS, name)
        [listed] = await bench.broker.open_orders()
        assert not listed.report.state.terminal

    async def test_without_a_session_every_question_fails(self, bench: ReadingBench) -> None:
        await bench.broker.close()
        heard = len(bench.sink.heard)
        for question in (bench.broker.account, bench.broker.positions, bench.broker.open_orders):
            with pytest.raises(BrokerError):
                await question()
        await bench.broker.close()
        assert len(bench.sink.heard) == heard
        await bench.broker.connect(bench.sink)
        assert list(await bench.broker.positions()) == []
