import asyncio
from collections.abc import AsyncGenerator, Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.kernel.clock import MILLISECOND, SECOND, VirtualClock, WallClock
from cockpit.kernel.supervisor import Supervisor

START = 1_000 * SECOND


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
async def supervisor(clock: VirtualClock) -> AsyncGenerator[Supervisor, None]:
    made = Supervisor(clock)
    yield made
    await made.stop(1)


def note(clock: VirtualClock, log: list[Any], what: Any) -> Callable[[], None]:
    return lambda: log.append((what, clock.now_ns() - START))


def test_time_stands_still_by_itself(clock: VirtualClock) -> None:
    assert clock.now_ns() == clock.now_ns() == START


def test_timers_fire_by_due_time_then_by_age(clock: VirtualClock) -> None:
    log: list[Any] = []
    for name, due in (("late", 30), ("first", 10), ("second", 10), ("middle", 20)):
        clock.call_at(START + due, note(clock, log, name))
    assert clock.advance_to(START + 25)
    assert log == [("first", 10), ("second", 10), ("middle", 20)]
    assert clock.now_ns() == START + 25
    clock.advance_to(START + 30)
    assert log[-1] == ("late", 30)


def test_cancelled_timer_is_silent_and_not_next(clock: VirtualClock) -> None:
    log: list[Any] = []
    timer = clock.call_at(START + 10, note(clock, log, "never"))
    clock.call_at(START + 20, note(clock, log, "yes"))
    timer.cancel()
    assert clock.next_timer_ns() == START + 20
    clock.advance_to(START + 30)
    timer.cancel()
    assert log == [("yes", 20)]
    assert clock.next_timer_ns() is None


def test_timer_in_the_past_fires_now_and_time_never_goes_back(clock: VirtualClock) -> None:
    log: list[Any] = []
    clock.call_at(START - 5, note(clock, log, "past"))
    clock.advance_to(START - 10)
    assert clock.now_ns() == START
    clock.advance_to(START)
    assert log == [("past", 0)]


def test_timer_may_set_a_timer_that_is_due_on_the_way(clock: VirtualClock) -> None:
    log: list[Any] = []
    clock.call_at(START + 10, lambda: clock.call_at(START + 15, note(clock, log, "child")))
    clock.call_at(START + 20, note(clock, log, "later"))
    clock.advance_to(START + 30)
    assert log == [("child", 15), ("later", 20)]


def test_held_work_keeps_time_still(clock: VirtualClock) -> None:
    log: list[Any] = []
    clock.call_at(START + 10, note(clock, log, "timer"))
    work = clock.begin_work()
    assert not clock.advance_to(START + 20)
    assert (clock.now_ns(), log, clock.busy) == (START, [], True)
    work.release()
    work.release()
    assert clock.advance_to(START + 20)
    assert (clock.now_ns(), log, clock.busy) == (START + 20, [("timer", 10)], False)


async def test_timer_that_raises_does_not_stop_time(clock: VirtualClock, loop_reports: Any) -> None:
    log: list[Any] = []

    def broken() -> None:
        raise ValueError("broken timer")

    clock.call_at(START + 10, broken)
    clock.call_at(START + 20, note(clock, log, "next"))
    await clock.run_until(START + 30)
    assert log == [("next", 20)]
    assert [str(report["exception"]) for report in loop_reports] == ["broken timer"]
    loop_reports.clear()


async def test_sleeper_wakes_at_its_time_and_finishes_before_later_timers(
    clock: VirtualClock, supervisor: Supervisor
) -> None:
    log: list[Any] = []

    async def body() -> None:
        await clock.sleep(1)
        log.append(("woke", clock.now_ns() - START))
        for _ in range(20):
            await asyncio.sleep(0)
        log.append(("done", clock.now_ns() - START))

    supervisor.work(body(), name="w", owner="t")
    clock.call_at(START + SECOND, note(clock, log, "same time"))
    clock.call_at(START + SECOND + 1, note(clock, log, "later"))
    await clock.run_until(START + 2 * SECOND)
    # "same time" was set first: the task slept only when the loop gave it its turn
    assert log == [
        ("same time", SECOND), ("woke", SECOND), ("done", SECOND), ("later", SECOND + 1),
    ]  # fmt: skip


async def test_chain_of_sleeps_runs_through_in_one_go(
    clock: VirtualClock, supervisor: Supervisor
) -> None:
    log: list[int] = []

    async def body() -> None:
        for _ in range(5):
            await clock.sleep(0.25)
            log.append(clock.now_ns() - START)

    supervisor.work(body(), name="w", owner="t")
    await clock.run_until(START + SECOND)
    assert log == [250 * MILLISECOND * n for n in (1, 2, 3, 4)]
    assert not clock.busy
    await clock.run_until(START + 2 * SECOND)
    assert len(log) == 5


async def test_work_without_sleep_holds_time(clock: VirtualClock, supervisor: Supervisor) -> None:
    gate = asyncio.Event()

    async def body() -> None:
        await gate.wait()

    supervisor.work(body(), name="w", owner="t")
    driver = asyncio.get_running_loop().create_task(clock.run_until(START + SECOND))
    for _ in range(50):
        await asyncio.sleep(0)
    assert clock.now_ns() == START
    gate.set()
    await driver
    assert clock.now_ns() == START + SECOND


@pytest.mark.parametrize("woken", [False, True])
async def test_cancelled_sleeper_leaves_no_hold(
    clock: VirtualClock, supervisor: Supervisor, woken: bool
) -> None:
    async def body() -> None:
        await clock.sleep(1)

    task = supervisor.work(body(), name="w", owner="t")
    await clock.run_until(START + SECOND // 2)
    if woken:
        clock.advance_to(START + SECOND)
        assert clock.busy
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    await clock.settled()
    assert not clock.busy
    assert clock.next_timer_ns() is None
    assert clock.advance_to(START + 2 * SECOND)


async def test_clean_up_of_a_cancelled_sleeper_holds_time(
    clock: VirtualClock, supervisor: Supervisor
) -> None:
    seen: list[bool] = []

    async def body() -> None:
        try:
            await clock.sleep(1)
        finally:
            await asyncio.sleep(0)
            seen.append(clock.busy)

    task = supervisor.work(body(), name="w", owner="t")
    await clock.settled()
    task.cancel()
    await asyncio.wait([task])
    assert seen == [True]


async def test_sleep_outside_of_work_needs_only_the_driver(clock: VirtualClock) -> None:
    task = asyncio.get_running_loop().create_task(clock.sleep(1))
    await asyncio.sleep(0)
    await clock.run_until(START + SECOND)
    await task
    assert not clock.busy


async def test_settled_waits_for_the_last(clock: VirtualClock) -> None:
    one, two = clock.begin_work(), clock.begin_work()
    waiting = asyncio.get_running_loop().create_task(clock.settled())
    await asyncio.sleep(0)
    one.release()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    two.release()
    await waiting


async def test_work_begun_between_release_and_wake_is_waited_for(clock: VirtualClock) -> None:
    one = clock.begin_work()
    waiting = asyncio.get_running_loop().create_task(clock.settled())
    await asyncio.sleep(0)
    one.release()
    two = clock.begin_work()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    two.release()
    await waiting


async def test_run_until_done_goes_only_as_far_as_the_task(
    clock: VirtualClock, supervisor: Supervisor
) -> None:
    log: list[Any] = []

    async def body() -> None:
        await clock.sleep(2)

    task = supervisor.work(body(), name="w", owner="t")
    clock.call_at(START + SECOND, note(clock, log, "before"))
    clock.call_at(START + 9 * SECOND, note(clock, log, "after"))
    await clock.run_until_done(task)
    assert task.done()
    assert clock.now_ns() == START + 2 * SECOND
    assert log == [("before", SECOND)]


@given(
    st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=30),
    st.lists(st.integers(0, 120), max_size=8),
)
def test_every_timer_fires_once_in_order_unless_cancelled(
    timers: list[tuple[int, bool]], stops: list[int]
) -> None:
    clock = VirtualClock(START)
    fired: list[tuple[int, int]] = []
    for number, (due, cancel) in enumerate(timers):
        timer = clock.call_at(
            START + due, lambda n=number: fired.append((clock.now_ns() - START, n))
        )
        if cancel:
            timer.cancel()
    reached = START
    for stop in stops:
        assert clock.advance_to(START + stop)
        reached = max(reached, START + stop)
        assert clock.now_ns() == reached
    expected = sorted((due, n) for n, (due, cancel) in enumerate(timers) if not cancel)
    assert fired == [pair for pair in expected if START + pair[0] <= reached and stops]


@given(st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=5), min_size=1, max_size=6))
def test_sleepers_see_time_go_forward_together(naps: list[list[int]]) -> None:
    clock = VirtualClock(START)
    log: list[tuple[int, int]] = []

    async def body(who: int, sleeps: list[int]) -> None:
        due = START
        for sleep in sleeps:
            await clock.sleep(sleep / 1000)
            due += sleep * MILLISECOND
            assert clock.now_ns() == due
            await asyncio.sleep(0)
            assert clock.now_ns() == due
            log.append((clock.now_ns(), who))

    async def main() -> None:
        supervisor = Supervisor(clock)
        tasks = [
            supervisor.work(body(n, each), name=f"{n}", owner="t") for n, each in enumerate(naps)
        ]
        await clock.run_until(START + SECOND)
        for task in tasks:
            task.result()

    asyncio.run(main())
    assert len(log) == sum(map(len, naps))
    assert all(a <= b for (a, _), (b, _) in pairwise(log))


async def test_wall_clock_goes_by_itself() -> None:
    clock = WallClock()
    before = clock.now_ns()
    rung = asyncio.Event()
    clock.call_at(before + MILLISECOND, rung.set)
    never = clock.call_at(before + 60 * SECOND, lambda: pytest.fail("was cancelled"))
    never.cancel()
    await clock.sleep(0.001)
    await asyncio.wait_for(rung.wait(), 5)
    assert clock.now_ns() - before >= MILLISECOND // 2
    work = clock.begin_work()
    await clock.settled()
    work.release()
