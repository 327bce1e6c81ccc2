import asyncio
import math
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from cockpit.ui.loop import CockpitLoop
from cockpit.ui.loop._timers import LoopTimer, TimerHeap


@pytest.fixture
def loop(qapp: QApplication) -> Iterator[CockpitLoop]:
    loop = CockpitLoop(qapp)
    yield loop
    loop.close()


DELAYS = st.lists(
    st.tuples(st.floats(-0.002, 0.02), st.sampled_from(["keep", "cancel now", "cancel later"])),
    max_size=40,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(plan=DELAYS)
def test_timers_fire_in_order_never_early_and_only_the_kept(
    loop: CockpitLoop, plan: list[tuple[float, str]]
) -> None:
    fired: list[tuple[float, int, float]] = []
    start = loop.time()

    async def body() -> None:
        for nr, (delay, fate) in enumerate(plan):
            when = start + delay
            handle = loop.call_at(
                when, lambda when=when, nr=nr: fired.append((when, nr, loop.time()))
            )
            if fate == "cancel now":
                handle.cancel()
            elif fate == "cancel later":
                loop.call_soon(handle.cancel)
        done = loop.create_future()
        loop.call_at(
            max((start + delay for delay, _ in plan), default=start), done.set_result, None
        )
        await done

    loop.run_until_complete(body())
    assert [entry[:2] for entry in fired] == sorted(entry[:2] for entry in fired)
    assert all(at >= when for when, _, at in fired)
    kept = {nr for nr, (_, fate) in enumerate(plan) if fate == "keep"}
    unsure = {nr for nr, (delay, fate) in enumerate(plan) if fate == "cancel later"}
    assert kept <= {nr for _, nr, _ in fired} <= kept | unsure
    assert loop.timers == 0


class Agenda(asyncio.AbstractEventLoop):
    """Just enough of a loop for handles to live without one."""

    def __init__(self) -> None:
        self.heap = TimerHeap()

    def get_debug(self) -> bool:
        return False

    def _timer_handle_cancelled(self, timer: LoopTimer) -> None:
        self.heap.note_cancelled(timer)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 50)),
        st.tuples(st.just("cancel"), st.integers(0, 500)),
        st.tuples(st.just("pass"), st.integers(0, 10)),
    ),
    max_size=300,
)


@settings(max_examples=200, deadline=None)
@given(steps=STEPS)
def test_the_heap_agrees_with_a_sorted_list(steps: list[tuple[str, int]]) -> None:
    agenda, now = Agenda(), 0
    model: list[tuple[int, int]] = []
    handles: list[LoopTimer] = []
    for what, value in steps:
        if what == "set":
            handles.append(LoopTimer(now + value, print, (len(handles),), agenda))
            agenda.heap.push(handles[-1])
            model.append((now + value, len(handles) - 1))
        elif what == "cancel" and handles:
            nr = value % len(handles)
            handles[nr].cancel()
            handles[nr].cancel()
            model = [entry for entry in model if entry[1] != nr]
        else:
            now += value
            out: list[int] = []
            agenda.heap.pop_due(now, lambda timer, out=out: out.append(handles.index(timer)))
            assert out == [nr for when, nr in sorted(model) if when <= now]
            model = [entry for entry in model if entry[0] > now]
        assert len(agenda.heap) <= max(2 * len(model), len(model) + TimerHeap.WORTH_CLEANING) + 1
        assert model or len(agenda.heap) == 0


def test_a_deadline_must_be_a_number(loop: CockpitLoop) -> None:
    with pytest.raises(ValueError, match="NaN"):
        loop.call_later(math.nan, print)
    loop.call_later(math.inf, print)  # never, and harmless
    assert loop.run_until_complete(asyncio.sleep(0.002, "ran")) == "ran"


def test_cancelled_wait_for_leaves_nothing(loop: CockpitLoop) -> None:
    async def body() -> None:
        for _ in range(10_000):
            done = loop.create_future()
            loop.call_soon(done.set_result, None)
            await asyncio.wait_for(done, 60)

    loop.run_until_complete(body())
    assert loop.timers == 0


def test_cancelled_timers_among_live_ones_are_thrown_out(loop: CockpitLoop) -> None:
    live = [loop.call_later(60 + nr, print) for nr in range(100)]
    for _ in range(10_000):
        loop.call_later(30, print).cancel()
    assert len(live) <= loop.timers <= 2 * len(live) + TimerHeap.WORTH_CLEANING


def test_no_qt_timer_per_handle(loop: CockpitLoop) -> None:
    """Qt's own count: the dispatcher knows two timers of this loop, however many are set."""

    async def body() -> None:
        for nr in range(500):
            loop.call_later(30 + nr, print)
        await asyncio.sleep(0)

    loop.run_until_complete(body())
    dispatcher = loop._zero.thread().eventDispatcher()
    ours = [loop._zero, loop._tick]
    assert sum(len(dispatcher.registeredTimers(timer)) for timer in ours) <= 2
    assert len(dispatcher.registeredTimers(loop._timer)) == 0  # qasync's one per handle


def test_a_later_shorter_timer_is_not_held_up_by_a_long_one(loop: CockpitLoop) -> None:
    async def body() -> float:
        loop.call_later(30, print)
        await asyncio.sleep(0)
        start = loop.time()
        await asyncio.sleep(0.005)
        return loop.time() - start

    assert 0.005 <= loop.run_until_complete(body()) < 1


def test_lag_is_small(loop: CockpitLoop) -> None:
    lags: list[float] = []

    async def body() -> None:
        for nr in range(100):
            when = loop.time() + 0.001 + nr % 7 * 0.00031
            fired = loop.create_future()
            loop.call_at(when, fired.set_result, None)
            await fired
            lags.append(loop.time() - when)

    loop.run_until_complete(body())
    assert min(lags) >= 0
    # 1 ms is Qt's grain; the median stands a busy machine, a worst value would not.
    assert sorted(lags)[50] < 0.003


def test_a_flood_of_ready_callbacks_does_not_starve_timers(loop: CockpitLoop) -> None:
    ran = 0
    ran_before: list[int] = []

    def burn() -> None:
        nonlocal ran
        ran += 1
        until = loop.time() + 0.0001
        while loop.time() < until:
            pass

    async def body() -> None:
        loop.call_later(0.01, lambda: ran_before.append(ran))
        await asyncio.gather(*(turn() for _ in range(10_000)))  # a second of work at least

    async def turn() -> None:
        burn()

    loop.run_until_complete(body())
    assert ran == 10_000
    assert ran_before[0] < 5_000


def test_a_flood_of_timers_does_not_starve_ready_callbacks(loop: CockpitLoop) -> None:
    stop = False

    def again() -> None:
        if not stop:
            loop.call_later(0, again)

    async def body() -> None:
        nonlocal stop
        for _ in range(50):
            again()
        for _ in range(500):
            await asyncio.sleep(0)
        stop = True

    loop.run_until_complete(asyncio.wait_for(body(), 10))


def test_a_flood_leaves_qt_its_turn(loop: CockpitLoop) -> None:
    """Work that always makes more work must not keep Qt from its own timers and painting."""
    qt_turns: list[float] = []
    repaint = QTimer()
    repaint.setInterval(5)
    repaint.timeout.connect(lambda: qt_turns.append(loop.time()))

    async def spin(until: float) -> None:
        while loop.time() < until and len(qt_turns) < 10:  # noqa: ASYNC110 (the flood is the point)
            await asyncio.sleep(0)

    async def body() -> None:
        repaint.start()
        until = loop.time() + 10
        await asyncio.gather(*(spin(until) for _ in range(20)))
        repaint.stop()

    loop.run_until_complete(body())
    assert len(qt_turns) >= 10


def test_a_turn_ends_in_time_whatever_is_queued(loop: CockpitLoop) -> None:
    turns: list[float] = []
    turn = loop._turn

    def timed() -> None:
        start = loop.time()
        turn()
        turns.append(loop.time() - start)

    loop._turn = timed  # type: ignore[method-assign]  # the only way to time one

    async def body() -> None:
        for _ in range(3_000):
            loop.call_soon(sum, range(500))
        for _ in range(50):
            await asyncio.sleep(0)

    loop.run_until_complete(body())
    assert len(turns) > 1
    assert sorted(turns)[len(turns) // 2] < 4 * CockpitLoop.TURN
