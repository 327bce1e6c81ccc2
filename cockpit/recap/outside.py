"""What must come in a slot and stands in the prose: instruments, dates, figures cut in two."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping

from cockpit.domain.fact import Fact, Unit
from cockpit.recap.prose import seen
from cockpit.recap.slots import SLOT

_CAPITALS = re.compile(r"(?<![\w.])[A-Z]{2,}(?:[./][A-Z]+)?(?![\w])")
_KNOWN = frozenset({
    "OK", "NY", "ET", "US", "USA", "AM", "PM", "TV", "PC", "ETF", "ETFS", "VWAP", "CPI", "PPI",
    "FOMC", "GDP", "CEO", "SEC", "IPO",
})  # fmt: skip
"""Capitals that name no instrument of a trader's day."""
_DAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b")
_MONTH = re.compile(
    r"\b(?:January|February|April|June|July|September|October|November|December)\b"
    r"|(?<=\w )(?:March|May|August)\b"
)
_NUMBERS = frozenset({
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fifteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty",
    "ninety", "hundred", "thousand", "million", "billion", "half", "twice", "double", "zero",
    "dozen",
})  # fmt: skip
_PAIR = re.compile(r"(?=\b([a-z]+)[\s\-.'/]+([a-z]+)\b)", re.IGNORECASE)
_SHAPES = re.compile(r"\b(?=\w*O)[lIO]{2,}\b")


def outside_slots(text: str, facts: Mapping[str, Fact]) -> Iterable[str]:
    """Why prose holds what code writes: names of instruments, dates, and figures cut in two."""
    prose = seen(html.unescape(SLOT.sub(" ; ", text)))
    for found in _CAPITALS.finditer(prose):
        if found[0] not in _KNOWN:
            yield f'the name "{found[0]}" stands outside a slot'
    known = " ".join(f.text for f in facts.values() if f.unit is Unit.DATE)
    for found in (*_DAY.finditer(prose), *_MONTH.finditer(prose)):
        if found[0].removesuffix("s") not in known:
            yield f'the date "{found[0]}" is of no fact'
    for one, other in _PAIR.findall(prose):
        if f"{one}{other}".lower() in _NUMBERS:
            yield f'the figure "{one}{other}" stands outside a slot'
    for found in _SHAPES.finditer(prose):
        yield f'the figure "{found[0]}" stands outside a slot'
