"""What a window holds after a simulated session, hour by hour, against its first hour.

    python tests/bench/memory.py [--speed N] [--json]

The demo with its window, off the screen: a dozen symbols, each quote and print through the whole
core, panels repainted all along, from the opening bell to the close. It is played N times as fast
as life, 60 unless given; the faster, the fewer repaints.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import sys
import tempfile
from dataclasses import replace
from datetime import date, time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.kernel.clock import SECOND

DAY = date(2026, 3, 2)
START = time(9, 30)
HOUR_NS = 3600 * SECOND


def play(pipe: Connection, speed: float) -> None:
    """In a process of its own: the window, and its memory at each hour."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from cockpit.app.starting import demo_launch
    from cockpit.ui import application
    from tests.support.quoting.meter import memory_mb

    attach = application.WindowRun._attach

    async def look(run: Any, core: Any) -> None:
        hours: list[float] = []
        due = core.clock.now_ns() + HOUR_NS
        while not core.finished.is_set():
            if core.clock.now_ns() >= due:
                hours.append(memory_mb())
                due += HOUR_NS
            await asyncio.sleep(0.05)
        hours.append(memory_mb())
        pipe.send((hours, core.ingest.rows))
        run._quit.set()

    def attached(run: Any, core: Any) -> None:
        attach(run, core)
        core.supervisor.serve(lambda: look(run, core), name="memory", owner="bench")

    application.WindowRun._attach = attached  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        launch = demo_launch(Path(folder), day=DAY, start=START, speed=speed)
        # a proposal that waits for a person would slow the day down to life
        application.run_window(replace(launch, strategies=()))


def main() -> None:
    """Play, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    window = context.Process(target=play, args=(theirs, options.speed))
    window.start()
    theirs.close()
    hours, rows = ours.recv()
    window.join(30)
    window.kill()
    grown = round(100 * (hours[-1] / hours[0] - 1), 2)
    told = {"rows": rows, "mb_by_hour": [round(each, 1) for each in hours], "grown_percent": grown}
    print(json.dumps(told) if options.json else told)


if __name__ == "__main__":
    main()
