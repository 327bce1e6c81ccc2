"""Figures called by the name of another, and figures given to another instrument."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from cockpit.domain.fact import Fact, Unit
from cockpit.recap.dealt import is_told
from cockpit.recap.prose import BLANK, Place, Sentence, all_of

_NAMED = frozenset({Unit.TEXT, Unit.TIME, Unit.DATE})
_OF_THE_WHOLE = frozenset({Unit.MONEY, Unit.PERCENT, Unit.RATIO, Unit.COUNT, Unit.SHARES})
_OF_IT = re.compile(
    r"^,? (?:(?!and\b|but\b|while\b)[\w,]+ ){0,6}(?:of|in|by|from|on|with|for) $", re.IGNORECASE
)
_REACH = 6
"""Words between a name and its figure, at most."""

_HOLDING = (
    r"(?:average |mean )?(?:hold(?:ing)?(?: time| period)?)(?= (?:was|of|came|is|time)\b)"
    r"|in a trade"
)
_PAID = (  # before and after fees are sides of another figure
    r"(?<!after )(?<!before )(?<!after my )(?<!before my )(?<!net of )(?<!net of all )"
    r"(?<!net of the )(?<!net of my )(?<!after all )"
    r"(?<!after the )(?<!before any )(?<!after any )(?<!once )(?<!once the )(?<!once all )"
    r"(?:fees?|costs|cost of (?:doing )?(?:business|trading)|commissions?|brokerage)"
)
# name -> last part of the ids that it may stand for; the longer names first
_NAMES: tuple[tuple[str, frozenset[str]], ...] = (
    (r"(?:best|strongest|greatest|top) (?:trading )?(?:day|session)", frozenset({"best_day"})),
    (r"(?:worst|weakest|poorest) (?:trading )?(?:day|session)", frozenset({"worst_day"})),
    (r"(?:best|worst) trade", frozenset({"largest_win", "largest_loss"})),
    (r"fill (?:rate|ratio)", frozenset({"fill_rate"})),
    (r"at risk|risked", frozenset({"risk", "mean_r", "r"})),
    (
        r"entry price|average entry|(?<!at the )(?<!on the )entry(?= (?:of|was|came)\b)",
        frozenset({"entry"}),
    ),
    (
        r"exit price|average exit|(?<!at the )(?<!on the )exit(?= (?:of|was|came)\b)",
        frozenset({"exit"}),
    ),
    (r"(?<!came )in at", frozenset({"entry", "opened", "time", "first_fill"})),
    (r"(?<!came )(?<!comes )out at", frozenset({"exit", "closed", "time", "last_fill"})),
    (r"stop(?= (?:was|stood|at|of)\b)", frozenset({"stop"})),
    (r"target(?= (?:was|stood|at|of)\b)", frozenset({"target"})),
    (r"slippage", frozenset({"slippage"})),
    (r"asked for", frozenset({"asked", "orders"})),
    (r"planned reward|plan was for", frozenset({"planned_r"})),
    (r"in terms of risk", frozenset({"r", "mean_r"})),
    (r"at its worst|(?<!\0 )against me", frozenset({"adverse"})),
    (r"at its best|(?<!\0 )in my favou?r", frozenset({"favourable"})),
    (r"(?:gave|given|handed) back", frozenset({"given_back", "max_drawdown"})),
    (r"lasted", frozenset({"hold", "average_hold"})),
    (r"(?:win|hit|strike|success) rate|batting average", frozenset({"win_rate"})),
    (r"(?:the )?trades themselves|from the trades", frozenset({"gross"})),
    (r"profit factor|ratio of what came in to what went out", frozenset({"profit_factor"})),
    (r"pay-?off(?: ratio)?", frozenset({"payoff"})),
    (r"expectancy|(?:average|mean) trade", frozenset({"expectancy", "mean_r"})),
    (r"(?:average|mean|typical) (?:win(?:ner)?|gain)", frozenset({"average_win"})),
    (r"(?:average|mean|typical) los(?:s|er)", frozenset({"average_loss"})),
    (_HOLDING, frozenset({"average_hold", "hold"})),
    (r"(?:average|mean) (?:r|multiple)|r[- ]multiple", frozenset({"mean_r", "r"})),
    (r"draw-?down|peak to (?:its )?trough", frozenset({"max_drawdown"})),
    (r"(?:largest|biggest|best) (?:win(?:ner)?|gain)", frozenset({"largest_win"})),
    (r"(?:largest|biggest|worst) los(?:s|er)", frozenset({"largest_loss"})),
    (r"(?:first|opening) fill", frozenset({"first_fill", "opened"})),
    (r"(?:last|final|closing) fill", frozenset({"last_fill", "closed"})),
    (r"first|opening (?:trade|order)", frozenset({"first_fill"})),
    (r"final(?= (?:fill|trade|order|exit)\b)", frozenset({"last_fill"})),
    (r"(?:number|count|tally) of (?:closed )?trades|trade count|trades:", frozenset({"trades"})),
    (r"(?:share )?volume|turnover", frozenset({"shares", "volume"})),
    (r"gross", frozenset({"gross"})),
    (r"(?:the )?net(?: result| p&l)?|bottom line", frozenset({"net", "best_day", "worst_day"})),
    (_PAID, frozenset({"fees"})),
)  # fmt: skip
_PATTERN = re.compile(
    "|".join(f"(?P<n{n}>\\b(?:{name})\\b)" for n, (name, _) in enumerate(_NAMES)).replace(
        r"trades:)\b", "trades(?=:))"
    ),
    re.IGNORECASE,
)
_BARE = frozenset({
    Unit.MONEY, Unit.PRICE, Unit.PERCENT, Unit.RATIO, Unit.R, Unit.DURATION, Unit.TIME,
})  # fmt: skip
_NOTHING = re.compile(r"(?!)")
_AT_ENTRY = (
    r"entry price|average entry|in at|entered(?: \0+)? at|entry(?= (?:of|was|came)\b| \0| at \0)"
)
_AT_EXIT = (
    r"exit price|average exit|out at|exited(?: \0+)? at|exit(?= (?:of|was|came)\b| \0| at \0)"
)
_NEEDS = {
    stem: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for stem, words in {
        "best_day": r"best day|strongest day|best of the days",
        "worst_day": r"worst day|weakest day|worst of the days",
        "strongest": r"strongest|best|led|leader",
        "weakest": r"weakest|worst|lagged|laggard",
        "fill_rate": r"fill (?:rate|ratio)|share of orders with a fill",
        "entry": _AT_ENTRY,
        "exit": _AT_EXIT,
        "asked": r"asked for|limit price",
        "stop": r"stop",
        "target": r"target|aim(?:ing|ed) for",
        "slippage": r"slippage|slipped",
        "planned_r": r"plan|planned",
        "r": r"(?:in terms|in units|measured) of risk|measured against the risk|r[- ]multiple|in r"
        r"|works? out (?:to|at)",
        "risk": r"at risk|risked|risking|risk at the entry",
        "hold": r"hold|held|holding|lasted|in the trade|stayed in",
        "opened": r"opened|began|entered|started|first fill|entry(?= at \0)",
        "closed": r"closed|ended|finished|was out|last fill|exit(?= at \0)",
        "adverse": r"worst|against me|down as much as|low of",
        "favourable": r"best|in my favou?r|up as much as|high of",
        "given_back": r"gave back|given back|handed back",
        "gross": r"gross|before (?:the |my |all |any )?(?:fees|costs|commissions)|from the trades"
        r"|trades themselves",
        "fees": r"fees?|costs?|commissions?|brokerage|broker",
        "win_rate": r"(?:win|hit|strike|success) rate"
        r"|(?:won|right on)(?= \0+ of (?:my|the|all) trades)",
        "profit_factor": r"profit factor|ratio of what came in",
        "payoff": r"pay-?off",
        "expectancy": r"expectancy|average trade|per trade|on average|each trade",
        "average_win": r"average (?:win|winner|gain)|winners averaged?"
        r"|winner (?:made|brought|paid)",
        "average_loss": r"average (?:loss|loser)|losers averaged?|loser (?:cost|took)",
        "average_hold": r"hold|held|holding|in a trade|was open for",
        "mean_r": r"risk|r[- ]multiple|mean r|on average|in r terms",
        "max_drawdown": r"draw-?down|trough|gave back",
        "largest_win": r"(?:largest|biggest|best) (?:win|winner|trade|gain)|the best",
        "largest_loss": r"(?:largest|biggest|worst) (?:loss|loser|trade)|the worst",
        "first_fill": r"first|opening fill|began|begin|started?|opened|between|from",
        "last_fill": r"last|final|done|until|ended|finished|and|stopped|to(?= \0)",
    }.items()
}
_CLAUSED = frozenset({
    "entry", "exit", "asked", "stop", "target", "slippage", "planned_r", "r", "risk", "hold",
    "opened", "closed", "adverse", "favourable", "given_back",
})  # fmt: skip
"""Figures of one trade: so many in a sentence that each needs its name in its own clause."""
_LEAF_NEEDS = {
    leaf: re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for leaf, words in {
        "entry": _AT_ENTRY,
        "exit": _AT_EXIT,
        "fees": r"fees?|costs?|commissions?",
        "r": r"(?:in terms|in units|measured) of risk|r[- ]multiple",
        "opened": r"opened|began|entered|started|entry(?= at \0)",
        "closed": r"closed|ended|finished|was out|exit(?= at \0)",
        "open": r"open(?:ed|ing)?",
        "high": r"high|peak",
        "low": r"low|bottom",
        "close": r"clos(?:e|ed|ing)|settled|last|finished|ended",
    }.items()
}
_OTHER_LEAF = re.compile(r"\b(?:high|low|volume|open(?:ed|ing)?|fees?)\b", re.IGNORECASE)
"""What a change is not called."""
_BEFORE_FEES = re.compile(
    r"\b(?:before|without|excluding|ignoring|not counting|leaving out) (?:the |my |all |any )?"
    r"(?:fees|costs|commissions?)\b",
    re.IGNORECASE,
)
_AFTER_FEES = re.compile(
    r"\b(?:after|net of|including|counting) (?:the |my |all )?(?:fees|costs|commissions?)\b"
    r"|\b(?:fees|costs|commissions?) (?:included|deducted|paid)\b|\ball in\b",
    re.IGNORECASE,
)
_BELONGS = re.compile(
    r"\s*(?:(?:was|is|were|are|went|came|goes|made up|paid|of that|of it)\s+)*"
    r"(?:(?:in|to|of|for|as|on|towards?|before|after|net of)\s+)?(?:the |my |all |its |a |an )*$",
    re.IGNORECASE,
)
_OF_NEXT = re.compile(r" (?:of|was|is|came to|comes to|stood at|stands at) \0")
_APART = re.compile(r"[,;:(]|\band\b")
_ENDS = re.compile(r"[;.!?\n]")


def called_wrongly(sentence: Sentence, held: tuple[Fact, ...]) -> Iterable[str]:
    """Names of figures that stand beside the slot of another."""
    del held
    for found in all_of(_PATTERN, sentence.words):
        allowed = _NAMES[int((found.lastgroup or "n0")[1:])][1]
        place = _bound(sentence, found)
        if place is None or place.fact is None or place.fact.unit is Unit.TEXT:
            continue
        if place.id.rpartition(".")[2] not in allowed and place.id.split(".")[0] not in allowed:
            yield f'"{found[0]}" stands beside {place.id}: that is another figure'
    for pattern, is_before in ((_BEFORE_FEES, True), (_AFTER_FEES, False)):
        for found in all_of(pattern, sentence.words):
            place = _bound(sentence, found)
            if (
                place is not None
                and place.id == "fees"
                and _OF_NEXT.match(sentence.words, found.end())
            ):
                continue  # "after fees of" these fees
            if place is not None and _is_wrong_side(place, is_before=is_before):
                yield f'"{found[0]}" is not true of {place.id}'


def _is_wrong_side(place: Place, *, is_before: bool) -> bool:
    leaf = place.id.rpartition(".")[2]
    if place.fact is None or place.fact.unit is not Unit.MONEY:
        return False
    return leaf != "gross" if is_before else leaf in ("gross", "fees")


def _bound(sentence: Sentence, found: re.Match[str]) -> Place | None:
    """The slot that a name speaks of: the next one nearby, or else the one just before it."""
    ahead = [p for p in sentence.places if p.start >= found.end()]
    behind = [p for p in sentence.places if p.end <= found.start()]
    if ahead and _OF_NEXT.match(sentence.words, found.end()):
        return ahead[0]
    if behind and _BELONGS.match(sentence.words[behind[-1].end : found.start()]):
        return behind[-1]
    if ahead:
        between = sentence.words[found.end() : ahead[0].start]
        named = _PATTERN.search(between)
        if named is None and len(between.split()) <= _REACH and not _ENDS.search(between):
            return ahead[0]
    if behind:
        between = sentence.words[behind[-1].end : found.start()]
        if len(between.split()) <= _REACH and not re.search(r"[,;:.]", between):
            return behind[-1]
    return None


def out_of_order(sentence: Sentence) -> Iterable[str]:
    """An end that is told as a beginning: "from X to Y" of a last fill and a first one."""
    ids = [place.id for place in sentence.places]
    for first, last in (("first_fill", "last_fill"), ("opened", "closed")):
        if first in ids and last in ids and ids.index(last) < ids.index(first):
            low, high = (sentence.places[ids.index(one)] for one in (last, first))
            between = sentence.words[low.end : high.start]
            if re.fullmatch(r" (?:to|and|until) ", between):
                yield f"{last} stands where {first} belongs"


def _untold(sentence: Sentence, held: tuple[Fact, ...]) -> Iterable[Place]:
    """The slots of defined facts, but for those of a trade that are told by its way."""
    for place in sentence.places:
        is_defined = place.fact is not None and place.fact.value is not None
        if is_defined and not is_told(sentence, place, _own_words(sentence, place), held):
            yield place


def nameless(sentence: Sentence, held: tuple[Fact, ...] = ()) -> Iterable[str]:
    """Figures whose sentence does not say what they are: another's could stand there unseen.

    Counts and sizes bring their noun; the net is what a day is about. Everything else is named,
    by its own words or by the slot of its instrument.
    """
    for place in _untold(sentence, held):
        if place.fact is None or place.fact.unit not in _BARE:
            continue
        owner = owner_of(place.id)
        if wrong := _leaf_unnamed(sentence, place):
            yield wrong
            continue
        names = (p for p in sentence.places if p != place and _is_name(p))
        if owner and any(owner_of(name.id) == owner for name in names):
            continue
        if place.fact.unit is Unit.TIME and any(p.id == owner for p in sentence.places):
            continue
        needed = _NEEDS.get(place.id.split(".")[0], _NOTHING if owner else None)
        low, high = 0, len(sentence.words)
        if place.fact.unit in (Unit.TIME, Unit.DURATION) or place.id in _CLAUSED:
            low, high = _own_words(sentence, place)
        if needed is not None and not needed.search(sentence.words, low, high):
            yield f"{place.id} has no name in its sentence: say what it is"


def _own_words(sentence: Sentence, place: Place) -> tuple[int, int]:
    """Start and end of a slot's clause, with "and" as in "between X and Y" or a row's "Name:"."""
    low, high = sentence.clause_at(place.start)
    if low and not sentence.words[low : place.start].strip() and sentence.words[low - 1] == ":":
        return sentence.clause_at(low - 1)[0], high
    return max(0, low - len(" and ")), high


def _leaf_unnamed(sentence: Sentence, place: Place) -> str:
    """Why a figure of one instrument or trade is not told from the others of it; empty if it is."""
    parts = place.id.split(".")
    if parts[0] not in ("symbol", "trade") or len(parts) < 3:
        return ""
    clause = _own_words(sentence, place)
    needed = _LEAF_NEEDS.get(parts[-1])
    if _in_range(sentence.words[: place.start], parts[-1]):
        return ""
    if needed is not None and not needed.search(sentence.words, *clause):
        return f"{place.id} has no name in its clause: say which of its figures it is"
    if parts[-1] == "change" and (found := _OTHER_LEAF.search(sentence.words, *clause)):
        return f'"{found[0]}" stands beside {place.id}: that is another figure'
    return ""


def _in_range(before: str, leaf: str) -> bool:
    """Whether a low, a high or a close stands in its place: "between X and Y", "rose X to Y"."""
    asked = {
        "low": r"\bbetween $", "high": r"\bbetween \0+ and $", "close": r"\w \0+ to $",
    }.get(leaf)  # fmt: skip
    return asked is not None and re.search(asked, before, re.IGNORECASE) is not None


def mixed_up(sentence: Sentence, held: tuple[Fact, ...]) -> Iterable[str]:
    """Figures of one instrument, trade or day beside the name of another."""
    many = has_many(held)
    places = [p for p in sentence.places if p.fact is not None]
    for number, place in enumerate(places):
        if place.fact is None or place.fact.unit in _NAMED:
            continue
        before = next((p for p in reversed(places[:number]) if _is_name(p)), None)
        after = next((p for p in places[number + 1 :] if _is_name(p)), None)
        owners = {owner_of(p.id) for p in (before, after) if p is not None}
        own = owner_of(place.id)
        if own and owners and own not in owners:
            yield f"{place.id} stands beside the name of another: {', '.join(sorted(owners))}"
        elif (
            not own
            and before is not None
            and owner_of(places[number - 1].id) == owner_of(before.id)
        ):
            if not many and owner_of(before.id).startswith(("symbol", "strategy")):
                continue
            between = sentence.words[places[number - 1].end : place.start]
            after = places[number + 1] if number + 1 < len(places) else None
            is_inside = after is not None and owner_of(after.id) == owner_of(before.id)
            is_label = between.strip() == ":"  # "Friday: ..." is of Friday
            is_apart = bool(_APART.search(between)) and not (is_inside or is_label)
            if place.fact.unit in _OF_THE_WHOLE and not is_apart:
                yield f"{place.id} is not of {owner_of(before.id)} alone"


def given_away(sentence: Sentence, held: tuple[Fact, ...]) -> Iterable[str]:
    """A figure of the whole that is said to be of, in or from one instrument of several."""
    for one, other in pairwise(p for p in sentence.places if p.fact is not None):
        if one.fact is None or one.fact.unit not in _OF_THE_WHOLE or owner_of(one.id):
            continue
        between = sentence.words[one.end : other.start]
        if _is_name(other) and _OF_IT.match(between) and has_many(held):
            yield f"{one.id} is not of {owner_of(other.id)} alone"


def has_many(held: tuple[Fact, ...]) -> bool:
    return len({f.id for f in held if f.unit is Unit.TEXT and f.id.startswith("symbol.")}) > 1


def _is_name(place: Place) -> bool:
    return place.fact is not None and place.fact.unit in _NAMED and bool(owner_of(place.id))


def owner_of(id_: str) -> str:
    """`symbol.AAPL` of `symbol.AAPL.net`; empty for a figure of the whole."""
    parts = id_.split(".")
    if parts[0] in _OWNERS and len(parts) > 1:
        return (
            ".".join(parts[:2]) if parts[-1] in _LEAVES and len(parts) <= 3 else _long_owner(parts)
        )
    return parts[0] if parts[0] in _EXTREMES else ""


def _long_owner(parts: list[str]) -> str:
    """A symbol may hold dots itself: BRK.B."""
    return ".".join(parts[:-1] if parts[-1] in _LEAVES else parts)


_OWNERS = frozenset({"symbol", "strategy", "trade", "day", "news", "proposer", "refusal"})
_EXTREMES = frozenset({
    "largest_win", "largest_loss", "best_day", "worst_day", "strongest", "weakest",
})  # fmt: skip
_LEAVES = frozenset({
    "change", "open", "high", "low", "close", "volume", "code", "orders",
    "net", "trades", "opened", "closed", "symbol", "direction", "quantity", "entry", "exit", "fees",
    "r", "strategy", "gross", "date", "losses", "wins", "headline", "source", "time",
})  # fmt: skip

__all__ = ["BLANK", "called_wrongly", "given_away", "mixed_up", "nameless"]
