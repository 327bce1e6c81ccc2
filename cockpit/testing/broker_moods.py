"""What must hold when the venue or the line misbehaves; skipped where a venue can't."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cockpit.domain.connection import Health
from cockpit.domain.order import OrderState
from cockpit.ports.broker import BrokerError, DuplicateIdError, SubmitUnknownError
from cockpit.testing.bench import Bench, Mood
from cockpit.testing.waiting import eventually

D = Decimal


class BrokerMoods:
    """A part of `BrokerContract`."""

    async def test_a_lost_answer_is_unknown_and_the_order_is_found(self, bench: Bench) -> None:
        made = bench.order("lost", limit="9.00")
        bench.fall_into(Mood.LOST_ANSWER)
        with pytest.raises(SubmitUnknownError):
            await bench.submit(made)
        found = await eventually(lambda: bench.broker.find_order("lost"))
        assert found is not None
        assert not found.report.state.terminal
        with pytest.raises(DuplicateIdError):  # were it sent again, it would not be another
            await bench.submit(made)
        assert await bench.open_ids() == ["lost"]

    async def test_a_lost_request_is_unknown_too_and_never_sent_again(self, bench: Bench) -> None:
        bench.fall_into(Mood.LOST_REQUEST)
        with pytest.raises(SubmitUnknownError):
            await bench.submit(bench.order("lost", limit="9.00"))
        assert await bench.broker.find_order("lost") is None
        assert await bench.open_ids() == []

    async def test_a_replacement_without_an_answer_is_unknown_and_is_found(
        self, bench: Bench
    ) -> None:
        old, new = await bench.working("old"), bench.order("new", limit="9.10")
        bench.fall_into(Mood.LOST_REPLACEMENT, "old")
        with pytest.raises(SubmitUnknownError):
            await bench.replace(old, new)
        found = await eventually(lambda: bench.broker.find_order("new"))
        assert found is not None
        assert found.limit_price == D("9.1")
        before = await bench.broker.find_order("old")
        assert before is not None
        assert before.report.state is OrderState.REPLACED
        assert await bench.open_ids() == ["new"]

    async def test_a_cancel_without_an_answer_is_an_error_and_its_outcome_comes(
        self, bench: Bench
    ) -> None:
        made = await bench.working("gone")
        bench.fall_into(Mood.LOST_CANCEL, "gone")
        with pytest.raises(BrokerError):
            await bench.broker.cancel(made)
        await bench.until(made, OrderState.CANCELED)
        assert await bench.open_ids() == []

    async def test_a_failed_question_is_no_empty_answer(self, bench: Bench) -> None:
        await bench.working("resting")
        bench.fall_into(Mood.FAILED_QUESTIONS)
        for question in (bench.broker.account, bench.broker.positions, bench.broker.open_orders):
            with pytest.raises(BrokerError) as failed:
                await question()
            assert failed.value.user_text
        with pytest.raises(BrokerError):
            await bench.broker.find_order("resting")
        with pytest.raises(BrokerError):
            await bench.broker.executions(0)

    async def test_an_unheard_of_status_is_neither_an_end_nor_an_error(self, bench: Bench) -> None:
        await bench.working("odd")
        bench.fall_into(Mood.ODD_STATUS, "odd")
        found = await bench.broker.find_order("odd")
        assert found is not None
        assert not found.report.state.terminal
        assert await bench.open_ids() == ["odd"]

    async def test_what_is_told_twice_is_the_same_execution(self, bench: Bench) -> None:
        bench.fall_into(Mood.DOUBLED_UPDATES)
        made = bench.order("doubled", quantity=100)
        await bench.submit(made)
        await bench.until(made, OrderState.FILLED)
        told = {e.execution_id: e.quantity for e in bench.sink.executions}
        assert sum(told.values()) == D(100)
        assert await bench.held() == D(100)

    async def test_a_cut_line_shows_heals_and_loses_nothing(self, bench: Bench) -> None:
        await bench.working("resting")
        seen = len(bench.sink.lamps)
        bench.fall_into(Mood.CUT)
        bench.venue.quote(8.98, 8.99)
        await eventually(
            lambda: (
                any(lamp.health is not Health.UP for lamp in bench.sink.lamps[seen:])
                and bench.sink.lamps[-1].health is Health.UP
            ),
            within=2 * bench.venue.patience_s,
            what="the lamp leaves UP and comes back",
        )
        assert (await bench.filled("resting"), await bench.held()) == (D(100), D(100))
        [execution] = await bench.broker.executions(0)
        assert execution.cumulative == D(100)
