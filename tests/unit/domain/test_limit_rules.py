"""For whom a limit holds: the strictest of all that is set, whichever way strict lies."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.errors import DomainError
from cockpit.domain.limit_rules import (
    PERMITTED,
    RESTRICTED,
    SPECS,
    LimitRules,
    Place,
    Scope,
    Stricter,
    strictest,
)
from cockpit.domain.limits import Limits

BASE = LimitRules.of(Limits())
ACME = Place("max_order_value", Scope.SYMBOLS, "ACME")
NARROW = sorted(n for n in Limits.__struct_fields__ if not SPECS[n].account_wide)
NUMBERS = st.sampled_from(["1", "2", "3", "7", "40", "10000"])


def rules(**values) -> LimitRules:
    """`symbols__ACME__max_order_value=1` over the defaults."""
    more = {Place.of(name.replace("__", ".")): value for name, value in values.items()}
    return LimitRules({**BASE.values, **more})


def test_every_limit_says_where_strict_lies() -> None:
    assert set(SPECS) == {*Limits.__struct_fields__, PERMITTED, RESTRICTED}
    higher = {name for name, spec in SPECS.items() if spec.stricter is Stricter.HIGHER}
    assert higher == {"duplicate_window_s", "strategy_window_s", "loss_cooldown_s"}


def test_without_scopes_all_get_the_same() -> None:
    assert BASE.limits("A", "robot", "ACME") == Limits()
    assert BASE.symbols("A", "robot") == (None, frozenset())


def test_the_strictest_of_all_that_apply_holds() -> None:
    some = rules(
        accounts__A__max_order_value=5000,
        strategies__robot__max_order_value=3000,
        symbols__ACME__max_order_value=4000,
        symbols__ACME__duplicate_window_s=30,
        strategies__robot__duplicate_window_s=20,
    )
    assert some.limits("A", "robot", "ACME").max_order_value == 3000
    assert some.limits("A", "manual", "ACME").max_order_value == 4000
    assert some.limits("A", "manual", "BOLT").max_order_value == 5000
    assert some.limits("B", "manual", "BOLT").max_order_value == 10_000
    assert some.limits("B", "robot", "ACME").duplicate_window_s == 30
    assert some.limits("B", "robot", "BOLT").duplicate_window_s == 20


def test_a_section_can_not_loosen() -> None:
    some = rules(symbols__ACME__max_order_value=90_000, strategies__robot__duplicate_window_s=1)
    assert some.limits("A", "robot", "ACME") == Limits()


def test_permitted_by_all_restricted_by_any() -> None:
    some = rules(
        permitted_symbols=frozenset({"ACME", "BOLT"}),
        accounts__A__restricted_symbols=frozenset({"GME"}),
        strategies__robot__permitted_symbols=frozenset({"BOLT", "CORE"}),
        restricted_symbols=frozenset({"AMC"}),
    )
    assert some.symbols("A", "robot") == ({"BOLT"}, {"GME", "AMC"})
    assert some.symbols("B") == ({"ACME", "BOLT"}, {"AMC"})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("max_lunch", 1, "max_lunch is not a limit"),
        ("symbols.ACME.max_lunch", 1, "symbols.ACME.max_lunch is not a limit"),
        ("symbols.ACME.max_gross_fraction", 1, "of the whole account"),
        ("strategies.robot.max_orders_per_day", 1, "of the whole account"),
        ("symbols.ACME.restricted_symbols", frozenset({"A"}), "not of one symbol"),
        ("permitted_symbols", frozenset(), "permits nothing"),
        ("restricted_symbols", frozenset({"gme"}), "'gme' is not written as a symbol"),
        ("restricted_symbols", 5, "can't be 5"),
        ("max_order_value", frozenset({"A"}), "can't be"),
        ("symbols.ACME.max_order_value", 0, "symbols.ACME.max_order_value must be a positive"),
        ("symbols.ACME.collar_block_fraction", "0.01", "symbols.ACME: collar_warn_fraction must"),
        ("accounts.A.day_loss_halted_fraction", "0.02", "accounts.A: day_loss_reducing_fraction"),
        ("day_loss_reducing_fraction", "0.04", "must be below day_loss_halted_fraction"),
        ("collar_warn_fraction", "0.05", "must be below collar_block_fraction"),
    ],
)
def test_what_can_not_be_meant_is_refused_by_its_place(name, value, told) -> None:
    given_ = Decimal(value) if isinstance(value, str) else value
    with pytest.raises(DomainError) as refused:
        LimitRules({**BASE.values, Place.of(name): given_})
    assert told in str(refused.value)


def test_a_place_is_written_as_in_the_file() -> None:
    for place in (ACME, Place("max_order_value"), Place(RESTRICTED, Scope.ACCOUNTS, "LIVE")):
        assert Place.of(str(place)) == place
    assert Place.of("symbols.BRK.B.max_order_value").key == "BRK.B"
    with pytest.raises(DomainError):
        Place.of("lunch.ACME.max_order_value")


def test_stored_and_read_back() -> None:
    some = rules(symbols__ACME__max_order_value=5, restricted_symbols=frozenset({"GME", "AMC"}))
    stored = msgspec.json.decode(msgspec.json.encode(some.as_text()))
    assert LimitRules.from_text(stored) == some
    assert LimitRules.from_text({"a_limit_of_once": "1"}) == BASE


def test_looser_is_what_was_stricter_or_is_left_out() -> None:
    strict = rules(max_order_value=5000, symbols__ACME__max_order_value=100)
    assert {str(p) for p in BASE.looser_than(strict)} == {
        "max_order_value",
        "symbols.ACME.max_order_value",
    }
    assert not list(strict.looser_than(BASE))
    assert BASE.stricter_with(strict) == strict.stricter_with(BASE) == strict


@given(
    name=st.sampled_from(NARROW),
    values=st.fixed_dictionaries({s: NUMBERS for s in Scope if s is not Scope.EVERYWHERE}),
)
def test_no_scope_ever_loosens(name, values) -> None:
    if name.startswith("collar"):
        return  # tied to each other, see above
    more = {
        Place(name, scope, "K"): LimitRules.from_text({f"{scope.value}.K.{name}": value}).values[
            Place(name, scope, "K")
        ]
        for scope, value in values.items()
    }
    limits = LimitRules({**BASE.values, **more}).limits("K", "K", "K")
    held = getattr(limits, name)
    for value in (*more.values(), getattr(Limits(), name)):
        assert strictest(name, held, value) == held
