"""The history that covers are folded from forgets only what nothing can change any more."""

from decimal import Decimal

import msgspec

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.fill import Fill
from cockpit.domain.order import Side
from cockpit.trading.protection.history import SETTLED_NS, Ended, Held, History, Kept
from tests.support.protection import plan

NOW = 10 * SETTLED_NS


def fill(name: str, quantity: int, at_ns: int = NOW) -> Fill:
    return Fill(
        execution_id=name,
        account_id="A",
        client_order_id=f"order-{name}",
        symbol="ABC",
        side=Side.BUY if quantity > 0 else Side.SELL,
        quantity=Decimal(abs(quantity)),
        price=Decimal(100),
        fee=Decimal(0),
        ts_event=at_ns,
        ts_init=at_ns,
    )


def held(name: str, *, since_ns: int = NOW, **more: int) -> Held:
    return Held(
        cover_id=name,
        symbol="ABC",
        side=Side.BUY,
        quantity=Decimal(1),
        plan=plan("99"),
        stop=Decimal(99),
        since_ns=since_ns,
        **more,
    )


NOTHING = Kept()


def loaded(booked, kept=NOTHING):
    history = History()
    history.load(booked, kept, NOW, lambda _name: "ABC")
    return history


def whats(history):
    return [
        getattr(s.what, "execution_id", getattr(s.what, "cover_id", ""))
        for s in history.steps("ABC")
    ]


def test_an_entry_keeps_its_place_when_others_are_taken_back():
    given = held("given", place=2)
    history = loaded([fill("a", 5), None, fill("c", 1)], Kept(held=(given,)))
    assert whats(history) == ["a", "given", "c"]
    assert history.place == 3
    assert history.add(fill("d", 1))
    assert not history.add(fill("d", 1))
    history.take_back(fill("a", 5))
    assert whats(history) == ["given", "c", "d"]
    assert history.place == 4


def test_at_one_place_what_was_given_comes_before_what_ended():
    history = loaded([fill("a", 5)])
    history.end([Ended(cover_id="x", symbol="ABC", place=1)])
    history.give(held("given", place=1))
    assert whats(history) == ["a", "given", "x"]


def test_what_was_flat_long_ago_is_forgotten_with_its_protections():
    old = NOW - SETTLED_NS - 1
    ended = Ended(cover_id="x", symbol="ABC", place=1)
    booked = [fill("a", 5, old), fill("b", -5, old), fill("c", 5), fill("d", -5)]
    history = loaded(booked, Kept(held=(held("given", place=1),), ended=(ended,)))
    assert [w for w in whats(history) if len(w) == 1 and w != "x"] == ["c", "d"]
    assert history.kept(lambda _name: False) == Kept()
    assert history.kept(lambda name: name == "x").ended == (ended,)


def test_what_was_flat_a_moment_ago_is_not():
    ended = Ended(cover_id="x", symbol="ABC", place=1)
    kept = Kept(held=(held("given", place=1),), ended=(ended,))
    history = loaded([fill("a", 5), fill("b", -5)], kept)
    assert whats(history) == ["a", "given", "x", "b"]
    assert history.kept(lambda _name: False) == kept


def test_a_fill_taken_back_of_what_was_forgotten_still_counts():
    old = NOW - SETTLED_NS - 1
    history = loaded([fill("a", 5, old), fill("b", -5, old)])
    assert history.before("ABC") == 0
    history.take_back(fill("b", -5, old))
    assert history.before("ABC") == 5


def test_a_position_that_was_set_is_where_counting_goes_on():
    old = NOW - SETTLED_NS - 1
    to_zero = Adjustment(
        adjustment_id="z",
        account_id="A",
        symbol="ABC",
        quantity=Decimal(0),
        average_cost=Decimal(0),
        kind=AdjustmentKind.ACCEPTED,
        reason="",
        ts_event=old,
        ts_init=old,
    )
    history = loaded([fill("a", 5, old), to_zero, fill("c", 1)])
    assert whats(history) == ["c"]


def test_rows_of_old_are_placed_by_time_and_at_the_end():
    row = Kept(held=(held("given"),), ended=("x",))
    assert msgspec.json.decode(msgspec.json.encode(row), type=Kept) == row
    history = loaded([fill("a", 5, NOW - 1), fill("b", 1, NOW + 1)], row)
    assert whats(history) == ["a", "given", "b", "x"]


def test_of_two_given_at_one_place_the_later_holds_though_the_clock_went_back():
    history = loaded([fill("a", 5)])
    history.give(held("first", place=1))
    history.give(held("second", place=1, since_ns=NOW - 60))
    assert whats(history) == ["a", "first", "second"]
    again = loaded([fill("a", 5)], history.kept(lambda _name: False))
    assert whats(again) == ["a", "first", "second"]


def test_what_is_on_its_way_to_the_ledger_was_given_after_what_is_in_it():
    history = loaded([fill("a", 5)])
    history.give(held("mine", place=1))
    history.load([fill("a", 5)], Kept(held=(held("kept", place=1),)), NOW, lambda _name: "ABC")
    assert whats(history) == ["a", "kept", "mine"]
