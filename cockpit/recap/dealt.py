"""Prices and times of a trade that are told by what was done, instead of by their names."""

from __future__ import annotations

import re
from itertools import pairwise

from cockpit.domain.fact import Fact
from cockpit.recap.prose import Place, Sentence

_DEALT = {  # a long is bought and sold, a short is sold and bought back
    ("entry", "long"): re.compile(r"\b(?:bought|went long|long at)\b", re.IGNORECASE),
    ("exit", "long"): re.compile(r"\bsold\b(?! short)", re.IGNORECASE),
    ("entry", "short"): re.compile(r"\b(?:sold|shorted|went short|short at)\b", re.IGNORECASE),
    ("exit", "short"): re.compile(r"\b(?:bought|covered)\b", re.IGNORECASE),
}
_ENDS_OF = {"entry": "exit", "opened": "closed"}


def is_told(
    sentence: Sentence, place: Place, words: tuple[int, int], held: tuple[Fact, ...]
) -> bool:
    """Whether a price or a time of a trade is told by its way: "bought at", "from X to Y".

    `words` are the start and the end of its own clause.
    """
    stem, _, leaf = place.id.rpartition(".")
    for one, other in pairwise(sentence.places):
        ends = (one.id.rpartition(".")[0], other.id.rpartition(".")[0])
        is_span = _ENDS_OF.get(one.id.rpartition(".")[2]) == other.id.rpartition(".")[2]
        if place in (one, other) and is_span and ends == (stem, stem):
            between = sentence.words[one.end : other.start]
            if between in (" to ", " until ") and sentence.words[: one.start].lower().endswith(
                "from "
            ):
                return True
    direction = f"{stem}.direction" if stem else "direction"
    side = next((fact.text for fact in held if fact.id == direction), "")
    dealt = _DEALT.get((leaf, side))
    return dealt is not None and dealt.search(sentence.words, *words) is not None
