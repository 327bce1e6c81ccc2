import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs

from cockpit.kernel.clock import MILLISECOND, SECOND
from cockpit.kernel.watchdog import LoopLagged, LoopWatchdog


class Clocks:
    """Monotonic and processor time that move when told."""

    def __init__(self) -> None:
        self.now = self.cpu = 1_000 * SECOND

    def work(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)
        self.cpu += round(seconds * SECOND)

    def wait(self, seconds: float) -> None:
        """Time passes and the processor does other things."""
        self.now += round(seconds * SECOND)


class Bench:
    """A watchdog whose beats and looks happen when the test says so."""

    def __init__(self) -> None:
        self.clocks = Clocks()
        self.reports: list[LoopLagged] = []
        self.dog = LoopWatchdog(
            self.reports.append, clock=lambda: self.clocks.now, cpu=lambda: self.clocks.cpu
        )

    def start(self) -> None:
        self.dog._loop = asyncio.get_running_loop()
        self.dog._watched = threading.get_ident()
        self.dog._beat_at = self.dog._looked_at = self.clocks.now
        self.dog._looked_cpu = self.clocks.cpu

    def pass_time(self, seconds: float, *, stalled: bool, step: float = 0.1) -> None:
        """Let the watchdog's thread look every `step`, and the loop beat unless it is stalled."""
        for _ in range(round(seconds / step)):
            self.clocks.work(step)
            self.dog.look()
            if not stalled:
                self.dog.beat()


@pytest.fixture
async def bench() -> Iterator[Bench]:
    bench = Bench()
    bench.start()
    yield bench
    bench.dog.stop()


async def test_a_loop_in_time_is_left_alone(bench: Bench) -> None:
    bench.pass_time(30, stalled=False)
    assert not bench.dog.lagging
    assert (bench.dog.lags, bench.dog.longest_ns, bench.reports) == (0, 0, [])


@pytest.mark.parametrize(("late_ms", "lags"), [(250, 0), (251, 1)])
async def test_a_lag_counts_from_250_ms(bench: Bench, late_ms: int, lags: int) -> None:
    bench.clocks.work(0.1 + late_ms / 1000)
    assert bench.dog.lagging is bool(lags)
    bench.dog.beat()
    assert not bench.dog.lagging
    assert bench.dog.lags == lags
    assert [report.lags for report in bench.reports] == [1] * lags


async def test_the_longest_lag_is_kept(bench: Bench) -> None:
    for late in (0.5, 0.9, 0.3):
        bench.clocks.work(0.1 + late)
        bench.dog.beat()
    assert bench.dog.lags == 3
    assert bench.dog.longest_ns == 900 * MILLISECOND
    assert [report.seconds for report in bench.reports] == [0.5, 0.9, 0.3]
    assert all(report.stack == "" for report in bench.reports)


async def test_a_stall_is_logged_once_with_the_stack(bench: Bench) -> None:
    with capture_logs() as logs:
        bench.pass_time(5, stalled=True)
        assert bench.dog.lagging
        assert "test_a_stall_is_logged_once" in bench.dog.last_stack
        bench.dog.beat()
        bench.pass_time(1, stalled=False)
        bench.pass_time(3, stalled=True)
    stalls = [entry for entry in logs if entry["event"] == "loop_stalled"]
    assert len(stalls) == 2
    assert 1000 < stalls[0]["milliseconds"] <= 1200
    assert "test_a_stall_is_logged_once" in bench.reports[0].stack
    assert bench.dog.lags == 1


async def test_a_stall_that_idles_is_still_a_stall(bench: Bench) -> None:
    """A blocking call uses no processor time, but the watchdog's thread goes on looking."""
    for _ in range(50):
        bench.clocks.wait(0.1)
        bench.dog.look()
    bench.dog.beat()
    assert (bench.dog.lags, bench.dog.sleeps) == (1, 0)


@pytest.mark.parametrize("first", ["look", "beat"])
async def test_a_system_sleep_is_no_stall(bench: Bench, first: str) -> None:
    bench.pass_time(1, stalled=False)
    bench.clocks.wait(8 * 3600)
    with capture_logs() as logs:
        for name in (first, "look", "beat"):
            getattr(bench.dog, name)()
    assert (bench.dog.lags, bench.dog.sleeps) == (0, 1)
    assert logs == []
    bench.pass_time(2, stalled=True)  # and it is awake again
    assert bench.dog.lagging


async def test_a_busy_freeze_of_the_whole_process_is_a_stall(bench: Bench) -> None:
    """Code that keeps the interpreter's lock stops the watchdog too, but uses the processor."""
    bench.clocks.work(3)
    bench.dog.look()
    bench.dog.beat()
    assert (bench.dog.lags, bench.dog.sleeps) == (1, 0)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (there is no event for it)
            await asyncio.sleep(0.01)


@pytest.mark.asyncio(loop_factories=["asyncio", "qt"])
async def test_the_real_thing_beats_counts_and_names_the_culprit(qapp: object) -> None:
    reports: list[LoopLagged] = []
    dog = LoopWatchdog(reports.append)
    dog.start()
    dog.start()
    threads = [thread.name for thread in threading.enumerate()]
    assert threads.count("loop-watchdog") == 1

    def hold_the_loop() -> None:
        seen = threading.Event()
        for _ in range(500):  # ends as soon as the watchdog has seen it
            if dog.last_stack:
                break
            seen.wait(0.02)

    with capture_logs():
        hold_the_loop()
        assert dog.lagging
        await until(lambda: bool(reports))
    assert not dog.lagging
    assert dog.lags == 1
    assert reports[0].seconds > 0.9
    assert "hold_the_loop" in reports[0].stack
    dog.stop()
    dog.stop()
    assert "loop-watchdog" not in [thread.name for thread in threading.enumerate()]
    assert not dog.lagging


async def test_it_may_start_again_after_a_stop() -> None:
    dog = LoopWatchdog()
    for _ in range(2):
        dog.start()
        before = dog._beat_at
        await until(lambda before=before: dog._beat_at > before)
        dog.stop()


def test_needs_a_running_loop() -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        LoopWatchdog().start()
