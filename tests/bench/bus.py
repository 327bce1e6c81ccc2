"""The bus alone: events a second to one subscriber, beside other programs' buses.

    python tests/bench/bus.py [--quick] [--peers PYTHON]

vnpy's EventEngine hands over by a queue to a thread of its own, NautilusTrader's MessageBus by
matching topics. Where one of them is not installed this says so.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.domain.market import Quote
from cockpit.kernel.bus import Bus

VNPY = """
import sys, time
from vnpy.event import Event, EventEngine
count = int(sys.argv[1])
engine, seen = EventEngine(3600), [0]
def handle(event):
    seen[0] += 1
engine.register("quote", handle)
engine.start()
began = time.perf_counter()
for n in range(count):
    engine.put(Event("quote", n))
while seen[0] < count:
    time.sleep(0.0005)
took = time.perf_counter() - began
engine._active = False
print(count / took, flush=True)
import os
os._exit(0)
"""
NAUTILUS = """
import sys, time
from nautilus_trader.common.component import MessageBus, TestClock
from nautilus_trader.model.identifiers import TraderId
count = int(sys.argv[1])
bus, seen = MessageBus(TraderId("T-1"), TestClock()), [0]
def handle(event):
    seen[0] += 1
bus.subscribe("quote", handle)
began = time.perf_counter()
for n in range(count):
    bus.publish("quote", n)
assert seen[0] == count
print(count / (time.perf_counter() - began))
"""


def own(count: int) -> float:
    """Events a second of ours."""
    bus, seen = Bus(), 0

    def handle(_event: Quote) -> None:
        nonlocal seen
        seen += 1

    bus.subscribe(Quote, handle)
    quote = Quote(symbol="A", bid=1, ask=2, bid_size=1, ask_size=1, ts_event=1, ts_init=1)
    began = time.perf_counter()
    for _ in range(count):
        bus.publish(quote)
    assert seen == count
    return count / (time.perf_counter() - began)


def peer(python: str, script: str, count: int) -> float | None:
    """Events a second of another program's bus; None where it is not installed."""
    done = subprocess.run(
        [python, "-c", script, str(count)], capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode and "ModuleNotFoundError" in done.stderr:
        return None
    assert not done.returncode, done.stderr
    return float(done.stdout)


def measured(python: str = sys.executable, *, quick: bool = False) -> dict[str, Any]:
    """Rates, and ours over theirs; the best of three turns."""
    count, turns = (20_000, 1) if quick else (300_000, 3)
    ours = max(own(count) for _ in range(turns))
    told: dict[str, Any] = {"bus": round(ours)}
    for name, script in (("vnpy", VNPY), ("nautilus", NAUTILUS)):
        rates = [peer(python, script, count) for _ in range(turns)]
        known = [rate for rate in rates if rate is not None]
        told[f"bus_{name}"] = round(max(known)) if known else "not installed"
        told[f"ratio_bus_{name}"] = round(ours / max(known), 1) if known else "not installed"
    return told


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", default=sys.executable)
    options = parser.parse_args()
    print(json.dumps(measured(options.peers, quick=options.quick), indent=1))


if __name__ == "__main__":
    main()
