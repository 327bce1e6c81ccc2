"""One look asks several questions, and the venue does not stand still between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.kernel.clock import SECOND
from tests.support.desk import trading_desk


@pytest.mark.parametrize("after_ms", range(0, 320, 20))
async def test_a_fill_between_two_questions_keeps_its_name_and_fee(
    tmp_path: Path, after_ms: int
) -> None:
    settings = PaperSettings(jitter_fraction=0, latency_ms=40)
    async with trading_desk(tmp_path, settings=settings) as desk:
        reconciler = desk.room.recovery._reconciler

        async def look() -> None:
            await reconciler.look(desk.clock.now_ns() - 60 * SECOND, positions=False)

        desk.supervisor.work(look(), name="look", owner="test")
        await desk.pass_time(after_ms / 1000)
        await desk.oms.submit(desk.intent(quantity=10))
        await desk.pass_time(2)
        [told] = desk.broker._venue._executions
        [fill] = await desk.store.fills("PAPER-1")
        assert (fill.execution_id, fill.price, fill.fee) == (
            told.execution_id,
            told.price,
            told.fee,
        )
        assert not desk.incidents
