"""Measure the store: durable rows a second by group commit against one session a row.

Run it on its own: `.venv/bin/python tests/bench/store.py [rows]`. Both ways write fills
with synchronous=FULL into files of one folder, in one run, so read the ratio first.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sqlalchemy import create_engine, event
from sqlmodel import Session

from cockpit.adapters.storage import ledger_rows, open_store
from cockpit.adapters.storage.database import Database
from cockpit.adapters.storage.rows import fill_values, order_values
from cockpit.adapters.storage.statements import ADD_FILL
from cockpit.adapters.storage.tables import Base, FillRow, OrderRow
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderIntent, OrderType, Side

INTENT = OrderIntent(
    intent_id="i", account_id="BENCH-1", symbol="XXX", side=Side.BUY, type=OrderType.MARKET,
    quantity=Decimal(100),
)  # fmt: skip
ORDER = Order(client_order_id="o", intent=INTENT)


def make_fill(number: int) -> Fill:
    return Fill(
        execution_id=f"x{number}", account_id="BENCH-1", client_order_id="o", symbol="XXX",
        side=Side.BUY, quantity=Decimal(100), price=Decimal("157.23"), fee=Decimal("0.35"),
        ts_event=number, ts_init=number,
    )  # fmt: skip


def one_session_a_row(folder: Path, rows: int) -> float:
    """Rows a second, each in a session and commit of its own."""
    engine = create_engine(f"sqlite:///{folder / 'sessions.db'}")

    @event.listens_for(engine, "connect")
    def promise(raw: object, _: object) -> None:
        raw.execute("PRAGMA journal_mode=WAL")  # type: ignore[attr-defined]
        raw.execute("PRAGMA synchronous=FULL")  # type: ignore[attr-defined]

    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(OrderRow(**order_values(ORDER)))
        session.commit()
    fills = [make_fill(number) for number in range(rows)]
    began = time.perf_counter()
    for fill in fills:
        with Session(engine) as session:
            session.add(FillRow(**fill_values(fill)))
            session.commit()
    took = time.perf_counter() - began
    engine.dispose()
    return rows / took


async def group_commit(folder: Path, rows: int) -> dict[str, float]:
    """Rows a second when all are handed over at once, the cost of handing over, and the
    time to durable of single rows."""
    store = await open_store(folder / "group.db")
    await store.save_order(ORDER)
    fills = [make_fill(number) for number in range(rows)]
    began = time.perf_counter()
    waiting = [asyncio.ensure_future(store.save_fill(fill, ORDER)) for fill in fills]
    await asyncio.sleep(0)  # all are handed over now
    handed = time.perf_counter() - began
    await asyncio.gather(*waiting)
    burst = time.perf_counter() - began
    singles: list[float] = []
    for number in range(rows, rows + 500):
        fill = make_fill(number)
        began = time.perf_counter()
        await store.save_fill(fill, ORDER)
        singles.append((time.perf_counter() - began) * 1000)
    await store.close()
    return {
        "rows/s": rows / burst,
        "hand-over us": handed / rows * 1e6,
        "p50 ms": statistics.median(singles),
        "p99 ms": statistics.quantiles(singles, n=100)[98],
    }


async def growth(folder: Path, rows: int) -> list[tuple[int, float]]:
    """Rows a second of ten bursts in a row: does a larger file cost more?"""
    store = await open_store(folder / "growth.db")
    await store.save_order(ORDER)
    curve: list[tuple[int, float]] = []
    for step in range(10):
        fills = [make_fill(step * rows + n) for n in range(rows)]
        began = time.perf_counter()
        await asyncio.gather(*(store.save_fill(fill, ORDER) for fill in fills))
        curve.append(((step + 1) * rows, rows / (time.perf_counter() - began)))
    await store.close()
    return curve


async def chain_cost(folder: Path, rows: int) -> tuple[float, float]:
    """Microseconds a fill with its order in the writer thread, without and with the audit log.

    Each burst is one job, so nothing but SQL and hashing is timed; the two ways take turns.
    """
    store = await open_store(folder / "chain.db")
    await store.save_order(ORDER)
    took: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(10):
        audited = turn % 2 == 1
        fills = [make_fill(turn * rows + number) for number in range(rows)]
        write = ledger_rows.save_fill if audited else without_audit

        def burst(
            db: Database, fills: list[Fill] = fills, write: Callable[..., object] = write
        ) -> float:
            began = time.perf_counter()
            for fill in fills:
                write(db, fill, ORDER)
            return time.perf_counter() - began

        took[audited].append(await store.call(burst) / rows * 1e6)
    await store.close()
    return statistics.median(took[False]), statistics.median(took[True])


def without_audit(db: Database, fill: Fill, order: Order) -> None:
    """What `save_fill` does, but for its audit rows."""
    values = fill_values(fill)
    assert db.execute(ledger_rows.KNOWN, values).fetchone() is None
    ledger_rows.put_order(db, order)
    db.execute(ADD_FILL, values)


def import_ms(module: str) -> float:
    """Milliseconds that importing `module` costs, in a fresh interpreter."""
    code = (
        "import time; t = time.perf_counter(); "
        f"import {module}; print((time.perf_counter() - t) * 1000)"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    return float(done.stdout)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone = one_session_a_row(folder, rows // 5)
        grouped = asyncio.run(group_commit(folder, rows))
        curve = asyncio.run(growth(folder, rows))
        plain, chained = asyncio.run(chain_cost(folder, rows))
    print(f"one session a row   {alone:10,.0f} fills/s")
    print(f"group commit        {grouped['rows/s']:10,.0f} fills/s, each with its order's two rows")
    print(f"ratio               {grouped['rows/s'] / alone:10.1f}")
    print(f"handing over        {grouped['hand-over us']:10.1f} us a fill, its task included")
    print(f"single to durable   {grouped['p50 ms']:10.2f} ms p50, {grouped['p99 ms']:.2f} ms p99")
    print(
        f"audit chain         {chained:10.1f} us a fill with its order, {plain:.1f} without: "
        f"{chained / plain:.2f} times, {(chained - plain) / 2:.1f} us a row"
    )
    print("growth              " + ", ".join(f"{n:,}: {rate:,.0f}/s" for n, rate in curve))
    print(f"import, at start    {import_ms('cockpit.adapters.storage'):10.0f} ms")
    print(f"import, in thread   {import_ms('cockpit.adapters.storage.store'):10.0f} ms")


if __name__ == "__main__":
    main()
