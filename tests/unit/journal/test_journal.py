from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.domain.errors import DomainError
from cockpit.domain.events import FillBooked, JournalEntryWritten, TradeClosed
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderIntent, OrderType
from cockpit.journal.errors import BadDayError
from cockpit.journal.journal import Journal
from cockpit.journal.ledger import match_fifo
from cockpit.journal.summary import journal_summary
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.supervisor import Supervisor
from tests.support.fills import MINUTE, NINE_THIRTY, fill, fills

DAY = "2018-01-02"


class Desk:
    """A journal on a real store, bus and virtual clock, and what it told."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.bus = Bus()
        self.clock = VirtualClock(NINE_THIRTY)
        self.supervisor = Supervisor(self.clock)
        self.journal = Journal(
            self.bus, store, self.clock, self.supervisor, "DEMO-1", label="REPLAY 2018-01-02"
        )
        self.closed: list[TradeClosed] = []
        self.written: list[JournalEntryWritten] = []
        self.bus.subscribe(TradeClosed, self.closed.append)
        self.bus.subscribe(JournalEntryWritten, self.written.append)

    async def book(self, *story: Fill) -> None:
        for each in story:
            order = order_of(each)
            await self.store.save_fill(each, order)
            self.bus.publish(
                FillBooked(fill=each, order=order, late=False, ts_event=each.ts_event,
                           ts_init=self.clock.now_ns())
            )  # fmt: skip

    async def let_pass(self, seconds: int) -> None:
        await self.clock.run_until(self.clock.now_ns() + seconds * SECOND)


def order_of(each: Fill) -> Order:
    intent = OrderIntent(
        intent_id=f"i-{each.client_order_id}", account_id=each.account_id, symbol=each.symbol,
        side=each.side, type=OrderType.MARKET, quantity=each.quantity,
    )  # fmt: skip
    return Order(client_order_id=each.client_order_id, intent=intent)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    store = await open_store(tmp_path / "cockpit.db")
    made = Desk(store)
    yield made
    await made.supervisor.stop()
    await store.close()


async def test_a_closed_trade_is_told_once_and_the_entry_writes_itself(desk: Desk) -> None:
    await desk.book(*fills("+100 @ 10", "-100 @ 11", fee="0.5"))
    assert [event.trade.net for event in desk.closed] == [99]
    assert desk.written == []  # a moment later, so that a burst writes once
    await desk.let_pass(2)
    assert [event.net for event in desk.written] == [99]
    entry = await desk.store.entry("DEMO-1", DAY)
    assert entry is not None
    assert "**Replay of 2018-01-02.** 1 trade closed on Tuesday, 2 January 2018" in entry.drafted
    assert "Net **+$99.00**, gross +$100.00, fees $1.00." in entry.drafted
    assert "| 09:31 | 09:32 | long 100 XXX | 10.00 | 11.00 | +$99.00 |  | manual |" in entry.drafted


async def test_a_burst_of_closings_writes_one_entry(desk: Desk) -> None:
    await desk.book(*fills("+1 @ 10", "-1 @ 11", "+1 @ 10", "-1 @ 12", "+1 @ 10", "-1 @ 9"))
    await desk.let_pass(5)
    assert len(desk.closed) == 3
    assert len(desk.written) == 1


async def test_the_traders_words_stay_when_the_text_is_drafted_anew(desk: Desk) -> None:
    await desk.book(*fills("+1 @ 10", "-1 @ 11"))
    await desk.let_pass(2)
    noted = await desk.journal.write_note(DAY, "too early", ["patience"], 3)
    await desk.book(*fills("+1 @ 10", "-1 @ 8", first=3))
    await desk.let_pass(2)
    entry = await desk.store.entry("DEMO-1", DAY)
    assert entry is not None
    assert (entry.note, entry.tags, entry.rating) == ("too early", ("patience",), 3)
    assert "2 trades" in entry.drafted
    assert entry.version == noted.version + 1


async def test_a_draft_that_says_the_same_is_not_stored_again(desk: Desk) -> None:
    await desk.book(*fills("+1 @ 10", "-1 @ 11"))
    first = await desk.journal.draft_entry(DAY)
    again = await desk.journal.draft_entry(DAY)
    assert (first.version, again.version) == (1, 1)
    assert len(desk.written) == 1


async def test_a_session_without_trades_has_an_entry_too(desk: Desk) -> None:
    entry = await desk.journal.draft_entry(DAY)
    assert "No trade was closed on Tuesday, 2 January 2018." in entry.drafted


async def test_closing_writes_what_the_end_of_the_session_cut_off(desk: Desk) -> None:
    await desk.book(*fills("+1 @ 10", "-1 @ 11"))
    await desk.supervisor.stop()
    await desk.book(*fills("+1 @ 10", "-1 @ 12", first=3))  # nobody may start work any more
    await desk.journal.close()
    entry = await desk.store.entry("DEMO-1", DAY)
    assert entry is not None
    assert "2 trades" in entry.drafted
    await desk.book(*fills("+1 @ 10", "-1 @ 12", first=5))
    assert len(desk.closed) == 2


async def test_a_store_that_refuses_does_not_stop_the_trading(desk: Desk) -> None:
    await desk.book(*fills("+1 @ 10", "-1 @ 11"))
    await desk.store.close()
    await desk.let_pass(2)
    assert desk.written == []
    assert len(desk.journal.trades()) == 1


async def test_another_accounts_fills_are_not_heard(desk: Desk) -> None:
    await desk.book(fill(1, "+1 @ 10", account="DEMO-2"))
    assert desk.journal.fills() == []


async def test_the_store_brings_back_the_same_journal(desk: Desk) -> None:
    await desk.book(*fills("+3 @ 10", "-5 @ 11", "+1 @ 9"))
    again = Journal(desk.bus, desk.store, desk.clock, desk.supervisor, "DEMO-1")
    await again.load()
    assert again.ledger == desk.journal.ledger
    assert journal_summary(again) == journal_summary(desk.journal)


def book_of(story: Sequence[Fill]) -> TradeBook:
    return Journal.from_fills(story, account_id="DEMO-1")


def test_days_are_new_york_days() -> None:
    late = NINE_THIRTY + 12 * 60 * MINUTE  # 21:30 in New York is the next day in UTC
    story = [fill(1, "+2 @ 10"), fill(2, "-1 @ 11"), fill(3, "-1 @ 12", ts_ns=late),
             fill(4, "+1 @ 5", ts_ns=late + 6 * 60 * MINUTE)]  # fmt: skip
    book = book_of(story)
    assert book.days() == ["2018-01-03", "2018-01-02"]
    assert len(book.trades("2018-01-02")) == 1
    assert len(book.fills("2018-01-02")) == 3
    assert [m.gross for m in book.exits("2018-01-02")] == [1, 2]
    assert [t.symbol for t in book.open_at("2018-01-03")] == ["XXX"]
    assert book.open_at("2018-01-02") == ()
    with pytest.raises(BadDayError, match="yesterday"):
        book.trades("yesterday")


def test_a_partial_exit_belongs_to_its_own_day() -> None:
    story = [fill(1, "+2 @ 10"), fill(2, "-1 @ 11"),
             fill(3, "-1 @ 12", ts_ns=NINE_THIRTY + 24 * 60 * MINUTE)]  # fmt: skip
    book = book_of(story)
    assert [m.gross for m in book.exits("2018-01-02")] == [1]
    assert book.trades("2018-01-02") == []
    assert [t.gross for t in book.trades("2018-01-03")] == [3]


def test_a_fill_of_another_account_is_refused() -> None:
    with pytest.raises(DomainError):
        TradeBook("DEMO-1").add(fill(1, "+1 @ 10", account="DEMO-2"))


@pytest.mark.parametrize(
    ("account", "label"), [("DEMO-1", "SIMULATED"), ("REPLAY-4", "REPLAY"), ("U12345", "")]
)
def test_the_account_says_what_kind_of_session_it_is(account: str, label: str) -> None:
    assert TradeBook(account).label == label


def test_a_summary_holds_no_id_and_exact_money() -> None:
    told = journal_summary(book_of(fills("+1 @ 10.10", "-1 @ 11.30", "+5 @ 9", fee="0.1")), DAY)
    (trade,) = told["trades"]
    assert (trade["net"], trade["fees"], trade["r"]) == ("1", "0.2", None)
    assert told["open"][0]["quantity"] == "5"
    assert told["statistics"]["profit_factor"]["undefined"] == "no trade lost"
    assert "x1" not in repr(told)
    assert "DEMO" not in repr(told)


rows = st.lists(
    st.tuples(
        st.integers(-9, 9).filter(bool), st.integers(1, 20), st.sampled_from("AB"),
        st.integers(0, 5),
    ),
    min_size=1, max_size=25,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(rows)
def test_fill_by_fill_gives_what_a_full_match_gives(story: list[tuple[int, int, str, int]]) -> None:
    """Fills may come late and at the same time; the two ways never differ."""
    book = TradeBook("DEMO-1")
    known: list[Fill] = []
    told = set[str]()
    for number, (size, price, symbol, minute) in enumerate(story):
        known.append(
            fill(number, f"{size} @ {price}", symbol=symbol, fee="0.07",
                 ts_ns=NINE_THIRTY + minute * MINUTE)
        )  # fmt: skip
        told |= {trade.trade_id for trade in book.add(known[-1])}
        assert book.add(known[-1]) == ()
        assert book.ledger == match_fifo(known)
    assert {trade.trade_id for trade in book.trades()} <= told
    assert book.version == len(known)
    assert sum((f.fee for f in book.fills()), Decimal(0)) == Decimal("0.07") * len(known)
