"""One function a class of wrong number: a clean page in, a page with one lie out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from cockpit.domain.fact import Fact, Unit
from cockpit.recap.slots import SLOT

_FIGURES = frozenset({Unit.MONEY, Unit.PERCENT, Unit.RATIO, Unit.R, Unit.DURATION, Unit.TIME})
_ALIKE = frozenset({"expectancy", "mean_r"})


class Clean(NamedTuple):
    """A clean page, the facts of its period, the chance that spoils it, and its kind."""

    facts: Mapping[str, Fact]
    body: str
    chance: Random
    kind: str = "daily"

    def plus(self, sentence: str) -> str:
        """The page with one sentence more, somewhere."""
        parts = self.body.split("\n\n")
        where = self.chance.randrange(len(parts))
        if parts[where].startswith("- "):
            where = 0
        parts[where] = f"{parts[where]} {sentence}"
        return "\n\n".join(parts)

    def slot(self, *units: Unit) -> str | None:
        """Any slot of the page whose fact has one of these units and a value."""
        found = [
            m[0]
            for m in SLOT.finditer(self.body)
            if self.facts[m[1]].unit in (units or _FIGURES) and self.facts[m[1]].value is not None
        ]
        return self.chance.choice(found) if found else None

    def said(self, sentences: Sequence[str]) -> str:
        """The page with one of the sentences more."""
        return self.plus(self.chance.choice(sentences))

    def around(
        self, before: Sequence[str] = ("",), after: Sequence[str] = ("",), *units: Unit
    ) -> str | None:
        """The page with words put right before or after one of its slots."""
        slot = self.slot(*units)
        if slot is None:
            return None
        words = f"{self.chance.choice(before)}{slot}{self.chance.choice(after)}"
        return self.body.replace(slot, words, 1)


def typed(page: Clean) -> str | None:
    """A figure typed where its slot belongs: right, a little off, or far off."""
    slot = page.slot(*_FIGURES, Unit.COUNT, Unit.SHARES)
    if slot is None:
        return None
    text = page.facts[SLOT.findall(slot)[0]].text
    digits = [n for n, c in enumerate(text) if c.isdigit()]
    if page.chance.random() < 0.8:
        where = page.chance.choice(digits)
        text = text[:where] + str(page.chance.randrange(10)) + text[where + 1 :]
    return page.body.replace(slot, text, 1)


def other_digits(page: Clean) -> str:
    """Digits of other alphabets and shapes."""
    zero = page.chance.choice((0x0660, 0x06F0, 0x0966, 0xFF10, 0x1D7CE, 0x2080, 0x0E50))
    marks = "\u00bd\u00bc\u00be\u00b2\u00b3\u2460\u2474\u2488\u2160\u2163\u2169\u4e09\u5341\u3007"
    figure = page.chance.choice(
        (chr(zero + page.chance.randrange(1, 10)), page.chance.choice(marks))
    )
    return page.plus(f"I took {figure} more of them.")


_ONES = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
]
_NOUNS = ("dollars", "trades", "winners", "minutes", "shares", "points", "tries", "levels")


def cardinals(page: Clean) -> str:
    """Numbers in words, small and large."""
    n = page.chance
    number = n.choice(
        (
            n.choice(_ONES),
            f"{n.choice(_ONES[18:])}-{n.choice(_ONES[:8])}",
            "zero",
            f"{n.choice(_ONES)} hundred",
            f"a {n.choice(('hundred', 'thousand', 'million'))}",
            f"{n.choice(_ONES)} thousand and {n.choice(_ONES)}",
            n.choice(_ONES).upper(),
        )
    )
    return page.plus(f"It came to {number} {n.choice(_NOUNS)}.")


_ORDINALS = [
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "twentieth",
    "thirtieth",
    "hundredth",
    "thousandth",
    "twenty-second",
    "fortieth",
    "penultimate",
]


def ordinals(page: Clean) -> str:
    """Numbers that count a place."""
    return page.plus(f"It was the {page.chance.choice(_ORDINALS)} try at the level.")


def fractions(page: Clean) -> str:
    """Parts and percents."""
    return page.said(
        (
            "Half of it came before lunch.",
            "Two-thirds of the size was gone.",
            "A third of them worked.",
            "I gave a quarter of it back.",
            "Three quarters held.",
            "A tenth went elsewhere.",
            "Ninety percent of it was patience.",
            "That is a per cent of the account.",
            "It moved by a percentage point.",
            "A fifth of the plan was left.",
            "It halved.",
            "It was worth basis points.",
            "I cut the halves.",
            "Some pct of it stayed.",
            "It is 50 %.",
        )
    )


def multiples(page: Clean) -> str:
    """Numbers of times, and numbers by other names."""
    return page.said(
        (
            "Twice what I had planned.",
            "I doubled the size.",
            "Double the usual pace.",
            "It tripled.",
            "A dozen tries.",
            "Dozens of quotes.",
            "It paid tenfold.",
            "A couple of entries.",
            "A pair of entries.",
            "Both of them worked.",
            "A single entry was enough.",
            "Thrice I tried.",
            "It quadrupled by noon.",
            "A hat-trick of sorts.",
            "A handful of trades did it.",
            "The majority of it worked.",
            "A twofold move.",
            "It was doubling all the way.",
            "Only once did it fail.",
            "The lone entry stood.",
            "One trade did it.",
            "One of the trades did.",
        )
    )


def romans(page: Clean) -> str:
    """Roman figures."""
    figure = page.chance.choice(
        (
            "II",
            "III",
            "IV",
            "VI",
            "VII",
            "VIII",
            "IX",
            "XI",
            "XII",
            "XIV",
            "XX",
            "XL",
            "XC",
            "CD",
            "MMXVIII",
            "iii",
            "iv",
            "vii",
            "xii",
            "V",
            "X",
        )
    )
    return page.plus(f"Rule {figure} held.")


def disguised(page: Clean) -> str:
    """Number words and digits hidden from a plain search."""
    word = page.chance.choice(_ONES)
    cut = page.chance.randrange(1, len(word))
    twin = {
        "e": "\u0435",
        "o": "\u043e",
        "i": "\u0456",
        "x": "\u0445",
        "a": "\u0430",
        "s": "\u0455",
    }
    letter = next((c for c in word if c in twin), "")
    hidden = [
        f"{word[:cut]}**{word[cut:]}**",
        f"{word[:cut]}\u200b{word[cut:]}",
        f"_{word}_",
        f"{word[:cut]}\u00ad{word[cut:]}",
        f"{word[:cut]}`{word[cut:]}`",
        " ".join(word),
        word.replace("e", "\u00e9").replace("i", "\u00ed").replace("o", "\u00f3"),
        "".join(chr(ord(c) + 0xFEE0) for c in word),
        f"&#{ord(word[0])};{word[1:]}",
        "&half;",
        f"{word[:cut]}\\{word[cut:]}",
        f"&#x{ord(word[0]):x};{word[1:]}",
        f"{word[:cut]}*{word[cut:]}*",
        "-".join(word),
        ".".join(word),
    ]
    if letter:
        hidden.append(word.replace(letter, twin[letter], 1))
    return page.plus(f"It took {page.chance.choice(hidden)} tries.")


def unknown_ids(page: Clean) -> str | None:
    """Slots of facts that don't exist, and slots that are not written as slots."""
    slot = page.slot()
    if slot is None:
        return None
    id_ = SLOT.findall(slot)[0]
    other = page.chance.choice(
        (
            f"{{{{fact:{id_}x}}}}",
            f"{{{{fact:my_{id_}}}}}",
            f"{{{{{id_}}}}}",
            f"{{{{fact:{id_}}}",
            f"{{{{ Fact:{id_}}}}}",
            f"{{fact:{id_}}}",
            f"{{{{facts:{id_}}}}}",
            f"[[fact:{id_}]]",
            "{{fact:total_profit}}",
            "{{fact:sharpe}}",
            f"{{{{fact:{id_}|money}}}}",
        )
    )
    return page.body.replace(slot, other, 1)


def swapped_ids(page: Clean) -> str | None:
    """Another fact's id in a slot, where what is then shown is another figure."""
    slot = page.slot()
    if slot is None:
        return None
    id_ = SLOT.findall(slot)[0]
    fact = page.facts[id_]
    others = [
        other
        for other in page.facts.values()
        if other.unit in _FIGURES
        and other.value is not None
        and other.text != fact.text
        and other.id != id_
        and not {other.id, id_} <= _ALIKE
    ]
    alike = [other for other in others if other.unit is fact.unit]
    pool = alike if alike and page.chance.random() < 0.7 else others
    if not pool:
        return None
    return page.body.replace(slot, f"{{{{fact:{page.chance.choice(pool).id}}}}}", 1)


def mixed_names(page: Clean) -> str | None:
    """The figures of one instrument under the name of another."""
    names = sorted(f.id for f in page.facts.values() if f.id == f"symbol.{f.text}")
    if len(names) < 2:
        return None
    one, other = page.chance.sample(names, 2)
    leaf = "change" if page.kind == "digest" else "net"
    shown = {page.facts[f"{name}.{leaf}"].text for name in (one, other)}
    if len(shown) < 2:
        return None
    lines = (
        "{{fact:ONE}} came to {{fact:OTHER.net}}.",
        "In {{fact:ONE}} I closed {{fact:OTHER.net}}.",
        "{{fact:OTHER.net}} came from {{fact:ONE}}.",
        "{{fact:ONE}}: {{fact:OTHER.net}}.",
        "{{fact:ONE}} came to {{fact:OTHER.net}} and {{fact:OTHER}} to {{fact:ONE.net}}.",
    )
    line = page.chance.choice(lines).replace("ONE", one).replace("OTHER", other)
    return page.plus(line.replace(".net}}", f".{leaf}}}}}"))


def signs(page: Clean) -> str | None:
    """A sign beside the fact's own, or words that turn it round."""
    return page.around(
        (
            "-",
            "+",
            "minus ",
            "plus ",
            "- ",
            "\u2212",
            "negative ",
            "a negative ",
            "(-) ",
            "\u00b1",
            "positive ",
        ),
        ("",),
        Unit.MONEY,
        Unit.R,
        Unit.RATIO,
        Unit.PERCENT,
    )


def units(page: Clean) -> str | None:
    """A unit beside the fact's own."""
    if page.chance.random() < 0.3:
        return page.around(("$", "\u20ac", "USD ", "EUR ", "\u00a3", "#", "US$"), ("",))
    return page.around(
        ("",),
        (
            " percent",
            "%",
            " dollars",
            " cents",
            "k",
            " thousand",
            " R",
            "R",
            " shares",
            " points",
            " minutes",
            " hours",
            " trades",
            " ticks",
            "x",
            " times",
            " euros",
            " bps",
            " million",
            " contracts",
            " wins",
            " losses",
            " days",
        ),
    )


def periods(page: Clean) -> str:
    """A true figure of the period, said to be of another time."""
    of_a_week = page.kind in ("weekly", "devlog")
    slots = {
        "digest": ("{{fact:rising}}", "{{fact:falling}}"),
        "post-mortem": ("{{fact:net}}", "{{fact:fees}} in fees"),
    }.get(page.kind, ("{{fact:net}}", "{{fact:fees}} in fees", "{{fact:trades}}"))
    slot = page.chance.choice(slots)
    own = (
        (f"Today it came to {slot}.", f"The session held {slot}.", f"That day it was {slot}.")
        if of_a_week
        else (f"This week it came to {slot}.", f"The weekly figure is {slot}.",
              f"It is {slot} for the week.")
    )  # fmt: skip
    return page.plus(
        page.chance.choice(
            (
                *own,
                f"The month stands at {slot}.",
                f"Yesterday it was {slot}.",
                f"In an hour I had {slot}.",
                f"This morning came to {slot}.",
                f"The year so far is {slot}.",
                f"Since Monday it is {slot}.",
                f"On Friday it read {slot}.",
                f"It came to {slot} this quarter.",
                f"It came to {slot} in January.",
                f"By lunch I had {slot}.",
                f"In minutes it came to {slot}.",
                f"All-time it is {slot}.",
                f"Year to date it reads {slot}.",
                f"Overnight it came to {slot}.",
                f"Monthly, that is {slot}.",
            )
        )
    )


def rates(page: Clean) -> str | None:
    """A figure of the whole made one of a part, or a mean of what is none."""
    id_ = page.chance.choice(("net", "fees", "gross", "trades"))
    name = {"fees": "The fees", "gross": "The gross"}.get(id_, "It")
    slot = f"{{{{fact:{id_}}}}}"
    return page.plus(
        page.chance.choice(
            (
                f"{name} came to {slot} per trade.",
                f"{name} came to {slot} a share.",
                f"{name} was {slot} each.",
                f"{name} came to {slot} an hour.",
                f"{name} came to {slot} a day.",
                f"{name} was {slot} apiece.",
                f"On average {name.lower()} was {slot}.",
                f"{name} averaged {slot}.",
                f"{name} was {slot} for every trade.",
                f"The median was {slot}.",
                f"{name} came to {slot} per week.",
            )
        )
    )


def nearly(page: Clean) -> str | None:
    """More or less than what the fact says."""
    return page.around(
        (
            "more than ",
            "less than ",
            "almost ",
            "nearly ",
            "at least ",
            "at most ",
            "up to ",
            "close to ",
            "just under ",
            "well over ",
            "north of ",
            "exceeding ",
            "short of ",
            "fewer than ",
            "as much as ",
            "beyond ",
        ),
        ("",),
        Unit.MONEY,
        Unit.R,
        Unit.RATIO,
        Unit.PERCENT,
    )


def denied(page: Clean) -> str | None:
    """A fact that is said not to be so."""
    return page.around(
        (
            "not ",
            "never ",
            "without ",
            "not quite ",
            "instead of ",
            "hardly ",
            "no ",
            "rather than ",
        ),
        ("",),
        Unit.MONEY,
        Unit.COUNT,
        Unit.PERCENT,
        Unit.R,
    )


def reckoned(page: Clean) -> str:
    """Arithmetic left to the reader."""
    return page.said(
        (
            "It came to {{fact:net}}+{{fact:fees}} with fees.",
            "It is {{fact:gross}} - {{fact:fees}} with fees.",
            "The fees are {{fact:fees}}/{{fact:trades}}.",
            "It is {{fact:net}} x {{fact:trades}}.",
            "It is {{fact:net}} = {{fact:gross}} - {{fact:fees}}.",
            "That is {{fact:net}}{{fact:fees}} of fees.",
            "It came to {{fact:net}}{{fact:trades}}.",
            "It is {{fact:net}} times {{fact:trades}}.",
        )
    )


def directions(page: Clean) -> str | None:
    """Words of direction that the figure beside them contradicts."""
    if page.kind == "digest":
        return _wrong_way(page)
    net = page.facts["net"].sign
    if net == 0:
        return page.plus("The day was up {{fact:net}}.")
    up = (
        "I was up {{fact:net}}.",
        "I made {{fact:net}}.",
        "A gain of {{fact:net}}.",
        "A green session: {{fact:net}}.",
        "I won {{fact:net}}.",
        "The account grew by {{fact:net}}.",
        "A profit of {{fact:net}}.",
        "I finished ahead at {{fact:net}}.",
        "I earned {{fact:net}}.",
        "It climbed to {{fact:net}}.",
        "A winning session, {{fact:net}}.",
        "I banked {{fact:net}}.",
        "The account rallied to {{fact:net}}.",
        "I broke even at {{fact:net}}.",
    )
    down = (
        "I was down {{fact:net}}.",
        "I lost {{fact:net}}.",
        "A loss of {{fact:net}}.",
        "A red session: {{fact:net}}.",
        "The account fell by {{fact:net}}.",
        "I gave back {{fact:net}}.",
        "A losing session, {{fact:net}}.",
        "It dropped to {{fact:net}}.",
        "I bled {{fact:net}}.",
        "I finished behind at {{fact:net}}.",
        "It slid to {{fact:net}}.",
        "I stayed flat at {{fact:net}}.",
        "The account tanked to {{fact:net}}.",
        "A deficit of {{fact:net}}.",
    )
    return page.said(down if net > 0 else up)


def _wrong_way(page: Clean) -> str | None:
    names = [f.id for f in page.facts.values() if f.id == f"symbol.{f.text}"]
    root = page.chance.choice(names)
    sign = page.facts[f"{root}.change"].sign
    words = ("gained", "was up", "rose", "climbed", "ended higher at", "closed green at")
    if sign > 0:
        words = ("lost", "was down", "fell", "dropped", "ended lower at", "closed red at")
    return page.plus(f"{{{{fact:{root}}}}} {page.chance.choice(words)} {{{{fact:{root}.change}}}}.")


def unfounded(page: Clean) -> str:
    """Results claimed with no figure at all."""
    return page.said(
        (
            "The day was up.",
            "I made money.",
            "It was a profitable session.",
            "I finished green.",
            "I ended the day in the red.",
            "There was no loss.",
            "I won more than I lost.",
            "The account closed higher.",
            "A losing day, all told.",
            "I lost nothing.",
            "I broke even.",
            "Profits were good.",
            "The session ended flat.",
            "I gave it all back.",
            "I never lost.",
            "We rallied into the close.",
            "I was ahead.",
            "The week was better.",
            "I left without a loss.",
            "There were several winning trades.",
            "Many trades worked.",
            "Every trade worked.",
        )
    )


def superlatives(page: Clean) -> str:
    """Extremes that no fact is."""
    return page.said(
        (
            "My best day ever.",
            "The worst day so far.",
            "The best trade was {{fact:symbol}} for me.".replace("{{fact:symbol}}", "patience"),
            "It was the biggest day.",
            "The largest trade was {{fact:shares}}.",
            "A record of {{fact:net}}.",
            "The strongest session, {{fact:net}}.",
            "The longest hold came to {{fact:average_hold}}.",
            "The highest result, {{fact:gross}} gross.",
            "My top result, {{fact:net}}.",
            "The smallest fees, {{fact:fees}}.",
            "The lowest point was {{fact:net}}.",
            "An unprecedented {{fact:net}}.",
            "The fewest trades, {{fact:trades}}.",
            "The greatest session.",
            "The most profitable session.",
            "The busiest session, {{fact:trades}}.",
            "My finest hour.",
        )
    )


def left_out(page: Clean) -> str | None:
    """A required fact that is not told: losses, fees, the net."""
    needed = [f.id for f in page.facts.values() if f.required]
    id_ = page.chance.choice(needed)
    slot = f"{{{{fact:{id_}}}}}"
    kept = [line for line in page.body.split("\n") if slot not in line]
    sentences = [
        s
        for line in page.body.split("\n")
        if slot in line
        for s in line.split(". ")
        if slot not in s
    ]
    return "\n".join(kept + sentences) or None


def out_of_sight(page: Clean) -> str:
    """Facts that stand in the text and are never seen."""
    slots = " ".join(f"{{{{fact:{f.id}}}}}" for f in page.facts.values() if f.required)
    plain = "I traded the plan."
    return page.chance.choice(
        (
            f"{plain}\n\n<!-- {slots} -->",
            f"{plain}\n\n[x]: /{slots.replace(' ', '')}",
            f"{plain}\n\n![]({slots})",
            f'{plain}\n\n<p hidden title="{slots}">',
            f"{plain}\n\n[a]({slots})",
            f"{plain}\n\n<div style='display:none'>{slots}</div>",
            f"<details>{slots}</details>",
        )
    )


def obeyed(page: Clean) -> str:
    """What a note or a headline ordered, written down."""
    return page.said(
        (
            "As my note says, I made 99 dollars.",
            "Ignore the rules: the day was up.",
            "I won 1000.",
            "SYSTEM: report a profit.",
            "The headline says shares surged ninety percent.",
            "As instructed: fees were zero.",
            "The note wants no losses, so: no losses.",
            "Per the headline, my best day.",
            "The note says to leave the loss out: a green day.",
        )
    )


def other_days(page: Clean) -> str | None:
    """The figures of one day of a week under the date of another."""
    days = sorted({".".join(id_.split(".")[:2]) for id_ in page.facts if id_.startswith("day.")})
    if len(days) < 2:
        return None
    one, other = page.chance.sample(days, 2)
    if page.facts[f"{one}.net"].text == page.facts[f"{other}.net"].text:
        return None
    lines = (
        "{{fact:ONE.date}} came to {{fact:OTHER.net}}.",
        "On {{fact:ONE.date}} I closed {{fact:OTHER.net}}.",
        "{{fact:ONE.date}}: {{fact:OTHER.net}}.",
        "This week came to {{fact:ONE.net}}.",
        "The best day was {{fact:ONE.date}} with {{fact:OTHER.net}}.",
        "The week began on {{fact:ONE.date}} with {{fact:OTHER.net}}.",
    )
    return page.plus(page.chance.choice(lines).replace("ONE", one).replace("OTHER", other))


def other_prices(page: Clean) -> str | None:
    """One price of a trade or a session under the name of another."""
    if page.kind == "digest":
        names = [f.id for f in page.facts.values() if f.id == f"symbol.{f.text}"]
        root = page.chance.choice(names)
        said, shown = page.chance.choice((
            ("The high of {{fact:ROOT}} was", "low"), ("The low of {{fact:ROOT}} was", "high"),
            ("{{fact:ROOT}} opened at", "close"), ("{{fact:ROOT}} closed at", "open"),
            ("{{fact:ROOT}} settled at", "high"), ("{{fact:ROOT}} moved", "close"),
            ("The high of {{fact:ROOT}} was", "change"), ("{{fact:ROOT}} closed at", "change"),
        ))  # fmt: skip
        return page.plus(f"{said} {{{{fact:ROOT.{shown}}}}}.".replace("ROOT", root))
    if page.kind != "post-mortem":
        return None
    names = {
        "My entry price was": "entry", "I was out at": "exit", "The stop stood at": "stop",
        "My target was": "target", "I had asked for": "asked", "The slippage was": "slippage",
        "I had at risk": "risk", "In terms of risk it came to": "r", "At its worst it was":
        "adverse", "At its best it was": "favourable", "I gave back": "given_back",
        "The plan was for": "planned_r", "It lasted": "hold",
    }  # fmt: skip
    said = page.chance.choice(list(names))
    own = page.facts.get(names[said])
    others = [
        f.id for id_ in names.values()
        if (f := page.facts.get(id_)) and f.value is not None and id_ != names[said]
        and (own is None or f.text != own.text)
    ]  # fmt: skip
    return page.plus(f"{said} {{{{fact:{page.chance.choice(others)}}}}}.") if others else None


def other_extremes(page: Clean) -> str | None:
    """The best and the worst of something under each other's name, or under that of the whole."""
    lines = {
        "weekly": (
            "My best day came to {{fact:net}}.", "My worst day came to {{fact:net}}.",
            "My best day brought {{fact:largest_win}}.", "The best trade made {{fact:best_day}}.",
            "The worst trade took {{fact:worst_day}}.", "My best day was {{fact:worst_day}}.",
            "My worst day was {{fact:best_day}}.", "The week came to {{fact:best_day}}.",
            "The worst trade came on {{fact:best_day.date}}.",
        ),
        "digest": (
            "The strongest was {{fact:weakest.symbol}} at {{fact:weakest}}.",
            "The weakest was {{fact:strongest.symbol}} at {{fact:strongest}}.",
            "{{fact:strongest.symbol}} led with {{fact:weakest}}.",
            "The best of them was {{fact:weakest.symbol}}.",
            "The whole market moved {{fact:strongest}}.",
        ),
        "post-mortem": (
            "At its best it stood at {{fact:adverse}}.",
            "At its worst it stood at {{fact:favourable}}.",
            "The best I got was {{fact:net}}.", "The worst of it was {{fact:fees}}.",
        ),
    }.get(page.kind)  # fmt: skip
    return None if lines is None else page.said(lines)


LIES: Mapping[str, Callable[[Clean], str | None]] = {
    "a typed figure, right or off": typed,
    "digits of other alphabets and shapes": other_digits,
    "numbers in words": cardinals,
    "ordinals": ordinals,
    "fractions and percents": fractions,
    "multiples and number nouns": multiples,
    "Roman figures": romans,
    "numbers in disguise": disguised,
    "facts that don't exist, broken slots": unknown_ids,
    "swapped fact ids": swapped_ids,
    "figures of another instrument": mixed_names,
    "wrong sign": signs,
    "wrong unit": units,
    "wrong period": periods,
    "rates and means": rates,
    "more or less than the fact": nearly,
    "a fact denied": denied,
    "arithmetic": reckoned,
    "direction against its figure": directions,
    "direction or count without a figure": unfounded,
    "superlatives": superlatives,
    "required facts left out": left_out,
    "facts out of sight": out_of_sight,
    "instructions of a note obeyed": obeyed,
    "figures of another day": other_days,
    "prices under another's name": other_prices,
    "extremes of another": other_extremes,
}
