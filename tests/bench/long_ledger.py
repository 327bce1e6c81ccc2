"""How long a start takes with a ledger of years: from an empty room to READY, and what it holds up.

    python tests/bench/long_ledger.py [fills ...]

Without numbers 1,000, 100,000 and 1,000,000 fills, each of an order of its own, in 100 symbols that
are bought and sold again and again. A paper session comes up on it; seconds by the clock, the
longest time that the loop turned nobody else's work, and how long it takes after a break of the
connection. Each size in a process of its own.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.adapters.brokers.paper import PaperBroker, PaperSettings
from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.rows import fill_values, order_values
from cockpit.adapters.storage.statements import ADD_FILL, SAVE_ORDER
from cockpit.app.ids import IntentIds
from cockpit.domain.account import Mode
from cockpit.domain.approval import Autonomy
from cockpit.domain.fill import Fill
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.recovery import RecoveryPhase
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.book import Book
from cockpit.risk.limit_book import LimitBook
from cockpit.trading.desk import Means, TradingDesk, open_desk
from cockpit.trading.recovery.recovery import KIND, Recovered

ACCOUNT = "BENCH"
SIZES = (1_000, 100_000, 1_000_000)
SYMBOLS = [f"S{n:03d}" for n in range(100)]
TURN_S = 0.01
GAP = 230 * SECOND  # a million fills are seven years
LINE = "{:>10} fills  ready {:7.2f} s  longest hold {:7.2f} s  again {:6.2f} s  {:6.0f} MB"


def traded(count: int, until_ns: int) -> Iterator[tuple[Order, Fill]]:
    """Filled market orders, the last one at `until_ns`; of a whole number of rounds all is flat."""
    for number in range(count):
        round_, place = divmod(number, len(SYMBOLS))
        symbol, side = SYMBOLS[place], Side.SELL if round_ % 2 else Side.BUY
        ts_ns, price = until_ns - (count - number) * GAP, Decimal(10_000 + number % 200) / 100
        intent = OrderIntent(
            intent_id=f"{ACCOUNT}/manual/{number}",
            account_id=ACCOUNT,
            symbol=symbol,
            side=side,
            type=OrderType.MARKET,
            quantity=Decimal(100),
        )
        order = Order(
            client_order_id=f"o{number}",
            intent=intent,
            state=OrderState.FILLED,
            venue_order_id=f"v{number}",
            filled=Decimal(100),
            average_price=price,
            created_ns=ts_ns,
            updated_ns=ts_ns,
            version=5,
        )
        yield (
            order,
            Fill(
                execution_id=f"e{number}",
                account_id=ACCOUNT,
                client_order_id=order.client_order_id,
                symbol=symbol,
                side=side,
                quantity=Decimal(100),
                price=price,
                fee=Decimal("0.35"),
                cumulative=Decimal(100),
                ts_event=ts_ns,
                ts_init=ts_ns,
            ),
        )


async def ledger_of(path: Path, count: int, until_ns: int) -> None:
    """A ledger that holds them."""
    await (await open_store(path)).close()
    with closing(sqlite3.connect(path)) as raw:
        for order, fill in traded(count, until_ns):
            raw.execute(SAVE_ORDER, order_values(order))
            raw.execute(ADD_FILL, fill_values(fill))
        raw.commit()


async def ready(desk: TradingDesk) -> float:
    """Seconds until it is READY."""
    began = time.perf_counter()
    while desk.recovery.phase is not RecoveryPhase.READY:
        if time.perf_counter() - began > 600:
            raise SystemExit(f"not ready: {desk.recovery.text}")
        await asyncio.sleep(TURN_S)
    return time.perf_counter() - began


async def rearmed() -> None:
    """What protects positions is known again."""
    await asyncio.gather(*(t for t in asyncio.all_tasks() if "rearm" in t.get_name()))


async def measure(count: int) -> None:
    """One size, printed."""
    clock = WallClock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite3"
        await ledger_of(path, count, clock.now_ns() - 3 * 86_400 * SECOND)
        gc.collect()
        store = await open_store(path)
        compared = Recovered("bench", 2, 0, clock.now_ns() - 86_400 * SECOND)
        await store.record(KIND, ACCOUNT, clock.now_ns(), compared)
        desk, supervisor = open_room(clock, store)
        held = [0.0]
        ticking = asyncio.ensure_future(_longest_hold(held))
        await asyncio.sleep(0.05)
        began = time.perf_counter()
        await desk.start()
        took = time.perf_counter() - began + await ready(desk)
        await rearmed()
        desk.recovery.request("the connection was cut")
        began = time.perf_counter()
        again = await ready(desk)
        await rearmed()
        again = max(again, time.perf_counter() - began)
        ticking.cancel()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(LINE.format(f"{count:,}", took, held[0], again, memory))
        desk.protector.close()
        desk.sweeper.stop()
        await supervisor.stop()
        await desk.broker.close()
        await store.close()


def open_room(clock: WallClock, store: object) -> tuple[TradingDesk, Supervisor]:
    """The trading room over a ledger, at a paper venue that holds nothing."""
    supervisor, ids = Supervisor(clock), IntentIds(ACCOUNT)
    desk = open_desk(
        Means(
            bus=Bus(),
            clock=clock,
            supervisor=supervisor,
            store=store,  # type: ignore[arg-type]
            prices=Book(clock),
            make_broker=lambda redeem: PaperBroker(
                PaperSettings(jitter_fraction=0),
                clock=clock,
                redeem=redeem,
                account_id=ACCOUNT,
                mode=Mode.PAPER,
            ),
            account_id=ACCOUNT,
            mode=Mode.PAPER,
            limits=LimitBook(LimitRules.of(Limits()), ACCOUNT),
            autonomy=lambda _strategy: Autonomy.APPROVE,
            session_open=lambda _now: True,
            late=lambda: False,
            incident=lambda *_told: None,
            next_id=ids.next,
            resume_ids=ids.go_on_after,
        )
    )
    return desk, supervisor


async def _longest_hold(held: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(TURN_S)  # one that spins keeps the store's thread waiting
        held[0] = max(held[0], time.perf_counter() - began - TURN_S)


def main() -> None:
    """Each size that was asked for."""
    asked = [int(word) for word in sys.argv[1:]]
    if len(asked) == 1:
        asyncio.run(measure(asked[0]))
        return
    for size in asked or SIZES:
        subprocess.run([sys.executable, __file__, str(size)], check=True)


if __name__ == "__main__":
    main()
