"""Clean recaps of seeded days: from the blocks that ship, and from prose that they never saw.

The lines below are written as a trader or a model might write them by the rules that a writer is
given. A line is used when its day bears it out: `when` names ids whose value must be above (+),
below (-) or at (0) zero, or only be defined (?).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from random import Random

from cockpit.adapters.writers.template.blocks import load_blocks, load_frame
from cockpit.adapters.writers.template.writer import KINDS, flags_of, list_of, mood_of
from cockpit.domain.fact import Fact
from cockpit.kernel.resources import resource
from cockpit.ports.writer import Draft
from cockpit.recap.slots import slot_ids
from tests.support.recap_lines import LINES

_BLOCKS = {kind: load_blocks(resource(f"templates/{kind}.toml")) for kind in KINDS}
_FRAME = load_frame(resource("voice/owner.toml"))

PLAIN: tuple[str, ...] = (
    "I waited for the open, and the open did not wait for me.",
    "The plan was simple: trade the levels, respect the stops, go home.",
    "What I wrote before the bell is what I did, which is the part I can control.",
    "I was late to the obvious move and early to the clever idea.",
    "The entries were patient. The exits were not.",
    "Size stayed where the plan had put it.",
    "I wanted to trade more than the market wanted me to.",
    "There is a difference between a good trade and a trade that works out.",
    "Discipline is dull... and dull is what this work pays for.",
    "I let the chart come to me, and where it did not come I sat still.",
    "The tape was thin and I treated it so.",
    "A missed trade is only a trade that somebody else took.",
    "I moved to the sidelines when the levels stopped meaning anything.",
    "My notes say: wait for the retest. I did, and I am glad that I wrote it down.",
    "It is easier to follow a rule that I wrote myself.",
    "On to the next session, with the same rules.",
    "I reread the plan at lunch and it still made sense.",
    "The news was loud and the price was quiet.",
    "I would take the same entries again.",
    "If there is a lesson, it is about patience.",
    "I slept well before this session, and I think it shows.",
    "Not a page to frame, but a page to keep.",
    "The stop was where the idea was wrong, and nowhere else.",
    "I spoke to nobody and read nothing while the position was on.",
    "Luck had a hand in it, as it does.",
    "The levels from the evening held better than I had any right to expect.",
    "I kept the same pace from the bell to the close.",
    "When the range broke I was ready, for once because I had prepared.",
    "That was the session. The rest is for the notebook.",
    "The hard part was doing nothing while the setup formed.",
)


def usable(facts: Mapping[str, Fact], kind: str) -> Iterator[str]:
    """The lines that are true of the period; those of a thing once for each thing."""
    for when, line in LINES[kind]:
        thing = _THING.search(line)
        if thing is not None:
            yield from (line.replace(thing[0], name) for name in things(facts, thing[0].lower()))
        elif all(holds(facts, word) for word in when.split()):
            yield line


_THING = re.compile(r"(?<=fact:)[A-Z]+")


def things(facts: Mapping[str, Fact], sort: str) -> list[str]:
    """The ids of all symbols, days, headlines and so on: up to their own name's last part."""
    found = (f.id for f in facts.values() if f.id.startswith(f"{sort}."))
    if sort in ("day", "news", "refusal"):
        return sorted({".".join(id_.split(".")[:2]) for id_ in found})
    return sorted({f.id for f in facts.values() if f.id == f"{sort}.{f.text}"})


def holds(facts: Mapping[str, Fact], word: str) -> bool:
    fact = facts.get(word[:-1])
    if fact is None or (fact.value is None and fact.undefined):
        return False
    return word[-1] == "?" or {"+": 1, "-": -1, "0": 0}[word[-1]] == fact.sign


def clean_draft(facts: Mapping[str, Fact], chance: Random, kind: str = "daily") -> Draft:
    """A page of lines that are true, with all required facts somewhere in it."""
    lines = list(usable(facts, kind))
    said = chance.sample(lines, min(len(lines), chance.randint(4, 12)))
    said += chance.sample(PLAIN, chance.randint(1, 6))
    chance.shuffle(said)
    held = set(slot_ids(" ".join(said)))
    rest = [
        f"- {f.label}: {{{{fact:{f.id}}}}}"
        for f in facts.values()
        if f.required and f.id not in held
    ]
    pages = [said[n : n + 4] for n in range(0, len(said), 4)]
    body = "\n\n".join(" ".join(page) for page in pages)
    if rest:
        body += "\n\nFor the record:\n\n" + "\n".join(rest)
    return Draft(title="A page of the notebook", body=body, writer="prose")


def shipped_draft(facts: Mapping[str, Fact], chance: Random, kind: str = "daily") -> Draft:
    """A page of the blocks that ship, picked at random among those that fit the period."""
    mood, blocks, ends = mood_of(facts), _BLOCKS[kind], _FRAME.of(kind)
    flags = flags_of(facts, mood)
    said = [chance.choice(ends.intro[mood])]
    for paragraph in blocks.paragraph:
        fitting = (s for s in paragraph.sentence if flags.issuperset(s.when))
        said.append(" ".join(chance.choice(sentence.text) for sentence in fitting))
    said += [list_of(lines, facts) for lines in blocks.list]
    said.append(chance.choice(ends.closing[mood]))
    body = "\n\n".join(filter(None, said))
    return Draft(title=chance.choice(blocks.title[mood]), body=body, writer="shipped")
