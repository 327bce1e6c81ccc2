"""Words that claim a direction or a superlative, held against the slots beside them.

A word of direction must stand in a sentence whose nearest figure with a direction has
the same one; a count of wins or losses bears out only words that speak of trades. A
superlative's nearest slot must be that superlative's own. Everything else is refused: a
word can lie as well as a digit.
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
    r"\b(up|gain(?:s|ed|ing|ers?)?|w[io]n(?:s|ning|ners?)?|green|rose"
    r"|profit(?:s|ed|ing|able|ably)?(?! factor)"
    r"|ris(?:es?|en|ing)|rall(?:y|ies|ied|ying)|higher|ahead|earn(?:s|ed|ing|ings)?|positive"
    r"|made|better|gr[eo]w(?:s|n|ing)?|growth|climb(?:s|ed|ing)?|surg(?:e[sd]?|ing)"
    r"|soar(?:s|ed|ing)?|jump(?:s|ed|ing)?|beat(?:s|en|ing)?|plus)\b",
    re.IGNORECASE,
)
DOWN = re.compile(
    r"\b(down|loss(?:es)?|lost|los(?:e|es|ing|ers?)|red|f[ae]ll(?:s|en|ing)?|drop(?:s|ped|ping)?"
    r"|lower|behind|negative|drawdown|underwater|worse|s[aiu]nk(?:s|ing)?|slid(?:es?|ing)?"
    r"|ble{1,2}d(?:s|ing)?|declin(?:e[sd]?|ing)|tumbl(?:e[sd]?|ing)|plung(?:e[sd]?|ing)|minus"
    r"|deficit)\b",
    re.IGNORECASE,
)
LEVEL = re.compile(r"\b(flat|br(?:eak|oke)[ -]?even|unchanged|scratch(?:es|ed)?)\b", re.IGNORECASE)
BEST = re.compile(r"\b(best|strongest|greatest|top|highest)\b", re.IGNORECASE)
WORST = re.compile(r"\b(worst|weakest|deepest|lowest)\b", re.IGNORECASE)
SIZE = re.compile(r"\b(biggest|largest|smallest|longest|shortest|least|record)\b", re.IGNORECASE)

_BEST_IDS = ("largest_win",)
_WORST_IDS = ("largest_loss", "max_drawdown")
_MEANING = {
    "wins": 1, "win_rate": 1, "average_win": 1, "largest_win": 1,
    "losses": -1, "average_loss": -1, "largest_loss": -1, "max_drawdown": -1,
    "scratches": 0,
}  # fmt: skip
# Some trades win on a day that loses: a count bears out the word for its trades, no other.
_COUNTED = frozenset({"wins", "win_rate", "losses", "scratches"})
_OF_TRADES = re.compile(r"w[io]n|los|scratch", re.IGNORECASE)


def direction(fact: Fact) -> int | None:
    """+1, -1, or 0 for level; None when the fact has no direction to claim."""
    stem, leaf = fact.id.split(".")[0], fact.id.split(".")[-1]
    if leaf == "fees":  # paid on any day, good or bad
        return None
    if stem in _MEANING:
        return _MEANING[stem]
    if stem == "profit_factor" and fact.value is not None:
        return (fact.value > 1) - (fact.value < 1)
    if fact.value is not None and fact.unit in (Unit.MONEY, Unit.R):
        return fact.sign
    return None


def false_claims(text: str, facts: Mapping[str, Fact]) -> Iterable[str]:
    """Why words of `text` claim what no slot beside them bears out."""
    for sentence in _SENTENCE.split(text):
        spans = [(m.start(), m.end(), m[1]) for m in SLOT.finditer(sentence)]
        # the slots' own ids hold words such as "loss": they claim nothing
        words = SLOT.sub(lambda match: "\0" * len(match[0]), sentence)
        sides = [(a, b, (i, direction(facts[i]))) for a, b, i in spans if i in facts]
        polar = [(a, b, side) for a, b, side in sides if side[1] is not None]
        for pattern, wanted in ((UP, 1), (DOWN, -1), (LEVEL, 0)):
            for word in pattern.finditer(words):
                id_, side = _nearest(word, polar) or ("", None)
                if side != wanted or (id_ in _COUNTED and not _OF_TRADES.match(word[0])):
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
