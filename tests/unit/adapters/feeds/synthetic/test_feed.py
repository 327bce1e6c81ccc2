from __future__ import annotations

import asyncio
from datetime import date, datetime, time
from typing import Any

import pytest

from cockpit.adapters.feeds.synthetic import SyntheticFeed, SyntheticSettings, plugin
from cockpit.domain.connection import Health
from cockpit.domain.values import NEW_YORK, to_ns
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.ports.feed import FeedError
from tests.support import eventually

DAY = date(2026, 3, 2)


def new_york(text: str, day: date = DAY) -> int:
    return to_ns(datetime.combine(day, time.fromisoformat(text), NEW_YORK))


def feed_of(clock: VirtualClock, **choices: Any) -> SyntheticFeed:
    return plugin.build(SyntheticSettings(**{"day": DAY, **choices}), clock=clock)


async def test_what_the_feed_says_of_itself(clock: VirtualClock) -> None:
    feed = feed_of(clock)
    await feed.prepare()
    assert feed.label == "SIMULATED"
    assert feed.playback.start_ns == clock.now_ns() == new_york("09:30")
    assert feed.playback.end_ns == new_york("16:00")
    symbols = {instrument.symbol for instrument in feed.instruments}
    assert len(symbols) == 12
    assert set(feed.reference_prices) == symbols
    assert all(price == round(price, 2) > 0 for price in feed.reference_prices.values())
    assert all(instrument.name for instrument in feed.instruments)


async def test_it_opens_at_the_chosen_start_and_goes_on_at_its_pace(
    clock: VirtualClock, recorder: Any
) -> None:
    feed = feed_of(clock, start="09:31", speed=0.1)
    task = asyncio.ensure_future(feed.run(recorder))
    await eventually(lambda: clock.now_ns() >= new_york("09:31"))
    assert len(recorder.rows) > 1000
    assert clock.now_ns() < new_york("09:31") + SECOND
    assert recorder.lamps[-1].health is Health.UP
    assert recorder.lamps[-1].label == "SIMULATED"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("start", ["09:29", "16:01", "00:00"])
async def test_a_start_outside_the_session_is_refused(clock: VirtualClock, start: str) -> None:
    with pytest.raises(FeedError) as caught:
        await feed_of(clock, start=start).prepare()
    assert start in caught.value.user_text
    assert clock.now_ns() == 0


@pytest.mark.parametrize(
    ("now", "day"),
    [("00:00", DAY), ("09:30", DAY), ("09:31", date(2026, 3, 3)), ("23:59", date(2026, 3, 3))],
)
def test_without_a_day_the_next_open_is_taken(now: str, day: date) -> None:
    assert feed_of(VirtualClock(new_york(now)), day=None).day == day


async def test_seed_and_day_make_the_session() -> None:
    async def prices(**choices: Any) -> dict[str, float]:
        feed = feed_of(VirtualClock(0), **choices)
        await feed.prepare()
        return dict(feed.reference_prices)

    assert await prices(seed=1) == await prices(seed=1)
    assert await prices(seed=1) != await prices(seed=2)
    assert await prices(seed=1) != await prices(seed=1, day=date(2026, 3, 3))


async def test_summer_and_winter_open_at_half_past_nine_in_new_york(clock: VirtualClock) -> None:
    winter = feed_of(clock).playback.start_ns
    summer = feed_of(clock, day=date(2026, 7, 2)).playback.start_ns
    assert winter % (86_400 * SECOND) == 14.5 * 3600 * SECOND
    assert summer % (86_400 * SECOND) == 13.5 * 3600 * SECOND


async def test_in_the_middle_of_a_session_it_goes_on_with_the_same_rows(recorder: Any) -> None:
    """What comes after is what would have come anyway, and what was before is not told again."""
    whole, late = VirtualClock(0), VirtualClock(new_york("09:32:30"))
    feed = feed_of(whole, start="09:34", speed=0.1)
    task = asyncio.ensure_future(feed.run(recorder))
    await eventually(lambda: whole.now_ns() >= new_york("09:34"))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    every = [row for row in recorder.rows if new_york("09:32:30") <= row.ts_event]
    recorder.rows.clear()
    feed = feed_of(late, start="09:34", speed=0.1)
    task = asyncio.ensure_future(feed.run(recorder))
    await eventually(lambda: late.now_ns() >= new_york("09:34"))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert feed.playback.start_ns == new_york("09:32:30")
    count = min(len(every), len(recorder.rows))
    assert count > 500
    assert recorder.rows[:count] == every[:count]
