"""A window at a market that quotes as fast as it can take, beside alpaca-py's own stream.

    python tests/bench/quotes.py [--quick] [--xvfb] [--json] [--curve] [--peers PYTHON]
    python tests/bench/quotes.py --trace 10000,50000 [--batch 1]

The toy venue quotes 200 symbols from a process of its own, 1, 10 and 50 quotes a frame. The real
program takes them in: socket, decoding, quality, book, bus, portfolio, risk monitor of a position
in each symbol, tape, and the window with all its panels. In turns of the same run the same program
has alpaca-py's own stream, parsing and dispatch in the place of its feed, in the window's loop,
where it does best; its quotes go straight into the book, unchecked and unrecorded.

`sustained` is the highest rate that was found at which nothing stays behind and the 99th percentile
of frames, from when one is due until it is painted, is at most 16.7 ms; `sustained_own` the same of
frames without what the window's thread waited for a core that others had, which a busy machine
changes least; `carried` without asking for frames. `ratio_vs_alpaca_py`, `ratio_own` and
`ratio_carried` are of these, with the same measure for both sides. The search goes up from a first
guess while anything is carried, then down to what is sustained; all six windows take six to nine
minutes, `--quick` three, `--curve` two more; on a busy machine twice as long.
`load` is what else the machine had to do. `risk` is how old a quote is when the monitor has judged
it or a later one of its symbol, at half of what was sustained. Each burst also proves that no quote
was lost and none shown older than a later one. Rates are the best of some tries, for other work of
the machine only ever lowers them; read the ratios. `--curve` grows the number of symbols. `--peers`
names an interpreter that has vnpy and NautilusTrader, for the bus alone; what is missing is said.

`--trace` tells of some rates what the window's thread did in usual frames and in the slowest, by
the clock and by its processor time: where they differ it waited for another thread or for a core.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from string import ascii_uppercase
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench import bus, decode
from tests.support.quoting.market import Desk, Seen, desk
from tests.support.quoting.place import FIRST, go_first

BATCHES = (1, 10, 50)
SYMBOLS = 200
FRAME_MS = 16.7
OURS, THEIRS = "cockpit", "alpaca-py"
STARTS = {OURS: 100_000, THEIRS: 4_000}
LEAST = 250
MEASURES = {
    "sustained": "ratio_vs_alpaca_py",
    "sustained_own": "ratio_own",
    "carried": "ratio_carried",
}
CURVE = (50, 500, 5_000)


@dataclass(frozen=True)
class Pace:
    """How long a burst is, how often one is tried, by what factor rates grow.

    `warm_s` is how long a window is left to what it does after its start; upwards a search begins
    no further burst after `search_s`, downwards after half of it.
    """

    seconds: float
    tries: int
    factor: float
    warm_s: float
    search_s: float


USUAL, QUICK = Pace(2.0, 2, 1.4, 6.0, 26.0), Pace(1.2, 1, 2.0, 3.0, 10.0)


def names(count: int) -> tuple[str, ...]:
    """Symbols that an exchange could have, all of one length."""
    return tuple("S" + "".join(three) for three in product(ascii_uppercase, repeat=3))[:count]


def kept_up(seen: Seen) -> bool:
    """Nothing stayed behind: what was on its way when the last quote left came within 50 ms."""
    asked, sent, told = seen.asked, seen.sent, seen.told
    brought = sent.quotes >= 0.97 * asked.rate * sent.took_s
    left = told.missing + told.taken.left_out
    return brought and not left and told.behind <= 0.05 * asked.rate


def in_time(seen: Seen) -> bool:
    """And the window was painted in time."""
    return kept_up(seen) and seen.told.taken.frame_p99 <= FRAME_MS


def in_own_time(seen: Seen) -> bool:
    """And it would have been, had there been a core for it whenever it needed one."""
    return kept_up(seen) and seen.told.taken.frame_own_p99 <= FRAME_MS


def checked(seen: Seen) -> Seen:
    """Raises when a price was shown that a later one had overtaken, or in the end a wrong one."""
    assert not seen.told.taken.older, f"{seen.told.taken.older} older prices were shown"
    assert seen.told.missing or not seen.told.wrong, f"{seen.told.wrong} rows are wrong in the end"
    return seen


class Search:
    """The highest rates of one window that are sustained and carried.

    `own` is as `sustained`, by `in_own_time`. Each stays 0 where not even the lowest rate is.
    """

    def __init__(self, window: Desk, batch: int, pace: Pace) -> None:
        self._window, self._batch, self._pace = window, batch, pace
        self._until = 0.0
        self.sustained = self.own = self.carried = 0

    def run(self, start: int) -> None:
        """Up while anything is carried, then once more down to what is sustained.

        The way up and the second look end after some time; below `start` there are few rates, and
        all of them are tried until one is sustained.
        """
        rates, rate = list[int](), start
        self._until = time.monotonic() + self._pace.search_s
        while self._time_left() and self._try(rate):
            rates.append(rate)
            rate = int(rate * self._pace.factor)
        self._until = time.monotonic() + self._pace.search_s / 2
        for rate in reversed(rates):
            if rate <= self.sustained or not self._time_left():
                break
            self._try(rate)
        rate = start // 2
        while not (self.sustained and self.carried) and rate >= LEAST:
            self._try(rate)
            rate //= 2

    def _time_left(self) -> bool:
        return time.monotonic() < self._until

    def _try(self, rate: int) -> bool:
        reached = False
        for _ in range(self._pace.tries):
            seen = checked(self._window.burst(rate, self._batch, self._pace.seconds))
            if kept_up(seen):
                reached, self.carried = True, max(self.carried, rate)
            if in_own_time(seen):
                self.own = max(self.own, rate)
            if in_time(seen):
                self.sustained = max(self.sustained, rate)
                break
        return reached


def measured(source: str, batch: int, pace: Pace, shown: str, count: int) -> dict[str, Any]:
    """One window, one size of frames: its rates, then half of what it sustained for longer."""
    symbols = names(count)
    with desk(source, symbols, count, shown=shown, record=source == OURS) as window:
        window.burst(1_000, batch, pace.warm_s)
        found = Search(window, batch, pace)
        found.run(STARTS[source])
        half = max(LEAST, (found.sustained or found.carried or STARTS[source]) // 2)
        seen = checked(window.burst(half, batch, 2 * pace.seconds))
        before = seen.told.taken.memory
        again = checked(window.burst(half, batch, 2 * pace.seconds))
    taken = again.told.taken
    return {
        "sustained": found.sustained,
        "sustained_own": found.own,
        "carried": found.carried,
        "half": half,
        "risk_p50_ms": round(min(taken.risk_p50, seen.told.taken.risk_p50), 2),
        "risk_p99_ms": round(min(taken.risk_p99, seen.told.taken.risk_p99), 2),
        "frame_p99_ms": round(min(taken.frame_p99, seen.told.taken.frame_p99), 1),
        "frame_own_p99_ms": round(min(taken.frame_own_p99, seen.told.taken.frame_own_p99), 1),
        "lag_p99_ms": round(min(taken.lag_p99, seen.told.taken.lag_p99), 1),
        "cpu": round(taken.cpu, 2),
        "memory_mb": round(taken.memory),
        "memory_grown_mb": round(taken.memory - before, 1),
    }


def windows(pace: Pace, shown: str) -> dict[str, dict[int, dict[str, Any]]]:
    """Both sources in turns, by size of frames."""
    told: dict[str, dict[int, dict[str, Any]]] = {OURS: {}, THEIRS: {}}
    for batch in BATCHES:
        for source in (THEIRS, OURS):
            told[source][batch] = measured(source, batch, pace, shown, SYMBOLS)
            print(f"{shown} {source} {batch}: {told[source][batch]}", file=sys.stderr)
    return told


def ratios(told: dict[str, dict[int, dict[str, Any]]]) -> dict[str, Any]:
    """Ours over theirs, by the same measure for both; None where one reached no rate at all.

    `unmet` says in words where that was.
    """
    found: dict[str, Any] = {"unmet": []}
    for batch in BATCHES:
        ours, theirs = told[OURS][batch], told[THEIRS][batch]
        for what, key in MEASURES.items():
            both = ours[what] and theirs[what]
            found[f"{key}_{batch}"] = round(ours[what] / theirs[what], 1) if both else None
            found["unmet"] += [
                f"{name} has {what} no rate from {LEAST} a second on, {batch} a frame"
                for name, row in ((OURS, ours), (THEIRS, theirs))
                if not row[what]
            ]
    return found


def curve(pace: Pace, shown: str) -> dict[int, dict[str, Any]]:
    """How the rates change with the number of symbols, ten quotes a frame."""
    found: dict[int, dict[str, Any]] = {}
    for count in CURVE:
        found[count] = measured(OURS, 10, pace, shown, count)
        print(f"{shown} {count} symbols: {found[count]}", file=sys.stderr)
    return found


def traced(rates: str, batch: int, shown: str) -> str:
    """What frames were made of at some rates, ten seconds each."""
    symbols, found = names(SYMBOLS), list[str]()
    with desk(OURS, symbols, SYMBOLS, shown=shown, record=True, trace=True) as window:
        window.burst(1_000, batch, USUAL.warm_s)
        for rate in map(int, rates.split(",")):
            told = checked(window.burst(rate, batch, 10.0)).told
            taken = told.taken
            found.append(
                f"{rate:,} quotes/s, {batch} a frame: frames {taken.frame_p50:.1f} and "
                f"{taken.frame_p99:.1f} ms, risk {taken.risk_p50:.1f} and {taken.risk_p99:.1f} ms, "
                f"loop late by {taken.lag_p99:.1f} ms at p99"
            )
            found += told.traced.lines()
    return "\n".join(found)


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes")
    parser.add_argument("--xvfb", action="store_true", help="on a real screen of its own")
    parser.add_argument("--curve", action="store_true", help="50, 500 and 5,000 symbols as well")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peers", default=sys.executable, help="interpreter with the other buses")
    parser.add_argument("--trace", metavar="RATES", help="what the slowest frames are made of")
    parser.add_argument("--batch", type=int, default=1, help="quotes a frame, for --trace")
    options = parser.parse_args()
    if options.xvfb and not os.environ.get("DISPLAY"):
        sys.exit(_on_a_screen())
    os.environ[FIRST] = "yes"
    go_first()
    pace = QUICK if options.quick else USUAL
    shown = "xcb" if options.xvfb else "offscreen"
    if options.trace:
        print(traced(options.trace, options.batch, shown))
        return
    began, load = time.monotonic(), [_load()]
    told = windows(pace, shown)
    result: dict[str, Any] = dict(ratios(told))
    result |= {"windows": told, "shown": shown}
    result["decode"] = decode.result(
        decode.measured(*((1, 10_000) if options.quick else (5, 100_000)))
    )
    result["bus"] = bus.measured(options.peers, quick=options.quick)
    if options.curve:
        result["curve"] = curve(pace, shown)
    result["load"] = [*load, _load()]
    result["took_s"] = round(time.monotonic() - began)
    print(json.dumps(result) if options.json else table(result))


def _load() -> float:
    """How many processes wanted a core in the last minute; 0 where nobody tells."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0


def _on_a_screen() -> int:
    """Run again on a screen that nobody sees; it goes first, too, for windows wait for it."""
    os.environ[FIRST] = "yes"
    go_first()
    size = "-screen 0 1920x1080x24"
    command = ["xvfb-run", "-a", "-s", size, sys.executable, *sys.argv]
    return subprocess.run(command, check=False).returncode


def table(result: dict[str, Any]) -> str:
    """For a person."""
    lines = [f"{'quotes a frame':<34}" + "".join(f"{batch:>12}" for batch in BATCHES)]
    for source, rows in result["windows"].items():
        for key in next(iter(rows.values())):
            cells = "".join(f"{rows[batch][key]:>12,}" for batch in BATCHES)
            lines.append(f"{source:<12}{key:<22}{cells}")
    for key in MEASURES.values():
        found = (result[f"{key}_{batch}"] for batch in BATCHES)
        lines.append(f"{key:<34}" + "".join(f"{ratio or '-':>12}" for ratio in found))
    lines.append(f"{'load, at the start and the end':<34}{result['load']}")
    alone = result["decode"] | result["bus"]
    lines += [f"{name:<34}{value:>12}" for name, value in alone.items()]
    lines += result["unmet"]
    for count, row in result.get("curve", {}).items():
        lines.append(f"{count:>5} symbols: {row}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
