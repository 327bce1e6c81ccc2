"""What stands around a slot, held against its fact: unit, sign, period, name and entity.

A slot brings its own sign, unit and noun. Prose that adds another, negates it, calls it by another
figure's name, puts it into another period or gives it to another instrument changes the number
as much as a digit would.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cockpit.domain.fact import Fact, Unit
from cockpit.recap.names import called_wrongly, given_away, mixed_up, nameless, out_of_order
from cockpit.recap.prose import BLANK, Place, Sentence, all_of

_WORDLESS = frozenset({Unit.TEXT, Unit.DATE})
_UNTIMED = frozenset({Unit.TEXT, Unit.DATE, Unit.TIME})
AVERAGES = frozenset({"expectancy", "average_win", "average_loss", "average_hold", "mean_r"})

_BEFORE = re.compile(
    r"(?:^|[\s(\[\"'\u201c\u2018])$",
)
_SIGN = re.compile(r"(?:[^\s][ \t]*|\s)([-+=<>/^#@&|\u2212\u00b1])[ \t]*$|(\w|[#@&|/^.])$")
_BRACKETED = re.compile(r"\([-+\u2212\u00b1]\)\s*$")
_OPENING = 4
"""Words of a clause that opens a sentence: "On Friday, ...", at most."""
_WHEN = re.compile(
    r"\b(?:beg[aiu]n|started?|done|ended|finished|booked|closed|opened|entered|exited"
    r"|fill (?:came|was|is))"
    r" (?:at|by|until|from)\s*$",
    re.IGNORECASE,
)
_NETTED = re.compile(
    r"(?:\bp&l|\b(?:net|result|day|session|week)|\0)(?: for the (?:day|week))?"
    r" (?:closed|ended|finished)(?: the (?:day|week|session))? at\s*$",
    re.IGNORECASE,
)
_RATE_ENDED = re.compile(r"\brate (?:ended|finished) at\s*$", re.IGNORECASE)
"""A result ends at a sum, an hour ends nothing: "the net finished at"."""
_HELD = re.compile(r"\b(?:held|hold|holding)(?: \w+){0,5} (?:for|about)\s*$", re.IGNORECASE)
_CLOCK = re.compile(r"^ (?:New York|Eastern|local) time\b", re.IGNORECASE)
_AT = re.compile(
    r"(?:\b(?:at|by|until|from|between|since|around|before|after)|\([^()]*)\s*$", re.IGNORECASE
)
_SPAN = re.compile(r"\b(?:between|from)\b.*\b(?:and|to|until)\s*$", re.IGNORECASE)
_AFTER = re.compile(r"^(?:$|\s|[.,;:!?)\]\"'\u201d\u2019])")
_ARITHMETIC = re.compile(r"^[ \t]*[-+/=<>^|]|^[ \t]+(?:x|times|divided by) \0")
_SAID = re.compile(
    r"\b(minus|plus|negative|positive|more than|less than|fewer than|(?:well |just )?under"
    r"|above|below|beyond|exceed(?:s|ed|ing)?|at least|at most|(?<!add )(?<!adds )(?<!added )up to"
    r"|as (?:much|many|little|few) as"
    r"|nearly|almost|close to|(?:just )?shy of|short of|north of|south of|upwards of|no more than"
    r"|times|usd|eur|gbp|chf|jpy|cad|us)\s*$",
    re.IGNORECASE,
)
_OVER = re.compile(r"\b(?<!turned )(?:well |just )?over\s*$", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(?:not|no|never|without|neither|nor|instead of|rather than|hardly|barely|excluding"
    r"|\w+n't|cannot)(?: \w+){0,4}\s*$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"^\s*(?:(?:closed|winning|losing|open|net|gross|total|round|realised|full|more|other"
    r"|extra)\s+)?"
    r"(dollars?|bucks?|cents?|euros?|pounds?|usd|eur|gbp|grand|k|m|bn|mm?|shares?|contracts?|lots?"
    r"|trades?|wins?|losses|loss|winners?|losers?|scratches|fills?|positions?|points?|ticks?|times"
    r"|seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|r|rs|fold|x|percent|pct)\b"
    r"(?!-)",
    re.IGNORECASE,
)
_AS_FAR = re.compile(r"\b(?:up|down) as much as\s*$", re.IGNORECASE)
_FURTHEST = frozenset({"adverse", "favourable"})
"""How far a position stood at most: "down as much as" is what they are."""
_RATE = re.compile(
    r"^\s*,?\s*(?:(per|an?|for each|for every|every|each)\s+(?:\w+\s+)?(trade|share|contract|fill"
    r"|position|day|hour|minute|week|month|year|session|symbol|winner|loser|order)\b"
    r"|(apiece|each)\b(?! of))",
    re.IGNORECASE,
)
_PERIOD = re.compile(
    r"\b(?P<past>(?:the |a |my )?(?:previous|prior|preceding|next|following|last|earlier|recent"
    r"|past|coming|other)"
    r" (?:few |trading )*(?:days?|sessions?|weeks?)"
    r"|(?:the |a |my )?(?:day|session|week) (?:before|earlier|ago|prior|previously|after|later"
    r"|to come)"
    r"\b(?! (?:the |my |all |any )?(?:fees|costs|commissions?|bell|close|open|slippage)\b| \0)"
    r"|weeks|lately|recently|of late|these days)"
    r"|\b(?P<day>today(?:'s)?|(?:the|this|that|my|a) (?:trading )?(?:day|session)(?:'s)?|daily)"
    r"|\b(?P<week>week(?:'s)?|weekly)"
    r"|\b(?P<other>months?(?:'s)?|monthly|(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|january|february|march(?! to\b)|april|june|july|august|september|october|november|december"
    r"|years?(?:'s)?|yearly|annual(?:ly|ised|ized)?|ytd|year to date|month to date|yesterday(?:'s)?"
    r"|(?<!into )tomorrow(?:'s)?|tonight|last night|overnight|this morning"
    r"|(?:in|by|over) the morning"
    r"|noon|midnight|before the (?:open|bell)|after the (?:close|bell)"
    r"|at the (?:open|opening|high|low|peak|top|bottom)|dawn|dusk|evening|sun(?:set|rise)"
    r"|this afternoon|(?:in|by|over) the afternoon"
    r"|midday|lunch(?:time)?|pre-?market|after[- ]hours"
    r"|(?:an?|the|last|this|that|per|every|each) (?:half-)?hour|hourly|minutes?"
    r"|lifetime|all[- ]time|career|since \w+|ever|to date|history|intraday)\b",
    re.IGNORECASE,
)
_LATER = frozenset({"overnight", "tonight", "the next session", "the next day", "the next week"})
"""When what is open at the end of a day is held."""
_MEAN = re.compile(
    r"\b(on average|averag(?:e|es|ed|ing)(?! (?:entry|exit)\b)|mean|typical(?:ly)?|usual(?:ly)?)\b",
    re.IGNORECASE,
)
_MIDDLE = re.compile(r"\bmedian\b", re.IGNORECASE)


def bound_wrongly(sentence: Sentence, facts_held: tuple[Fact, ...]) -> Iterable[str]:
    """Why what stands around the sentence's slots changes what they say."""
    for place in sentence.places:
        if place.fact is not None and place.fact.unit not in _WORDLESS:
            yield from _beside(sentence, place, place.fact)
    yield from _twice(sentence)
    yield from _periods(sentence)
    yield from _averages(sentence)
    yield from called_wrongly(sentence, facts_held)
    yield from nameless(sentence, facts_held)
    yield from out_of_order(sentence)
    yield from mixed_up(sentence, facts_held)
    yield from given_away(sentence, facts_held)


def _beside(sentence: Sentence, place: Place, fact: Fact) -> Iterable[str]:
    before, after = sentence.words[: place.start], sentence.words[place.end :]
    yield from _joined(place, before, after)
    yield from _timely(place, fact, before, after)
    said = _SAID.search(before) or (None if fact.unit is Unit.COUNT else _OVER.search(before))
    if said and not (fact.id in _FURTHEST and _AS_FAR.search(before)):
        yield f'"{said[0].strip()}" before {place.id} says another figure than its fact'
    start = sentence.clause_at(place.start)[0]
    if negated := _NEGATED.search(before[start:]):
        yield f'"{negated[0].strip()}" denies {place.id}'
    if unit := _UNIT.search(after):
        yield f'"{unit[1]}" after {place.id} is a unit; the fact brings its own'
    rate = _RATE.search(after)
    if rate and not (_stem(fact) in AVERAGES and (rate[2] or "").lower() in ("trade", "")):
        yield f'"{rate[0].strip()}" makes a rate of {place.id}'


def _twice(sentence: Sentence) -> Iterable[str]:
    """A figure told twice in one sentence stands once where another belongs."""
    told = [p.id for p in sentence.places if p.fact and p.fact.unit not in _WORDLESS]
    for id_ in dict.fromkeys(told):
        if told.count(id_) > 1:
            yield f"{id_} stands twice in one sentence"


def _joined(place: Place, before: str, after: str) -> Iterable[str]:
    """Signs, letters and arithmetic that touch a slot."""
    is_item = re.fullmatch(r"\s*[-+]\s+", before) is not None  # a list's mark, not a sign
    found = None if is_item else _SIGN.search(before)
    if found:
        yield f'"{found[1] or found[2]}" stands before {place.id}, which brings its own'
    elif not is_item and not _BEFORE.search(before):
        yield f"{place.id} is glued to what stands before it"
    if not _AFTER.search(after) or _ARITHMETIC.search(after):
        yield f"{place.id} is glued to what stands after it, or reckoned with"
    if _BRACKETED.search(before):
        yield f"a sign stands before {place.id}, which brings its own"


def _timely(place: Place, fact: Fact, before: str, after: str) -> Iterable[str]:
    is_timed = _WHEN.search(before) and not (_ends_at(fact, before))
    if fact.unit not in (Unit.TIME, Unit.PRICE) and (is_timed or _CLOCK.match(after)):
        yield f"{place.id} stands where a time belongs"
    if fact.unit is Unit.TIME and not (_AT.search(before) or _SPAN.search(before)):
        yield f"{place.id} is a time: say at, by, from or until before it"
    if fact.unit is not Unit.DURATION and _HELD.search(before):
        yield f"{place.id} stands where a duration belongs"


def _ends_at(fact: Fact, before: str) -> bool:
    """Whether "ended at" tells how a figure came out, and no hour."""
    if fact.unit is Unit.PERCENT:
        return _RATE_ENDED.search(before) is not None
    return fact.unit is Unit.MONEY and _NETTED.search(before) is not None


def _periods(sentence: Sentence) -> Iterable[str]:
    for found in all_of(_PERIOD, sentence.words):
        kind = found.lastgroup or ""
        place = _figure_near(sentence, found)
        if place is None and kind == "past":
            place = _timed(sentence).nearest(found.start(), found.end())
        if place is None or place.fact is None:
            continue
        if place.id.startswith("open") and found[0].lower() in _LATER:
            continue
        if kind != period_kind(place.fact.period):
            yield f'"{found[0]}" is not the period of {place.id}, which is of {place.fact.period}'


def _figure_near(sentence: Sentence, found: re.Match[str]) -> Place | None:
    """The figure of the word's own clause; of the next one after a short opening."""
    timed = _timed(sentence)
    place = timed.nearest(found.start(), found.end(), inside=True)
    low, high = sentence.clause_at(found.start())
    if place is None and len(sentence.words[low:high].split()) <= _OPENING:
        return next((p for p in timed.places if p.start >= high), None)
    return place


def _timed(sentence: Sentence) -> Sentence:
    """The sentence with only those figures that are of a period."""
    timed = (p for p in sentence.places if p.fact and p.fact.unit not in _UNTIMED)
    return Sentence(sentence.words, tuple(timed))


def period_kind(period: str) -> str:
    """`day` for an ISO date, `week` for an ISO week, else `span`."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", period):
        return "day"
    return "week" if re.fullmatch(r"\d{4}-W\d\d", period) else "span"


def _averages(sentence: Sentence) -> Iterable[str]:
    for found in all_of(_MEAN, sentence.words):
        place = _figure_near(sentence, found)
        if place is not None and place.fact is not None and _stem(place.fact) not in AVERAGES:
            yield f'"{found[0]}" stands beside {place.id}, which is no average'
    for found in all_of(_MIDDLE, sentence.words):
        yield f'"{found[0]}" is no fact that there is'


def _stem(fact: Fact) -> str:
    return fact.id.split(".")[0]


__all__ = ["AVERAGES", "BLANK", "bound_wrongly", "period_kind"]
