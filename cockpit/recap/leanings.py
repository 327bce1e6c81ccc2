"""Words that lean to a gain or a loss without naming it: they may not lean against their figure.

Unlike the words of `claims`, these may stand alone: "I kept my pace" claims no result. And the side
that is told, long or short, is that of the trade beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cockpit.domain.fact import Fact, Unit
from cockpit.recap.claims import COUNTED, direction
from cockpit.recap.prose import Place, Sentence, all_of

_PERIOD = r"(?: \w+)? (?:day|session|week|result|outcome|trade|page|one)\b"
_UP = re.compile(
    r"\b(?:kept|collected|cleared|took home|brought (?:me |us )?(?:in|home)|added"
    r"|delivered"
    r"|haul(?:ed|ing)|rak(?:ed|ing)|reap(?:ed|ing)|pulled in|advanc(?:e[ds]?|ing)|rebound(?:s|ed"
    r"|ing)?"
    r"|strengthen\w*|swell\w*|swollen|spik(?:e[ds]?|ing)|popp(?:ed|ing)|ripp(?:ed|ing)|leapt?"
    r"|leaped|firmed"
    r"|success\w*|triumph\w*|bullish|lucrative|rewarding|went well|boost(?:s|ed|ing)?"
    r"|increas(?:e[ds]?|ing)"
    rf"|lift(?:s|ed|ing)|thriv(?:ed|ing)|prosper\w*|credited|expanded|(?:good|great|fine|strong"
    rf"|excellent"
    rf"|lovely|happy|perfect){_PERIOD})\b",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\b(?:cost (?:me|us|the account)|set (?:me|us|the account) back|from (?:me|us)|burn(?:ed|t"
    r"|ing)"
    r"|torch(?:ed|ing)|forfeit(?:ed|s)?|surrender(?:ed)?|squander(?:ed)?|shr[aiu]nk(?:s|ing)?"
    r"|weaken\w*"
    r"|crater\w*|plummet\w*|retreat(?:s|ed|ing)?|eas(?:ed|es|ing)|sagg(?:ed|ing)|collaps(?:e[ds]?"
    r"|ing)"
    r"|nosediv\w*|skidd?(?:ed|s)?|worsen\w*|bearish|fail(?:ed|ures?|ing)|disaster\w*|debacle"
    r"|painful|poorer|gave up|given up|parted with|the damage"
    r"|owed|dent(?:ed)?|hurts?|docked|debited|decreas(?:e[ds]?|ing)|reduced|dwindl\w*|erod\w*"
    r"|evaporat\w*|hemorrhag\w*|coughed up|out of pocket|took a hit|paid out|handed over"
    rf"|(?:bad|poor|weak|awful|terrible|ugly|sad){_PERIOD})\b",
    re.IGNORECASE,
)
_FORTUNE = re.compile(
    r"\b(?:made|won|earned) (?:me |us )?(?:an? |the )?(?:killing|bundle|mint|fortune|packet|pile"
    r"|windfall)\b"
    r"|\b(?:a|the|my) (?:windfall|bonanza|jackpot|payday|bloodbath|wipe-?out)\b",
    re.IGNORECASE,
)
_SIDE = re.compile(
    r"(?:\b(?:went|was|were|stayed|turned|a|an outright|my|being) |, |^)(?P<side>long|short)\b"
    r"(?=[.,;:!?)]|$| (?:in|on|from|at|side|position|trade|\0|into|until|through|all|and)\b| \0)"
    r"|\b(?P<sold>sold short|shorted|went short)\b|\b(?P<bought>went long)\b",
    re.IGNORECASE,
)
_COUNT_ENDS = (
    (re.compile(r"^ (?:of them )?(?:worked|paid|succeeded|came good)\b", re.IGNORECASE), 1),
    (
        re.compile(
            r"^ (?:of them )?(?:cost|failed|hurt|went (?:against|wrong)|were losers?|lost)\b",
            re.IGNORECASE,
        ),
        -1,
    ),
)
_LEAN = frozenset({Unit.MONEY, Unit.R, Unit.PERCENT})


def leans_wrongly(sentence: Sentence) -> Iterable[str]:
    """Words that lean against the figure nearest to them."""
    shown = [p for p in sentence.places if p.fact is not None and _bare(p.fact)]
    figures = Sentence(sentence.words, tuple(shown))
    for pattern, wanted in ((_UP, 1), (_DOWN, -1)):
        for word in all_of(pattern, sentence.words):
            place = figures.nearest(word.start(), word.end())
            side = None if place is None or place.fact is None else _leaning(place.fact)
            if side is not None and side != wanted:
                yield f'"{word[0]}" leans against the figure beside it'
    for place in shown:
        yield from _ends_wrongly(sentence, place)
    for found in all_of(_FORTUNE, sentence.words):
        yield f'"{found[0]}" claims what no figure bears out'


def _ends_wrongly(sentence: Sentence, place: Place) -> Iterable[str]:
    """What is said to have become of a count of wins or losses."""
    side = direction(place.fact) if place.fact is not None and place.id in COUNTED else None
    for pattern, wanted in _COUNT_ENDS:
        found = pattern.match(sentence.words[place.end :])
        if found and side is not None and side != wanted:
            yield f'"{found[0].strip()}" is not what became of {place.id}'


def wrong_sides(sentence: Sentence, facts: Mapping[str, Fact]) -> Iterable[str]:
    """The side of a trade, told in words that are not its own."""
    for found in all_of(_SIDE, sentence.words):
        side = (found["side"] or ("short" if found["sold"] else "long")).lower()
        owned = {_side_of(place, facts) for place in sentence.places} - {None}
        if not owned and "direction" in facts:
            owned = {facts["direction"].text}
        if owned and owned != {side}:
            yield f'"{found[0].strip(" ,")}" is not the side of that trade'


def _side_of(place: Place, facts: Mapping[str, Fact]) -> str | None:
    parts = place.id.split(".")
    for stem in (parts[0], ".".join(parts[:2])):
        own = facts.get(f"{stem}.direction")
        if own is not None:
            return own.text
    return None


def _bare(fact: Fact) -> bool:
    return fact.unit not in (Unit.TEXT, Unit.DATE, Unit.TIME)


def _leaning(fact: Fact) -> int | None:
    if fact.unit not in _LEAN or fact.id in COUNTED:
        return None
    return direction(fact)
