"""Who did what to whom: a figure of the right name, in the part of another.

The broker takes the fees, the gate denies, the venue rejects; an order is filled, a trade is
closed; a price is above another or it is not. Words that turn these round are all words of the
fact itself, so they are read here with the slots' names in their places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from cockpit.domain.fact import Fact, Unit
from cockpit.recap.beside import clauses
from cockpit.recap.names import owner_of
from cockpit.recap.prose import Place, Sentence

_ME = r"(?:me|us|my (?:account|pocket|side|book))"
_GIVER = r"(?:broker|venue|exchange|market|side|trading|firm|desk)s?"
_GAVE = r"(?:paid|pays?|handed|hands|gave|gives|spent|spends|owed|owes|refunded|returned|credited)"
_GOT = r"(?:kept|keep|took|take|taken|got|get|made|make|earned|charge|charged|collected|received)"
_FEES_TURNED = re.compile(
    rf"\b(?:to|for|with) {_ME}\b|\b(?:kept|charged|taken|earned|collected) by {_ME}\b"
    rf"|\b(?:paid|handed|gave|given|pays|gives) {_ME}\b|\b(?:by|from) (?:the|my) broker\b"
    rf"|\b(?<!my )(?<!of )(?<!to the )(?<!to my )(?<!the good ){_GIVER} (?:\w+ )?{_GAVE}\b"
    r"|\b(?:i|we) (?:was|were|am|are|got|get|have been) (?:paid|handed|given)\b"
    rf"|\b(?:i|we) (?:have |had )?(?!take (?:a|my|the) )(?!got (?:charged|billed)){_GOT}\b",
    re.IGNORECASE,
)
_IDS = re.compile(r"\[([^\]]+)\]")
_CHARGED = re.compile(r"\b(?:charged|taken|kept|billed) by (?:the|my) broker\b", re.IGNORECASE)
"""Fees that the broker took: the one way in which they are "by" it."""
_BEFORE_FEES = re.compile(
    r"\[net\],?(?: \w+){0,3} before (?:the |my |all |any )?(?:fees|costs|commissions?|\[fees\])",
    re.IGNORECASE,
)
_AFTER_FEES = re.compile(
    r"\[gross\](?: \w+){0,2} after (?:the |my |all |any )?(?:fees|costs|commissions?|\[fees\])",
    re.IGNORECASE,
)
_VENUE = re.compile(r"\b(?:venue|broker|exchange)s?\b", re.IGNORECASE)
_GATE = re.compile(r"\b(?:gate|limits?|(?:risk )?checks?|our own|my own)\b", re.IGNORECASE)
_UNREACHED = re.compile(
    r"\b(?:before|never|not|without|ahead of)\b[^.\[]*\b(?:venue|broker|exchange)s?\b",
    re.IGNORECASE,
)
_THROUGH = re.compile(r"\b(?:came|went|got) through\b", re.IGNORECASE)
_DONE = re.compile(
    r"\b(?:filled|fills?|executed|completed|(?:went|got|came) through|accepted)\b"
    r"(?! (?:the|my|our) (?:gate|checks?|limits?|log|desk|week|day))",
    re.IGNORECASE,
)
_UNDONE = re.compile(
    r"\b(?:refused|rejected|denied|expired|cancell?ed|turned (?:away|down)|held back"
    r"|sent back|stopped|pulled|unanswered)\b",
    re.IGNORECASE,
)
_REST = re.compile(
    r"\b(?:the )?(?:rest|others|remainder|remaining ones?)\b(?: \w+){0,2} (?:expired|cancell?ed"
    r"|filled|rejected|denied|refused|unanswered|won|lost|failed|died|worked|closed|unchanged"
    r"|red|green|open)\b",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\b(?:with|on|at|by|behind|below|under|above|had|has|put|placed|set|carried) "
    r"(?:an?|my|the|its|no) (?:\w+ )?stops?\b|\bstop(?:s|-loss)? (?:below|under|above|beneath)\b",
    re.IGNORECASE,
)
_STOPPED_FACTS = frozenset({"mean_r", "r", "risk", "stop", "planned_r"})
_TOP = re.compile(r"\b(?:highs?|peak|top)\b(?! points?\b)", re.IGNORECASE)
_BOTTOM = re.compile(r"\b(?:lows?|bottom|trough)\b(?! points?\b)", re.IGNORECASE)
_TOTAL = re.compile(
    r"\b(?:most|total|in all|altogether|overall|all told|combined|least|busiest)\b", re.IGNORECASE
)
_NOWHERE = re.compile(
    r"\[(?:losses|losing_days|wins)\] (?:came|went|amounted|added up) (?:to nothing|nowhere)\b",
    re.IGNORECASE,
)
_LEVEL = re.compile(
    r"\b(?:closed|opened|began|started|traded) at \[[\w.]*\.change\]", re.IGNORECASE
)
_ABOVE = re.compile(
    r"^,?(?: \w+){0,3} (?:(?P<up>above|over|higher than|up from|beyond|better than)"
    r"|(?P<down>below|under|beneath|lower than|down from|worse than))(?: \w+){0,4} $",
    re.IGNORECASE,
)
_FIRST = re.compile(r"\b(?P<end>first|last|final|opening) trade\b", re.IGNORECASE)
_OPENED_LAST = re.compile(
    r"\b(?:last|final) (?:trade|position) (?:was )?(?:opened|began|started)(?: \w+)? \[last_fill\]"
    r"|\bfirst (?:trade|position) (?:was )?(?:closed|ended|finished)(?: \w+)? \[first_fill\]",
    re.IGNORECASE,
)
_OUT = re.compile(r"\bout of the market\b", re.IGNORECASE)
_SIDE = re.compile(
    r"\] (?P<behind>long|short)\b(?! of\b)|\b(?:the|that|this|as a|being) (?P<noun>long|short)\b"
    r"(?! (?:way|day|week|version|page|answer|story|list|note|review|session|haul|run|term)\b)"
    r"|\b(?P<ahead>long|short) (?:from|into|at|position|\[)"
    r"|\b(?:go|going|gone|held|hold|holding|carry|carried|still|stay|stayed|am)"
    r" (?P<went>long|short)\b",
    re.IGNORECASE,
)


def wrong_roles(sentence: Sentence, facts: Mapping[str, Fact]) -> Iterable[str]:
    """Why words of a sentence give its figures a part that is not theirs."""
    if not sentence.places:
        return
    whole = _marked(sentence, 0, len(sentence.words), sentence.places)
    for pattern, why in (
        (_BEFORE_FEES, "the net is after fees"), (_AFTER_FEES, "the gross is before fees"),
        (_REST, "no fact says what became of the rest"), (_LEVEL, "a change is no price"),
        (_OPENED_LAST, "a last fill closes, a first one opens"),
        (_NOWHERE, "a win or a loss comes to something"),
    ):  # fmt: skip
        for found in pattern.finditer(whole):
            yield f'"{found[0].strip()}" is not so: {why}'
    yield from _compared(sentence)
    yield from _sides(whole, sentence, facts)
    yield from _stops(whole, sentence, facts)
    yield from _times(sentence, facts)
    for low, high in clauses(sentence):
        places = tuple(p for p in sentence.places if low <= p.start and p.end <= high)
        text = _marked(sentence, low, high, places)
        yield from _fees(text)
        yield from _orders(text, places, facts)
        is_alone = len(sentence.places) <= 2
        yield from _extremes(whole if is_alone else text, places, facts)
        yield from _firsts(text, places, facts)


def _marked(sentence: Sentence, low: int, high: int, places: Sequence[Place]) -> str:
    """The words with each slot's id in brackets in its place."""
    parts, at = list[str](), low
    for place in places:
        parts += [sentence.words[at : place.start], f"[{place.id}]"]
        at = place.end
    return "".join((*parts, sentence.words[at:high]))


def _leaf(place: Place) -> str:
    return place.id.rpartition(".")[2]


def _fees(text: str) -> Iterable[str]:
    for words in dict.fromkeys((text, *text.split(":"))):
        ids = _IDS.findall(words)
        if not any(id_.endswith("fees") for id_ in ids) or not all(map(_is_of_fees, ids)):
            continue
        for found in _FEES_TURNED.finditer(_CHARGED.sub(" ", words)):
            yield f'"{found[0]}" turns the fees round: I pay them, the broker takes them'


def _is_of_fees(id_: str) -> bool:
    """Whether a slot is of fees, or only names whose they are."""
    return id_.rpartition(".")[2] in ("fees", "symbol") or owner_of(id_) == id_


def _orders(text: str, places: Sequence[Place], facts: Mapping[str, Fact]) -> Iterable[str]:
    ids = {place.id for place in places}
    wrong: list[tuple[re.Pattern[str], str, str]] = []
    if "denied" in ids and "rejected" not in ids:
        wrong.append((_VENUE, _UNREACHED.sub(" ", text), "did not deny an order: my own gate did"))
    if "rejected" in ids and "denied" not in ids:
        wrong.append((_GATE, text, "did not reject an order: the venue did"))
    if any(id_.startswith("refusal.") for id_ in ids):
        wrong.append((_THROUGH, text, "is not what became of refused orders"))
    if "orders" in ids and not ids & {"filled_orders", "fill_rate"} and not _is_all_filled(facts):
        wrong.append((_DONE, text, "is not true of all orders"))
    if ids == {"orders"}:
        wrong.append((_UNDONE, text, "is not true of all orders"))
    for pattern, words, why in wrong:
        for found in pattern.finditer(words):
            yield f'"{found[0]}" {why}'


def _is_all_filled(facts: Mapping[str, Fact]) -> bool:
    filled, sent = facts.get("filled_orders"), facts.get("orders")
    return filled is not None and sent is not None and filled.value == sent.value


def _stops(text: str, sentence: Sentence, facts: Mapping[str, Fact]) -> Iterable[str]:
    stop = facts.get("stop")
    if (stop is not None and stop.value is not None) or any(
        _leaf(place) in _STOPPED_FACTS for place in sentence.places
    ):
        return
    for found in _STOP.finditer(text):
        yield f'"{found[0]}" tells of a stop, and no fact does'


def _sides(text: str, sentence: Sentence, facts: Mapping[str, Fact]) -> Iterable[str]:
    owned = {_side_of(place, facts) for place in sentence.places} - {""}
    for found in _SIDE.finditer(text) if owned else ():
        side = next(word for word in found.groups() if word).lower()
        if owned != {side}:
            yield f'"{side}" is not the side of that trade'


def _side_of(place: Place, facts: Mapping[str, Fact]) -> str:
    parts = place.id.split(".")
    if parts[0] == "open" and len(parts) == 2 and place.fact is not None:
        return place.fact.text.partition(" ")[0]
    for stem in (".".join(parts[:2]), parts[0]):
        if (own := facts.get(f"{stem}.direction")) is not None:
            return own.text
    return facts["direction"].text if "direction" in facts else ""


def _compared(sentence: Sentence) -> Iterable[str]:
    """Two prices of one instrument or trade that are said to lie above one another."""
    for one, other in pairwise(sentence.places):
        if one.fact is None or other.fact is None or owner_of(one.id) != owner_of(other.id):
            continue
        if not one.fact.unit is other.fact.unit is Unit.PRICE:
            continue
        found = _ABOVE.match(sentence.words[one.end : other.start])
        if not found or one.fact.value is None or other.fact.value is None:
            continue
        is_so = one.fact.value > other.fact.value if found["up"] else (
            one.fact.value < other.fact.value)  # fmt: skip
        if not is_so:
            yield f"{one.id} is not {found['up'] or found['down']} {other.id}"


def _extremes(text: str, places: Sequence[Place], facts: Mapping[str, Fact]) -> Iterable[str]:
    """A high, a low or a total that a price or a volume is said to be."""
    leaves = {_leaf(place) for place in places}
    for place in places:
        if place.fact is None or not place.id.startswith("symbol."):
            continue
        if _leaf(place) in ("open", "close"):
            yield from _not_at(text, place.id, place.fact, leaves, facts)
        if _leaf(place) == "volume":
            for found in _TOTAL.finditer(text):
                yield f'"{found[0]}" is not true of {place.id}, which is of one instrument'


def _not_at(
    text: str, id_: str, price: Fact, leaves: set[str], facts: Mapping[str, Fact]
) -> Iterable[str]:
    """A high or a low that a price was not at; where that stands in its own slot it says so."""
    for pattern, leaf in ((_TOP, "high"), (_BOTTOM, "low")):
        bound = facts.get(f"{owner_of(id_)}.{leaf}")
        if leaf in leaves or (bound is not None and bound.value == price.value):
            continue
        for found in pattern.finditer(text):
            yield f'"{found[0]}" is not true of {id_}'


def _firsts(text: str, places: Sequence[Place], facts: Mapping[str, Fact]) -> Iterable[str]:
    for found in _OUT.finditer(text):
        if any(p.id == "open_positions" and p.fact and p.fact.value != 0 for p in places):
            yield f'"{found[0]}" is not true while a position is open'
    names = [p for p in places if p.fact is not None and p.fact.unit is Unit.TEXT]
    for found in _FIRST.finditer(text) if names else ():
        numbers = sorted({id_.split(".")[1] for id_ in facts if id_.startswith("trade.")})
        wanted = numbers[:1] if found["end"].lower() in ("first", "opening") else numbers[-1:]
        if any(not p.id.startswith("trade.") or p.id.split(".")[1] not in wanted for p in names):
            yield f'"{found[0]}" is not that trade'


def _times(sentence: Sentence, facts: Mapping[str, Fact]) -> Iterable[str]:
    """The day's first and last fill, given to an instrument that was not in it."""
    for low, high in clauses(sentence):
        places = [p for p in sentence.places if low <= p.start and p.end <= high]
        names = {p.fact.text for p in places if p.fact is not None and is_instrument(p)}
        for place in places:
            end = {"first_fill": "opened", "last_fill": "closed"}.get(place.id)
            if end is None or not names or place.fact is None:
                continue
            true = {
                fact.text for id_, fact in facts.items()
                if id_.startswith("trade.") and id_.endswith(".symbol")
                and (at := facts.get(id_.removesuffix("symbol") + end)) is not None
                and at.text == place.fact.text
            }  # fmt: skip
            if not names <= true:
                yield f"{place.id} is not of {', '.join(sorted(names))}"


def is_instrument(place: Place) -> bool:
    """Whether a slot is an instrument's name."""
    return (
        place.fact is not None
        and place.fact.unit is Unit.TEXT
        and (_leaf(place) == "symbol" or owner_of(place.id) == place.id)
        and place.id.startswith(("symbol", "trade.", "largest", "strongest", "weakest"))
    )


def given_to_another(sentence: Sentence, facts: Mapping[str, Fact]) -> Iterable[str]:
    """A figure of one trade or instrument, nearest to the name of another.

    A time or a date between the two vouches for nothing.
    """
    places = [p for p in sentence.places if p.fact is not None]
    for number, place in enumerate(places):
        own = facts.get(f"{owner_of(place.id)}.symbol", facts.get(owner_of(place.id)))
        if place.fact is None or own is None or is_instrument(place):
            continue
        if own.unit is not Unit.TEXT or place.id.startswith("strategy"):
            continue
        before = next((p for p in reversed(places[:number]) if is_instrument(p)), None)
        after = next((p for p in places[number + 1 :] if is_instrument(p)), None)
        near = {p.fact.text for p in (before, after) if p is not None and p.fact is not None}
        if near and own.text not in near:
            yield f"{place.id} stands beside another name than its own: {', '.join(sorted(near))}"
