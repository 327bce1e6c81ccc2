"""Words that claim a direction or a superlative, held against the slots beside them.

A word of direction must stand in a sentence whose nearest figure with a direction has
the same one; a count of wins or losses bears out only words that speak of trades. A
superlative's nearest slot must be that superlative's own. Everything else is refused: a
word can lie as well as a digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cockpit.domain.fact import Fact, Unit
from cockpit.recap.prose import Place, Sentence, all_of

_NOT_UP = "".join(
    f"(?<!{verb} )"
    for verb in (
        "make", "makes", "add", "adds", "added", "adding", "sum", "sums", "summed", "gave", "give",
        "given", "bring", "brings", "bringing", "brought", "wrap", "wraps", "wrapped", "held",
        "turned", "set", "back", "it", "that", "show", "shows", "showed", "pick", "picked",
    )
)  # fmt: skip
"""Verbs whose "up" goes nowhere: it adds up, and is summed up."""
UP = re.compile(
    rf"\b({_NOT_UP}up|gain(?:s|ed|ing|ers?)?|w[io]n(?:s|ning|ners?)?(?! rate)|green|rose"
    r"|profit(?:s|ed|ing|able|ably)?(?! factor)"
    r"|ris(?:es?|en|ing)|rall(?:y|ies|ied|ying)|higher|ahead|earn(?:s|ed|ing|ings)?|positive"
    r"|made|better|bank(?:ed|ing)|pocket(?:ed|ing)"
    r"|in the (?:black|green)|recovered|bounced|that paid"
    r"|gr[eo]w(?:s|n|ing)?|growth|climb(?:s|ed|ing)?|surg(?:e[sd]?|ing)"
    r"|soar(?:s|ed|ing)?|jump(?:s|ed|ing)?|beat(?:s|en|ing)?|plus)\b",
    re.IGNORECASE,
)
DOWN = re.compile(
    r"\b((?<!came )(?<!comes )(?<!boils )down"
    r"|(?:came|comes|boils) down(?! to )|loss(?:es)?"
    r"|lost(?! (?:focus|patience|sleep|interest|track|count)\b)"
    r"|los(?:e|es|ing|ers?)|red|f[ae]ll(?:s|en|ing)?"
    r"|drop(?:s|ped|ping)?"
    r"|lower|behind|negative|drawdown|underwater"
    r"|below water|(?:day|week|session) cost (?:me|us)|worse|s[aiu]nk(?:s|ing)?|slid(?:es?|ing)?"
    r"|ble{1,2}d(?:s|ing)?|declin(?:e[sd]?|ing)|tumbl(?:e[sd]?|ing)|plung(?:e[sd]?|ing)|minus"
    r"|deficit|g[ai]v(?:e|en|ing)(?: \w+){0,3} back|shed|dipp(?:ed|ing)(?! to a low)"
    r"|slipp(?:ed|ing)(?! \0+ a unit)"
    r"|tank(?:s|ed|ing)"
    r"|crash(?:ed|es)?"
    r"|in the (?:hole|red)|that cost)\b",
    re.IGNORECASE,
)
LEVEL = re.compile(r"\b(flat|br(?:eak|oke)[ -]?even|unchanged|scratch(?:es|ed)?)\b", re.IGNORECASE)
BEST = re.compile(
    r"\b(best|strongest|greatest|(?<!off the )top|highest|finest|richest"
    r"|unbeaten|unmatched|peerless)\b(?! decisions?\b)",
    re.IGNORECASE,
)
WORST = re.compile(r"\b(worst|weakest|deepest|lowest|poorest|ugliest|costliest)\b", re.IGNORECASE)
SIZE = re.compile(
    r"\b(biggest|largest|smallest|longest|shortest|least"
    r"|(?<!for the )record(?! (?:reads|shows|says)\b)|fastest|slowest|fewest"
    r"|busiest|quietest|heaviest|unprecedented|maximum|minimum"
    r"|most (?:profitable|expensive|active|\w+ful))\b",
    re.IGNORECASE,
)

_PLAIN_RESULT = re.compile(
    r"gain|won|win|profit|earn|loss|lost|losing|loser|drawdown|underwater|deficit"
    r"|below water|day cost|week cost|session cost|rall|surg|soar"
    r"|tumbl|plung|tank|crash|in the|bank|pocket|nett|g[ai]v|that|br(?:eak|oke)|scratch|ble",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"\b(?:was|were|is|are|am|be|been|being|end(?:s|ed)?|finish(?:es|ed)?|clos(?:es|ed)|went|go(?:es)?"
    r"|stay(?:s|ed)?|stood|stands?|came out|comes? out|left|remain(?:s|ed)?|account|day|week"
    r"|session|money|portfolio|equity|market|stocks?|index|indices|tape|bonds|gold|oil|tech|futures"
    r"|everything|nothing|all of (?:them|it)|none of (?:them|it))"
    r"(?: (?:well|far|just|a bit|slightly|firmly|nicely|deep(?:ly)?|me|us))?"
    r" (?:the (?:day|week|session) )?$",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"\W*(?:(?:a (?:bit|little|touch)|slightly|well|far|just|still|modestly|sharply) )?"
    r"(?:up|down|higher|lower|ahead|behind|better|worse|red|green)"
    r"(?: (?:on|for|over|in) the (?:day|week|session|end|account))?\W*",
    re.IGNORECASE,
)
"""A result and nothing else: "Slightly down."."""
_MONEYED = re.compile(
    r" (?:\w+ )?(?:day|week|session|money|result|close|numbers|figures|trade)s?\b"
)
_COUNTS = {
    r"trades?": "trades",
    r"fills?|shares?|entr(?:y|ies)|exits?": "shares",
    r"win(?:s|ners?)?": "wins",
    r"loss(?:es)?|losers?": "losses",
    r"scratch(?:es)?": "scratches",
    r"fees?|costs?|commissions?": "fees",
    r"(?:open )?positions?": "open_positions",
    r"denials?|denied orders?": "denied",
    r"rejections?|rejected orders?": "rejected",
    r"losing days?": "losing_days",
}
_NONE = tuple(
    (
        re.compile(
            r"\b(?:no|not an?|without an?|without|free of|not a single)(?: \w+)? "
            rf"(?:{noun})\b",
            re.IGNORECASE,
        ),
        id_,
    )
    for noun, id_ in _COUNTS.items()
)
_OF_WHAT = re.compile(r" (?:trade|win(?:ner)?|loss|loser|gain)\b", re.IGNORECASE)
_BEST_IDS = ("largest_win", "best_day", "strongest", "favourable")
_WORST_IDS = ("largest_loss", "max_drawdown", "worst_day", "weakest", "adverse")
_MEANING = {
    "wins": 1, "win_rate": 1, "average_win": 1, "largest_win": 1,
    "losses": -1, "average_loss": -1, "largest_loss": -1, "max_drawdown": -1,
    "scratches": 0, "winning_days": 1, "losing_days": -1, "given_back": -1,
    "win_streak": 1, "loss_streak": -1,
}  # fmt: skip
# Some trades win on a day that loses: a count bears out the word for its trades, no other.
COUNTED = frozenset({
    "wins", "win_rate", "losses", "scratches", "winning_days", "losing_days", "win_streak",
    "loss_streak",
})  # fmt: skip
_RUN = re.compile(r" (?:\w+ )?(?:run|streak)\b", re.IGNORECASE)
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
    if fact.value is not None and (leaf == "change" or stem in ("strongest", "weakest")):
        return fact.sign
    return None


def false_claims(sentence: Sentence) -> Iterable[str]:
    """Why words of a sentence claim what no slot beside them bears out."""
    for pattern, wanted in ((UP, 1), (DOWN, -1), (LEVEL, 0)):
        for word in all_of(pattern, sentence.words):
            if not _is_borne_out(sentence, word, wanted):
                yield f'the word "{word[0]}" claims what no figure beside it bears out'
    for pattern, ids in ((BEST, _BEST_IDS), (WORST, _WORST_IDS), (SIZE, _BEST_IDS + _WORST_IDS)):
        for word in all_of(pattern, sentence.words):
            noun = _OF_WHAT.match(sentence.words, word.end())
            end = noun.end() if noun else word.end()
            nearest = sentence.nearest(word.start(), end, inside=True)
            nearest = nearest or sentence.nearest(word.start(), end)
            if nearest and "streak" in nearest.id and _RUN.match(sentence.words, word.end()):
                continue  # the most in a row are the longest run
            if nearest is None or nearest.id.split(".")[0] not in ids:
                yield f'the superlative "{word[0]}" stands beside the wrong figure, or none'


def _is_borne_out(sentence: Sentence, word: re.Match[str], wanted: int) -> bool:
    """Whether the nearest figure with a direction goes the way of a word, or the word goes none."""
    if not sentence.places and not _is_result(sentence.words, word):
        return True
    if not sentence.places and _MAXIM.match(sentence.words.strip()):
        return True
    if word[0].lower() == "made" and _counts_next(sentence, word.end()):
        return True
    if word[0].lower() == "flat" and any(_is_nothing_open(p) for p in sentence.places):
        return True
    place = _polar(sentence).nearest(word.start(), word.end())
    if place is None or place.fact is None or direction(place.fact) != wanted:
        return False
    return place.fact.id not in COUNTED or _OF_TRADES.match(word[0]) is not None


_MAXIM = re.compile(
    r"(?:and |but )?(?:losses|losers|losing|a loss|winners|wins)(?: trades?)?"
    r" (?:are|is|belongs?|comes?)"
    r" (?:all )?(?:a )?(?:part of|to|with) (?:the|this|my|any|every) "
    r"(?:business|job|game|craft|trade|work|territory|process)\.?$",
    re.IGNORECASE,
)
"""Of trading at large, and no result of a day."""


def _is_nothing_open(place: Place) -> bool:
    return place.id == "open_positions" and place.fact is not None and place.fact.value == 0


def _counts_next(sentence: Sentence, end: int) -> bool:
    """Whether a count of trades comes right behind a word: they are made as they are taken."""
    after = next((p for p in sentence.places if p.start == end + 1), None)
    return after is not None and after.id == "trades"


def false_nones(sentence: Sentence, facts: Mapping[str, Fact]) -> Iterable[str]:
    """Words that there was none of something of which there was some."""
    for pattern, id_ in _NONE:
        for found in all_of(pattern, sentence.words):
            fact = facts.get(id_)
            if fact is None or fact.value != 0:
                yield f'"{found[0]}" claims what no fact bears out'


def _is_result(words: str, word: re.Match[str]) -> bool:
    """Whether a word in a sentence without a figure speaks of a result, or only of its way.

    "I wrote it down" claims nothing; "the day was down" does, and so does "a loss".
    """
    before, after = words[: word.start()], words[word.end() :]
    alone = _ALONE.fullmatch(re.split(r"[:;]", before)[-1] + word[0] + re.split(r"[:;]", after)[0])
    if _PLAIN_RESULT.match(word[0]) or alone:
        return True
    return bool(_ENDED.search(before) or _MONEYED.match(after))


def _polar(sentence: Sentence) -> Sentence:
    """The sentence with only those slots that have a direction."""
    polar = (p for p in sentence.places if p.fact is not None and direction(p.fact) is not None)
    return Sentence(sentence.words, tuple(polar))
