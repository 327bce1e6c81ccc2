import asyncio
import gc
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.supervisor import (
    OnCrash,
    Stage,
    Supervisor,
    SupervisorStoppedError,
    TaskCrashed,
)


class House:
    """A supervisor on a virtual clock that remembers every crash it told of."""

    def __init__(self) -> None:
        self.clock = VirtualClock(0)
        self.crashes: list[TaskCrashed] = []
        self.times: list[float] = []
        self.supervisor = Supervisor(self.clock, self._crashed)

    def _crashed(self, crash: TaskCrashed) -> None:
        self.crashes.append(crash)
        self.times.append(self.clock.now_ns() / SECOND)

    async def pass_time(self, seconds: float) -> None:
        """Let tasks take their turns, then time go on, timer by timer."""
        end = self.clock.now_ns() + round(seconds * SECOND)
        while True:
            for _ in range(10):
                await asyncio.sleep(0)
            due = self.clock.next_timer_ns()
            if due is None or due > end:
                break
            await self.clock.run_until(due)
        await self.clock.run_until(end)


@pytest.fixture
def house() -> House:
    return House()


async def crash() -> None:
    raise ValueError("out of paper")


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_tasks_have_an_owner_and_a_name(house: House) -> None:
    house.supervisor.work(for_ever(), name="send-1", owner="trading")
    house.supervisor.serve(for_ever, name="replay", owner="feeds")
    assert house.supervisor.names == ("trading/send-1", "feeds/replay")
    await house.supervisor.stop(1)
    assert house.supervisor.names == ()


async def test_crash_of_work_is_told_and_leaves_no_hold(house: House) -> None:
    house.supervisor.work(crash(), name="send", owner="trading")
    await house.pass_time(1)
    assert house.crashes == [
        TaskCrashed(
            name="send", owner="trading", error="ValueError('out of paper')",
            policy=OnCrash.REPORT, restarts=0,
        )
    ]  # fmt: skip
    assert not house.clock.busy


@pytest.mark.parametrize("policy", [OnCrash.REPORT, OnCrash.HALT])
async def test_crash_of_a_service_is_told_with_its_policy(house: House, policy: OnCrash) -> None:
    house.supervisor.serve(crash, name="feed", owner="feeds", policy=policy)
    await house.pass_time(60)
    assert [(c.name, c.policy, c.restarts) for c in house.crashes] == [("feed", policy, 0)]
    assert house.supervisor.names == ()


async def test_restarts_back_off_and_then_halt(house: House) -> None:
    house.supervisor.serve(crash, name="feed", owner="feeds", policy=OnCrash.RESTART)
    await house.pass_time(120)
    assert [c.policy for c in house.crashes] == [OnCrash.RESTART] * 5 + [OnCrash.HALT]
    assert [c.restarts for c in house.crashes] == list(range(6))
    assert house.times == [0, 0.5, 1.5, 3.5, 7.5, 15.5]
    assert house.supervisor.names == ()


async def test_service_that_ends_by_itself_is_not_restarted(house: House) -> None:
    starts: list[int] = []

    async def once() -> None:
        starts.append(1)

    house.supervisor.serve(once, name="feed", owner="feeds", policy=OnCrash.RESTART)
    await house.pass_time(60)
    assert (starts, house.crashes) == ([1], [])


async def test_service_recovers_after_a_crash(house: House) -> None:
    bodies = iter([crash, crash, for_ever])

    async def body() -> None:
        await next(bodies)()

    house.supervisor.serve(body, name="feed", owner="feeds", policy=OnCrash.RESTART)
    await house.pass_time(60)
    assert len(house.crashes) == 2
    assert house.supervisor.names == ("feeds/feed",)
    await house.supervisor.stop(1)


async def cancelled_within() -> None:
    inner: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    inner.cancel()
    await inner


async def test_cancellation_that_nobody_asked_for_is_a_crash(house: House) -> None:
    house.supervisor.serve(cancelled_within, name="feed", owner="feeds", policy=OnCrash.RESTART)
    house.supervisor.work(cancelled_within(), name="send", owner="trading")
    await house.pass_time(0.1)
    assert sorted((c.name, c.policy) for c in house.crashes) == [
        ("feed", OnCrash.RESTART), ("send", OnCrash.REPORT),
    ]  # fmt: skip
    await house.supervisor.stop(1)


async def test_asked_cancellation_is_no_crash(house: House) -> None:
    task = house.supervisor.work(for_ever(), name="send", owner="trading")
    service = house.supervisor.serve(for_ever, name="feed", owner="feeds", policy=OnCrash.HALT)
    await asyncio.sleep(0)
    for each in (task, service):
        each.cancel()
    await asyncio.wait([task, service])
    await house.pass_time(1)
    assert house.crashes == []
    assert house.supervisor.names == ()


async def test_crash_handler_that_raises_stops_no_restart() -> None:
    clock = VirtualClock(0)
    told: list[int] = []

    def broken(found: TaskCrashed) -> None:
        told.append(found.restarts)
        raise RuntimeError("broken handler")

    supervisor = Supervisor(clock, broken)
    supervisor.serve(crash, name="feed", owner="feeds", policy=OnCrash.RESTART)
    supervisor.work(crash(), name="send", owner="trading")
    for end in (0, 1, 2):
        for _ in range(10):
            await asyncio.sleep(0)
        await clock.run_until(end * SECOND)
    assert told[:3] == [0, 0, 1]
    await supervisor.stop(1)


async def test_stages_stop_in_order(house: House) -> None:
    stopped: list[str] = []

    def body(name: str) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)  # a slow end must not let the next stage overtake it
                stopped.append(name)

        return run

    for stage in reversed(Stage):
        house.supervisor.serve(body(stage.name), name=stage.name, owner="t", stage=stage)
    await asyncio.sleep(0)
    report = await house.supervisor.stop(5)
    assert stopped == ["INTAKE", "WORK", "OUTPUT"]
    assert (report.stopped, report.stuck) == (3, ())


async def test_stuck_task_is_named_and_the_others_are_stopped(house: House) -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    task = house.supervisor.serve(stubborn, name="mule", owner="t")
    house.supervisor.serve(for_ever, name="horse", owner="t", stage=Stage.OUTPUT)
    await asyncio.sleep(0)
    report = await house.supervisor.stop(0.03)
    assert (report.stopped, report.stuck) == (1, ("t/mule",))
    assert house.supervisor.names == ("t/mule",)
    release.set()
    await asyncio.wait([task])


async def test_stop_from_within_spares_and_does_not_count_its_caller(house: House) -> None:
    house.supervisor.serve(for_ever, name="other", owner="t")
    reports: list[tuple[int, tuple[str, ...]]] = []

    async def stopper() -> None:
        report = await house.supervisor.stop(1)
        reports.append((report.stopped, report.stuck))

    await house.supervisor.work(stopper(), name="stopper", owner="t")
    assert reports == [(1, ())]


async def test_nothing_starts_after_the_stop(house: House) -> None:
    await house.supervisor.stop(1)
    with pytest.raises(SupervisorStoppedError) as caught:
        house.supervisor.work(for_ever(), name="late", owner="t")
    assert "stopping" in caught.value.user_text
    with pytest.raises(SupervisorStoppedError):
        house.supervisor.serve(for_ever, name="late", owner="t")
    assert not house.clock.busy


async def test_work_keeps_time_still_and_a_service_does_not(house: House) -> None:
    house.supervisor.serve(for_ever, name="service", owner="t")
    await asyncio.sleep(0)
    assert not house.clock.busy
    task = house.supervisor.work(for_ever(), name="work", owner="t")
    assert house.clock.busy
    assert not house.clock.advance_to(SECOND)
    task.cancel()
    await asyncio.wait([task])
    await house.clock.settled()
    assert not house.clock.busy
    await house.supervisor.stop(1)


async def test_work_cancelled_before_its_first_step_leaves_no_hold(house: House) -> None:
    task = house.supervisor.work(for_ever(), name="work", owner="t")
    task.cancel()
    await asyncio.wait([task])
    await house.clock.settled()
    assert not house.clock.busy
    assert house.supervisor.names == ()


async def test_service_started_by_work_does_not_sleep_on_that_works_hold(house: House) -> None:
    woken: list[int] = []

    async def service() -> None:
        await house.clock.sleep(5)
        woken.append(house.clock.now_ns())

    async def starter() -> None:
        house.supervisor.serve(service, name="service", owner="t")
        await asyncio.sleep(0)
        assert house.clock.busy  # the service sleeps, the starter still holds
        await house.clock.sleep(1)

    house.supervisor.work(starter(), name="starter", owner="t")
    await house.pass_time(10)
    assert woken == [5 * SECOND]
    assert house.crashes == []


async def test_what_never_began_is_closed_with_all_that_it_was_handed(house: House) -> None:
    """A stop in the same turn: what a task was handed is never awaited, and nobody complains."""
    handed = [for_ever(), for_ever()]

    async def wrapped(body: Coroutine[Any, Any, None]) -> None:
        async def inner() -> None:
            await body

        await as_given(inner())

    async def as_given(body: Coroutine[Any, Any, None]) -> None:
        await body

    def closed_over(body: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
        async def inner() -> None:
            await body

        return inner()

    house.supervisor.work(as_given(wrapped(handed[0])), name="first", owner="trading")
    house.supervisor.work(for_ever(), name="second", owner="trading")
    report = await house.supervisor.stop(1)
    assert (report.stopped, report.stuck) == (2, ())
    with pytest.raises(SupervisorStoppedError):
        house.supervisor.work(as_given(closed_over(handed[1])), name="late", owner="trading")
    gc.collect()  # a coroutine that was never awaited says so when it goes, and fails the test
    assert {inspect.getcoroutinestate(body) for body in handed} == {inspect.CORO_CLOSED}
    assert house.crashes == []
