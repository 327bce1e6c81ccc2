"""A draft as its checks read it: clauses with their slots, and words without their disguise.

Marks of emphasis could cut a word in two, an entity or an accent could hide a figure: the words are
read as a reader would see them. A slot's own id holds words such as "loss" and claims nothing, so
it is read as nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cockpit.domain.fact import Fact
from cockpit.recap.slots import SLOT

BLANK = "\0"
_EMPHASIS = re.compile(r"[*`~\\_]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE = re.compile(r"[,;:()]|\s(?:and|but|while|whereas|which|so(?! far)|with)\s", re.IGNORECASE)


class Place(NamedTuple):
    """A slot in a sentence: where it begins and ends, and its fact; None for one unknown."""

    start: int
    end: int
    id: str
    fact: Fact | None


class Sentence(NamedTuple):
    """One sentence or line; `words` has blanks in the slots' places."""

    words: str
    places: tuple[Place, ...]

    def clause_at(self, position: int) -> tuple[int, int]:
        """Start and end of the clause around a position."""
        start, end = 0, len(self.words)
        for mark in _CLAUSE.finditer(self.words):
            if mark.end() <= position:
                start = mark.end()
            elif mark.start() >= position:
                return start, mark.start()
        return start, end

    def nearest(self, start: int, end: int, *, inside: bool = False) -> Place | None:
        """The slot nearest to a word; with `inside` only one of the word's own clause."""
        low, high = self.clause_at(start) if inside else (0, len(self.words))
        there = [p for p in self.places if low <= p.start and p.end <= high]
        return min(there, key=lambda p: max(p.start - end, start - p.end), default=None)


_MOST_HELD = 4_000
_held: dict[int, dict[str, tuple[re.Match[str], ...]]] = {}


def all_of(pattern: re.Pattern[str], words: str) -> tuple[re.Match[str], ...]:
    """All matches of a module's own pattern.

    They are kept: while somebody types a rule, the same sentences are read again at each key.
    """
    held = _held.setdefault(id(pattern), {})
    found = held.get(words)
    if found is None:
        if len(held) >= _MOST_HELD:
            held.clear()
        found = held[words] = tuple(pattern.finditer(words))
    return found


def seen(text: str) -> str:
    """Prose as a reader sees it, accents and marks of emphasis taken off."""
    plain = html.unescape(text)
    if not plain.isascii():
        parts = unicodedata.normalize("NFKD", plain)
        plain = "".join(c for c in parts if not unicodedata.combining(c))
    return _EMPHASIS.sub("", plain)


def sentences(text: str, facts: Mapping[str, Fact]) -> Iterable[Sentence]:
    """The text's sentences, read as they will be seen."""
    pieces = SLOT.split(text)  # prose, id, prose, id, ... prose
    read = "".join(
        f"{{{{fact:{piece}}}}}" if number % 2 else seen(piece)
        for number, piece in enumerate(pieces)
    )
    for sentence in _SENTENCE.split(read):
        places = tuple(
            Place(m.start(), m.end(), m[1], facts.get(m[1])) for m in SLOT.finditer(sentence)
        )
        yield Sentence(SLOT.sub(lambda m: BLANK * len(m[0]), sentence), places)
