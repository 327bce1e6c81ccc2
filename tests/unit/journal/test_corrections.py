"""Fills taken back and positions set otherwise: the journal reads as if it had always known."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.adapters.storage import open_store
from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.errors import DomainError
from cockpit.domain.events import FillBusted, JournalEntryWritten, PositionAdjusted
from cockpit.domain.fill import Fill
from cockpit.domain.position import Position
from cockpit.domain.trade import Direction
from cockpit.journal.entry import day_net
from cockpit.journal.journal import Journal
from cockpit.journal.ledger import realised_gross
from cockpit.journal.summary import journal_summary
from cockpit.journal.tradebook import TradeBook
from cockpit.ports.store import StoredRecap
from tests.support.fills import MINUTE, NINE_THIRTY, fill, fills
from tests.unit.journal.test_journal import DAY, Desk, order_of
from tests.unit.journal.test_journal import desk as desk  # noqa: PLC0414 -- the fixture

K = AdjustmentKind


def adjustment(
    number: int, quantity: object, cost: object = 0, kind: AdjustmentKind = K.ACCEPTED,
    symbol: str = "XXX",
) -> Adjustment:  # fmt: skip
    when = NINE_THIRTY + number * MINUTE
    return Adjustment(
        adjustment_id=f"{symbol}/{kind.value}/{number}", account_id="DEMO-1", symbol=symbol,
        quantity=Decimal(str(quantity)), average_cost=Decimal(str(cost)), kind=kind,
        reason="told so", ts_event=when, ts_init=when,
    )  # fmt: skip


def book_of(*story: Fill | Adjustment) -> TradeBook:
    return Journal.from_fills(story, account_id="DEMO-1")


async def bust(desk: Desk, each: Fill) -> None:
    order = msgspec.structs.replace(order_of(each), version=9)
    assert await desk.store.save_bust(each.execution_id, order, "printed in error")
    now = desk.clock.now_ns()
    desk.bus.publish(
        FillBusted(fill=each, order=order, reason="printed in error", ts_event=now, ts_init=now)
    )


async def adjust(desk: Desk, to: Adjustment) -> None:
    assert await desk.store.save_adjustment(to)
    desk.bus.publish(PositionAdjusted(adjustment=to, ts_event=to.ts_event, ts_init=to.ts_init))


def recap(day: str = DAY) -> StoredRecap:
    return StoredRecap(
        account_id="DEMO-1", day=day, kind="daily", writer="template", model="", title="t",
        markdown="m", facts_json="[]",
    )  # fmt: skip


# fills taken back


async def test_what_a_busted_fill_closed_is_open_again(desk: Desk) -> None:
    story = fills("+100 @ 10", "-100 @ 11", fee="0.5")
    await desk.book(*story)
    await desk.let_pass(2)
    await desk.store.save_recap(recap())
    await desk.store.save_recap(recap("2018-01-01"))
    await bust(desk, story[1])
    assert desk.journal.trades() == []
    (opened,) = desk.journal.open_trades()
    assert (opened.quantity, opened.fees) == (100, Decimal("0.5"))
    assert [f.execution_id for f in desk.journal.fills()] == ["x1"]
    assert desk.journal.statistics()[0].value == 0
    await desk.let_pass(2)
    entry = await desk.store.entry("DEMO-1", DAY)
    assert entry is not None
    assert "No trade was closed" in entry.drafted
    assert "Net **-$0.50**" in entry.drafted
    assert "long 100 XXX" in entry.drafted
    stale = {r.day: r.stale for r in await desk.store.recaps("DEMO-1")}
    assert stale == {DAY: True, "2018-01-01": False}


async def test_a_busted_opening_turns_what_followed(desk: Desk) -> None:
    story = fills("+100 @ 10", "-100 @ 11", "+100 @ 12")
    await desk.book(*story)
    await bust(desk, story[0])
    (trade,) = desk.journal.trades()
    assert (trade.direction, trade.gross) == (Direction.SHORT, -100)
    assert [event.trade.direction for event in desk.closed] == [Direction.LONG, Direction.SHORT]


async def test_a_bust_that_is_told_twice_or_of_nothing_changes_nothing(desk: Desk) -> None:
    story = fills("+1 @ 10", "-1 @ 11")
    await desk.book(*story)
    assert desk.journal.take_back("x2") == ()
    version = desk.journal.version
    assert desk.journal.take_back("x2") == desk.journal.take_back("never") == ()
    assert desk.journal.version == version


async def test_later_days_that_read_differently_are_written_anew(desk: Desk) -> None:
    tomorrow = NINE_THIRTY + 24 * 60 * MINUTE
    first = fills("+1 @ 10", "-1 @ 11")
    later = [fill(3, "+1 @ 5", symbol="YYY", ts_ns=tomorrow),
             fill(4, "-1 @ 6", symbol="YYY", ts_ns=tomorrow + MINUTE)]  # fmt: skip
    await desk.book(*first, *later)
    await desk.let_pass(2)
    for day in (DAY, "2018-01-03"):
        await desk.store.save_recap(recap(day))
    await bust(desk, first[1])
    await desk.let_pass(2)
    entry = await desk.store.entry("DEMO-1", "2018-01-03")
    assert entry is not None
    assert "Still open at the end:\n\n- long 1 XXX" in entry.drafted
    assert [r.stale for r in await desk.store.recaps("DEMO-1")] == [True, True]


async def test_a_day_without_an_entry_gets_none_by_a_correction(desk: Desk) -> None:
    story = fills("+1 @ 10")
    await desk.book(*story)
    await bust(desk, story[0])
    await desk.let_pass(2)
    assert await desk.store.entry("DEMO-1", DAY) is None


async def test_a_correction_that_two_write_at_once_is_marked_once_and_breaks_nothing(
    desk: Desk,
) -> None:
    story = fills("+1 @ 10", "-1 @ 11")
    await desk.book(*story)
    await desk.let_pass(2)
    await desk.store.save_recap(recap())
    await bust(desk, story[1])
    beside: list[asyncio.Task[None]] = []
    desk.bus.subscribe(
        JournalEntryWritten, lambda _: beside.append(asyncio.create_task(desk.journal.close()))
    )
    await desk.let_pass(2)
    await asyncio.gather(*beside)
    assert len(beside) == 1
    assert [r.stale for r in await desk.store.recaps("DEMO-1")] == [True]


async def test_a_correction_at_the_end_is_written_by_the_stop(desk: Desk) -> None:
    story = fills("+1 @ 10", "-1 @ 11")
    await desk.book(*story)
    await desk.let_pass(2)
    await desk.store.save_recap(recap())
    await bust(desk, story[1])
    await desk.supervisor.stop()
    await desk.journal.close()
    entry = await desk.store.entry("DEMO-1", DAY)
    assert entry is not None
    assert "No trade was closed" in entry.drafted
    assert [r.stale for r in await desk.store.recaps("DEMO-1")] == [True]


# positions set by other means


def test_what_was_held_before_is_a_lot_at_its_cost() -> None:
    book = book_of(adjustment(1, 100, "9.50", K.OPENING), fill(2, "-100 @ 10", fee="1"))
    (trade,) = book.trades()
    assert (trade.gross, trade.net, trade.entry_price) == (50, 49, Decimal("9.5"))
    assert trade.execution_ids == ("x2",)  # nobody traded the opening here
    assert [f.execution_id for f in book.fills()] == ["x2"]
    assert day_net(book, DAY) == 49


def test_a_split_keeps_every_lots_cost() -> None:
    story = [fill(1, "+100 @ 10", stop="9"), fill(2, "+50 @ 16"), fill(3, "-30 @ 12")]
    book = book_of(*story, adjustment(4, 240, 6, K.SPLIT), fill(5, "-240 @ 7"))
    before = book_of(*story)
    assert [(lot.quantity, lot.price) for lot in book_of(*story, adjustment(4, 240, 6, K.SPLIT))
            .open_trades()[0].lots] == [(140, 5), (100, 8)]  # fmt: skip
    (trade,) = book.trades()
    assert trade.gross == 60 + (240 * 7 - 140 * 5 - 100 * 8)
    assert trade.initial_risk == before.open_trades()[0].quantity * 0 + 100 * 1 + 50 * 7
    assert trade.opened_ns == story[0].ts_event


def test_a_reverse_split_that_does_not_divide_loses_no_unit() -> None:
    story = [fill(n, "+1 @ 10") for n in (1, 2, 3)]
    book = book_of(*story, adjustment(4, 1, 30, K.SPLIT), fill(5, "-1 @ 33"))
    (trade,) = book.trades()
    assert abs(trade.gross - 3) < Decimal("1e-9")
    assert book.open_trades() == ()


def test_lots_add_up_exactly_after_a_split_that_does_not_divide() -> None:
    story = [fill(n, "+1 @ 10") for n in range(1, 8)]
    book = book_of(*story, adjustment(8, 12, 6, K.SPLIT))
    assert sum(lot.quantity for lot in book.open_trades()[0].lots) == 12
    book = book_of(*story, adjustment(8, 12, 6, K.SPLIT), fill(9, "-6 @ 7"))
    assert sum(lot.quantity for lot in book.open_trades()[0].lots) == 6


def test_an_accepted_position_goes_on_with_what_was_realised() -> None:
    book = book_of(*fills("+100 @ 10", "-40 @ 11"), adjustment(3, 80, 12), fill(4, "-80 @ 13"))
    (trade,) = book.trades()
    assert trade.gross == 40 + 80
    assert trade.execution_ids == ("x1", "x2", "x4")


def test_a_position_that_is_gone_ends_its_trade_with_what_it_realised() -> None:
    book = book_of(*fills("+100 @ 10", "-40 @ 11"), adjustment(3, 0))
    (trade,) = book.trades()
    assert (trade.gross, trade.quantity) == (40, 40)
    assert book.open_trades() == ()
    assert book_of(*fills("+100 @ 10"), adjustment(2, 0)).trades() == []


def test_a_position_that_turned_is_a_trade_of_its_own() -> None:
    book = book_of(*fills("+100 @ 10"), adjustment(2, -50, 20), fill(3, "+50 @ 18"))
    (trade,) = book.trades()
    assert (trade.direction, trade.gross) == (Direction.SHORT, 100)


def test_the_day_before_an_adjustment_ends_without_it() -> None:
    tomorrow = msgspec.structs.replace(adjustment(1, 30, 9), ts_event=NINE_THIRTY + 1440 * MINUTE)
    book = book_of(*fills("+10 @ 9"), tomorrow)
    assert [t.quantity for t in book.open_at(DAY)] == [10]
    assert [t.quantity for t in book.open_at("2018-01-03")] == [30]


def test_another_accounts_adjustment_is_refused() -> None:
    with pytest.raises(DomainError):
        TradeBook("DEMO-2").adjust(adjustment(1, 1, 1))


# as it happened = as it is stored

ops = st.lists(
    st.tuples(
        st.sampled_from(["fill", "fill", "fill", "bust", "adjust", "split"]),
        st.integers(-9, 9).filter(bool), st.integers(1, 20), st.sampled_from(["AAA", "BBB"]),
        st.integers(0, 40),
    ),
    max_size=30,
)  # fmt: skip


def told(ops_: list[tuple[str, int, int, str, int]]) -> list[Fill | Adjustment | str]:
    """A story that a broker could tell: each bust is of a fill that stands."""
    story: list[Fill | Adjustment | str] = []
    standing: list[Fill] = []
    for number, (kind, size, price, symbol, when) in enumerate(ops_, 1):
        if kind == "bust" and standing:
            story.append(standing.pop(when % len(standing)).execution_id)
        elif kind in ("adjust", "split"):
            held = sum((f.signed_quantity for f in standing if f.symbol == symbol), Decimal(0))
            quantity = held * 2 if kind == "split" and held else Decimal(size)
            story.append(adjustment(number, quantity, price, K(kind) if kind == "split"
                                    else K.ACCEPTED, symbol))  # fmt: skip
        else:
            made = fill(number, f"{size:+} @ {price}", symbol=symbol, fee="0.1",
                        ts_ns=NINE_THIRTY + when * MINUTE)  # fmt: skip
            standing.append(made)
            story.append(made)
    return story


def live(story: list[Fill | Adjustment | str]) -> TradeBook:
    book = TradeBook("DEMO-1")
    for each in story:
        if isinstance(each, str):
            book.take_back(each)
        else:
            book.restore([each])
    return book


@settings(max_examples=200, deadline=None)
@given(ops)
def test_the_journal_of_the_events_is_the_journal_of_the_ledger(
    given_ops: list[tuple[str, int, int, str, int]],
) -> None:
    story = told(given_ops)
    gone = {each for each in story if isinstance(each, str)}
    left = [e for e in story if isinstance(e, Adjustment)
            or (isinstance(e, Fill) and e.execution_id not in gone)]  # fmt: skip
    book, rebuilt = live(story), book_of(*left)
    assert book.ledger == rebuilt.ledger
    assert journal_summary(book) == journal_summary(rebuilt)
    for day in book.days():
        assert book.open_at(day) == rebuilt.open_at(day)


@settings(max_examples=100, deadline=None)
@given(ops)
def test_the_journal_holds_what_the_position_says(
    given_ops: list[tuple[str, int, int, str, int]],
) -> None:
    story = told([op for op in given_ops if op[0] != "bust"])
    book = live(story)
    for symbol in ("AAA", "BBB"):
        position = Position(account_id="DEMO-1", symbol=symbol)
        for each in story:
            if isinstance(each, Fill) and each.symbol == symbol:
                position = position.with_fill(each)
            elif isinstance(each, Adjustment) and each.symbol == symbol:
                position = position.adjusted(each)
        opened = [t for t in book.open_trades() if t.symbol == symbol]
        signed = sum((t.quantity * (1 if t.direction is Direction.LONG else -1) for t in opened),
                     Decimal(0))  # fmt: skip
        assert abs(signed - position.quantity) < Decimal("1e-18")
    assert realised_gross(book.ledger).is_finite()


@pytest.mark.parametrize("seed", range(4))
async def test_the_store_gives_the_same_journal(desk: Desk, seed: int) -> None:
    chance = Random(seed)
    kinds = ["fill", "fill", "fill", "bust", "adjust"]
    story = told([
        (chance.choice(kinds), chance.choice([-3, -1, 2, 4]), chance.randint(1, 20),
         chance.choice(["AAA", "BBB"]), chance.randint(0, 40))
        for _ in range(40)
    ])  # fmt: skip
    known = {e.execution_id: e for e in story if isinstance(e, Fill)}
    for each in story:
        if isinstance(each, str):
            await bust(desk, known[each])
        elif isinstance(each, Fill):
            await desk.book(each)
        else:
            await adjust(desk, each)
    again = Journal(desk.bus, desk.store, desk.clock, desk.supervisor, "DEMO-1",
                    label="REPLAY 2018-01-02")  # fmt: skip
    await again.load()
    assert again.ledger == desk.journal.ledger
    assert journal_summary(again) == journal_summary(desk.journal)
    await desk.let_pass(3)
    entry = await desk.store.entry("DEMO-1", DAY)
    drafted = await again.draft_entry(DAY)
    assert entry is None or entry.drafted == drafted.drafted


async def test_recaps_of_another_account_stay(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "cockpit.db")
    try:
        await store.save_recap(recap())
        await store.mark_recaps_stale("DEMO-2", DAY)
        assert [r.stale for r in await store.recaps("DEMO-1")] == [False]
        await asyncio.gather(*(store.mark_recaps_stale("DEMO-1", DAY) for _ in range(2)))
        assert [r.stale for r in await store.recaps("DEMO-1")] == [True]
    finally:
        await store.close()
