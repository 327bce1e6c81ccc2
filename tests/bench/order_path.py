"""How long an order takes from `Commands.place` to the broker's wire, with the ledger and without.

    python tests/bench/order_path.py [--quick]
    pytest -p benchmark tests/bench/order_path.py   (with pytest-benchmark)

Real session, real gate, real time; the next order waits until the one before is working. `ledger`
writes each step durably before the next, `none` answers at once. In turns of one run, so read the
ratio; the growth is over the orders of the day that are open already.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.app.compose import Assembly
from cockpit.domain.order import OrderState, OrderType, Side
from cockpit.ports.store import Store
from tests.support.waiting import eventually
from tests.support.wall_core import quote, wall_core

STEPS, EACH = 4, 50


class NoLedger:
    """Reads what is there and forgets what it is told."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        if name.startswith("save_") or name == "record":
            return self._forget
        return getattr(self._store, name)

    async def _forget(self, *_: Any) -> bool:
        return True


class OrderPath:
    """One session, and the orders it places."""

    def __init__(self, assembly: Assembly) -> None:
        self._core = assembly.core
        self._number = 0
        self._left = 0.0
        broker: Any = assembly.desk.broker
        submit = broker.submit

        async def leaving(*arguments: Any) -> Any:
            self._left = time.perf_counter()
            return await submit(*arguments)

        broker.submit = leaving
        self._assembly = assembly

    async def place(self) -> float:
        """Milliseconds from the command to the wire."""
        if self._number % 50 == 0:
            quote(self._assembly)
        self._number += 1
        intent = self._core.commands.intent(
            symbol="ABC",
            side=Side.BUY,
            type=OrderType.LIMIT,
            quantity=Decimal(1),
            limit_price=Decimal(9_000 + self._number) / 100,
        )
        self._left = 0.0
        began = time.perf_counter()
        order = await self._core.commands.place(intent)
        orders, order_id = self._core.orders, order.client_order_id
        await eventually(lambda: orders.get(order_id).state is OrderState.WORKING)  # type: ignore[union-attr]
        return (self._left - began) * 1000


async def measured(steps: int, each: int) -> list[dict[str, list[float]]]:
    """Milliseconds by ledger, step by step: each step has more open orders than the last."""
    async with AsyncExitStack() as ends:
        paths: dict[str, OrderPath] = {}
        for name, ledger in (("ledger", lambda store: store), ("none", NoLedger)):
            folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
            session = wall_core(folder, latency_ms=1.0, ledger=ledger)
            paths[name] = OrderPath(await ends.enter_async_context(session))
        found: list[dict[str, list[float]]] = []
        for _ in range(steps):
            times: dict[str, list[float]] = {name: [] for name in paths}
            for _ in range(each):
                for name, path in paths.items():
                    times[name].append(await path.place())
            found.append(times)
        return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few orders")
    steps, each = (2, 20) if parser.parse_args().quick else (STEPS, EACH)
    print("milliseconds from Commands.place to the broker's wire")
    print(f"{'open':>9} {'':>7} {'p50':>7} {'p99':>7} {'grown':>6} {'ratio':>6}")
    first: dict[str, float] = {}
    for step, times in enumerate(asyncio.run(measured(steps, each))):
        for name, values in times.items():
            p50, p99 = median(values), quantiles(values, n=100)[98]
            grown = p50 / first.setdefault(name, p50)
            ratio = p50 / median(times["none"])
            span = f"{step * each}-{(step + 1) * each}"
            print(f"{span:>9} {name:>7} {p50:7.2f} {p99:7.2f} {grown:6.2f} {ratio:6.1f}")


def test_an_order_to_the_wire(benchmark: Any) -> None:
    """With the ledger; each round is an order."""
    loop = asyncio.new_event_loop()
    ends = AsyncExitStack()
    folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
    session = wall_core(folder, latency_ms=1.0)
    path = OrderPath(loop.run_until_complete(ends.enter_async_context(session)))
    try:
        benchmark.pedantic(lambda: loop.run_until_complete(path.place()), rounds=100)
    finally:
        loop.run_until_complete(ends.aclose())
        loop.close()


if __name__ == "__main__":
    main()
