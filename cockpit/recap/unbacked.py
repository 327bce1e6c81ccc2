"""What a model says without a slot: quantities, events and results that no fact bears out.

Reflection is free: patience, plans, lessons. What happened, to whose money and in which market is
not: that stands in a fact, or it is not said. `resources/recap/unbacked.toml` has the words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from cockpit.domain.fact import Fact, Unit
from cockpit.kernel.resources import resource
from cockpit.recap.beside import clauses
from cockpit.recap.claims import direction
from cockpit.recap.names import has_many, owner_of
from cockpit.recap.prose import Place, Sentence

_WHOLE = frozenset({
    Unit.MONEY, Unit.PERCENT, Unit.RATIO, Unit.R, Unit.DURATION, Unit.COUNT, Unit.SHARES,
})  # fmt: skip
_PROPER = re.compile(r"(?<=[a-z,;:] )(?<!: )[A-Z][a-z]+\b")
_PLAIN_NAMES = frozenset({
    "New", "York", "Eastern", "English", "Cockpit", "Net", "Gross", "Mean", "Entry", "Exit",
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "January",
    "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
})  # fmt: skip
"""Capitals within a sentence that name no company; days and months are looked at elsewhere."""


class Topic(NamedTuple):
    """One sort of claim, and the words that make it; `bare` ones where no figure has a sign."""

    name: str
    pattern: re.Pattern[str]
    bare: bool


class Unbacked(NamedTuple):
    """The topics, and what is spared although it holds a word of theirs."""

    topics: tuple[Topic, ...]
    spared: re.Pattern[str]


@cache
def shipped() -> Unbacked:
    """The words that ship."""
    data = tomllib.loads(resource("recap/unbacked.toml").read_text(encoding="utf-8"))
    topics = tuple(
        Topic(topic["name"], _any(topic["patterns"]), topic.get("bare", False))
        for topic in data["topic"]
    )
    return Unbacked(topics, _any(data["spared"]["patterns"]))


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'])(?:{'|'.join(patterns)})(?![\w'])", re.IGNORECASE)


def unbacked(sentence: Sentence) -> Iterable[str]:
    """Claims in the clauses of a sentence that hold no slot."""
    words = sentence.words
    for low, high in reversed(list(clauses(sentence))):
        words = f"{words[:low]};{words[high:]}"
    held = shipped()
    rest = held.spared.sub(" ", words)
    is_borne = any(p.fact and direction(p.fact) is not None for p in sentence.places)
    for topic in held.topics:
        if topic.bare and is_borne:
            continue
        if found := topic.pattern.search(rest):
            yield f'"{found[0].strip()}" tells of {topic.name}, and no slot bears that out'
    for found in _PROPER.finditer(words):
        if found[0] not in _PLAIN_NAMES:
            yield f'the name "{found[0]}" stands outside a slot'


def of_one_alone(sentence: Sentence, facts: Mapping[str, Fact]) -> Iterable[str]:
    """Figures of the whole in one clause with an instrument's name, where there are several."""
    if not has_many(tuple(facts.values())):
        return
    for low, high in clauses(sentence):
        places = [p for p in sentence.places if low <= p.start and p.end <= high]
        names = [p for p in places if _is_instrument(p)]
        owners = {owner_of(p.id) for p in places if not _is_instrument(p)}
        if not names or owners & {owner_of(p.id) for p in names}:
            continue  # no instrument, or with a figure of its own
        for place in places:
            is_figure = place.fact is not None and place.fact.unit in _WHOLE
            if is_figure and not owner_of(place.id):
                yield f"{place.id} is of the whole, and stands beside {names[0].id}"


def _is_instrument(place: Place) -> bool:
    return (
        place.fact is not None
        and place.fact.unit is Unit.TEXT
        and owner_of(place.id).startswith(("symbol", "largest", "strategy"))
        and not place.id.endswith(".direction")
    )
