"""Measure the journal as it grows: import, memory, statistics, search, scrolling, a start.

Run it on its own: `.venv/bin/python tests/bench/journal.py [fills ...]`. Without numbers 10,000,
100,000 and 1,000,000 fills, each in a process of its own, so that memory is of that size alone.
Read the growth from row to row: milliseconds are of one machine. Store, read and search are told by
the clock, all else by processor time.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.entry_rows import save_entry
from cockpit.adapters.storage.rows import fill_values
from cockpit.adapters.storage.statements import ADD_FILL
from cockpit.app.bookkeeping.live import load_journal
from cockpit.domain.fill import Fill
from cockpit.domain.imported import Booking, Execution
from cockpit.domain.order import Side
from cockpit.journal.imported import ImportedBook
from cockpit.journal.journal import Journal
from cockpit.journal.search import query_of
from cockpit.journal.statistics import statistics_of
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.entries import JournalEntry
from cockpit.ports.imports import ImportBatch

T = TypeVar("T")
START = 1_262_356_200_000_000_000  # 1 January 2010, 09:30 New York
GAP = 230_000_000_000  # so that a million fills are seven years
SYMBOLS = [f"S{n:03d}" for n in range(200)]
WORDS = ("waited", "breakout", "retest", "chased", "patience", "gap", "fade", "size", "stop")


def booking(number: int) -> Booking:
    """Every symbol is bought, then sold, over and over; some win, some lose."""
    round_, place = divmod(number, len(SYMBOLS))
    entry = Execution(
        symbol=SYMBOLS[place],
        side=Side.SELL if round_ % 2 else Side.BUY,
        quantity=Decimal(100),
        price=Decimal(10_000 + (number * 7919) % 200) / 100,
        fee=Decimal("0.35"),
    )
    return Booking(key=f"k{number}", account_id="BENCH", ts_event=START + number * GAP, entry=entry)


def timed(act: Callable[[], T]) -> tuple[float, T]:
    """Milliseconds of processor time, so that a busy machine tells the same; and the result."""
    began = time.process_time()
    result = act()
    return (time.process_time() - began) * 1000, result


def resident_mb() -> float:
    """Memory of this process now, in MB (the peak where the system does not tell)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


async def measure(fills: int) -> dict[str, float]:
    """All figures of one size."""
    with tempfile.TemporaryDirectory() as name:
        store = await open_store(Path(name) / "ledger.db")
        bookings = [booking(n) for n in range(fills)]
        batch = ImportBatch(batch_id="b", format="f", file_name="n", digest="d", imported_ns=1)
        began = time.perf_counter()
        await store.save_import(batch, bookings)
        told = {"store us/fill": (time.perf_counter() - began) / fills * 1e6}
        del bookings
        began = time.perf_counter()
        stored = await store.imported("BENCH")
        told["read us/fill"] = (time.perf_counter() - began) / fills * 1e6
        gc.collect()
        before = resident_mb()
        took, book = timed(partial(_matched, stored))
        told["match us/fill"] = took / fills * 1000
        stored = []
        gc.collect()
        told["bytes/fill"] = max(0.0, resident_mb() - before) / fills * 1e6
        told |= of_book(book)
        told |= await of_search(store, min(fills // 10, 100_000))
        told |= of_panel(book)
        await store.close()
        del book, store
        gc.collect()
        told |= await of_start(Path(name) / "session.db", fills)
    return told


async def of_start(path: Path, fills: int) -> dict[str, float]:
    """A session's account: read from the ledger, matched in parts, the longest hold of the loop."""
    store = await open_store(path)
    await store.close()
    with closing(sqlite3.connect(path)) as raw:  # without orders: it asks for none
        raw.executemany(ADD_FILL, (fill_values(fill(number)) for number in range(fills)))
        raw.commit()
    store = await open_store(path)
    clock = WallClock()
    journal = Journal(Bus(), store, clock, Supervisor(clock), "BENCH")
    gaps: list[float] = []
    beside = asyncio.ensure_future(_turns(gaps))
    began = time.process_time()
    await load_journal(journal, lambda _lamp: None)
    took = (time.process_time() - began) / fills * 1e6
    beside.cancel()
    gaps.sort()
    journal.stop_listening()
    await store.close()
    return {"start us/fill": took, "hold p99 ms": gaps[int(len(gaps) * 0.99)], "hold ms": gaps[-1]}


async def _turns(gaps: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0)
        gaps.append((time.perf_counter() - began) * 1000)


def fill(number: int) -> Fill:
    """The booking of that number, as a session's broker tells it."""
    told = booking(number)
    assert isinstance(told.entry, Execution)
    return Fill(
        execution_id=told.key, account_id="BENCH", client_order_id=told.key,
        symbol=told.entry.symbol, side=told.entry.side, quantity=told.entry.quantity,
        price=told.entry.price, fee=told.entry.fee, ts_event=told.ts_event, ts_init=told.ts_event,
    )  # fmt: skip


def _matched(stored: Sequence[Booking]) -> TradeBook:
    return ImportedBook("BENCH", stored).trades


def of_book(book: TradeBook) -> dict[str, float]:
    """Statistics of all and of one day, and the calendar."""
    trades = book.trades()
    all_ms, _ = timed(lambda: statistics_of(trades, period="all", starting_equity=Decimal(10**6)))
    day = book.days()[len(book.days()) // 2]
    day_ms, _ = timed(lambda: book.statistics(day))
    first_ms, _ = timed(lambda: [book.day_sum(d) for d in book.closing_days()])
    again_ms, _ = timed(lambda: [book.day_sum(d) for d in book.closing_days()])
    return {"all stats ms": all_ms, "day stats ms": day_ms, "calendar ms": first_ms,
            "again ms": again_ms}  # fmt: skip


async def of_search(store: object, notes: int) -> dict[str, float]:
    """Milliseconds of a rare word, a common one, the beginning of one, and a tag."""

    def fill(db: object) -> None:
        for number in range(notes):
            words = " ".join(WORDS[(number * k) % len(WORDS)] for k in range(1, 9))
            rare = " zugzwang" if number == notes // 2 else ""
            entry = JournalEntry(account_id="BENCH", day="2018-01-02", drafted="",
                                 trade_id=f"t{number}", note=f"{words}{rare}",
                                 tags=(f"setup/{WORDS[number % len(WORDS)]}",))  # fmt: skip
            save_entry(db, entry)  # type: ignore[arg-type]

    await store.call(fill)  # type: ignore[attr-defined]
    told = {}
    for name, text in (("rare", "zugzwang"), ("common", "waited"), ("prefix", "pat"),
                       ("tag", "#setup")):  # fmt: skip
        worst = 0.0
        for _ in range(3):
            began = time.perf_counter()
            found = await store.search_entries(query_of(text), "BENCH", 50)  # type: ignore[attr-defined]
            worst = max(worst, (time.perf_counter() - began) * 1000)
            assert found
        told[f"{name} ms"] = worst
    return told


def of_panel(book: TradeBook) -> dict[str, float]:
    """The table of all trades: shown, then scrolled from end to end; the slowest frame."""
    from PySide6.QtWidgets import QApplication

    from cockpit.ui.models.trades import TradeRows, trade_columns
    from cockpit.ui.theme import Theme
    from cockpit.ui.widgets.blotter import Blotter

    application = QApplication.instance() or QApplication([])
    rows = TradeRows()
    table = Blotter(trade_columns(), rows, Theme(), title="Trades", empty="")
    table.resize(1000, 300)
    table.show()
    trades = book.trades()

    def show() -> None:
        rows.show(trades, {})
        table.refresh()
        application.processEvents()

    shown_ms, _ = timed(show)
    bar = table.verticalScrollBar()
    _scroll(application, bar, 199)  # fonts and glyphs are loaded once
    frames = sorted(timed(partial(_scroll, application, bar, step))[0] for step in range(200))
    table.hide()
    table.deleteLater()
    application.processEvents()
    return {"show ms": shown_ms, "frame p50": frames[100], "frame p99": frames[197]}


def _scroll(application: object, bar: object, step: int) -> None:
    bar.setValue(bar.maximum() * step // 200)  # type: ignore[attr-defined]
    application.processEvents()  # type: ignore[attr-defined]


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        print(json.dumps(asyncio.run(measure(int(sys.argv[2])))))
        return
    sizes = [int(text.replace(",", "")) for text in sys.argv[1:]] or [10_000, 100_000, 1_000_000]
    results = []
    for size in sizes:
        done = subprocess.run([sys.executable, __file__, "--one", str(size)], check=True,
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
        results.append(json.loads(done.stdout))
    print(f"{'fills':<16}" + "".join(f"{size:>14,}" for size in sizes))
    for name in results[0]:
        print(f"{name:<16}" + "".join(f"{result[name]:>14,.2f}" for result in results))


if __name__ == "__main__":
    main()
