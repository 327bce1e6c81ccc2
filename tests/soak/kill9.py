"""SIGKILL at random moments of a busy paper session: nothing told is lost, nothing is done twice.

    python -m tests.soak.kill9 --kills 200 --seed 1

Each round starts the real program without a window, lets driver.py trade, and kills it, now and
then while it is still starting. After each kill the ledger, the venue's books and the driver's own
record are compared from outside; at the end, after a clean stop, both sides must be equal.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from cockpit.adapters.storage.audit_file import verify_audit
from tests.support.headless import environ_of
from tests.support.needs import ROOT
from tests.support.waiting import wait_until

READY_WITHIN_S = 10.0
KILLED_WHILE_STARTING = 0.15
LONGEST_S = 1.5
CONFIG = """
active_strategies = []
[brokers.paper]
starting_cash = 1000000
leverage = 4
commission_minimum = 0.01
[limits]
max_order_value = 1000000
max_order_equity_fraction = 1
max_position_fraction = 1
max_gross_fraction = 4
max_net_fraction = 4
max_active_orders = 1000
max_orders_per_day = 1000000
max_messages_per_second = 1000
max_messages_per_minute = 50000
duplicate_window_s = 0.001
day_loss_reducing_fraction = 0.8
day_loss_halted_fraction = 0.9
max_drawdown_fraction = 0.9
max_consecutive_losses = 1000000
"""


@dataclass
class Figures:
    """What a run measured."""

    kills: int = 0
    while_starting: int = 0
    first_s: float = 0.0
    ready_s: list[float] = field(default_factory=list)
    orders: int = 0
    fills: int = 0
    recovered: int = 0
    unknown: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        """For a person."""
        ready = sorted(self.ready_s)
        p50, p95 = (ready[int((len(ready) - 1) * q)] for q in (0.5, 0.95))
        return (
            f"{self.kills} kills ({self.while_starting} while starting), {self.orders} orders, "
            f"{self.fills} fills; fills that only recovery told: {self.recovered}; "
            f"orders that ended by a person's word: {self.unknown}\n"
            f"first start {self.first_s:.2f} s; READY after a kill: p50 {p50:.2f} s, "
            f"p95 {p95:.2f} s, max {ready[-1]:.2f} s of {len(ready)}\n{dict(self.states)}"
        )


class Rig:
    """One data folder, the processes in it, and what each side says of it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.record = folder / "record.jsonl"
        self.config = folder / "cockpit.toml"
        self.config.write_text(CONFIG, encoding="utf-8")
        self.chance = Random(seed)
        self.figures = Figures()
        self._read = 0
        self._told: list[dict[str, Any]] = []

    def start(self, *, quiet: bool = False) -> subprocess.Popen[bytes]:
        command = [
            sys.executable, "-m", "tests.soak.driver", str(self.data), str(self.config),
            "" if quiet else str(self.chance.random()), str(self.record),
        ]  # fmt: skip
        environ = environ_of(self.folder) | {"PYTHONPATH": str(ROOT)}
        log = (self.folder / "output.log").open("ab")
        with log:
            return subprocess.Popen(command, env=environ, cwd=ROOT, stdout=log, stderr=log)

    def told(self) -> list[dict[str, Any]]:
        """The record so far; a line that a kill cut short was never told."""
        if self.record.exists():
            with self.record.open("rb") as file:
                file.seek(self._read)
                whole = file.read().rpartition(b"\n")[0]
            if whole:
                self._read += len(whole) + 1
                self._told += map(json.loads, whole.splitlines())
        return self._told

    def wait_ready(self, process: subprocess.Popen[bytes], began: float) -> None:
        def ready() -> float:
            assert process.poll() is None, (self.folder / "output.log").read_text("utf-8")[-3000:]
            times = [t["at"] for t in self.told() if t["kind"] == "recovery"
                     and t["phase"] == "ready" and t["at"] > began]  # fmt: skip
            return times[0] if times else 0.0

        took = wait_until(ready, 60, "the session to be ready") - began
        if self.figures.kills:
            self.figures.ready_s.append(took)
        else:  # it compiles what an installed program has compiled, and makes the tables
            self.figures.first_s = took

    def kill_once(self) -> None:
        """Start, wait for a random moment, SIGKILL, and look at what is left."""
        began = time.time()
        process = self.start()
        try:
            if self.chance.random() < KILLED_WHILE_STARTING:
                self.figures.while_starting += 1
                self._let_run(process, self.chance.uniform(0.1, 3.0))
            else:
                self.wait_ready(process, began)
                self._let_run(process, self.chance.uniform(0.05, LONGEST_S))
        finally:
            process.kill()
            process.wait()
        self.figures.kills += 1
        self.check()

    def _let_run(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            raise AssertionError((self.folder / "output.log").read_text("utf-8")[-3000:])

    def end(self) -> None:
        """One more start, and the staged stop; then both sides must be equal."""
        began = time.time()
        process = self.start(quiet=True)
        try:
            self.wait_ready(process, began)
            wait_until(lambda: self.told()[-1]["kind"] == "quiet", 60, "everything at rest")
            process.terminate()
            assert process.wait(30) == 0, (self.folder / "output.log").read_text("utf-8")[-3000:]
        finally:
            process.kill()
            process.wait()
        self.check()
        self.check_equal()

    # what is left

    def check(self) -> None:
        """What must hold at any moment, whatever was cut short."""
        if not (self.data / "cockpit.sqlite3").exists():
            return
        fills, orders = self._ledger_fills(), self._ledger_orders()
        venue_orders, executions = self._venue()
        for told in self.told():
            if told["kind"] == "fill":
                expected = tuple(told[k] for k in ("symbol", "side", "quantity", "price"))
                assert fills.get(told["id"]) == expected, f"lost or changed: {told}"
            elif told["kind"] == "order":
                assert orders.get(told["id"], 0) >= told["version"], f"lost: {told}"
        intents = Counter(order["order"]["intent"]["intent_id"] for order in venue_orders)
        doubled = [intent for intent, count in intents.items() if count > 1]
        assert not doubled, f"at the venue twice: {doubled}"
        strangers = {o["order"]["client_order_id"] for o in venue_orders} - set(orders)
        assert not strangers, f"the ledger never heard of {strangers}"
        for execution_id, fill in fills.items():
            assert executions.get(execution_id) == fill, f"never traded: {execution_id} {fill}"
        self._check_sums(venue_orders)

    def _check_sums(self, venue_orders: list[dict[str, Any]]) -> None:
        traded: Counter[str] = Counter()
        for body in self._bodies("executions"):
            traded[body["client_order_id"]] += Decimal(body["quantity"])  # type: ignore[assignment]
        for order in venue_orders:
            name, filled = order["order"]["client_order_id"], Decimal(order["filled"])
            assert traded[name] == filled <= Decimal(order["order"]["intent"]["quantity"]), name

    def check_equal(self) -> None:
        """After a stop in peace: the same fills and positions on both sides, a whole chain."""
        fills, (_, executions) = self._ledger_fills(), self._venue()
        assert fills == executions
        assert self._rows("SELECT count(*) FROM adjustment") == [(0,)]
        report = verify_audit(self.data / "cockpit.sqlite3")
        assert report is not None
        assert not report.fault, report.fault
        assert self._rows("PRAGMA integrity_check") == [("ok",)]
        self._check_resolved()
        told = {t["id"] for t in self.told() if t["kind"] == "fill"}
        self.figures.fills = len(fills)
        self.figures.recovered = len(set(fills) - told)
        self.figures.orders = len(self._ledger_orders())
        self.figures.states = Counter(s for (s,) in self._rows("SELECT state FROM orders"))

    def _check_resolved(self) -> None:
        """What a person said never arrived is not at the venue."""
        found = self._rows(
            "SELECT client_order_id FROM orders WHERE reason_code = 'RESOLVED_ABSENT'"
        )
        resolved = {name for (name,) in found}
        self.figures.unknown = len(resolved)
        assert not resolved & {o["order"]["client_order_id"] for o in self._venue()[0]}

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return _query(self.data / "cockpit.sqlite3", query)

    def _ledger_fills(self) -> dict[str, tuple[str, ...]]:
        rows = self._rows("SELECT execution_id, symbol, side, quantity, price FROM fill")
        assert len({row[0] for row in rows}) == len(rows)
        return {row[0]: row[1:] for row in rows}

    def _ledger_orders(self) -> dict[str, int]:
        query = "SELECT client_order_id, max(version) FROM order_history GROUP BY client_order_id"
        return dict(self._rows(query))  # type: ignore[arg-type]

    def _bodies(self, table: str) -> list[dict[str, Any]]:
        books = self.data / "paper" / "PAPER-1.sqlite3"
        if not books.exists():
            return []
        return [json.loads(body) for (body,) in _query(books, f"SELECT body FROM {table}")]

    def _venue(self) -> tuple[list[dict[str, Any]], dict[str, tuple[str, ...]]]:
        keys = ("symbol", "side", "quantity", "price")
        executions = self._bodies("executions")
        made = {e["execution_id"]: tuple(e[k] for k in keys) for e in executions}
        assert len(made) == len(executions)
        return self._bodies("orders"), made


def _query(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            return db.execute(query).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):  # killed while it was made
                return []
            raise


def run(folder: Path, kills: int, seed: int, *, say: bool = False) -> Figures:
    """Kill it so many times. Raises AssertionError for anything lost, doubled or unequal."""
    rig = Rig(folder, seed)
    for number in range(1, kills + 1):
        rig.kill_once()
        if say and number % 10 == 0:
            print(f"{number} kills, READY max {max(rig.figures.ready_s, default=0):.2f} s",
                  flush=True)  # fmt: skip
    rig.end()
    return rig.figures


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="kill9-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"in {folder}", flush=True)
    figures = run(folder, given.kills, given.seed, say=True)
    print(figures)
    assert max(figures.ready_s) <= READY_WITHIN_S, "too slow to be ready"


if __name__ == "__main__":
    main()
