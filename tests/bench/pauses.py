"""What the garbage collector costs over a simulated day of the real core, left alone and steered.

    python tests/bench/pauses.py [--quick]

Each line is a process of its own that plays one synthetic session as fast as it can through the
whole core: feed, book, bars, bus, strategy, gate, paper broker, ledger, monitor, journal. `kept` is
how many objects lie on the heap besides, as a window and weeks of facts put there. Modes:
`default` is Python's own, `frozen` freezes the heap after the start, `steered` is what the program
does, `steered, idle` also collects every minute of the session, as the program does when nothing
else happens; those pauses stand in the last column, for they meet nobody.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.app.core import Core
from cockpit.app.launch import Approve, Launch
from cockpit.app.lifecycle import Session
from cockpit.domain.account import Mode
from cockpit.kernel.clock import SECOND
from cockpit.kernel.pauses import THRESHOLDS, CollectorPauses

MODES = ("default", "frozen", "steered", "steered, idle")
KEPT = (0, 300_000, 1_000_000)
DAY = date(2026, 3, 2)


class Fact:
    def __init__(self, nr: int) -> None:
        self.nr = nr
        self.tags = {"symbol": f"S{nr % 200}", "seen": [nr]}


class Watch:
    """Notes every pause, those of idle moments apart."""

    def __init__(self) -> None:
        self.busy: list[int] = []
        self.quiet: list[int] = []
        self.idle = False
        self._began = 0

    def __call__(self, phase: str, _info: dict[str, int]) -> None:
        now = time.perf_counter_ns()
        if phase == "start":
            self._began = now
        else:
            (self.quiet if self.idle else self.busy).append(now - self._began)


def as_it_comes(_pauses: CollectorPauses) -> None:
    """Leave the collector alone."""


def freeze_only(_pauses: CollectorPauses) -> None:
    gc.collect()
    gc.freeze()


def collect_each_minute(core: Core, watch: Watch) -> None:
    def collect() -> None:
        watch.idle = True
        core.pauses.collect()
        watch.idle = False
        core.clock.call_at(core.clock.now_ns() + 60 * SECOND, collect)

    core.clock.call_at(core.clock.now_ns() + 60 * SECOND, collect)


async def day(mode: str, folder: Path) -> dict[str, Any]:
    """One session from its first row to its last."""
    config = folder / "cockpit.toml"
    config.touch()
    launch = Launch(
        mode=Mode.DEMO,
        data_dir=folder / "data",
        feed="synthetic",
        options={"day": DAY},
        speed="max",
        approve=Approve.ALL,
        interactive=False,
        config=config,
    )
    session, watch = Session(launch), Watch()
    core = await session.start()
    gc.callbacks.append(watch)
    if mode == "steered, idle":
        collect_each_minute(core, watch)
    began = time.perf_counter()
    await core.finished.wait()
    took = time.perf_counter() - began
    gc.callbacks.remove(watch)
    found = {"busy": watch.busy, "quiet": watch.quiet, "took": took, "rows": core.ingest.rows}
    await session.stop()
    return found


def one(mode: str, kept: int) -> dict[str, Any]:
    """Play a day in this process."""
    start = {"default": as_it_comes, "frozen": freeze_only}.get(mode)
    if start is not None:
        CollectorPauses.start = start  # type: ignore[method-assign]
    heap = [Fact(nr) for nr in range(kept // 4)]  # an object, its dict, a dict, a list
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(day(mode, Path(folder)))
    del heap
    return found


def line(mode: str, kept: int) -> str:
    """Play a day in a process of its own, and say what it cost."""
    command = [sys.executable, __file__, "--one", mode, "--kept", str(kept)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    busy, took = sorted(found["busy"]), found["took"]
    p50, p99 = (busy[int(len(busy) * part)] if busy else 0 for part in (0.5, 0.99))
    return (
        f"{kept:>10,} {mode:>14} {len(busy):>7} {p50 / 1e6:>8.2f} {p99 / 1e6:>8.2f}"
        f" {max(busy, default=0) / 1e6:>8.2f} {sum(busy) / 1e7 / took:>8.2f}"
        f" {found['rows'] / took:>9,.0f} {max(found['quiet'], default=0) / 1e6:>9.2f}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="no large heaps")
    parser.add_argument("--one", choices=MODES, help="play one day here and print what it cost")
    parser.add_argument("--kept", type=int, default=0)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.one, given.kept)))
        return
    print(f"Python {sys.version.split()[0]}, steered thresholds {THRESHOLDS}, pauses in ms")
    print(
        f"{'kept':>10} {'mode':>14} {'pauses':>7} {'p50':>8} {'p99':>8} {'max':>8} {'% time':>8}"
        f" {'rows/s':>9} {'idle max':>9}"
    )
    for kept in KEPT[:1] if given.quick else KEPT:
        for mode in MODES:
            print(line(mode, kept), flush=True)


if __name__ == "__main__":
    main()
