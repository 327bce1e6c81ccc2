"""The words that may stand beside a slot: an allow-list by what the fact is.

A list of forbidden phrases never ends. This one goes the other way: the words around a slot must
be the fact's own, as `resources/recap/beside.toml` has them, those of a gain only beside a gain. It
holds for what a model writes; the template's texts and the owner's own are read by their authors.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple, TypedDict

from cockpit.domain.fact import Fact, Unit
from cockpit.kernel.resources import resource
from cockpit.recap.claims import direction
from cockpit.recap.names import owner_of
from cockpit.recap.prose import BLANK, Place, Sentence

_SPLIT = re.compile(
    r"[,;()]|:(?!\s*\0)|\.\.\."
    r"|\s(?:and|but|while|whereas|which|so(?! far)|with|because|though|although|where)(?=\s)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z][a-z&'-]*")
_NAMES = frozenset({Unit.TEXT, Unit.DATE})
_ALONE = re.compile(r"[\W_]*")


class Family(NamedTuple):
    """What may stand beside facts of some ids: words and phrases, some only by their sign."""

    words: frozenset[str]
    phrases: tuple[str, ...]
    gain: frozenset[str] = frozenset()
    gain_phrases: tuple[str, ...] = ()
    loss: frozenset[str] = frozenset()
    loss_phrases: tuple[str, ...] = ()


class Table(TypedDict, total=False):
    """A table of the file: words apart by spaces, phrases as regular expressions."""

    ids: list[str]
    words: str
    phrases: list[str]
    gain: str
    gain_phrases: list[str]
    loss: str
    loss_phrases: list[str]


class Beside(NamedTuple):
    """The lists: what may stand anywhere, and by the id's first or last part."""

    common: tuple[Family, ...]
    by_id: Mapping[str, Family]


class Segment(NamedTuple):
    """A run of words between two slots or ends of a clause, a slot as `_`, and whose it is."""

    words: str
    places: tuple[Place, ...]


@cache
def shipped() -> Beside:
    """The lists that ship."""
    text = resource("recap/beside.toml").read_text(encoding="utf-8")
    tables: dict[str, Table] = {
        name: table for name, table in tomllib.loads(text).items() if name != "version"
    }
    families = {name: _family(table) for name, table in tables.items()}
    by_id = {id_: families[name] for name, table in tables.items() for id_ in table.get("ids", ())}
    return Beside((families["common"], families["neutral"]), by_id)


def _family(table: Table) -> Family:
    return Family(
        words=frozenset(table.get("words", "").split()),
        phrases=tuple(table.get("phrases", ())),
        gain=frozenset(table.get("gain", "").split()),
        gain_phrases=tuple(table.get("gain_phrases", ())),
        loss=frozenset(table.get("loss", "").split()),
        loss_phrases=tuple(table.get("loss_phrases", ())),
    )


def strange_words(sentence: Sentence) -> Iterable[str]:
    """Words beside a slot that are none of its fact's."""
    for segment in segments(sentence):
        allowed, pattern = _allowed(tuple(dict.fromkeys(_sorts(segment.places))))
        rest = pattern.sub(" ", segment.words)
        if any(p.fact is not None and p.fact.value is None for p in segment.places if _is_bare(p)):
            allowed |= {"no"}  # of what is undefined there is none
        for found in _WORD.finditer(rest):
            if found[0].removesuffix("'s") not in allowed:
                near = ", ".join(place.id for place in segment.places)
                yield f'"{found[0]}" is no word for {near}: tell it by its own name'


def _is_bare(place: Place) -> bool:
    return place.fact is not None and place.fact.unit not in _NAMES


def _sorts(places: Sequence[Place]) -> Iterable[tuple[str, int]]:
    """The key of each place's family and the sign of its figure."""
    for place in places:
        if place.fact is not None:
            yield family_of(place.fact), direction(place.fact) or 0


def family_of(fact: Fact) -> str:
    """The id's last part where that has words of its own, else its first; empty for neither."""
    parts, known = fact.id.split("."), shipped().by_id
    if parts[0] == "open":  # a position, and no price
        return "open_positions"
    ends = (parts[0], parts[-1]) if parts[0] in _WHOLE else (parts[-1], parts[0])
    return next((part for part in ends if part in known), "")


_WHOLE = frozenset({"largest_win", "largest_loss", "best_day", "worst_day", "strongest", "weakest"})
"""Facts whose name and time are told in the same words as their figure."""


@cache
def _allowed(sorts: tuple[tuple[str, int], ...]) -> tuple[frozenset[str], re.Pattern[str]]:
    held = shipped()
    words = {word for family in held.common for word in family.words}
    phrases = [phrase for family in held.common for phrase in family.phrases]
    for key, sign in sorts:
        family = held.by_id.get(key, Family(frozenset(), ()))
        words |= family.words
        phrases += family.phrases
        if sign > 0:
            words |= family.gain
            phrases += family.gain_phrases
        if sign < 0:
            words |= family.loss
            phrases += family.loss_phrases
    longest = sorted(phrases, key=len, reverse=True)
    return frozenset(words), re.compile(rf"(?<![\w'])(?:{'|'.join(longest)})(?![\w'])")


def segments(sentence: Sentence) -> Iterable[Segment]:
    """The runs of words beside slots, each with the slots whose words they must be.

    A slot without words of its own belongs to the clauses on both sides of it: "My balance, X,
    is up" speaks of X all the way.
    """
    for low, high in clauses(sentence):
        places = [p for p in sentence.places if low <= p.start and p.end <= high]
        edges = [low, *(edge for p in places for edge in (p.start, p.end)), high]
        for number in range(0, len(edges), 2):
            left, right = places[: number // 2], places[number // 2 :]
            text = sentence.words[edges[number] : edges[number + 1]].lower()
            marked = f"{'_' if left else ''}{text}{'_' if right else ''}"
            near = (*_nearest(left[::-1]), *_nearest(right))
            yield Segment(marked, (*near, *_of_the_same(near, sentence.places)))


def _nearest(places: Sequence[Place]) -> Iterable[Place]:
    """The slots up to the first figure, which the words on this side of them may speak of."""
    for place in places:
        yield place
        if place.fact is not None and place.fact.unit not in _NAMES:
            return


def _of_the_same(near: Sequence[Place], places: Sequence[Place]) -> Iterable[Place]:
    """The figures of an instrument or a day that stands alone in its clause, from the others."""
    if any(p.fact is not None and p.fact.unit not in _NAMES for p in near):
        return
    owners = {owner_of(place.id) for place in near if not _is_date(place)}
    yield from (p for p in places if p not in near and (not owners or owner_of(p.id) in owners))


def _is_date(place: Place) -> bool:
    return place.fact is not None and place.fact.unit is Unit.DATE


def clauses(sentence: Sentence) -> Iterable[tuple[int, int]]:
    """Start and end of each clause with slots; a slot alone takes its neighbours in."""
    ends = [0]
    for mark in _SPLIT.finditer(sentence.words):
        ends += [mark.start(), mark.end()]
    ends.append(len(sentence.words))
    pieces = [[ends[n], ends[n + 1]] for n in range(0, len(ends), 2)]
    merged: list[list[int]] = []
    is_open = False
    for low, high in pieces:
        text = sentence.words[low:high]
        is_alone = BLANK in text and not text.replace(BLANK, "").strip(" .:!?*\"'-")
        if merged and (is_alone or is_open):
            merged[-1][1] = high
        else:
            merged.append([low, high])
        is_open = is_alone
    return ((low, high) for low, high in merged if BLANK in sentence.words[low:high])


__all__ = [
    "Beside",
    "Family",
    "Segment",
    "clauses",
    "family_of",
    "segments",
    "shipped",
    "strange_words",
]
