"""Simulated trading minutes a second, and how the time grows with the number of days.

    python tests/bench/simulate.py [--seeds N]

One process, all faults. Times are CPU seconds, so that a busy machine does not blur them.
Prints N, 2N and 4N days, then N days at low, middle and high seeds, where more goes wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.adapters.faults import FaultKind
from cockpit.app.simulation.runner import run_seeds
from cockpit.app.simulation.summary import Summary


def measured(seeds: range) -> Summary:
    started = time.process_time()
    summary = Summary(lambda: time.process_time() - started)
    for outcome in run_seeds(seeds, frozenset(FaultKind), 1):
        summary.add(outcome)
    spent = time.process_time() - started
    summary.elapsed = lambda: spent
    return summary


def show(name: str, seeds: range) -> float:
    summary = measured(seeds)
    spent = summary.elapsed()
    print(
        f"{name:>12}  {summary.seeds:6} days  {1000 * spent / summary.seeds:6.1f} ms a day  "
        f"{summary.minutes / spent:7.0f} trading minutes a second  "
        f"{summary.steps / spent / 1000:6.1f} k steps a second  {len(summary.failures)} failed"
    )
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100)
    n = parser.parse_args().seeds
    show("warm-up", range(20))
    base = show("N", range(n))
    for factor in (2, 4):
        spent = show(f"{factor}N", range(factor * n))
        print(f"{'':>12}  {spent / base:.2f} times the time for {factor} times the days")
    for first in (0, 10_000, 90_000):
        show(f"from {first}", range(first, first + n))


if __name__ == "__main__":
    main()
