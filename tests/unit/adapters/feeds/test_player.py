from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cockpit.adapters.feeds.chunks import Chunks, Rows, Unreadable
from cockpit.adapters.feeds.player import Player
from cockpit.domain.connection import Health
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.feed import FeedError, RawTrade
from tests.support import eventually

T0 = 1_514_903_400 * SECOND
BOTH_LOOPS = pytest.mark.asyncio(loop_factories=["asyncio", "qt"])


def at(second: float) -> int:
    return T0 + round(second * SECOND)


def rows_at(*seconds: float) -> Rows:
    for second in seconds:
        yield RawTrade("ABC", 10.0, 1.0, at(second))


@pytest.fixture
def make(clock: VirtualClock, real_time: Any) -> Callable[..., Player]:
    def build(end: float, speed: float | None = None) -> Player:
        return Player(
            clock,
            name="test",
            start_ns=T0,
            end_ns=at(end),
            speed=speed,
            monotonic=real_time.monotonic,
            nap=real_time.nap,
        )

    return build


async def test_everything_is_delivered_and_the_lamp_tells(make: Any, recorder: Any) -> None:
    player = make(3)
    await player.run(rows_at(0, 1, 3), recorder, label="REPLAY")
    assert [row.ts_event for row in recorder.rows] == [at(0), at(1), at(3)]
    assert recorder.healths == [Health.UP, Health.ENDED]
    assert {lamp.label for lamp in recorder.lamps} == {"REPLAY"}
    assert player.finished
    assert player.position_ns == player.end_ns == at(3)


async def test_rows_of_one_instant_go_together_and_no_others(make: Any, recorder: Any) -> None:
    await make(2).run(rows_at(0, 1, 1, 1, 2), recorder, label="")
    assert recorder.batches == [(at(0), 1), (at(1), 3), (at(2), 1)]


async def test_the_clock_stands_at_the_row_while_it_is_delivered(
    make: Any, recorder: Any, clock: VirtualClock
) -> None:
    fired: list[tuple[int, int]] = []
    clock.call_at(at(1.5), lambda: fired.append((clock.now_ns(), len(recorder.rows))))
    await make(2).run(rows_at(0, 1, 2), recorder, label="")
    assert fired == [(at(1.5), 2)]


async def test_timers_after_the_last_row_run_up_to_the_end_and_no_further(
    make: Any, recorder: Any, clock: VirtualClock
) -> None:
    fired: list[float] = []
    for second in (4, 5, 6):
        clock.call_at(at(second), lambda second=second: fired.append(second))
    await make(5).run(rows_at(0), recorder, label="")
    assert fired == [4, 5]
    assert clock.now_ns() == at(5)


async def test_what_a_row_sets_in_motion_ends_before_the_next(
    make: Any, recorder: Any, clock: VirtualClock
) -> None:
    supervisor = Supervisor(clock)
    story: list[tuple[str, float]] = []

    async def order() -> None:
        for _ in range(5):
            await asyncio.sleep(0)  # a store's answer takes turns of the loop, no session time
        story.append(("sent", (clock.now_ns() - T0) / SECOND))
        await clock.sleep(0.5)
        for _ in range(5):
            await asyncio.sleep(0)
        story.append(("filled", (clock.now_ns() - T0) / SECOND))

    def react(row: RawTrade) -> None:
        story.append(("row", (row.ts_event - T0) / SECOND))
        if row.ts_event == at(1):
            supervisor.work(order(), name="order", owner="test")

    recorder.react = react
    await make(2).run(rows_at(0, 1, 1.4, 1.6, 2), recorder, label="")
    assert story == [
        ("row", 0.0),
        ("row", 1.0),
        ("sent", 1.0),
        ("row", 1.4),
        ("filled", 1.5),
        ("row", 1.6),
        ("row", 2.0),
    ]


@pytest.mark.parametrize(("speed", "real_seconds"), [(0.1, 100.0), (1.0, 10.0), (20.0, 0.5)])
async def test_the_pace_is_kept(
    make: Any, recorder: Any, real_time: Any, speed: float, real_seconds: float
) -> None:
    started = real_time.now
    came: list[float] = []
    recorder.react = lambda _: came.append(real_time.now - started)
    await make(10, speed).run(rows_at(0, 5, 10), recorder, label="")
    assert came == pytest.approx([0.0, real_seconds / 2, real_seconds], abs=Player.STEP_S * 1.01)


async def test_time_moves_between_rows(
    make: Any, recorder: Any, real_time: Any, clock: VirtualClock
) -> None:
    ticks: list[float] = []
    started = real_time.now
    for tenth in range(1, 10):
        clock.call_at(at(tenth / 10), lambda: ticks.append(real_time.now - started))
    await make(1, 1.0).run(rows_at(0, 1), recorder, label="")
    assert ticks == pytest.approx([tenth / 10 for tenth in range(1, 10)], abs=0.02)


async def test_a_stall_is_not_caught_up(make: Any, recorder: Any, real_time: Any) -> None:
    came: list[float] = []

    def react(row: RawTrade) -> None:
        came.append(real_time.now)
        if row.ts_event == at(1):
            real_time.now += 60.0  # the machine was busy with something else

    recorder.react = react
    await make(3, 1.0).run(rows_at(0, 1, 2, 3), recorder, label="")
    assert came[2] - came[1] == pytest.approx(61.0, abs=0.05)
    assert came[3] - came[2] == pytest.approx(1.0, abs=0.05)


async def test_pause_holds_time_until_resume(make: Any, recorder: Any, clock: VirtualClock) -> None:
    player = make(3)
    recorder.react = lambda row: player.pause() if row.ts_event == at(1) else None
    task = asyncio.ensure_future(player.run(rows_at(0, 1, 2, 3), recorder, label=""))
    await eventually(lambda: player.paused)
    for _ in range(20):
        await asyncio.sleep(0)
    assert player.position_ns == clock.now_ns() == at(1)
    assert not task.done()
    player.resume()
    await task
    assert len(recorder.rows) == 4
    assert recorder.healths == [Health.UP, Health.PAUSED, Health.UP, Health.ENDED]


async def test_seek_forward_skips_nothing(make: Any, recorder: Any, real_time: Any) -> None:
    player = make(100, 1.0)
    recorder.react = lambda row: player.seek(at(90)) if row.ts_event == at(1) else None
    started = real_time.now
    await player.run(rows_at(*range(101)), recorder, label="")
    assert len(recorder.rows) == 101
    assert real_time.now - started == pytest.approx(1 + 10, abs=0.1)


async def test_a_paused_session_seeks_and_stays_paused(
    make: Any, recorder: Any, clock: VirtualClock
) -> None:
    player = make(10)
    player.pause()
    task = asyncio.ensure_future(player.run(rows_at(*range(11)), recorder, label=""))
    player.seek(at(4.5))
    await eventually(lambda: clock.now_ns() == at(4.5))
    assert player.paused
    assert len(recorder.rows) == 5
    player.resume()
    await task
    assert len(recorder.rows) == 11


async def test_seek_beyond_the_end_stops_there(make: Any, recorder: Any) -> None:
    player = make(2, 1.0)
    player.seek(at(500))
    await player.run(rows_at(0, 1, 2), recorder, label="")
    assert player.finished
    assert player.position_ns == at(2)


async def test_seek_back_is_refused_in_words(make: Any, recorder: Any) -> None:
    player = make(2)
    await player.run(rows_at(0, 1, 2), recorder, label="")
    with pytest.raises(FeedError) as caught:
        player.seek(at(1))
    assert "09:30:02" in caught.value.user_text
    assert "can't go back to 09:30:01" in caught.value.user_text


async def test_speed_changes_on_the_way(make: Any, recorder: Any, real_time: Any) -> None:
    player = make(20, 1.0)
    recorder.react = lambda row: player.set_speed(10.0) if row.ts_event == at(10) else None
    started = real_time.now
    await player.run(rows_at(0, 10, 20), recorder, label="")
    assert real_time.now - started == pytest.approx(10 + 1, abs=0.05)


@pytest.mark.parametrize("speed", [0.0, 0.09, 1000.1, -1.0, float("nan")])
def test_a_speed_outside_is_refused(make: Any, speed: float) -> None:
    player = make(1, 1.0)
    with pytest.raises(FeedError, match="speed"):
        player.set_speed(speed)
    assert player.speed == 1.0


async def test_changes_are_told_after_they_happened(make: Any, recorder: Any) -> None:
    player = make(1)
    told: list[tuple[float | None, bool, bool]] = []
    player.on_change.append(lambda: told.append((player.speed, player.paused, player.finished)))
    player.set_speed(2.0)
    player.pause()
    player.pause()  # already so: nothing to tell
    player.resume()
    player.set_speed(None)
    await player.run(rows_at(0, 1), recorder, label="")
    assert told == [
        (2.0, False, False),
        (2.0, True, False),
        (2.0, False, False),
        (None, False, False),
        (None, False, True),
    ]


@BOTH_LOOPS
async def test_the_loop_is_not_held_at_full_speed(recorder: Any, clock: VirtualClock) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    player = Player(clock, name="test", start_ns=T0, end_ns=at(20), speed=None)
    task = asyncio.ensure_future(other())
    await player.run(rows_at(*(n / 1000 for n in range(20_000))), recorder, label="")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(recorder.rows) == 20_000
    assert turns > 20_000 // Chunks.CHUNK_ROWS


async def test_an_unreadable_row_is_reported_in_its_place(make: Any, recorder: Any) -> None:
    def rows() -> Rows:
        yield from rows_at(0)
        yield Unreadable("unreadable", "line 3", at(0))
        yield from rows_at(0, 1)

    await make(1).run(rows(), recorder, label="")
    assert recorder.quarantined == [("unreadable", "line 3")]
    assert recorder.batches == [(at(0), 1), (at(0), 1), (at(1), 1)]


async def test_a_failing_source_takes_the_lamp_down(make: Any, recorder: Any) -> None:
    def rows() -> Rows:
        yield from rows_at(0)
        raise FeedError("gone", user_text="The file is gone.")

    player = make(1)
    with pytest.raises(FeedError, match="gone"):
        await player.run(rows(), recorder, label="")
    assert recorder.lamps[-1].health is Health.DOWN
    assert recorder.lamps[-1].detail == "The file is gone."
    assert not player.finished


async def test_cancelling_closes_the_source(make: Any, recorder: Any) -> None:
    closed: list[bool] = []

    def rows() -> Rows:
        try:
            yield from rows_at(*range(5000))
        finally:
            closed.append(True)

    task = asyncio.ensure_future(make(5000, 1.0).run(rows(), recorder, label=""))
    await eventually(lambda: recorder.rows)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert closed == [True]


def test_a_clock_that_is_already_past_the_start_is_refused(recorder: Any) -> None:
    player = Player(VirtualClock(at(1)), name="test", start_ns=T0, end_ns=at(2), speed=None)
    with pytest.raises(FeedError, match="behind start"):
        player.bring_clock_to_start()


class Storyteller:
    """Writes down what happened, in order; every third row sets off work that takes time."""

    def __init__(self) -> None:
        self.clock = VirtualClock(0)
        self.supervisor = Supervisor(self.clock)
        self.story: list[tuple[str, int]] = []

    def tell(self, what: str) -> None:
        self.story.append((what, self.clock.now_ns()))

    def on_rows(self, rows: Any) -> None:
        for row in rows:
            self.tell(f"row {row.size:g}")
            if row.size % 3 == 0:
                self.supervisor.work(self.order(row.size), name="order", owner="test")

    async def order(self, number: float) -> None:
        await self.clock.sleep(0.03 * (number % 7))
        await asyncio.sleep(0)
        self.tell(f"order {number:g}")
        await self.clock.sleep(0.01)
        self.tell(f"fill {number:g}")

    def on_quarantined(self, reason: str, detail: str) -> None:
        raise AssertionError(detail)

    def on_connection(self, connection: Any) -> None:
        self.tell(connection.health)


async def story_at(speed: float | None, real_time: Any) -> list[tuple[str, int]]:
    def rows() -> Rows:
        for number in range(3000):
            yield RawTrade("ABC", 10.0, float(number), T0 + (number // 2) * 17_000_000)

    teller = Storyteller()
    player = Player(
        teller.clock,
        name="test",
        start_ns=T0,
        end_ns=T0 + 1500 * 17_000_000,
        speed=speed,
        monotonic=real_time.monotonic,
        nap=real_time.nap,
    )
    await player.run(rows(), teller, label="")
    await teller.supervisor.stop()  # orders whose time never came
    return teller.story


async def test_speed_changes_nothing_of_what_happens(real_time: Any) -> None:
    fastest = await story_at(None, real_time)
    assert len(fastest) > 4900
    assert await story_at(None, real_time) == fastest
    assert await story_at(1.0, real_time) == fastest
    assert await story_at(137.0, real_time) == fastest
