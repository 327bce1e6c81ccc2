"""The quality rules as data: what each is called, what it does, and when it applies.

A row is looked at in the order of its table. The first rules say that it holds no numbers
at all; after one of them nothing more can be asked. Of the others every one that applies
is counted, and the first is the reason. Soft rules are asked only of a row that stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from cockpit.market.levels import Level
from cockpit.ports.feed import RawQuote, RawRow, RawStatus, RawTrade

_INF = float("inf")
_NS = 1_000_000_000
FUTURE_NS = _NS
"""A row may be ahead of our clock by the skew that the gate allows. Further ahead it would look
fresh for as long as it is ahead, and every true row after it would count as out of order."""
STALE_NS = 10 * _NS
"""A row that took longer on its way is flagged; its age counts from its own time anyway."""
WIDE = 1.10
"""Ask above bid by more than this says nothing about the price."""


class Action(StrEnum):
    """What becomes of a row. A dropped one is only counted, a quarantined one can be seen."""

    FLAG = "flag"
    QUARANTINE = "quarantine"
    DROP = "drop"


_NONE_YET = RawQuote("", 0.0, 0.0, 0.0, 0.0, 0)


class Slot:
    """What the rules remember of one symbol."""

    __slots__ = ("ids", "mid", "older_ids", "price", "quote", "trade_ts")

    MOST_IDS = 4096

    def __init__(self) -> None:
        self.quote = _NONE_YET
        self.trade_ts = 0
        self.mid = Level()
        self.price = Level()
        self.ids: set[str] = set()
        self.older_ids: set[str] = set()

    def knows(self, trade_id: str) -> bool:
        """True for a print that was here before."""
        return trade_id in self.ids or trade_id in self.older_ids

    def remember(self, trade_id: str) -> None:
        """Know the print again; the oldest of some thousands are forgotten."""
        if len(self.ids) >= self.MOST_IDS:
            self.older_ids, self.ids = self.ids, set()
        self.ids.add(trade_id)


class Rule(NamedTuple):
    """`applies` gets the row, its symbol's slot and our clock in ns."""

    name: str
    action: Action
    applies: Callable[[Any, Slot, int], bool]
    text: str


def _blank(row: Any, _slot: Slot, _now: int) -> bool:
    return not row.symbol or row.symbol.isspace()


def _quote_numbers(row: RawQuote) -> tuple[float | None, ...]:
    return row.bid, row.ask, row.bid_size, row.ask_size


def _trade_numbers(row: RawTrade) -> tuple[float | None, ...]:
    return row.price, row.size


def _no_numbers(numbers: Callable[[Any], tuple[float | None, ...]]) -> tuple[Rule, ...]:
    """A source's null arrives as None despite the type."""

    def null(row: Any, _slot: Slot, _now: int) -> bool:
        return None in numbers(row)

    def not_a_number(row: Any, _slot: Slot, _now: int) -> bool:
        return not all(-_INF < value < _INF for value in numbers(row) if value is not None)

    return (
        Rule("no_symbol", Action.QUARANTINE, _blank, "names no symbol"),
        Rule("null", Action.QUARANTINE, null, "a price or size is missing"),
        Rule("not_a_number", Action.QUARANTINE, not_a_number, "a price or size is no number"),
    )


def _negative(numbers: Callable[[Any], tuple[float | None, ...]]) -> Rule:
    def negative(row: Any, _slot: Slot, _now: int) -> bool:
        return any(value is not None and value < 0 for value in numbers(row))

    return Rule("negative", Action.QUARANTINE, negative, "a price or size is below zero")


def _quote(
    name: str, action: Action, applies: Callable[[RawQuote, Slot, int], bool], text: str
) -> Rule:
    return Rule(name, action, applies, text)


def _trade(
    name: str, action: Action, applies: Callable[[RawTrade, Slot, int], bool], text: str
) -> Rule:
    return Rule(name, action, applies, text)


def _never(_row: object, _slot: Slot, _now: int) -> bool:
    return False


def _future(row: Any, _slot: Slot, now: int) -> bool:
    return row.ts_event > now + FUTURE_NS


def _stale(row: Any, _slot: Slot, now: int) -> bool:
    return row.ts_event < now - STALE_NS


def _quote_outlies(row: RawQuote, slot: Slot, _now: int) -> bool:
    if row.ask > row.bid * WIDE:
        return False  # its mid says nothing
    return slot.mid.outlies(row.bid + row.ask, row.ts_event)


def _quote_split(row: RawQuote, slot: Slot, _now: int) -> bool:
    return row.ask <= row.bid * WIDE and slot.mid.split_like(row.bid + row.ask)


def _quote_unproven(row: RawQuote, slot: Slot, _now: int) -> bool:
    return row.ask <= row.bid * WIDE and slot.mid.unproven(row.ts_event)


def _print_outlies(row: RawTrade, slot: Slot, _now: int) -> bool:
    quote = slot.quote
    fresh = abs(row.ts_event - quote.ts_event) <= Level.FRESH_NS and quote.ask <= quote.bid * WIDE
    return slot.price.outlies(row.price, row.ts_event, (quote.bid + quote.ask) / 2 * fresh)


def _known_print(row: RawTrade, slot: Slot, _now: int) -> bool:
    return slot.knows(row.trade_id)


FUTURE = Rule("future", Action.QUARANTINE, _future, "more than a second ahead of our clock")
_STALE = Rule("stale", Action.FLAG, _stale, "came in more than 10 s after its own time")
_UNPROVEN_TEXT = "a first price with neither previous close nor second source beside it"
_SPLIT_TEXT = "a jump as of a split; check before you trade it"
_REPEATED_TEXT = "here before: the same quote at the same time, or the id of a print"
_OUTLIER_TEXT = "far from the prices just before; believed once three in a row agree"

REPEATED = _quote("duplicate", Action.FLAG, lambda r, s, _: r == s.quote, _REPEATED_TEXT)
"""A quote that repeats the one before it, time included: recognised before all others."""

QUOTE_FATAL = _no_numbers(_quote_numbers)
QUOTE_HARD = (
    _negative(_quote_numbers),
    _quote("zero_bid", Action.QUARANTINE, lambda r, s, _: r.bid == 0, "no bid"),
    _quote("zero_ask", Action.QUARANTINE, lambda r, s, _: r.ask == 0, "no ask"),
    _quote("crossed", Action.QUARANTINE, lambda r, s, _: r.bid > r.ask, "bid above ask"),
    _quote(
        "no_size",
        Action.QUARANTINE,
        lambda r, s, _: r.bid_size == 0 or r.ask_size == 0,
        "a side without size",
    ),
    _quote(
        "out_of_order",
        Action.QUARANTINE,
        lambda r, s, _: r.ts_event < s.quote.ts_event,
        "older than the quote before it",
    ),
    FUTURE,
    _quote("locked", Action.FLAG, lambda r, s, _: r.bid == r.ask, "bid equals ask"),
)
QUOTE_SOFT = (
    REPEATED,
    _STALE,
    _quote("wide", Action.FLAG, lambda r, s, _: r.ask > r.bid * WIDE, "ask over 10 % above bid"),
    _quote("unproven", Action.FLAG, _quote_unproven, _UNPROVEN_TEXT),
    _quote("outlier", Action.QUARANTINE, _quote_outlies, _OUTLIER_TEXT),
    _quote("split_like", Action.FLAG, _quote_split, _SPLIT_TEXT),
)
TRADE_FATAL = _no_numbers(_trade_numbers)
TRADE_HARD = (
    _trade("cancelled", Action.QUARANTINE, lambda r, s, _: r.cancelled, "void by its own source"),
    _negative(_trade_numbers),
    _trade("zero_price", Action.QUARANTINE, lambda r, s, _: r.price == 0, "no price"),
    _trade("no_size", Action.QUARANTINE, lambda r, s, _: r.size == 0, "no size"),
    _trade("duplicate", Action.DROP, _known_print, _REPEATED_TEXT),
    _trade(
        "out_of_order",
        Action.QUARANTINE,
        lambda r, s, _: r.ts_event < s.trade_ts,
        "older than the print before it",
    ),
    FUTURE,
)
TRADE_SOFT = (
    _STALE,
    _trade("unproven", Action.FLAG, lambda r, s, _: s.price.unproven(r.ts_event), _UNPROVEN_TEXT),
    _trade("outlier", Action.QUARANTINE, _print_outlies, _OUTLIER_TEXT),
    _trade(
        "split_like",
        Action.FLAG,
        lambda r, s, _: s.price.split_like(r.price),
        _SPLIT_TEXT,
    ),
)


def row_words(row: RawRow) -> str:
    """A row for a person to read, also one that holds no numbers."""
    if isinstance(row, RawQuote):
        sides = f"bid {row.bid} x {row.bid_size} ask {row.ask} x {row.ask_size}"
        return f"quote {row.symbol} {sides}"
    if isinstance(row, RawTrade):
        void = ", void" if row.cancelled else ""
        number = f", id {row.trade_id}" if row.trade_id else ""
        return f"print {row.symbol} {row.price} x {row.size}{number}{void}"
    if isinstance(row, RawStatus):
        return f"{'halt' if row.halted else 'resumption'} {row.symbol} {row.reason}".rstrip()
    new = f" to {row.price} x {row.size}" if row.size else ", taken back"
    return f"correction {row.symbol} id {row.trade_id} {row.old_price} x {row.old_size}{new}"


UNREADABLE = "unreadable"
RULES: Mapping[str, str] = {
    rule.name: rule.text
    for rule in (
        *QUOTE_FATAL,
        *QUOTE_HARD,
        *QUOTE_SOFT,
        *TRADE_HARD,
        *TRADE_SOFT,
        Rule(UNREADABLE, Action.QUARANTINE, _never, "a line that can't be read"),
    )
}
"""Every rule's name with what it means in words, in the order of the tables."""

NAMES = tuple(RULES)
"""As they may be asked for."""
