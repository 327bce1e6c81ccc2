"""A busy trader in a headless paper session, and what it was told, in a file of its own.

Run by kill9.py as a process that is killed: `python -m tests.soak.driver DATA CONFIG SEED RECORD`.
Whatever the bus tells has been acknowledged, and is in RECORD before anything else happens.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from cockpit.app.core import Core
from cockpit.app.starting import launch_of_settings
from cockpit.app.unattended.session import run_headless
from cockpit.domain.account import Mode
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import FillBooked, OrderChanged, RecoveryChanged
from cockpit.domain.order import Order, OrderState, OrderType, Side, TimeInForce

SPEED = 30.0
PAUSE_S = 0.4  # of the session, between two commands
MOST_OPEN = 40
_SIDES, _TIFS = list(Side), [TimeInForce.DAY, TimeInForce.GTC]


class Record:
    """Lines of JSON: one write each, so a kill leaves whole lines but perhaps the last."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)

    def note(self, kind: str, **told: Any) -> None:
        os.write(self._file, msgspec.json.encode({"kind": kind, **told}) + b"\n")

    def on_order(self, event: OrderChanged) -> None:
        order = event.order
        self.note("order", id=order.client_order_id, version=order.version, state=order.state)

    def on_fill(self, event: FillBooked) -> None:
        fill = event.fill
        self.note("fill", id=fill.execution_id, symbol=fill.symbol, side=fill.side,
                  quantity=str(fill.quantity), price=str(fill.price))  # fmt: skip

    def on_recovery(self, event: RecoveryChanged) -> None:
        self.note("recovery", phase=event.phase, at=time.time(), text=event.text)


class Driver:
    """Does what a trader may do, at random and often."""

    def __init__(self, core: Core, chance: Random) -> None:
        self._core = core
        self._commands = core.commands
        self._chance = chance
        self._acts: list[tuple[int, Callable[[], Awaitable[object]]]] = [
            (40, self._market),
            (25, self._limit),
            (6, self._stop),
            (14, self._cancel),
            (8, self._replace),
            (3, self._flatten),
            (1, self._commands.cancel_all),
        ]

    async def run(self) -> None:
        weights = [weight for weight, _ in self._acts]
        while True:
            await self._core.clock.sleep(PAUSE_S * self._chance.random() * 2)
            [(_, act)] = self._chance.choices(self._acts, weights)
            for step in (act, self._resolve):
                try:
                    await step()
                except CockpitError:
                    continue  # refused, as a person would be

    def _symbol(self) -> str:
        return self._chance.choice(self._core.feed.instruments).symbol

    async def _place(self, kind: OrderType, away: float | None) -> None:
        symbol, side = self._symbol(), self._chance.choice(_SIDES)
        mark = self._core.portfolio.mark_of(symbol)
        if mark is None or len(self._working()) > MOST_OPEN:
            return
        price = None if away is None else Decimal(str(round(mark * (1 + away * side.sign), 2)))
        await self._commands.place(
            self._commands.intent(
                symbol=symbol, side=side, type=kind, quantity=Decimal(self._chance.randint(1, 30)),
                limit_price=price if kind is OrderType.LIMIT else None,
                stop_price=price if kind is OrderType.STOP else None,
                tif=self._chance.choice(_TIFS),
            )
        )  # fmt: skip

    async def _market(self) -> None:
        await self._place(OrderType.MARKET, None)

    async def _limit(self) -> None:
        await self._place(OrderType.LIMIT, self._chance.uniform(-0.004, 0.0005))

    async def _stop(self) -> None:
        await self._place(OrderType.STOP, self._chance.uniform(0.0005, 0.003))

    def _working(self) -> list[Order]:
        return [o for o in self._core.orders.all() if o.state is OrderState.WORKING]

    async def _cancel(self) -> None:
        if working := self._working():
            await self._commands.cancel(self._chance.choice(working).client_order_id)

    async def _replace(self) -> None:
        if working := [o for o in self._working() if o.intent.limit_price is not None]:
            order = self._chance.choice(working)
            price = order.intent.limit_price + Decimal("0.01") * self._chance.randint(-3, 3)
            await self._commands.replace(order.client_order_id, limit_price=price)

    async def _flatten(self) -> None:
        if held := self._core.portfolio.open_positions():
            await self._commands.flatten(self._chance.choice(held).symbol)

    async def _resolve(self) -> None:
        """State what a person would after a minute: this one never arrived."""
        for order in self._core.orders.all():
            if order.state is OrderState.UNKNOWN:
                await self._commands.resolve_unknown(order.client_order_id)


async def _quiet(core: Core, record: Record) -> None:
    """Trade no more: nothing works at the venue, nothing is on its way."""
    await core.commands.cancel_all()
    while any(o.state.at_venue and o.state is not OrderState.UNKNOWN for o in core.orders.all()):
        await core.clock.sleep(1)
    record.note("quiet")


def main(data: str, config: str, seed: str, record_to: str) -> None:
    """Trade until killed, or with an empty seed come to rest and wait for SIGTERM."""
    record = Record(Path(record_to))
    launch = launch_of_settings(
        Path(data), Path(config), mode=Mode.PAPER, speed=SPEED, interactive=False
    )

    def begun(core: Core) -> None:
        core.bus.subscribe(OrderChanged, record.on_order)
        core.bus.subscribe(FillBooked, record.on_fill)
        core.bus.subscribe(RecoveryChanged, record.on_recovery)
        record.note("recovery", phase=core.recovery.phase, at=time.time(), text=core.recovery.text)
        driver = Driver(core, Random(seed))
        body = driver.run if seed else lambda: _quiet(core, record)
        core.supervisor.serve(body, name="driver", owner="soak")

    asyncio.run(run_headless(launch, begun))


if __name__ == "__main__":
    main(*sys.argv[1:])
