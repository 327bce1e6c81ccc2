"""What must hold when two things happen to one order at the same time, whoever wins."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from cockpit.domain.order import Order, OrderState
from cockpit.ports.broker import (
    Ack,
    BrokerError,
    DuplicateIdError,
    NotSentError,
    OrderRejectedError,
)
from cockpit.testing.bench import Bench
from cockpit.testing.waiting import eventually

D = Decimal
_HEAD_STARTS_MS = (0, 0.5, 2, 8, 40)
"""By how much the first of two is ahead: over a line of some milliseconds each may win."""

_ENDS = (OrderState.FILLED, OrderState.CANCELED, OrderState.REPLACED)
heads = pytest.mark.parametrize("head_ms", _HEAD_STARTS_MS)


class BrokerRaces:
    """A part of `BrokerContract`."""

    @heads
    async def test_a_cancel_and_a_fill_have_one_winner(self, bench: Bench, head_ms: float) -> None:
        made = await bench.working("raced")
        cancelling = asyncio.gather(bench.broker.cancel(made), return_exceptions=True)
        await asyncio.sleep(head_ms / 1000)
        bench.venue.quote(8.98, 8.99)
        [lost] = await cancelling
        assert lost is None or isinstance(lost, BrokerError)
        await bench.until(made, OrderState.FILLED, OrderState.CANCELED)
        end = bench.sink.states("raced")[-1]
        expected = D(100) if end == "filled" else D(0)
        assert (await bench.filled("raced"), await bench.held()) == (expected, expected)
        assert sum(e.quantity for e in bench.sink.executions) == expected
        assert await bench.open_ids() == []

    async def test_what_was_filled_before_the_cancel_is_kept(self, bench: Bench) -> None:
        made = await bench.working("part")
        bench.venue.quote(8.99, 9.00, 30)
        await bench.until(made, OrderState.PARTIALLY_FILLED)
        await bench.broker.cancel(made)
        await bench.until(made, OrderState.CANCELED)
        assert (await bench.filled("part"), await bench.held()) == (D(30), D(30))

    async def test_an_order_is_cancelled_once_however_often_it_is_asked(self, bench: Bench) -> None:
        made = await bench.working("once")
        both = (bench.broker.cancel(made), bench.broker.cancel(made), bench.broker.cancel_all())
        answers = await asyncio.gather(*both, return_exceptions=True)
        assert all(a is None or isinstance(a, BrokerError) for a in answers)
        await bench.until(made, OrderState.CANCELED)
        assert await bench.open_ids() == []

    async def test_what_is_filled_can_be_neither_cancelled_nor_replaced(self, bench: Bench) -> None:
        made = bench.order("done", quantity=100)
        await bench.submit(made)
        await bench.until(made, OrderState.FILLED)
        with pytest.raises(BrokerError):
            await bench.broker.cancel(made)
        with pytest.raises((OrderRejectedError, NotSentError)):
            await bench.replace(made, bench.order("new", limit="9.10"))
        assert await bench.broker.find_order("new") is None
        assert await bench.held() == D(100)

    @heads
    async def test_a_replacement_and_a_fill_never_give_more_than_was_wanted(
        self, bench: Bench, head_ms: float
    ) -> None:
        old, new = await bench.working("old"), bench.order("new", limit="9.10")
        replacing = asyncio.gather(bench.replace(old, new), return_exceptions=True)
        await asyncio.sleep(head_ms / 1000)
        bench.venue.quote(8.98, 8.99)
        [answer] = await replacing
        await bench.until(old, OrderState.FILLED, OrderState.REPLACED)
        bench.venue.quote(8.98, 8.99)
        if isinstance(answer, Ack):
            await bench.until(new, OrderState.FILLED)
        else:
            assert isinstance(answer, BrokerError)
            assert await bench.broker.find_order("new") is None
        assert await bench.filled("old") + await bench.filled("new") == await bench.held() == D(100)
        assert await bench.open_ids() == []

    @heads
    async def test_a_replacement_and_a_cancel_leave_one_order_at_most(
        self, bench: Bench, head_ms: float
    ) -> None:
        old, new = await bench.working("old"), bench.order("new", limit="9.10")
        replacing = asyncio.gather(bench.replace(old, new), return_exceptions=True)
        await asyncio.sleep(head_ms / 1000)
        [lost] = await asyncio.gather(bench.broker.cancel(old), return_exceptions=True)
        [answer] = await replacing
        assert lost is None or isinstance(lost, BrokerError)
        await bench.until(old, OrderState.CANCELED, OrderState.REPLACED)
        if isinstance(answer, Ack):
            await bench.until(new, OrderState.WORKING)
            assert await bench.open_ids() == ["new"]
        else:
            assert isinstance(answer, OrderRejectedError | NotSentError)
            assert await bench.open_ids() == []

    async def test_of_two_replacements_of_one_order_one_works(self, bench: Bench) -> None:
        old = await bench.working("old")
        news = [bench.order(f"new-{n}", limit=f"9.1{n}") for n in range(2)]
        made = (bench.replace(old, new) for new in news)
        answers = await asyncio.gather(*made, return_exceptions=True)
        [won] = [answer for answer in answers if isinstance(answer, Ack)]
        [lost] = [answer for answer in answers if not isinstance(answer, Ack)]
        assert isinstance(lost, OrderRejectedError | NotSentError)
        await bench.until(old, OrderState.REPLACED)
        assert await bench.open_ids() == [won.client_order_id]

    async def test_one_id_is_one_order(self, bench: Bench) -> None:
        made = await bench.working("once")
        with pytest.raises(DuplicateIdError):
            await bench.submit(made)
        assert await bench.open_ids() == ["once"]

    async def test_one_id_sent_twice_at_the_same_time_is_one_order(self, bench: Bench) -> None:
        made = bench.order("twice", limit="9.00")
        both = (bench.submit(made), bench.submit(made))
        answers = await asyncio.gather(*both, return_exceptions=True)
        assert sorted(type(answer).__name__ for answer in answers) == ["Ack", "DuplicateIdError"]
        await bench.until(made, OrderState.WORKING)
        assert await bench.open_ids() == ["twice"]

    async def test_an_id_stays_used_when_its_order_has_ended(self, bench: Bench) -> None:
        made = bench.order("used", quantity=100)
        await bench.submit(made)
        await bench.until(made, OrderState.FILLED)
        with pytest.raises(OrderRejectedError):
            await bench.submit(made)
        assert await bench.held() == D(100)

    async def test_a_replacement_under_a_used_id_changes_nothing(self, bench: Bench) -> None:
        old = await bench.working("old")
        await bench.working("other", "8.50")
        new: Order = bench.order("other", limit="9.10")
        with pytest.raises((OrderRejectedError, NotSentError)):
            await bench.replace(old, new)
        assert sorted(await bench.open_ids()) == ["old", "other"]
        limits = {o.client_order_id: o.limit_price for o in await bench.broker.open_orders()}
        assert limits == {"old": D(9), "other": D("8.5")}

    async def test_orders_sent_at_the_same_time_are_all_there(self, bench: Bench) -> None:
        orders = [bench.order(f"many-{n}", quantity=1, limit="9.00") for n in range(12)]
        await asyncio.gather(*(bench.submit(made) for made in orders))
        names = {made.client_order_id for made in orders}
        await eventually(lambda: all(bench.sink.states(name) for name in names))
        assert set(await bench.open_ids()) == names
        await bench.broker.cancel_all()
        for made in orders:
            await bench.until(made, *_ENDS)
