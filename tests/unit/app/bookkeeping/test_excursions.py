"""MAE and MFE as trades close, and from a tape afterwards; plans from real orders."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.adapters.storage import open_store
from cockpit.adapters.tape.shelf import Kept, Shelf
from cockpit.app.bookkeeping.books import all_books, closed_trades
from cockpit.app.bookkeeping.excursions import ExcursionKeeper
from cockpit.app.bookkeeping.importing import import_statement
from cockpit.app.bookkeeping.measuring import measure
from cockpit.app.bookkeeping.telling import trades_told
from cockpit.app.launch import STORE_NAME
from cockpit.domain.account import Mode
from cockpit.domain.events import TradeClosed
from cockpit.domain.market import TradePrint
from cockpit.domain.order import OrderType, Side
from cockpit.domain.protection import Protection
from cockpit.domain.values import session_date
from cockpit.journal.ledger import match_fifo
from cockpit.journal.plan import plan_of
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.bars import BarBook
from cockpit.ports.feed import RawBar, RawQuote, RawRow, RawTrade
from cockpit.ports.tape import Origin
from tests.support.desk import trading_desk
from tests.support.fills import NINE_THIRTY, fill, fills
from tests.unit.journal.test_journal import order_of

D = Decimal


def printed(at_s: float, price: float, symbol: str = "XXX") -> TradePrint:
    at = NINE_THIRTY + round(at_s * SECOND)
    return TradePrint(symbol=symbol, price=price, size=100, ts_event=at, ts_init=at)


async def kept_of(folder: Path, prints: list[TradePrint]) -> list[tuple[object, ...]]:
    """What a session keeps of a long of 100 from minute 1 to 5, entered at 10 and left at 11."""
    bus, clock = Bus(), VirtualClock(NINE_THIRTY)
    supervisor, bars = Supervisor(clock), BarBook(bus, 60)
    store = await open_store(folder / "ledger.db")
    book = TradeBook("DEMO-1")
    book.extend([fill(1, "+100 @ 10"), fill(5, "-100 @ 11")])
    keeper = ExcursionKeeper(bus, bars, book, store, supervisor)
    for one in prints:
        bars.on_print(one)
    [trade] = book.trades()
    bus.publish(TradeClosed(trade=trade, ts_event=trade.closed_ns, ts_init=trade.closed_ns))
    bus.publish(TradeClosed(trade=trade, ts_event=trade.closed_ns, ts_init=trade.closed_ns))
    await clock.run_until(clock.now_ns() + SECOND)
    found = await store.excursions("DEMO-1")
    assert keeper.measure(trade) == (found[0] if found else None)
    await supervisor.stop()
    await store.close()
    assert not bus.failures
    return [(e.adverse, e.favourable, e.worst, e.best, e.source) for e in found]


async def test_prints_tell_it_exactly(tmp_path: Path) -> None:
    prints = [printed(50, 1), printed(90, 9.5), printed(200, 12), printed(301, 99)]
    assert await kept_of(tmp_path, prints) == [(D("-0.5"), 2, -50, 200, "prints")]


async def test_bars_tell_it_where_prints_are_gone(tmp_path: Path) -> None:
    edge = [printed(61, 8)]  # in the bar of the entry: that one is not wholly within
    many = [printed(130 + n / 100, 9.5 if n % 2 else 12) for n in range(3000)]
    told = await kept_of(tmp_path, [printed(50, 1), *edge, *many, printed(290, 11)])
    assert told == [(D("-2"), 2, -200, 200, "bars of 60 s")]


async def test_nothing_seen_is_nothing_kept(tmp_path: Path) -> None:
    assert await kept_of(tmp_path, []) == []


async def record(
    folder: Path, account: str, label: str, rows: list[RawRow], bars: tuple[RawBar, ...] = ()
) -> None:
    tape = Shelf(folder / "tapes", Kept(days=9, most_bytes=10**9, free_bytes=0)).begin(
        rows[0].ts_event, account, Origin(feed="f", label=label), patient=True,
        on_failure=lambda _why: None, call_in_loop=lambda call: call(),
    )  # fmt: skip
    for row in rows:
        tape.write(row.ts_event, [row])
        if bars:
            tape.tell(row.ts_event, bars)
    await tape.close({})


def row(minute: float, price: float) -> RawTrade:
    return RawTrade(symbol="XXX", price=price, size=1, ts_event=NINE_THIRTY + round(minute * 60e9))


def quoted(minute: float, bid: float, ask: float) -> RawQuote:
    return RawQuote(symbol="XXX", bid=bid, ask=ask, bid_size=1, ask_size=1,
                    ts_event=NINE_THIRTY + round(minute * 60e9))  # fmt: skip


async def session(folder: Path) -> str:
    """A stored session with one trade, minutes 1 to 2."""
    store = await open_store(folder / STORE_NAME)
    run = await store.open_run(Mode.PAPER, label="l", source="s", now_ns=1)
    for each in fills("+100 @ 10", "-100 @ 11"):
        mine = fill(int(each.execution_id[1:]), f"{each.signed_quantity} @ {each.price}",
                    account=run.account_id)  # fmt: skip
        await store.save_fill(mine, order_of(mine))
    await store.close()
    return run.account_id


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([row(0, 10), row(1.5, 9), row(1.6, 13), row(3, 1)], ("-1", "3", "prints on tape")),
        (
            [quoted(0, 9, 10), quoted(1.5, 9.5, 20), quoted(3, 1, 2)],
            ("-0.5", "1", "quotes on tape"),
        ),
    ],
)
async def test_a_tape_tells_it_afterwards(
    tmp_path: Path, rows: list[RawRow], told: tuple[str, str, str]
) -> None:
    account = await session(tmp_path)
    await record(tmp_path, account, "", rows)
    report = await measure(tmp_path)
    assert (report.measured, report.unseen) == (1, 0)
    [trade] = trades_told(closed_trades(await all_books(tmp_path)))
    found = trade["excursion"]
    assert (found["mae"], found["mfe"], found["source"]) == told


async def test_bars_that_a_source_told_stand_on_the_tape_and_tell_nothing(tmp_path: Path) -> None:
    account = await session(tmp_path)
    bar = RawBar(
        symbol="XXX", open=1, high=99, low=1, close=1, volume=1, vwap=1, trades=1, interval_s=60,
        ts_event=NINE_THIRTY,
    )  # fmt: skip
    await record(tmp_path, account, "", [row(0, 10), row(1.5, 9), row(3, 1)], (bar,))
    report = await measure(tmp_path)
    assert (report.measured, report.unseen) == (1, 0)


async def test_another_accounts_tape_and_a_tape_that_saw_half_tell_nothing(tmp_path: Path) -> None:
    account = await session(tmp_path)
    await record(tmp_path, "PAPER-9", "", [row(0, 10), row(1.5, 9), row(3, 1)])
    await record(tmp_path, account, "", [row(0, 10), row(1.5, 9)])
    (tmp_path / "tapes" / "broken.tape").write_bytes(b"no tape")
    report = await measure(tmp_path)
    assert (report.measured, report.unseen, report.unreadable) == (0, 1, ("broken.tape",))


@pytest.mark.parametrize(("times", "measured"), [(("09:31", "09:32"), 1), (("", ""), 0)])
async def test_a_trade_of_which_only_the_day_is_known_is_not_looked_up(
    tmp_path: Path, times: tuple[str, str], measured: int
) -> None:
    """A tape that saw all of that day has seen the trade, but nobody knows where."""
    day = session_date(NINE_THIRTY).isoformat()
    table = "Date,Time,Symbol,Side,Qty,Price\n" + "".join(
        f"{day},{time},XXX,{side},100,{price}\n"
        for time, side, price in zip(times, ("buy", "sell"), (10, 11), strict=True)
    )
    (tmp_path / "mine.csv").write_text(table)
    await import_statement(tmp_path, tmp_path / "mine.csv", account="mine")
    await record(tmp_path, "LIVE-1", "", [row(-600, 10), row(1.5, 9), row(900, 1)])
    report = await measure(tmp_path)
    assert (report.measured, report.unseen) == (measured, 1 - measured)


async def test_a_plan_is_read_from_the_orders(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01)
        wish = desk.intent(
            Side.BUY, 10, type=OrderType.LIMIT, limit="100.05",
            protection=Protection(stop=D(99), target=D(103)),
        )  # fmt: skip
        await desk.oms.submit(wish)
        await desk.pass_time(1)
        desk.quote(103.10, 103.20)
        await desk.pass_time(3)
        entries = await desk.store.ledger("PAPER-1")
        orders = {o.client_order_id: o for o in desk.orders.all()}
    book = TradeBook("PAPER-1")
    book.restore(entries)
    [trade] = book.trades()
    plan = plan_of(trade, book.fills_of(trade), orders)
    assert plan is not None
    assert (plan.strategy, plan.quantity, plan.filled) == ("manual", 10, 10)
    assert (plan.entry, plan.stop, plan.target) == (D("100.05"), 99, 103)
    assert plan.entry_slippage == trade.entry_price - D("100.05")
    assert plan.entry_slippage <= 0
    assert plan.planned_r == (103 - trade.entry_price) / (trade.entry_price - 99)
    assert plan.closed_by == ("protection",)
    assert trade.initial_risk == (trade.entry_price - 99) * 10


def test_without_its_orders_a_trade_has_no_plan() -> None:
    [trade] = match_fifo(fills("+1 @ 10", "-1 @ 11")).trades
    assert plan_of(trade, {}, {}) is None
