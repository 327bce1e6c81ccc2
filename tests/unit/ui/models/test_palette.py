from __future__ import annotations

from decimal import Decimal

import pytest

from cockpit.domain.order import OrderType, Side
from cockpit.ui.models.keys import chosen_of, conflicts, in_force
from cockpit.ui.models.palette import Entry, matching, typed_order


def entry(kind: str, text: str) -> Entry:
    return Entry(kind, text, "", lambda: None)


ENTRIES = [
    entry("Action", "Export recap"),
    entry("Panel", "Recap"),
    entry("Symbol", "RECX"),
    entry("Action", "Halt trading"),
]


def test_what_begins_with_the_words_comes_first_and_a_symbol_before_all():
    assert [e.text for e in matching(ENTRIES, "rec")] == ["RECX", "Recap", "Export recap"]


def test_every_word_must_be_there_in_any_order_also_the_kind():
    assert [e.text for e in matching(ENTRIES, "recap panel")] == ["Recap"]
    assert [e.text for e in matching(ENTRIES, "trading HALT")] == ["Halt trading"]
    assert matching(ENTRIES, "nothing like it") == []


def test_an_order_is_read_as_it_is_said():
    typed = typed_order("buy 100 abc", ["ABC"])
    assert typed is not None
    assert (typed.quantity, typed.draft.symbol, typed.draft.type) == (100, "ABC", OrderType.MARKET)
    typed = typed_order(" SELL 2.5 ABC @ 45.20 ", ["ABC"])
    assert typed is not None
    assert (typed.draft.side, typed.draft.price) == (Side.SELL, Decimal("45.20"))
    assert typed.draft.type is OrderType.LIMIT


@pytest.mark.parametrize(
    "words",
    ["buy", "buy ABC", "buy 0 ABC", "buy 10 XYZ", "buy 10 ABC 0", "hold 10 ABC", "buy -1 ABC"],
)
def test_what_is_no_order_of_a_known_symbol_is_none(words):
    assert typed_order(words, ["ABC"]) is None


def test_keys_two_actions_share_are_named_and_those_of_a_proposal_too():
    shared = conflicts({"Halt": "Ctrl+H", "Find": "Ctrl+H", "About": "", "Arm": "A", "Quit": ""})
    assert shared == {"Ctrl+H": ["Halt", "Find"], "A": ["Arm", "a proposal"]}


def test_only_what_differs_is_kept_and_what_is_gone_is_left_out():
    defaults = {"Halt": "Ctrl+H", "Find": "Ctrl+K"}
    keys = in_force(defaults, {"Find": "Ctrl+P", "Gone": "Ctrl+G"})
    assert keys == {"Halt": "Ctrl+H", "Find": "Ctrl+P"}
    assert chosen_of(defaults, keys) == {"Find": "Ctrl+P"}
