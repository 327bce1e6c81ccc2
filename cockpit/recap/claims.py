"""Words that claim a direction or a superlative, held against the slots beside them.

A word of direction must stand in a sentence whose nearest figure with a direction has
the same one. A superlative's nearest slot must be that superlative's own. Everything
else is refused: a word can lie as well as a digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from cockpit.domain.fact import Fact, Unit
from cockpit.recap.slots import SLOT

T = TypeVar("T")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")

UP = re.compile(
    r"\b(up|gain(?:s|ed)?|w[io]n(?:s|ning|ners?)?|profit(?:s|able|ably)?|green|rose|rall(?:y|ied)"
    r"|higher|ahead|earn(?:s|ed)?|positive|made)\b",
    re.IGNORECASE,
)
DOWN = re.compile(
    r"\b(down|loss(?:es)?|lost|los(?:e|es|ing|ers?)|red|fell|dropped|lower|behind|negative"
    r"|drawdown|underwater)\b",
    re.IGNORECASE,
)
LEVEL = re.compile(r"\b(flat|br(?:eak|oke)[ -]?even|unchanged|scratch(?:es|ed)?)\b", re.IGNORECASE)
BEST = re.compile(r"\b(best|strongest|greatest|top|highest)\b", re.IGNORECASE)
WORST = re.compile(r"\b(worst|weakest|deepest|lowest)\b", re.IGNORECASE)
SIZE = re.compile(r"\b(biggest|largest|smallest|longest|shortest|least|record)\b", re.IGNORECASE)

_BEST_IDS = ("largest_win",)
_WORST_IDS = ("largest_loss", "max_drawdown")
_MEANING = {
    "wins": 1, "win_rate": 1, "average_win": 1, "profit_factor": 1, "largest_win": 1,
    "losses": -1, "average_loss": -1, "largest_loss": -1, "max_drawdown": -1,
    "scratches": 0,
}  # fmt: skip


def direction(fact: Fact) -> int | None:
    """+1, -1, or 0 for level; None when the fact has no direction to claim."""
    stem, leaf = fact.id.split(".")[0], fact.id.split(".")[-1]
    if leaf == "fees":  # paid on any day, good or bad
        return None
    if stem in _MEANING:
        return _MEANING[stem]
    if fact.value is not None and fact.unit in (Unit.MONEY, Unit.R):
        return fact.sign
    return None


def false_claims(text: str, facts: Mapping[str, Fact]) -> Iterable[str]:
    """Why words of `text` claim what no slot beside them bears out."""
    for sentence in _SENTENCE.split(text):
        spans = [(m.start(), m.end(), m[1]) for m in SLOT.finditer(sentence)]
        # the slots' own ids hold words such as "loss": they claim nothing
        words = SLOT.sub(lambda match: "\0" * len(match[0]), sentence)
        sides = [(a, b, direction(facts[i])) for a, b, i in spans if i in facts]
        polar = [(a, b, side) for a, b, side in sides if side is not None]
        for pattern, wanted in ((UP, 1), (DOWN, -1), (LEVEL, 0)):
            for word in pattern.finditer(words):
                if _nearest(word, polar) != wanted:
                    yield f'the word "{word[0]}" claims what no figure beside it bears out'
        for pattern, ids in (
            (BEST, _BEST_IDS), (WORST, _WORST_IDS), (SIZE, _BEST_IDS + _WORST_IDS),
        ):  # fmt: skip
            for word in pattern.finditer(words):
                nearest = _nearest(word, spans)
                if nearest is None or nearest.split(".")[0] not in ids:
                    yield f'the superlative "{word[0]}" stands beside the wrong figure, or none'


def _nearest(word: re.Match[str], spans: list[tuple[int, int, T]]) -> T | None:
    """What the slot nearest to the word carries; None without any."""
    if not spans:
        return None
    return min(spans, key=lambda s: max(s[0] - word.end(), word.start() - s[1]))[2]
