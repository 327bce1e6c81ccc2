"""What every broker adapter must do, whatever is behind it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import pytest
import pytest_asyncio

from cockpit.domain.account import Account
from cockpit.domain.connection import Health
from cockpit.domain.order import OrderState, OrderType, Side, TimeInForce
from cockpit.ports.broker import (
    BrokerError,
    DuplicateIdError,
    ExecutionReport,
    NotSentError,
    OrderRejectedError,
    OrderReport,
    TokenRefusedError,
)
from cockpit.testing.bench import Bench, BrokerVenue
from cockpit.testing.broker_moods import BrokerMoods
from cockpit.testing.broker_races import BrokerRaces
from cockpit.testing.broker_terms import BrokerTerms
from cockpit.testing.waiting import eventually

D = Decimal


class BrokerContract(BrokerRaces, BrokerMoods, BrokerTerms):
    """Subclass it as `TestMyBroker` with a fixture `venue`; pytest finds the tests in it."""

    pytestmark = pytest.mark.asyncio

    @pytest_asyncio.fixture
    async def venue(self) -> AsyncIterator[BrokerVenue]:
        """Overridden by the plug-in's author; gives the venue, running."""
        pytest.fail(f"{type(self).__name__} needs a fixture `venue` that gives a BrokerVenue")
        yield

    @pytest_asyncio.fixture
    async def bench(self, venue: BrokerVenue) -> AsyncIterator[Bench]:
        """A connected broker; the symbol is quoted 9.99 at 10.01, plenty of it."""
        bench = Bench(venue)
        await bench.broker.connect(bench.sink)
        try:
            venue.quote(9.99, 10.01)
            yield bench
        finally:
            await bench.broker.close()
        bench.check()

    # the session

    async def test_the_session_is_up_after_connect_and_ended_after_close(
        self, bench: Bench
    ) -> None:
        lamp = bench.sink.lamps[-1]
        assert (lamp.health, lamp.kind, lamp.label) == (Health.UP, "broker", bench.venue.label)
        await bench.working("resting")
        await bench.broker.close()
        assert bench.sink.lamps[-1].health is Health.ENDED
        heard = len(bench.sink.heard)
        bench.venue.quote(8.98, 8.99)  # fills it, and nobody listens
        with pytest.raises(BrokerError):
            await bench.broker.positions()
        assert len(bench.sink.heard) == heard

    async def test_what_was_missed_is_in_the_books_after_the_next_connect(
        self, bench: Bench
    ) -> None:
        await bench.working("resting")
        await bench.broker.close()
        bench.venue.quote(8.98, 8.99)
        await bench.broker.connect(bench.sink)
        found = await bench.broker.find_order("resting")
        assert found is not None
        assert (found.report.state, found.report.filled) == (OrderState.FILLED, D(100))
        [execution] = await bench.broker.executions(0)
        assert (execution.client_order_id, execution.cumulative) == ("resting", D(100))

    async def test_without_a_session_every_question_fails_and_nothing_is_sent(
        self, bench: Bench
    ) -> None:
        await bench.broker.close()
        made = bench.order("late")
        with pytest.raises((OrderRejectedError, NotSentError)):
            await bench.submit(made)
        for question in (
            bench.broker.account,
            bench.broker.positions,
            bench.broker.open_orders,
            bench.broker.cancel_all,
        ):
            with pytest.raises(BrokerError):
                await question()
        with pytest.raises(BrokerError):
            await bench.broker.cancel(made)
        await bench.broker.connect(bench.sink)
        assert await bench.broker.find_order("late") is None

    async def test_closing_twice_harms_nothing(self, bench: Bench) -> None:
        await bench.broker.close()
        told = len(bench.sink.heard)
        await bench.broker.close()
        assert len(bench.sink.heard) == told

    # trading

    async def test_a_market_order_is_acked_traded_and_filled(self, bench: Bench) -> None:
        made = bench.order("buy", quantity=100)
        ack = await bench.submit(made)
        assert (ack.client_order_id, bool(ack.venue_order_id)) == ("buy", True)
        await bench.until(made, OrderState.FILLED)
        [execution] = bench.sink.executions
        assert (execution.symbol, execution.side) == (bench.venue.symbol, Side.BUY)
        assert (execution.quantity, execution.price) == (D(100), D("10.01"))
        assert (execution.cumulative, execution.venue_order_id) == (100, ack.venue_order_id)
        [held] = await bench.broker.positions()
        assert (held.quantity, held.average_cost) == (D(100), D("10.01"))
        account = await bench.broker.account()
        assert account.cash == bench.venue.start_cash - 100 * D("10.01")
        await eventually(lambda: bench.sink.of(Account)[-1:], what="money after the trade")
        assert bench.sink.of(Account)[-1].cash == account.cash
        assert account.key_fingerprint

    async def test_a_short_position_is_negative(self, bench: Bench) -> None:
        made = bench.order("short", Side.SELL, 100)
        await bench.submit(made)
        await bench.until(made, OrderState.FILLED)
        assert await bench.held() == D(-100)

    async def test_each_part_of_a_fill_tells_what_is_filled_with_it(self, bench: Bench) -> None:
        made = bench.order("parts", quantity=100, limit="10.01", tif=TimeInForce.GTC)
        bench.venue.quote(9.99, 10.01, 30)
        await bench.submit(made)
        for _ in range(3):
            bench.venue.quote(9.99, 10.01, 30)
        await bench.until(made, OrderState.FILLED)
        told = bench.sink.executions
        assert [e.cumulative for e in told] == list(itertools.accumulate(e.quantity for e in told))
        assert told[-1].cumulative == D(100)
        assert len({e.execution_id for e in told}) == len(told) > 1
        assert spans(await bench.broker.executions(0)) == spans(told)
        assert list(await bench.broker.executions(told[-1].ts_event + 1)) == []
        states = bench.sink.states("parts")
        assert states.index("working") < states.index("partially_filled") < states.index("filled")

    async def test_a_refusal_is_definite_and_leaves_nothing(self, bench: Bench) -> None:
        with pytest.raises(OrderRejectedError) as refused:
            await bench.submit(bench.order("dear", quantity=10_000_000, limit="10.00"))
        assert not isinstance(refused.value, DuplicateIdError)
        assert refused.value.user_text
        assert await bench.broker.find_order("dear") is None
        assert list(await bench.broker.open_orders()) == []

    async def test_without_a_token_nothing_is_sent(self, bench: Bench) -> None:
        working = await bench.working("working")
        bench.refuse_tokens = True
        with pytest.raises(TokenRefusedError):
            await bench.submit(bench.order("none"))
        with pytest.raises(TokenRefusedError):
            await bench.replace(working, bench.order("new", limit="9.10"))
        assert await bench.broker.find_order("none") is None
        assert await bench.open_ids() == ["working"]

    # cancels and replacements

    async def test_an_open_order_is_listed_with_its_terms_until_it_is_cancelled(
        self, bench: Bench
    ) -> None:
        made = bench.order("stop", quantity=7, limit="12.50", stop="12.00", tif=TimeInForce.GTC)
        await bench.submit(made)
        await bench.until(made, OrderState.WORKING)
        [listed] = await bench.broker.open_orders()
        assert (listed.type, listed.tif) == (OrderType.STOP_LIMIT, TimeInForce.GTC)
        assert (listed.quantity, listed.limit_price, listed.stop_price) == (7, D("12.5"), D(12))
        assert (listed.symbol, listed.side) == (bench.venue.symbol, Side.BUY)
        await bench.broker.cancel(made)
        await bench.until(made, OrderState.CANCELED)
        assert list(await bench.broker.open_orders()) == []
        with pytest.raises(BrokerError):
            await bench.broker.cancel(made)

    async def test_the_bulk_cancel_leaves_nothing_open(self, bench: Bench) -> None:
        orders = [await bench.working(f"rest-{n}", f"9.0{n}") for n in range(5)]
        assert await bench.open_ids() == [made.client_order_id for made in orders]
        await bench.broker.cancel_all()
        for made in orders:
            await bench.until(made, OrderState.CANCELED)
        assert await bench.open_ids() == []
        await bench.broker.cancel_all()

    async def test_a_replaced_order_ends_and_the_new_one_works(self, bench: Bench) -> None:
        old, new = await bench.working("old"), bench.order("new", limit="9.10")
        ack = await bench.replace(old, new)
        assert ack.client_order_id == "new"
        await bench.until(old, OrderState.REPLACED)
        await bench.until(new, OrderState.WORKING)
        [listed] = await bench.broker.open_orders()
        assert (listed.client_order_id, listed.limit_price) == ("new", D("9.1"))

    async def test_what_was_filled_further_is_not_replaced(self, bench: Bench) -> None:
        old, new = await bench.working("old"), bench.order("new", limit="9.10")
        bench.venue.quote(8.99, 9.00, 30)
        await bench.until(old, OrderState.PARTIALLY_FILLED)
        with pytest.raises((OrderRejectedError, NotSentError)):
            await bench.replace(old, new)
        assert await bench.open_ids() == ["old"]
        assert await bench.broker.find_order("new") is None

    # what the books say

    async def test_an_unknown_order_is_none_and_no_error(self, bench: Bench) -> None:
        assert await bench.broker.find_order("never-heard-of") is None

    async def test_an_ended_order_is_still_found_with_its_mean_price(self, bench: Bench) -> None:
        made = bench.order("done", quantity=100)
        await bench.submit(made)
        await bench.until(made, OrderState.FILLED)
        found = await bench.broker.find_order("done")
        assert found is not None
        assert (found.report.filled, found.report.average_price) == (D(100), D("10.01"))
        reports = [r for r in bench.sink.of(OrderReport) if r.client_order_id == "done"]
        assert found.report.venue_order_id == reports[-1].venue_order_id


def spans(executions: Sequence[ExecutionReport]) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """What of executions must be the same wherever they are told."""
    return [(e.client_order_id, e.cumulative, e.quantity, e.price) for e in executions]
