"""How long the kill switch takes with many open orders, on real time, through the real command.

    python tests/bench/kill_switch.py [--quick]
    pytest -p benchmark tests/bench/kill_switch.py   (with pytest-benchmark)

The venue is 30 ms away, each way. For each number of open orders, in one run: the bulk cancel as
it is; the same when the broker refuses the bulk, so that each order is cancelled by itself at the
same time; and one after the other, as a person would. `handed over` is from the key to the last
request at the broker's door, `confirmed` until the broker said that nothing is open; the ratio is
of the latter, against one by one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.app.compose import Assembly
from cockpit.domain.order import OrderState, OrderType, Side
from cockpit.ports.broker import BrokerError
from tests.support.waiting import eventually
from tests.support.wall_core import quote, wall_core

DELAY_MS = 30.0
COUNTS = (25, 50, 100, 200)


@dataclass
class Took:
    """Milliseconds from the key."""

    halted: float
    handed_over: float
    confirmed: float


class Watch:
    """Notes when the broker was asked for a cancel."""

    def __init__(self, assembly: Assembly, *, refuse_bulk: bool) -> None:
        self.last = self.began = time.perf_counter()
        broker: Any = assembly.desk.broker
        broker.cancel = self._noting(broker.cancel)
        broker.cancel_all = self._noting(refused if refuse_bulk else broker.cancel_all)

    def _noting(self, ask: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def noted(*arguments: Any) -> None:
            self.last = time.perf_counter()
            await ask(*arguments)

        return noted

    def ms(self, at: float | None = None) -> float:
        return ((time.perf_counter() if at is None else at) - self.began) * 1000


async def refused() -> None:
    await asyncio.sleep(2 * DELAY_MS / 1000)
    raise BrokerError("503", user_text="The broker did not take it.")


async def open_orders(assembly: Assembly, count: int) -> None:
    """Resting buys, each at its own price."""
    commands = assembly.core.commands
    for number in range(count):
        if number % 50 == 0:
            quote(assembly)
        intent = commands.intent(
            symbol="ABC",
            side=Side.BUY,
            type=OrderType.LIMIT,
            quantity=Decimal(1),
            limit_price=Decimal(9_000 + number) / 100,
        )
        await commands.place(intent)
    orders = assembly.core.orders
    await eventually(lambda: {order.state for order in orders.open()} == {OrderState.WORKING})
    assert len(orders.open()) == count, orders.all()[-1]


async def by_the_key(assembly: Assembly, watch: Watch) -> Took:
    halted: list[float] = []
    assembly.core.switch.on_latch(lambda _state: halted.append(watch.ms()))
    watch.began = time.perf_counter()
    report = await assembly.core.commands.kill_all()
    assert report.confirmed, report
    return Took(halted[0], watch.ms(watch.last), watch.ms())


async def one_by_one(assembly: Assembly, watch: Watch) -> Took:
    """As a person would: halt, then each order, then look."""
    commands = assembly.core.commands
    watch.began = time.perf_counter()
    await commands.halt()
    halted = watch.ms()
    for order in assembly.core.orders.open():
        await commands.cancel(order.client_order_id)
    handed_over = watch.ms(watch.last)
    assert not await assembly.desk.broker.open_orders()
    return Took(halted, handed_over, watch.ms())


async def measured(way: str, count: int) -> Took:
    with tempfile.TemporaryDirectory() as folder:
        async with wall_core(Path(folder), latency_ms=DELAY_MS) as assembly:
            await open_orders(assembly, count)
            watch = Watch(assembly, refuse_bulk=way == "bulk refused")
            act = one_by_one if way == "one by one" else by_the_key
            return await act(assembly, watch)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few orders")
    counts = (10, 20) if parser.parse_args().quick else COUNTS
    print(f"venue {DELAY_MS:.0f} ms away each way; milliseconds from the key")
    names = ("halted", "handed over", "confirmed", "ratio")
    print(f"{'orders':>7} {'way':>13} " + " ".join(f"{name:>11}" for name in names))
    for count in counts:
        ways = ("bulk", "bulk refused", "one by one")
        took = {way: asyncio.run(measured(way, count)) for way in ways}
        for way, times in took.items():
            ratio = took["one by one"].confirmed / times.confirmed
            print(
                f"{count:>7} {way:>13} {times.halted:11.2f} {times.handed_over:11.1f}"
                f" {times.confirmed:11.1f} {ratio:11.1f}"
            )


def test_two_hundred_orders(benchmark: Any) -> None:
    """From the key to the broker's word, the set-up included in neither."""
    times: list[float] = []

    def fire() -> None:
        times.append(asyncio.run(measured("bulk", 200)).confirmed)

    benchmark.pedantic(fire, rounds=3)
    benchmark.extra_info["confirmed_ms"] = times


if __name__ == "__main__":
    main()
