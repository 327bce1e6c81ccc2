"""Figures in disguise: number words, ordinals, fractions, multiples, Roman figures, vague ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from cockpit.recap.prose import Sentence, all_of, seen

_TRADED = (
    r"(?:trades?|win(?:s|ners?)?|loss(?:es)?|losers?|scratch(?:es)?|fills?|positions?|shares?"
    r"|contracts?"
    r"|symbols?|names|entr(?:y|ies)|exits?|orders?|setups?|stops?|dollars?|bucks|cents?|points?"
    r"|days?|weeks?|months?|sessions?|hours?|minutes?|seconds?|times|r|figures?|longs?|shorts?)"
)
_WORDS = re.compile(
    r"\b(zero(?:es|s)?|nil|nought|naught|zilch|nada"
    r"|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:two|three|four|five|six|ten)s"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen(?:s|ths?)?"
    r"|(?:twen|thir|for|four|fif|six|seven|eigh|nine)t(?:y|ies|ieths?)"
    r"|(?:two|three|four|five|six|seven|eight|nine|eleven|twel[fv]e?|twenty|thirty|forty|fifty"
    r"|sixty|seventy"
    r"|eighty|ninety|hundred|thousand|million|billion)\w+|ten(?:ner|ners|ish|some|pence)|fivers?"
    r"|deuces?"
    r"|(?:bi|tri|semi|demi|quadri?)-?(?:weekly|monthly|annual(?:ly)?|daily)|(?:quint|sext|sept"
    r"|oct)ets?|braces?"
    r"|trifectas?|c-notes?|benjamins?|sawbucks?|oodles|scads|slews?|umpty"
    r"|troikas?|triads?|tri(?:ple)?ts?"
    r"|baker's|even split|threepeat|twosomes?|foursomes?|tetrads?|hexads?|heaps of"
    r"|stacks of|tons of"
    r"|a raft of|a ton of|gazill\w+|oceans of|bagatelles?|half-?dozen|hat-?tricks?|doubleheaders?"
    r"|monkeys?|ponies|pony|k-notes?|g-notes?|century|centur(?:y|ies)|threefer|twofers?|once or"
    r"|ninty|ninteen|fourty|eigth|twelth|hunderd|thousend|forteen|thre|twoo|fiev|sevn"
    r"|zip|zippo|nowt|bupkis|squat|goose egg|eleventy|\w*[zj]illions?|orders? of magnitude"
    r"|a multiple|multiples of"
    r"|lion's share|the bulk|(?:better|larger|greater|best) part|a (?:buck|dollar|cent|penny|quid"
    r"|dime|nickel)"
    r"|clean sweep|perfect (?:score|record|rate|run)|(?:rate|score|record) (?:was|is) perfect"
    r"|squared|cubed"
    r"|(?:single|double|triple|quadruple|multi)[- ](?:digits?|figures?)|nth"
    r"|\w+fold|dozens?|(?:a|several|few|many) scores?|hundred(?:s|ths?)?|thousand(?:s|ths?)?"
    r"|(?:m|b|tr|z|quadr)illion(?:s|ths?)?|umpteen(?:th)?|lakhs?|crores?|myriads?"
    r"|hal(?:f|ves|ved|ving)|quarter(?:s|ed)?|thirds?|doubl(?:e[ds]?|ing)|tripl(?:e[ds]?|ing)"
    r"|trebl(?:e[ds]?|ing)|quadrupl\w+|quintupl\w+|sextupl\w+|twice|thrice|seconds?|secondly"
    r"|thirdly|(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf)ths?|fourthly|fifthly"
    r"|single|singles|sole|lone|solo|couple|pairs?|both|duo|trio|quartet|hat[- ]trick|penultimate"
    r"|per ?cent(?:age|ages)?|pct|permille|percentiles?|bps?|basis points?|pips?|handful|majority"
    r"|minority"
    r"|fortnight|decades?|century|grand(?! (?:plan|scheme|finale|total|theory|idea|old)\b)"
    r"|(?:only|just|exactly|more than|not) once"
    # a few of other tongues, none of which is an English word
    r"|zwei|drei|vier|funf|sechs|sieben|zehn|zwolf|zwanzig|hundert|tausend|deux|trois|quatre|cinq"
    r"|sept|huit|neuf|vingt|mille|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|cien"
    r"|due|quattro|cinque|sei|otto|nove|dieci|cento)\b(?! to(?: \w+)? (?:do|be|say)\b)",
    re.IGNORECASE,
)
_DUE = re.compile(r"\bdue\b", re.IGNORECASE)
_ONE = re.compile(
    r"(?<!\bno )(?<!\bthis )(?<!\bthat )(?<!\bwhich )(?<!\beach )(?<!\bevery )(?<!\banother )"
    r"(?<!\bat )\bones?\b(?! another\b| of th(?:ose|ese)\b)"
    r"(?<!boring ones)(?<!right ones)(?<!good ones)"
    rf"|\b(?:no|this|that|which|each|every|another) one(?= (?:\w+ )?{_TRADED}\b)",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    rf"\b(?:a few|few|several|many|numerous|countless|plenty of|lots? of)(?: \w+)? {_TRADED}\b",
    re.IGNORECASE,
)
_SWEEPING = re.compile(
    rf"\b(?:all|every|each|none|most|always|never)\b(?= (?:of )?(?:the |my |\w+ )?{_TRADED}\b)"
    r"|\b(?:always|never|none)\b",
    re.IGNORECASE,
)
_MEAN = re.compile(r"\baverag|\bexpectancy\b", re.IGNORECASE)
_ROMAN = re.compile(
    r"\b(?=[MDCLXVI]{2,}\b|[VX]\b)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})\b"
    r"|\b(?=[ivx]{2,}\b)x{0,3}(?:ix|iv|v?i{0,3})\b"
)
_SPELLED = re.compile(r"(?<!\w)\w(?:[-. ]\w(?!\w)){2,}")
_SIGNS = frozenset({"Sc", "So", "Sm"})


def figures_in(prose: str) -> Iterable[str]:
    """What is wrong with prose whose slots are taken out, character by character."""
    for character in dict.fromkeys(prose):
        if unicodedata.numeric(character, None) is not None:
            yield f'the figure "{character}" stands outside a slot'
        elif unicodedata.category(character) in _SIGNS or character in "%\u2030":
            yield f'the sign "{character}" stands outside a slot'
    for character in dict.fromkeys(seen(prose)):
        if character.isalpha() and not character.isascii():
            yield f'the letter "{character}" is of no English word'
        elif unicodedata.numeric(character, None) is not None:
            yield f'the figure "{character}" stands outside a slot'
        elif unicodedata.category(character) in _SIGNS or character in "%\u2030":
            yield f'the sign "{character}" stands outside a slot'


def number_words(sentence: Sentence) -> Iterable[str]:
    """Words that say a number, and those that say how many without one."""
    words = sentence.words
    hidden = {found.span() for found in all_of(_DUE, words)}
    for pattern, fault in (
        (_WORDS, "is a figure outside a slot"),
        (_ONE, "is a figure outside a slot"),
        (_ROMAN, "is a figure outside a slot"),
        (_SPELLED, "is a word spelled out"),
        (_VAGUE, "counts without a fact"),
    ):
        for found in all_of(pattern, words):
            if found[0] and found.span() not in hidden:
                yield f'the word "{found[0]}" {fault}'
    for found in all_of(_SWEEPING, words):
        if sentence.places or found[0].lower() not in ("always", "never", "none"):
            if found[0].lower() == "each" and _MEAN.search(words):
                continue  # an average is each trade's share
            yield f'the word "{found[0]}" claims more than the facts say'
