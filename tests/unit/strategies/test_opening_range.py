from datetime import date
from decimal import Decimal

import msgspec
import pytest

from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Bar, Quote
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.protection import Protection
from cockpit.domain.values import at_new_york, to_ns
from cockpit.strategies.base import Close, Proposal, Withdrawal
from cockpit.strategies.opening_range import OpeningRangeBreakout, OpeningRangeSettings

DAY = date(2018, 1, 2)
MINUTE = 60_000_000_000


def at(clock_time: str) -> int:
    return to_ns(at_new_york(DAY, clock_time))


def bar(minute: int, low: float, high: float) -> Bar:
    ts = at("09:30") + minute * MINUTE
    return Bar(
        symbol="ABC", open=low, high=high, low=low, close=high, volume=1, vwap=low, trades=1,
        interval_s=60, ts_event=ts, ts_init=ts + MINUTE,
    )  # fmt: skip


def quote(clock_time: str, bid: float, ask: float) -> Quote:
    ts = at(clock_time)
    return Quote(
        symbol="ABC", bid=bid, ask=ask, bid_size=100, ask_size=100, ts_event=ts, ts_init=ts
    )


def order_of(proposal: Proposal, state: OrderState, filled: Decimal) -> Order:
    intent = OrderIntent(
        intent_id="i", account_id="a", symbol="ABC", side=proposal.side, type=proposal.type,
        quantity=proposal.quantity, limit_price=proposal.limit_price,
        stop_price=proposal.stop_price,
    )  # fmt: skip
    return Order(client_order_id="c", intent=intent, state=state, filled=filled)


@pytest.fixture
def strategy():
    made = OpeningRangeBreakout(OpeningRangeSettings())
    made.start([Instrument(symbol="ABC")])
    for minute in range(5):
        made.on_bar(bar(minute, 99.5 + minute / 10, 100.0))
    return made


def entered(strategy) -> Proposal:
    [entry] = strategy.on_quote(quote("09:36", 100.04, 100.05))
    return entry


def holding(strategy) -> Proposal:
    entry = entered(strategy)
    strategy.on_order("ABC-entry", order_of(entry, OrderState.FILLED, entry.quantity))
    return entry


def test_it_waits_inside_the_range(strategy):
    assert not strategy.on_quote(quote("09:36", 99.8, 99.82))


def test_it_enters_long_above_with_the_other_end_as_stop(strategy):
    entry = entered(strategy)
    assert (entry.side, entry.type) == (Side.BUY, OrderType.MARKET)
    assert entry.planned_stop == Decimal("99.5")
    assert entry.planned_target == Decimal("101.15")
    assert entry.quantity == 44  # 4,500 / 100.05; 150 at risk would allow 272


def test_it_enters_short_below(strategy):
    [entry] = strategy.on_quote(quote("09:36", 99.40, 99.42))
    assert (entry.side, entry.planned_stop) == (Side.SELL, Decimal("100.0"))
    assert entry.planned_target < Decimal("99.40")


def test_it_enters_once(strategy):
    entered(strategy)
    assert not strategy.on_quote(quote("09:37", 100.5, 100.51))


def test_it_waits_for_the_last_bar_of_the_range():
    strategy = OpeningRangeBreakout(OpeningRangeSettings())
    strategy.start([Instrument(symbol="ABC")])
    strategy.on_bar(bar(0, 99.5, 100.0))
    assert not strategy.on_quote(quote("09:36", 100.5, 100.51))
    strategy.on_bar(bar(4, 99.6, 99.9))
    assert strategy.on_quote(quote("09:36", 100.5, 100.51))


def test_no_entry_late_in_the_day(strategy):
    assert not strategy.on_quote(quote("15:01", 101, 101.01))


def test_an_unfilled_entry_ends_the_day(strategy):
    entry = entered(strategy)
    expired = order_of(entry, OrderState.CANCELED, Decimal(0))
    assert not strategy.on_order("ABC-entry", expired)
    assert not strategy.on_quote(quote("09:40", 105, 105.01))


def test_its_exits_go_with_the_entry(strategy):
    entry = entered(strategy)
    assert entry.protection == Protection(stop=Decimal("99.5"), target=Decimal("101.15"))
    assert (entry.protection.stop, entry.protection.target) == (
        entry.planned_stop, entry.planned_target,
    )  # fmt: skip


def test_the_target_is_not_its_business(strategy):
    holding(strategy)
    assert not strategy.on_quote(quote("10:00", 101.2, 101.21))


def test_it_closes_what_is_left_before_the_bell(strategy):
    holding(strategy)
    assert not strategy.on_quote(quote("15:54", 100.0, 100.01))
    [close] = strategy.on_quote(quote("15:55", 100.0, 100.01))
    assert (type(close), close.key) == (Close, "ABC-entry")
    assert not strategy.on_quote(quote("15:56", 100.0, 100.01))


def test_a_close_that_failed_is_tried_again_after_a_moment(strategy):
    entry = holding(strategy)
    strategy.on_quote(quote("15:55", 100.0, 100.01))
    strategy.on_order("ABC-entry-close", order_of(entry, OrderState.DENIED, Decimal(0)))
    assert not strategy.on_quote(quote("15:55", 100.0, 100.01))
    [close] = strategy.on_quote(quote("15:56", 100.0, 100.01))
    assert close.key == "ABC-entry"
    strategy.on_order("ABC-entry-close", order_of(entry, OrderState.FILLED, entry.quantity))
    assert not strategy.on_quote(quote("15:57", 100.0, 100.01))


def test_an_entry_that_still_waits_at_the_bell_is_taken_back(strategy):
    entered(strategy)
    [back] = strategy.on_quote(quote("15:55", 100.0, 100.01))
    assert back == Withdrawal(key="ABC-entry")


def test_a_range_too_tight_or_too_wide_is_left_alone():
    for low, high in ((99.99, 100.0), (90.0, 100.0)):
        strategy = OpeningRangeBreakout(OpeningRangeSettings())
        strategy.start([Instrument(symbol="ABC")])
        strategy.on_bar(bar(4, low, high))
        assert not strategy.on_quote(quote("09:36", 100.5, 100.51))


def test_proposals_can_not_be_changed(strategy):
    entry = entered(strategy)
    with pytest.raises(AttributeError):
        entry.quantity = Decimal(1)
    assert msgspec.structs.asdict(entry)["note"].startswith("Broke out above")


def test_before_the_bell_the_day_is_looked_up_once(monkeypatch):
    looked = []
    own = OpeningRangeBreakout._times_of
    monkeypatch.setattr(
        OpeningRangeBreakout, "_times_of", lambda self, ts: (looked.append(ts), own(self, ts))[1]
    )
    made = OpeningRangeBreakout(OpeningRangeSettings())
    made.start([Instrument(symbol="ABC")])
    for minute in range(10, 59):
        made.on_quote(quote(f"04:{minute}", 99.9, 100.0))
    for minute in range(5):
        made.on_bar(bar(minute, 99.5 + minute / 10, 100.0))
    assert len(looked) == 1
    assert isinstance(entered(made), Proposal)
    made.on_quote(quote("03:00", 99.9, 100.0))
    assert len(looked) == 2, "an earlier time may be of another day"
