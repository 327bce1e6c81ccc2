import asyncio
import gc
from collections.abc import Iterator

import pytest

from cockpit.kernel import pauses
from cockpit.kernel.clock import SECOND
from cockpit.kernel.pauses import CollectorPauses, no_collection


@pytest.fixture(autouse=True)
def collector_as_found() -> Iterator[None]:
    before, callbacks = gc.get_threshold(), list(gc.callbacks)
    gc.unfreeze()
    yield
    gc.freeze()  # as the guards of the tests had it
    assert gc.get_threshold() == before
    assert gc.callbacks == callbacks


class Ring:
    """Garbage that only the collector finds."""

    freed = 0

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        Ring.freed += 1


def test_start_freezes_and_steers_and_stop_restores() -> None:
    steering = CollectorPauses()
    before = gc.get_threshold()
    steering.start()
    steering.start()
    assert gc.get_threshold() == pauses.THRESHOLDS
    assert gc.get_freeze_count() > 1000
    steering.stop()
    steering.stop()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_froze_stays_frozen() -> None:
    gc.freeze()
    steering = CollectorPauses()
    steering.start()
    steering.stop()
    assert gc.get_freeze_count() > 1000


def test_pauses_are_measured() -> None:
    ticks = iter(range(0, 10_000 * 10, 10))
    steering = CollectorPauses(clock=lambda: next(ticks))
    steering.start()
    for _ in range(100):
        gc.collect(0)
    gc.collect()
    stats = steering.stats
    steering.stop()
    assert (stats.count, stats.longest_ns, stats.p99_ns, stats.full) == (101, 10, 10, 1)


def test_nothing_measured_is_zero() -> None:
    stats = CollectorPauses().stats
    assert (stats.count, stats.longest_ns, stats.p99_ns, stats.full) == (0, 0, 0, 0)


def test_the_percentile_is_not_the_longest() -> None:
    length = [1] * 199 + [1000]
    times = iter([0] + [x for pause in length for x in (0, pause)])
    steering = CollectorPauses(clock=lambda: next(times))
    steering.start()
    for _ in length:
        gc.collect(0)
    stats = steering.stats
    steering.stop()
    assert stats.longest_ns == 1000
    assert stats.p99_ns == 1


async def test_idle_moments_are_used_and_busy_ones_spared() -> None:
    steering = CollectorPauses()
    steering.start()
    asked: list[bool] = []
    freed_when_asked: list[int] = []

    async def sleep(seconds: float) -> None:
        assert seconds == pauses.QUIET_S
        await asyncio.sleep(0)

    def busy() -> bool:
        freed_when_asked.append(Ring.freed)
        asked.append(len(asked) < 3)
        return asked[-1]

    Ring.freed = 0
    Ring()
    task = asyncio.get_running_loop().create_task(steering.tend(sleep, busy))
    async with asyncio.timeout(5):
        while not Ring.freed:  # noqa: ASYNC110 (the collector tells nobody)
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    steering.stop()
    assert freed_when_asked[:4] == [0, 0, 0, 0]
    assert asked[:4] == [True, True, True, False]


@pytest.mark.parametrize(
    ("took_ns", "frozen"), [(pauses.LONG_NS, False), (pauses.LONG_NS + 1, True)]
)
def test_a_long_full_collection_freezes_what_survived(took_ns: int, frozen: bool) -> None:
    now = 0

    def clock() -> int:
        return now

    steering = CollectorPauses(clock=clock)
    steering.start()
    start_count = gc.get_freeze_count()
    survivors = [Ring() for _ in range(100)]

    def slow(phase: str, info: dict[str, int]) -> None:
        nonlocal now
        if phase == "stop" and info["generation"] == 2:
            now += took_ns

    gc.callbacks.append(slow)
    steering.collect()
    assert steering.stats.full == 0  # a minute has not passed
    now = int(pauses.FULL_EVERY_S * SECOND)
    steering.collect()
    gc.callbacks.remove(slow)
    full, count = steering.stats.full, gc.get_freeze_count()
    steering.stop()
    assert full == 1
    assert (count > start_count + 100) is frozen
    for ring in survivors:
        ring.itself = None


def test_nothing_is_collected_while_what_stays_is_built_up() -> None:
    assert gc.isenabled()
    with no_collection():
        assert not gc.isenabled()
        with no_collection():
            pass
        assert not gc.isenabled()  # whoever switched it off switches it on
    assert gc.isenabled()
