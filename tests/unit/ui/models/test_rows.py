from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.events import FillBooked, PositionAdjusted
from cockpit.domain.fill import Fill
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote, TradePrint, TradingStatus
from cockpit.domain.order import EXTERNAL, Order, OrderIntent, OrderState, OrderType, Side
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market.bars import BarBook
from cockpit.market.book import Book
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.ui.models import orders, positions, watchlist
from cockpit.ui.models.table import Table

NOW = 1_514_903_400 * SECOND


def quote(bid: float, ask: float, ts: int = NOW) -> Quote:
    return Quote(symbol="XYZ", bid=bid, ask=ask, bid_size=1, ask_size=1, ts_event=ts, ts_init=ts)


def texts(columns, source, key: str) -> dict[str, str]:
    table = Table(columns, source)
    table.sync()
    row = table.live(table.keys.index(key))
    return dict(zip([c.key for c in columns], row.texts, strict=True))


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def book(clock: VirtualClock) -> Book:
    book = Book(clock)
    book.on_quote(quote(100.00, 100.02))
    book.on_trade(TradePrint(symbol="XYZ", price=100.02, size=12_345, ts_event=NOW, ts_init=NOW))
    return book


def test_the_watchlist_reads_the_book(book):
    said = texts(watchlist.columns(), watchlist.WatchRows(book), "XYZ")
    assert said["symbol"] == "XYZ"
    assert (said["last"], said["bid"], said["ask"]) == ("100.02", "100.00", "100.02")
    assert (said["spread"], said["volume"]) == ("0.02", "12.3 K")


def test_a_quote_grows_stale_and_comes_back(book, clock):
    rows = watchlist.WatchRows(book)
    clock.advance_to(NOW + int(watchlist.STALE_AFTER_S * SECOND))
    assert not rows.row("XYZ").stale
    clock.advance_to(clock.now_ns() + SECOND)
    assert rows.row("XYZ").stale
    assert "old" in rows.row("XYZ").tip
    book.on_quote(quote(100.0, 100.1, clock.now_ns()))
    assert not rows.row("XYZ").stale


def test_a_halt_is_a_word_and_a_shape(book):
    status = TradingStatus(symbol="XYZ", halted=True, reason="LULD", ts_event=NOW, ts_init=NOW)
    book.on_status(status)
    columns = watchlist.columns()
    said = texts(columns, watchlist.WatchRows(book), "XYZ")
    assert said["change"] == "HALTED"
    assert columns[0].mark is not None
    assert columns[0].mark(("XYZ", True)) is not None


def test_the_sparkline_ends_at_the_newest_price(book):
    bars = BarBook(Bus())
    for minute in range(200):
        ts = NOW + minute * 60 * SECOND
        bars.on_print(
            TradePrint(symbol="XYZ", price=100.0 + minute, size=1, ts_event=ts, ts_init=ts)
        )
    curve = watchlist.WatchRows(book, bars).row("XYZ").values[3]
    assert curve[-1] == 299.0
    assert len(curve) <= 2 * watchlist.SPARK_POINTS


def fill(side: Side, quantity: int, price: str, number: int = 1) -> Fill:
    return Fill(
        execution_id=f"x{number}", account_id="A", client_order_id=f"o{number}", symbol="XYZ",
        side=side, quantity=Decimal(quantity), price=Decimal(price), fee=Decimal("0.50"),
        ts_event=NOW, ts_init=NOW,
    )  # fmt: skip


def order(state: OrderState = OrderState.WORKING, number: int = 1, **changes) -> Order:
    intent = OrderIntent(
        intent_id=f"i{number}", account_id="A", symbol="XYZ", side=Side.BUY, type=OrderType.LIMIT,
        quantity=Decimal(100), limit_price=Decimal("99.5"),
    )  # fmt: skip
    return Order(
        client_order_id=f"o{number}", intent=intent, state=state, created_ns=NOW + number, **changes
    )


def test_a_long_position_in_words_and_signed_money(book):
    bus = Bus()
    portfolio = Portfolio(bus, "A")
    bought = fill(Side.BUY, 10, "99.01")
    bus.publish(FillBooked(fill=bought, order=order(), late=False, ts_event=NOW, ts_init=NOW))
    bus.publish(quote(100.00, 100.02))
    said = texts(positions.columns(), positions.PositionRows(portfolio, book), "XYZ")
    assert (said["side"], said["quantity"], said["cost"]) == ("LONG", "10", "99.01")
    assert (said["mark"], said["open"], said["day"]) == ("100.010", "+$10.00", "+$9.50")
    assert said["percent"] == "+1.01%"


@pytest.mark.parametrize(
    ("bid", "ask", "shown"),
    [(12.90, 12.91, "12.905"), (12.90, 12.92, "12.910"), (1234.49, 1234.51, "1,234.500")],
)
def test_a_mark_shows_half_a_tick_and_always_as_many_decimals(book, bid, ask, shown):
    assert position_in(book, bid, ask)["mark"] == shown


def test_prices_have_the_decimals_of_their_instruments_tick(book):
    book.add(Instrument(symbol="XYZ", tick=Decimal("0.0001")), previous_close=0.4)
    book.on_quote(quote(0.4375, 0.4376))
    book.on_trade(TradePrint(symbol="XYZ", price=0.4375, size=1, ts_event=NOW, ts_init=NOW))
    said = texts(watchlist.columns(), watchlist.WatchRows(book), "XYZ")
    assert [said[key] for key in ("last", "bid", "ask", "spread")] == [
        "0.4375", "0.4375", "0.4376", "0.0001",
    ]  # fmt: skip
    held = position_in(book, 0.4375, 0.4376)
    assert (held["cost"], held["mark"]) == ("12.0000", "0.43755")


def test_an_order_shows_its_prices_as_they_were_given():
    book, fine = OrderBook(), order()
    intent = msgspec.structs.replace(fine.intent, limit_price=Decimal("0.43750"))
    book.put(msgspec.structs.replace(fine, intent=intent))
    assert texts(orders.columns(), orders.OrderRows(book, lambda: NOW), "o1")["limit"] == "0.4375"
    assert orders.describe(book.all()[0]) == "BUY 100 XYZ LMT 0.4375"


def test_what_never_traded_has_no_last_price_and_no_change(clock):
    book = Book(clock)
    book.add(Instrument(symbol="XYZ"), previous_close=99.0)
    book.on_quote(quote(100.00, 100.02))
    said = texts(watchlist.columns(), watchlist.WatchRows(book), "XYZ")
    assert (said["last"], said["change"], said["bid"]) == ("-", "-", "100.00")


def position_in(book: Book, bid: float, ask: float) -> dict[str, str]:
    """A hundred shares bought at 12.00, as the row says them at this quote."""
    bus = Bus()
    portfolio = Portfolio(bus, "A")
    bought = fill(Side.BUY, 100, "12.00")
    bus.publish(FillBooked(fill=bought, order=order(), late=False, ts_event=NOW, ts_init=NOW))
    bus.publish(quote(bid, ask))
    return texts(positions.columns(), positions.PositionRows(portfolio, book), "XYZ")


def test_profit_can_be_worked_out_by_hand_from_what_a_row_shows(book):
    said = position_in(book, 12.90, 12.91)
    by_hand = (Decimal(said["mark"]) - Decimal(said["cost"])) * Decimal(said["quantity"])
    assert said["open"] == f"+${by_hand:.2f}" == "+$90.50"


def test_a_closed_position_stays_with_its_day_and_can_not_be_flattened(book):
    bus = Bus()
    portfolio = Portfolio(bus, "A")
    for number, side in enumerate((Side.BUY, Side.SELL)):
        done = fill(side, 10, "99.00", number)
        bus.publish(FillBooked(fill=done, order=order(), late=False, ts_event=NOW, ts_init=NOW))
    rows = positions.PositionRows(portfolio, book)
    said = texts(positions.columns(), rows, "XYZ")
    assert (said["side"], said["open"], said["day"]) == ("FLAT", "-", "\u2212$1.00")
    assert not rows.held("XYZ")


def test_every_order_state_has_a_word_a_role_and_a_shape():
    assert set(orders.STATE_LOOKS) == set(OrderState)
    assert len({look.text for look in orders.STATE_LOOKS.values()}) == len(OrderState)
    assert all(look.mark is not None for look in orders.STATE_LOOKS.values())


def test_denied_rejected_and_unknown_are_three_words():
    states = (OrderState.DENIED, OrderState.REJECTED, OrderState.UNKNOWN)
    assert [orders.STATE_LOOKS[s].text for s in states] == [
        "Denied by gate",
        "Rejected by venue",
        "Unknown",
    ]


@pytest.mark.parametrize(
    ("code", "word", "role"),
    [
        ("APPROVAL_KILLED", "Killed", "muted"),
        ("APPROVAL_EXPIRED", "Expired unapproved", "muted"),
        ("AUTONOMY_DISARMED", "Denied", "critical"),
        ("AUTONOMY_MANUAL", "Denied", "critical"),
        ("STORE_REFUSED", "Denied", "critical"),
        ("COLLAR_BLOCK", "Denied by gate", "critical"),
        ("APPROVAL_CHANGED", "Denied by gate", "critical"),
        ("CONTROL_FAILED", "Denied by gate", "critical"),
    ],
)
def test_a_denied_order_says_who_denied_it(code, word, role):
    book = OrderBook()
    book.put(order(OrderState.DENIED, reason_code=code, reason_text="Because"))
    rows = orders.OrderRows(book, lambda: NOW)
    rows.only_open = False
    state = next(c for c in orders.columns() if c.key == "state")
    index = [c.key for c in orders.columns()].index("state")
    assert texts(orders.columns(), rows, "o1")["state"] == word
    assert state.role(rows.row("o1").values[index]) == role
    assert rows.row("o1").tip == f"{word}: Because"


def test_only_a_denied_order_takes_its_word_from_the_reason():
    filled = order(OrderState.FILLED, reason_code="APPROVAL_KILLED")
    assert orders.look_of(filled).text == "Filled"


def test_orders_sort_by_the_word_of_their_state():
    book = OrderBook()
    codes = ("COLLAR_BLOCK", "APPROVAL_KILLED", "COLLAR_BLOCK", "STORE_REFUSED")
    for number, code in enumerate(codes):
        book.put(order(OrderState.DENIED, number, reason_code=code))
    rows = orders.OrderRows(book, lambda: NOW)
    rows.only_open = False
    table = Table(orders.columns(), rows)
    table.sync()
    table.sort_by([c.key for c in orders.columns()].index("state"))
    assert [table.keys[0], table.keys[-1]] == ["o3", "o1"]


def test_orders_come_newest_first_and_filtered():
    book = OrderBook()
    book.put(order(OrderState.WORKING, 1))
    book.put(order(OrderState.FILLED, 2))
    book.put(order(OrderState.PENDING_APPROVAL, 3))
    rows = orders.OrderRows(book, lambda: NOW)
    assert rows.keys() == ["o3", "o1"]
    rows.only_open = False
    assert rows.keys() == ["o3", "o2", "o1"]
    assert rows.open_count() == 2


def test_the_reason_stands_in_the_row_and_in_the_tip():
    book = OrderBook()
    book.put(order(OrderState.DENIED, reason_code="PRICE_COLLAR", reason_text="Too far away"))
    rows = orders.OrderRows(book, lambda: NOW)
    rows.only_open = False
    assert texts(orders.columns(), rows, "o1")["reason"] == "Too far away"
    assert rows.row("o1").tip == "Denied by gate: Too far away"


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        (OrderState.WORKING, True),
        (OrderState.UNKNOWN, True),
        (OrderState.PENDING_CANCEL, False),
        (OrderState.FILLED, False),
        (OrderState.PENDING_APPROVAL, False),
    ],
)
def test_cancel_is_offered_where_it_can_do_something(state, possible):
    assert orders.can_cancel(order(state)) is possible


def test_an_order_without_an_answer_says_since_when(clock):
    book = OrderBook()
    book.put(order(OrderState.UNKNOWN, updated_ns=NOW, reason_text="Sent, but no answer came."))
    rows = orders.OrderRows(book, clock.now_ns)
    clock.advance_to(NOW + 42 * SECOND)
    said = texts(orders.columns(), rows, "o1")
    assert said["reason"] == "No answer since 09:30:00, 42 s"
    tip = rows.row("o1").tip
    assert "no answer came" in tip
    assert "After 60 s" in tip
    assert rows.unknown()


def test_an_order_from_elsewhere_is_a_word_and_a_shape(clock):
    book, here = OrderBook(), order()
    intent = msgspec.structs.replace(here.intent, strategy=EXTERNAL)
    book.put(msgspec.structs.replace(here, intent=intent))
    columns, rows = orders.columns(), orders.OrderRows(book, clock.now_ns)
    said = texts(columns, rows, "o1")
    assert (said["symbol"], said["strategy"], said["reason"]) == (
        "XYZ", "from elsewhere", "From elsewhere",
    )  # fmt: skip
    symbol = next(i for i, column in enumerate(columns) if column.key == "symbol")
    assert columns[symbol].mark is not None
    assert columns[symbol].mark(rows.row("o1").values[symbol]) is not None
    assert orders.can_cancel(rows.order("o1"))


def test_a_position_that_was_set_says_how(book):
    bus = Bus()
    portfolio = Portfolio(bus, "A")
    assert positions.adjusted_words(portfolio.adjusted_last("XYZ")) == ""
    opening = Adjustment(
        adjustment_id="a1", account_id="A", symbol="XYZ", quantity=Decimal(30),
        average_cost=Decimal("99.50"), kind=AdjustmentKind.OPENING,
        reason="Held before the cockpit first saw the account", ts_event=NOW, ts_init=NOW,
    )  # fmt: skip
    bus.publish(PositionAdjusted(adjustment=opening, ts_event=NOW, ts_init=NOW))
    tip = positions.PositionRows(portfolio, book).row("XYZ").tip
    assert tip == (
        "Opening balance: set to 30 at 99.50 on Tue 2 Jan 2018, 09:30:00 NY. "
        "Held before the cockpit first saw the account."
    )
