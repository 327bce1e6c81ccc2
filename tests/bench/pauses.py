"""What the garbage collector costs with a day's heap, as it comes and steered, in one run.

    python tests/bench/pauses.py [--quick]

For each size of heap: the longest and the 99th percentile pause, and the total, while
events are handled that keep a little of what they make, as a trading day does.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.kernel.pauses import THRESHOLDS, CollectorPauses

PER_QUIET_SECOND = 20_000  # events between two idle moments


class Fact:
    def __init__(self, nr: int) -> None:
        self.nr = nr
        self.tags = {"symbol": f"S{nr % 200}", "seen": [nr]}


def make_heap(objects: int) -> list[Fact]:
    return [Fact(nr) for nr in range(objects // 4)]  # an object, its dict, a dict, a list


def handle_events(count: int, idle: Callable[[], None]) -> list[Fact]:
    kept: list[Fact] = []
    for nr in range(count):
        fact = Fact(nr)
        if nr % 3 == 0:
            kept.append(fact)
        elif nr % 50 == 0:
            fact.tags["self"] = fact  # garbage that only the collector finds
        if nr % PER_QUIET_SECOND == PER_QUIET_SECOND - 1:
            idle()
    return kept


@contextmanager
def measured(pauses: list[int]) -> Iterator[None]:
    began = 0

    def measure(phase: str, _info: dict[str, int]) -> None:
        nonlocal began
        now = time.perf_counter_ns()
        if phase == "start":
            began = now
        else:
            pauses.append(now - began)

    gc.callbacks.append(measure)
    try:
        yield
    finally:
        gc.callbacks.remove(measure)


def run(mode: str, objects: int, events: int) -> tuple[list[int], list[int], float]:
    """Pauses while handling events, pauses in idle moments, and seconds in all."""
    heap = make_heap(objects)
    gc.collect()
    busy: list[int] = []
    quiet: list[int] = []
    steering = CollectorPauses()
    if mode == "frozen":
        gc.freeze()
    elif mode != "default":
        steering.start()

    def idle() -> None:
        if mode == "steered, idle":
            before = len(busy)
            steering.collect()
            quiet.extend(busy[before:])
            del busy[before:]

    start = time.perf_counter()
    with measured(busy):
        handle_events(events, idle)
    took = time.perf_counter() - start
    steering.stop()
    gc.unfreeze()
    del heap
    gc.collect()
    return busy, quiet, took


def line(mode: str, objects: int, events: int) -> None:
    busy, quiet, took = run(mode, objects, events)
    busy.sort()
    p99 = busy[int(len(busy) * 0.99)] if busy else 0
    print(
        f"{objects:>10,} {mode:>14} {len(busy):>7} {max(busy, default=0) / 1e6:>10.2f}"
        f" {p99 / 1e6:>10.2f} {sum(busy) / 1e6:>10.1f} {max(quiet, default=0) / 1e6:>10.2f}"
        f" {events / took:>12,.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small heaps, few events")
    quick = parser.parse_args().quick
    sizes = (50_000, 200_000) if quick else (200_000, 1_000_000, 3_000_000)
    print(f"Python {sys.version.split()[0]}, steered thresholds {THRESHOLDS}, pauses in ms")
    print(
        f"{'heap':>10} {'mode':>14} {'pauses':>7} {'longest':>10} {'p99':>10} {'sum':>10}"
        f" {'idle max':>10} {'events/s':>12}"
    )
    for objects in sizes:
        for mode in ("default", "frozen", "steered", "steered, idle"):
            line(mode, objects, 100_000 if quick else 600_000)


if __name__ == "__main__":
    main()
