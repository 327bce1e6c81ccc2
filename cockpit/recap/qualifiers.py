"""Words that make another figure of the one they stand beside, without a sign or a digit of theirs.

A part of it, more or less than it, what it would have been, what it is compared with, whose taxes
or currency it is in: none of that is in the fact, so none of it may be said of the slot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from cockpit.domain.fact import Fact, Unit
from cockpit.recap.prose import BLANK, Place, Sentence, all_of

_FIGURES = frozenset({
    Unit.MONEY, Unit.PRICE, Unit.COUNT, Unit.SHARES, Unit.PERCENT, Unit.RATIO, Unit.R,
    Unit.DURATION,
})  # fmt: skip
_NEAR = r"(?:the |my |that |those |these |its |all )*"

_PART = re.compile(
    r"\b(?:most|much|parts?|some|bulk|rest|remainder|share|portion|piece|chunk|slice|fraction"
    r"|multiples?"
    rf"|any|all|little|none|plenty|well into|inside|outside) of {_NEAR}$|\b(?:a multiple"
    r"|times|all but|all except|apart from|other than|except(?: for)?|besides)"
    rf" {_NEAR}$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^[ ,]*\b(?:or (?:more|less|so|better|worse|thereabouts|higher|lower)"
    r"|and (?:change|counting|then some|more|rising|falling)|at (?:least|most|best|worst"
    r"|the (?:most|least))"
    r"|give or take|if not more|ish)\b|^-?ish\b",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\b(?:w(?:ould|ill)|could|should|might|shall|\w+'(?:d|ll)|hop(?:e[ds]?|ing)|wish(?:ed|ing)?"
    r"|aim(?:ed|ing)?|expect(?:ed|ing|s)?|imagin\w+|pretend\w*|suppos\w+|forecast\w*|predict\w*"
    r"|almost|nearly|practically|virtually|as though|was meant|deserved?)\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:(?:more|less|fewer|larger|bigger|smaller|greater|shorter|longer|wider|narrower|richer"
    r"|poorer"
    r"|earlier|later|faster|slower) than|compared (?:to|with)|in comparison|relative to|versus|vs"
    r"|larger|bigger|smaller|greater|lesser|fewer|exceed\w*|improve(?:ment|s|d)?|improving"
    r"|deteriorat\w*"
    r"|as (?:usual|always|ever)|than (?:usual|normal|average|ever|before|planned|expected)"
    r"|(?P<span>day|week|session|month) (?:over|on|by|after|upon) (?P=span)"
    r"|(?:above|below|beyond|under|over|past|beneath) (?:my |the |its |an? |any )?"
    r"(?:entry|exit|stop|target|plan|average|limit|even|break-?even|par|norm|odds|gross|net|fees)"
    r"|(?:new|fresh|multi\w*) (?:highs?|lows?|records?|peaks?)|another (?:\w+ )?(?:day|session"
    r"|week|month))\b",
    re.IGNORECASE,
)
_ALWAYS_COMPARED = re.compile(
    r"\b(?:outnumber\w*|outweigh\w*|dwarf(?:ed|s|ing)|outstrip\w*|outpac\w*(?! the rest)"
    r"|eclips(?:ed|es|ing)"
    r"|overshadow\w*|outperform\w*|underperform\w*|in a row|back[- ]to[- ]back|consecutive(?:ly)?"
    r"|on the trot"
    r"|(?:straight|successive) (?:win|loss|gain|day|week|session|trade)\w*|straight(?=[.!]|$))\b",
    re.IGNORECASE,
)
_STREAK = re.compile(r"\b(?:streak|winning run|losing run|good run|bad run)\b", re.IGNORECASE)
_SUMMED = re.compile(
    r"\b(?:together|combined|add(?:s|ed|ing)? up|sum(?:s|med|ming)? (?:up )?to|in sum"
    r"|the difference)\b",
    re.IGNORECASE,
)
_OTHER_MONEY = re.compile(
    r"\b(?:(?:after|before|pre|post|net of|less|minus|including|excluding)[- ](?:the |my |all )?"
    r"(?:tax(?:es|man)?|withholding|interest|dividends?|rebates?)|tax[- ]free|untaxed"
    r"|unreali[sz]ed|on paper|mark(?:ed|ing)? to (?:the )?market|floating|paper (?:gain|loss"
    r"|profit)s?)\b",
    re.IGNORECASE,
)
_CURRENCY = re.compile(
    r"\b(?:euros?|yen|francs?|rupees?|yuan|renminbi|sterling|pesos?|rou?bles?|kron(?:a|or|er)"
    r"|pounds"
    r"|bitcoins?|satoshis?|ethereum)\b",
    re.IGNORECASE,
)
_OTHER_THING = re.compile(
    r"\b(?:equity|balance|buying power|net liq\w*|net worth|yield(?:s|ed)?|returns?|interest"
    r"|dividends?|deposit(?:s|ed)?|withdr[ae]w\w*|stak(?:e[ds]?|ing)|bet|wager(?:ed)?|exposure"
    r"|notional|margin|on the line|(?:position|account|portfolio|book)s?"
    r" (?:\w+ )?worth|high[- ]water|refunded|rebates?"
    r"|saved|salary|broker paid"
    r"|(?:(?<!at )risk|stake) (?:was|is|of|came to))\b(?! a (?:look|page|note))",
    re.IGNORECASE,
)
_HELD_SHARES = re.compile(
    r"\b(?:hold|held|own(?:ed)?|bought|sold|holding|carry|keep|kept) $", re.IGNORECASE
)
_SHARED = re.compile(
    r"\b(?:mostly|mainly|largely|chiefly|entirely|wholly|solely|exclusively|predominantly"
    r"|primarily)\b(?! by \w+ing\b)",
    re.IGNORECASE,
)
_NEVER_BESIDE = (
    (_COMPARED, "compares a figure with what no fact bears out"),
    (_OTHER_MONEY, "makes another figure of one in its sentence"),
    (_OTHER_THING, "names what no fact is"),
    (_SHARED, "gives a share of a figure that no fact bears out"),
)
_EACH = re.compile(
    r"\b(?:each|every one of them|them all|all of them|apiece)\b(?! of)", re.IGNORECASE
)
_CLOCK = re.compile(
    r"^\s*(?!New York\b|Eastern\b|ET\b)(?:[ap]\.?m\b|(?:\w+ )?(?:time\b|standard time\b)|utc\b"
    r"|gmt\b"
    r"|ce?s?t\b|[mp][sd]t\b|zulu\b|o'clock|in the (?:morning|evening|afternoon|night)|at night"
    r"|tonight)",
    re.IGNORECASE,
)
_OUT_OF = re.compile(r"^ (?:out )?of (?:the |my |all )?$", re.IGNORECASE)
_FOR_EVERY = re.compile(r"\b(?:for (?:each|every)|per|versus|vs\.?|divided by)\s*$", re.IGNORECASE)
_WHOLES = frozenset({"trades", "orders", "days"})


def qualified(sentence: Sentence) -> Iterable[str]:
    """Why words of a sentence make other figures of those in its slots."""
    for place in sentence.places:
        if place.fact is not None and place.fact.unit is Unit.TIME:
            yield from _clocks(sentence, place)
    for found in (*all_of(_ALWAYS_COMPARED, sentence.words), *all_of(_CURRENCY, sentence.words)):
        yield f'"{found[0]}" claims what no fact bears out'
    if figures := [p for p in sentence.places if p.fact is not None and p.fact.unit in _FIGURES]:
        yield from _beside(sentence, figures)
        for place in figures:
            yield from _around(sentence, place)
        yield from _between(sentence, figures)


def _beside(sentence: Sentence, figures: Sequence[Place]) -> Iterable[str]:
    """What a sentence that holds figures may not say at all."""
    for pattern, why in _NEVER_BESIDE:
        for found in all_of(pattern, sentence.words):
            yield f'"{found[0]}" {why}'
    if not any("streak" in place.id for place in figures):
        for found in all_of(_STREAK, sentence.words):
            yield f'"{found[0]}" stands beside no figure of a streak'


def _around(sentence: Sentence, place: Place) -> Iterable[str]:
    before, after = sentence.words[: place.start], sentence.words[place.end :]
    start, end = sentence.clause_at(place.start)
    if found := _PART.search(before):
        yield f'"{found[0].strip()}" makes a part or a multiple of {place.id}'
    if found := _MORE.search(after):
        yield f'"{found[0].strip(" ,")}" says another figure than {place.id}'
    if place.id == "shares" and (found := _HELD_SHARES.search(before)):
        yield f'"{found[0].strip()}" stands before {place.id}, which were traded in and out'
    found = _UNREAL.search(before[start:])
    if found and not (place.id == "target" and found[0].lower().startswith("aim")):
        yield f'"{found[0]}" makes {place.id} one that is not so'
    if place.fact is not None and place.fact.unit is Unit.DURATION:
        for found in _EACH.finditer(sentence.words[start:end]):
            yield f'"{found[0]}" gives an average, {place.id}, to each of them'


def _clocks(sentence: Sentence, place: Place) -> Iterable[str]:
    if found := _CLOCK.match(sentence.words[place.end :]):
        yield f'"{found[0].strip()}" stands behind {place.id}, which is New York time'


def _between(sentence: Sentence, figures: Sequence[Place]) -> Iterable[str]:
    """What two figures of a sentence are said to be to each other."""
    if len(figures) < 2:
        return
    for found in all_of(_SUMMED, sentence.words):
        yield f'"{found[0]}" reckons with figures; code does that'
    for one, other in pairwise(figures):
        words = sentence.words[one.end : other.start].strip(BLANK)
        if _OUT_OF.match(words) and not _is_part(one, other):
            yield f"{one.id} is no part of {other.id}"
        if _FOR_EVERY.search(words):
            yield f"{one.id} and {other.id} make a ratio that no fact bears out"


def _is_part(one: Place, other: Place) -> bool:
    leaf = other.id.rpartition(".")[2]
    return (
        leaf in _WHOLES
        and one.id != other.id
        and one.fact is not None
        and (one.fact.unit in (Unit.COUNT, Unit.PERCENT))
    )


_A_TRADE = re.compile(
    r"\b(?:took|closed|booked|placed|opened|made|entered|had) (?:an?|another)(?: \w+)? "
    r"(?:trade|position|fill|order|entry|exit|setup)\b",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"\b(?:(?:fees?|costs?|commissions?|losses)(?: \w+){0,2} (?:nothing|free|waived)"
    r"|(?:fees?|costs?|commissions?|losses): nothing|(?:fee|cost|commission)[- ]free"
    r"|(?:trading|it) (?:was|is|came) free|free of (?:charge|costs?)|for free|without charge"
    r"|(?:cost|paid|charged|denied|rejected|refused|filled)(?: me| us)? nothing"
    r"|(?:everything|nothing|all of (?:them|it)|none of (?:them|it)|no (?:orders?|trades?|fills?)"
    r"|most orders)"
    r" (?:was |were |got |had |has been )?(?:ever )?"
    r"(?:rejected|denied|refused|fail(?:s|ed)|fill(?:ed|s)|cancel(?:l)?ed|worked|paid|lost|won"
    r"|rose|fell"
    r"|gained|dropped|went wrong))\b",
    re.IGNORECASE,
)
_HIT = re.compile(
    r"\b(?:stop|target)(?:[- ]loss)? (?:was|got|has been|had been) "
    r"(?:hit|reached|taken|filled|triggered|touched)\b",
    re.IGNORECASE,
)


def unproven(sentence: Sentence, facts: Mapping[str, Fact]) -> Iterable[str]:
    """Counts and ends in words, with no slot that could bear them out."""
    for found in (*all_of(_NOTHING, sentence.words), *all_of(_HIT, sentence.words)):
        yield f'"{found[0]}" claims what no fact bears out'
    trades = facts.get("trades")
    if trades is not None and trades.value != 1:
        for found in all_of(_A_TRADE, sentence.words):
            yield f'"{found[0]}" counts what {{{{fact:trades}}}} counts'
