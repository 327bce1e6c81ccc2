"""CockpitLoop beside stock qasync and asyncio, in one run: read the figures as ratios.

    python tests/bench/loop.py [--quick]

Prints turns per second, the lag of timers, what cancelled time-outs leave in Qt, and how
each grows with the number of tasks.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import qasync
from PySide6.QtWidgets import QApplication

from cockpit.ui.loop import CockpitLoop

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "qasync": lambda: qasync.QEventLoop(QApplication.instance()),
    "cockpit": CockpitLoop,
}


def run(name: str, body: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    loop = LOOPS[name]()
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(body())
    finally:
        loop.close()
        asyncio.set_event_loop(None)


async def yields_per_second(tasks: int, turns: int) -> float:
    async def spin() -> None:
        for _ in range(turns // tasks):
            await asyncio.sleep(0)

    start = time.perf_counter()
    await asyncio.gather(*(spin() for _ in range(tasks)))
    return turns / (time.perf_counter() - start)


async def timer_lags(tasks: int, rounds: int) -> list[float]:
    """Milliseconds between deadline and firing; negative is early."""
    lags: list[float] = []

    async def wait(nr: int) -> None:
        loop = asyncio.get_running_loop()
        for turn in range(rounds):
            delay = 0.001 * (1 + (nr * 7 + turn * 13) % 60) + 0.00037 * (nr % 3)
            when = loop.time() + delay
            fired = loop.create_future()
            loop.call_later(delay, fired.set_result, None)
            await fired
            lags.append((loop.time() - when) * 1000)

    await asyncio.gather(*(wait(nr) for nr in range(tasks)))
    return sorted(lags)


async def left_by_timeouts(count: int) -> tuple[float, int]:
    """Wait-fors per second and what they leave: Qt timers or heap entries."""
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    for _ in range(count):
        done = loop.create_future()
        loop.call_soon(done.set_result, None)  # a turn later: a time-out has to be set
        await asyncio.wait_for(done, 60)
    return count / (time.perf_counter() - start), live_timers(loop)


def live_timers(loop: asyncio.AbstractEventLoop) -> int:
    if isinstance(loop, CockpitLoop):
        return loop.timers
    if isinstance(loop, qasync.QEventLoop):
        return len(loop._timer._SimpleTimer__callbacks)
    return len(loop._scheduled)


def show_yields(turns: int) -> None:
    print("\nsleep(0) per second, by number of tasks")
    print(f"{'tasks':>8}" + "".join(f"{name:>12}" for name in LOOPS) + "   cockpit/qasync")
    for tasks in (1, 10, 100, 1000):
        row = {
            name: max(run(name, partial(yields_per_second, tasks, turns)) for _ in range(2))
            for name in LOOPS
        }
        cells = "".join(f"{row[name]:12,.0f}" for name in LOOPS)
        print(f"{tasks:>8}{cells}   {row['cockpit'] / row['qasync']:14.2f}")


def show_lags(rounds: int) -> None:
    print("\ntimer lag in ms (delays of 1 to 60 ms), by number of concurrent timers")
    print(f"{'timers':>8} {'loop':>8} {'p50':>8} {'p99':>8} {'worst':>8} {'early':>8} {'of':>8}")
    for tasks in (1, 20, 200):
        for name in LOOPS:
            lags = run(name, partial(timer_lags, tasks, rounds))
            p50, p99 = lags[len(lags) // 2], lags[int(len(lags) * 0.99)]
            early = sum(lag < 0 for lag in lags)
            print(
                f"{tasks:>8} {name:>8} {p50:8.2f} {p99:8.2f} {lags[-1]:8.2f}"
                f" {early:8} {len(lags):8}"
            )


def show_leaks(counts: tuple[int, ...]) -> None:
    print("\nfinished wait_for(..., 60): per second, and timers still alive afterwards")
    print(f"{'count':>8}" + "".join(f"{name:>22}" for name in LOOPS))
    for count in counts:
        cells = ""
        for name in LOOPS:
            rate, alive = run(name, partial(left_by_timeouts, count))
            cells += f"{rate:12,.0f}/s {alive:7,}"
        print(f"{count:>8}{cells}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    part = 10 if parser.parse_args().quick else 1
    app = QApplication.instance() or QApplication([])
    gc.disable()
    print(f"Python {sys.version.split()[0]}, {app.platformName()}")
    show_yields(100_000 // part)
    show_lags(40 // (part // 5 or 1))
    show_leaks((1_000 // part, 10_000 // part))


if __name__ == "__main__":
    main()
