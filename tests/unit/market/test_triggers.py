from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.errors import DomainError
from cockpit.domain.market import Bar, Quote, TradePrint, TriggerFired
from cockpit.domain.values import NEW_YORK, to_ns
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.market.book import Book
from cockpit.market.conditions import Look, watch
from cockpit.market.errors import MarketError
from cockpit.market.triggers import Trigger, Triggers

T0 = 1_514_903_400 * SECOND  # 09:30 in New York


def bar(close: float = 10.0, volume: float = 100.0) -> Bar:
    return Bar(
        symbol="ABC", open=close, high=close, low=close, close=close, volume=volume, vwap=close,
        trades=1, interval_s=60, ts_event=T0, ts_init=T0,
    )  # fmt: skip


def at_prices(sentence: str, *prices: float, reference: float | None = 100.0) -> list[bool]:
    watched = watch(sentence)
    return [watched.holds(Look(T0, price, 0.001, reference)) for price in prices]


@pytest.mark.parametrize(
    ("sentence", "prices", "held"),
    [
        ("crosses 100", (99, 100, 101, 99, 99, 100), "010101"),
        ("crosses up 100", (99, 101, 99, 101), "0101"),
        ("crosses down 100", (101, 100, 99, 101, 99), "01001"),
        ("crosses 100", (100, 101, 102), "000"),
        ("touches 100 0.05", (99.9, 99.95, 100.05, 100.1), "0110"),
        ("moves 3%", (100, 102.9, 103, 97, 98), "00110"),
        ("crosses up 100 and moves 5%", (99, 101, 99, 106), "0001"),
        ("touches 90 1 or touches 110 1", (100, 90, 100, 111), "0101"),
        ("touches 90 1 or touches 110 1 and moves 20%", (90, 110, 89), "101"),
    ],
)
def test_prices(sentence: str, prices: tuple[float, ...], held: str) -> None:
    assert at_prices(sentence, *prices) == [each == "1" for each in held]


def test_what_a_look_does_not_show_leaves_it_as_it_was() -> None:
    for sentence in ("touches 100 1", "moves 3%", "spread 1%"):
        watched = watch(sentence)
        price = 103.5 if sentence.startswith("moves") else 100.0
        assert watched.holds(Look(T0, price, 0.02, 100.0))
        assert watched.holds(Look(T0, bar=bar())), "a bar says nothing of price or spread"


def test_a_surge_is_against_the_bars_before() -> None:
    watched = watch("volume 3x 2")
    held = [
        watched.holds(Look(T0, bar=bar(volume=v))) for v in (900.0, 100.0, 1499.0, 100.0, 2400.0)
    ]
    assert held == [False, False, False, False, True]
    assert watched.holds(Look(T0, 10.0)), "until the next bar"


def test_an_indicator_is_crossed_by_the_price() -> None:
    watched = watch("crosses up ema:2")
    assert not watched.holds(Look(T0, 12.0)), "it has no value yet"
    watched.holds(Look(T0, bar=bar(10.0)))
    watched.holds(Look(T0, bar=bar(11.0)))
    assert [watched.holds(Look(T0, price)) for price in (10.4, 10.6)] == [False, True]


@pytest.mark.parametrize("day", ["2026-03-06", "2026-03-09"])
def test_a_time_is_that_of_new_york_in_summer_and_winter(day: str) -> None:
    watched = watch("after 09:45")
    for clock, held in (("09:44:59", False), ("09:45:00", True), ("15:00:00", True)):
        moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=NEW_YORK)
        assert watched.holds(Look(to_ns(moment), 1.0)) is held


@pytest.mark.parametrize(
    "sentence",
    ["", "price > 5", "crosses", "crosses 0", "crosses sideways 5", "moves 3", "moves 0%", "and",
     "volume 3x 0", "touches 5", "after 25:00", "crosses magic:3", "crosses 5 and", "crosses nan"],
)  # fmt: skip
def test_what_is_no_condition_is_refused(sentence: str) -> None:
    with pytest.raises((MarketError, DomainError)):
        Trigger(name="a", symbol="ABC", when=sentence)


class Room:
    def __init__(self, *triggers: Trigger) -> None:
        self.bus, self.clock = Bus(), VirtualClock(T0)
        self.book = Book(self.clock)
        self.fired: list[TriggerFired] = []
        self.spent: list[Trigger] = []
        self.bus.subscribe(TriggerFired, self.fired.append)
        self.triggers = Triggers(self.bus, self.book, triggers, self.spent.append)

    def quote(self, second: float, mid: float, symbol: str = "ABC") -> None:
        ts = T0 + round(second * SECOND)
        quote = Quote(
            symbol=symbol, bid=mid - 0.01, ask=mid + 0.01, bid_size=1.0, ask_size=1.0,
            ts_event=ts, ts_init=ts,
        )  # fmt: skip
        self.book.on_quote(quote)
        self.bus.publish(quote)

    def trade(self, second: float, price: float) -> None:
        ts = T0 + round(second * SECOND)
        trade = TradePrint(symbol="ABC", price=price, size=1.0, ts_event=ts, ts_init=ts)
        self.book.on_trade(trade)
        self.bus.publish(trade)


def test_one_that_speaks_once_is_spent() -> None:
    once = Trigger(name="break", symbol="ABC", when="crosses 100")
    room = Room(once)
    for n, mid in enumerate((99.0, 101.0, 99.0, 101.0)):
        room.quote(n, mid)
    (fired,) = room.fired
    assert (fired.name, fired.symbol, fired.price, fired.ts_event) == (
        "break", "ABC", 101.0, T0 + SECOND,
    )  # fmt: skip
    assert [(each.name, each.spent) for each in room.spent] == [("break", True)]
    assert room.triggers.watched == ()
    assert Room(*room.spent).triggers.watched == ()


def test_one_that_re_arms_speaks_when_it_was_false_and_quiet() -> None:
    room = Room(Trigger(name="near", symbol="ABC", when="touches 100 0.5", again=True, rest_s=10.0))
    for second, mid in ((0, 100.0), (1, 100.1), (2, 99.0), (3, 100.0), (12, 99.0), (13, 100.0)):
        room.quote(second, mid)
    assert [(each.ts_event - T0) // SECOND for each in room.fired] == [0, 13]
    assert room.spent == []


def test_only_the_touched_symbol_is_looked_at() -> None:
    room = Room(Trigger(name="a", symbol="ABC", when="touches 100 1"))
    room.quote(0, 100.0, "XYZ")
    assert room.fired == []
    room.quote(1, 100.0)
    assert len(room.fired) == 1


def test_prints_count_where_there_is_no_quote_and_not_beside_one() -> None:
    room = Room(Trigger(name="a", symbol="ABC", when="crosses 100", again=True, rest_s=0.0))
    room.trade(0, 99.0)
    room.trade(1, 101.0)
    assert len(room.fired) == 1
    room.quote(2, 101.0)
    room.trade(3, 99.0)
    assert len(room.fired) == 1, "a print off the mid is no cross"


def test_without_triggers_nothing_listens() -> None:
    room = Room()
    assert not room.bus._handlers.get(Quote)
    watching = Room(Trigger(name="a", symbol="ABC", when="moves 1%"))
    watching.triggers.close()
    watching.quote(0, 100.0)
    watching.quote(1, 200.0)
    assert watching.fired == []


@given(st.lists(st.integers(90, 110), min_size=1, max_size=40))
def test_crosses_are_those_of_the_sides(prices: list[int]) -> None:
    """Off the level itself, every change of side is a cross, and nothing else is."""
    watched = watch("crosses 100.5")
    held = [watched.holds(Look(T0, float(price))) for price in prices]
    sides = [price > 100.5 for price in prices]
    assert held == [False, *(a != b for a, b in pairwise(sides))]


def test_one_is_put_in_and_taken_out_while_it_runs() -> None:
    room = Room()
    room.triggers.put(Trigger(name="a", symbol="ABC", when="crosses 100"))
    room.quote(0, 99.0)
    room.triggers.put(Trigger(name="a", symbol="ABC", when="crosses 105"))
    room.quote(1, 101.0)
    assert room.fired == [], "the one of its name is watched no more"
    assert "ABC" in room.triggers.symbols
    room.triggers.remove("a")
    room.triggers.remove("never there")
    room.quote(2, 106.0)
    assert room.fired == []
    assert "ABC" not in room.triggers.symbols


def test_one_that_is_off_or_spent_says_nothing() -> None:
    room = Room(
        Trigger(name="off", symbol="ABC", when="crosses 100", on=False),
        Trigger(name="spent", symbol="ABC", when="crosses 100", spent=True),
    )
    room.quote(0, 99.0)
    room.quote(1, 101.0)
    assert (room.fired, room.triggers.watched) == ([], ())


def test_one_that_changes_the_others_while_it_speaks_does_no_harm() -> None:
    room = Room(*(Trigger(name=n, symbol="ABC", when="crosses 100") for n in "ab"))
    room.bus.subscribe(TriggerFired, lambda _fired: room.triggers.remove("b"))
    room.quote(0, 99.0)
    room.quote(1, 101.0)
    assert "a" in [fired.name for fired in room.fired]
    assert room.triggers.watched == ()
