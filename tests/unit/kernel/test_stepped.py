import asyncio

import pytest

from cockpit.kernel.clock import SECOND
from cockpit.kernel.stepped import SteppedClock, SteppedLoop, Timeline


@pytest.fixture
def errors() -> list[str]:
    return []


@pytest.fixture
def timeline() -> Timeline:
    return Timeline(0)


@pytest.fixture
def loop(timeline, errors) -> SteppedLoop:
    return SteppedLoop(timeline, errors.append)


def run(timeline: Timeline, loop: SteppedLoop, until_s: float) -> None:
    while True:
        timeline.woken = False
        loop.run()
        if not timeline.advance(round(until_s * SECOND)):
            return


def test_what_is_due_first_comes_first(timeline) -> None:
    seen: list[str] = []
    timeline.call_at(20, lambda: seen.append("b"))
    timeline.call_at(10, lambda: seen.append("a"))
    timeline.call_at(20, lambda: seen.append("c"))
    timeline.call_at(15, lambda: seen.append("never")).cancel()
    while timeline.advance(19):
        pass
    assert (seen, timeline.now_ns) == (["a"], 19)
    while timeline.advance(30):
        pass
    assert (seen, timeline.now_ns) == (["a", "b", "c"], 30)


def test_tasks_sleep_on_the_timeline(timeline, loop) -> None:
    clock, woken = SteppedClock(timeline, loop), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, timeline.now_ns))

    for seconds in (3.0, 1.0):
        loop.create_task(sleeper(seconds))
    run(timeline, loop, 10)
    assert woken == [(1.0, SECOND), (3.0, 3 * SECOND)]
    assert timeline.now_ns == 10 * SECOND


def test_asyncio_s_own_parts_work_on_it(timeline, loop) -> None:
    seen: list[object] = []

    async def main() -> None:
        lock, done = asyncio.Lock(), asyncio.Event()
        async with lock:
            loop.call_later(1, done.set)
            await done.wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.sleep(60), 2)
        seen.append(loop.time())

    loop.create_task(main())
    run(timeline, loop, 100)
    assert seen == [3.0]


def test_a_step_of_the_clock_moves_no_timer(timeline, loop) -> None:
    clock, seen = SteppedClock(timeline, loop), []
    clock.call_at(5 * SECOND, lambda: seen.append((timeline.now_ns, clock.now_ns())))
    clock.offset_ns = -100 * SECOND
    run(timeline, loop, 10)
    assert seen == [(5 * SECOND, -95 * SECOND)]


def test_nothing_runs_after_the_end_of_a_process(timeline, loop, errors) -> None:
    clock, seen = SteppedClock(timeline, loop), []

    async def body() -> None:
        try:
            await clock.sleep(1)
            seen.append("went on")
        finally:
            await clock.sleep(1)  # what a finally block waits for never comes
            seen.append("waited in the end")

    task = loop.create_task(body())
    loop.call_later(2, lambda: seen.append("timer"))
    run(timeline, loop, 0.5)
    loop.abandon()
    loop.call_soon(lambda: seen.append("soon"))
    run(timeline, loop, 10)
    assert not seen
    assert not errors
    assert not task.done()


def test_what_nobody_caught_is_told(timeline, loop, errors) -> None:
    loop.call_soon(lambda: 1 / 0)
    run(timeline, loop, 1)
    assert "ZeroDivisionError" in errors[0]


def test_it_pauses_where_it_is_told_to_and_goes_on_later(loop) -> None:
    seen: list[int] = []
    for number in range(5):
        loop.call_soon(seen.append, number)
    loop.stop_at = 2
    loop.run()
    assert (seen, loop.steps) == ([0, 1], 2)
    loop.stop_at = 10
    loop.call_soon(loop.pause)
    loop.call_soon(seen.append, 5)
    loop.run()
    assert (seen, loop.steps) == ([0, 1, 2, 3, 4], 6)


def test_time_goes_on_until_a_loop_is_woken(timeline, loop) -> None:
    seen: list[str] = []
    timeline.call_at(10, lambda: seen.append("nobody woken"))
    timeline.call_at(20, lambda: loop.call_soon(seen.append, "woken"))
    timeline.call_at(30, lambda: seen.append("later"))
    assert timeline.advance(100)
    assert (seen, timeline.now_ns) == (["nobody woken"], 20)
    timeline.woken = False
    loop.run()
    assert not timeline.advance(100)
    assert (seen, timeline.now_ns) == (["nobody woken", "woken", "later"], 100)


def test_steps_are_counted(timeline, loop) -> None:
    for _ in range(3):
        loop.call_soon(lambda: None)
    loop.call_soon(lambda: None).cancel()
    run(timeline, loop, 1)
    assert loop.steps == 3
