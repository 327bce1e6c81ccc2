"""Clean recaps of seeded days: from the blocks that ship, and from prose that they never saw.

The lines below are written as a trader or a model might write them by the rules that a writer is
given. A line is used when its day bears it out: `when` names ids whose value must be above (+),
below (-) or at (0) zero, or only be defined (?).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from random import Random

from cockpit.adapters.writers.template.blocks import load_blocks, load_frame
from cockpit.adapters.writers.template.writer import flags_of, mood_of
from cockpit.domain.fact import Fact
from cockpit.journal.journal import Journal
from cockpit.kernel.resources import resource
from cockpit.ports.writer import Draft
from cockpit.recap.facts import daily_facts
from cockpit.recap.slots import by_id, slot_ids
from tests.support.fills import fill

DAY = "2018-01-02"
SYMBOLS = ("AAPL", "BRK.B", "ES", "SPY", "TSLA")
_BLOCKS = load_blocks(resource("templates/daily.toml"))
_FRAME = load_frame(resource("voice/owner.toml"))

LINES: tuple[tuple[str, str], ...] = (
    ("net+", "The account closed the session up {{fact:net}}."),
    ("net+", "Green at the close: {{fact:net}} after fees."),
    ("net+", "I finished ahead, {{fact:net}} to be precise, and I will take it."),
    ("net+", "A profitable session, with {{fact:net}} on the bottom line."),
    ("net+", "The day made {{fact:net}}, and most of the work was waiting."),
    ("net+", "What remained was a gain of {{fact:net}}."),
    ("net-", "The account closed the session down {{fact:net}}."),
    ("net-", "Red at the close: {{fact:net}} after fees."),
    ("net-", "I finished behind, {{fact:net}}, and I know why."),
    ("net-", "A losing session, with {{fact:net}} on the bottom line."),
    ("net-", "The loss of the day came to {{fact:net}}."),
    ("net-", "It was a day that cost {{fact:net}}, and the page should not hide it."),
    ("net?", "Net of fees, the session came to {{fact:net}}."),
    ("net?", "The bottom line is {{fact:net}}."),
    ("net?", "When the bell rang, the ledger read {{fact:net}}."),
    ("gross?", "Before fees the trades came to {{fact:gross}}."),
    ("gross?", "The gross figure was {{fact:gross}}."),
    ("gross?", "Gross, the day stood at {{fact:gross}}; net, it stood at {{fact:net}}."),
    ("fees?", "Fees took {{fact:fees}}."),
    ("fees?", "Commissions came to {{fact:fees}}, as they do."),
    ("fees?", "The broker kept {{fact:fees}} in fees."),
    ("fees?", "Another {{fact:fees}} went to commissions."),
    ("fees?", "The cost of doing business was {{fact:fees}}."),
    ("trades?", "I took {{fact:trades}}."),
    ("trades?", "In all I closed {{fact:trades}}, each of them planned."),
    ("trades?", "The session held {{fact:trades}}."),
    ("trades?", "Through the day, {{fact:trades}} went through the book."),
    ("wins+", "I booked {{fact:wins}} along the way."),
    ("wins+ losses+", "The tally was {{fact:wins}} and {{fact:losses}}."),
    ("wins+ losses+", "Against {{fact:losses}} stood {{fact:wins}}."),
    ("losses+", "There were {{fact:losses}}, and I own each of them."),
    ("losses+", "I had to take {{fact:losses}}."),
    ("win_rate?", "My win rate was {{fact:win_rate}}."),
    ("win_rate?", "The hit rate came to {{fact:win_rate}}, which is neither here nor there."),
    ("profit_factor?", "The profit factor was {{fact:profit_factor}}."),
    ("profit_factor?", "That makes a profit factor of {{fact:profit_factor}}."),
    ("payoff?", "The payoff ratio stood at {{fact:payoff}}."),
    ("expectancy?", "Expectancy came out at {{fact:expectancy}} per trade."),
    ("expectancy?", "An average trade was worth {{fact:expectancy}}."),
    ("average_win?", "My average win was {{fact:average_win}}."),
    ("average_loss?", "My average loss was {{fact:average_loss}}."),
    ("average_hold?", "I held a position for about {{fact:average_hold}} on average."),
    ("mean_r?", "In terms of risk, an average trade came to {{fact:mean_r}}."),
    ("max_drawdown-", "The drawdown reached {{fact:max_drawdown}} before it turned."),
    ("max_drawdown-", "From peak to trough I gave back {{fact:max_drawdown}}."),
    ("largest_win+", "The best trade was {{fact:largest_win.symbol}} for {{fact:largest_win}}."),
    (
        "largest_win+",
        (
            "{{fact:largest_win.symbol}} paid {{fact:largest_win}}, closed at "
            "{{fact:largest_win.time}}."
        ),
    ),
    (
        "largest_win+",
        ("My largest win, {{fact:largest_win}}, came from {{fact:largest_win.symbol}}."),
    ),
    ("largest_loss-", "The worst trade was {{fact:largest_loss.symbol}} at {{fact:largest_loss}}."),
    (
        "largest_loss-",
        (
            "{{fact:largest_loss.symbol}} took {{fact:largest_loss}}, and I let it "
            "go at {{fact:largest_loss.time}}."
        ),
    ),
    (
        "largest_loss-",
        (
            "The largest loss was {{fact:largest_loss}}, a "
            "{{fact:largest_loss.direction}} in {{fact:largest_loss.symbol}}."
        ),
    ),
    ("shares?", "I moved {{fact:shares}} in and out."),
    ("shares?", "Volume for the session was {{fact:shares}}."),
    ("first_fill?", "The first fill came at {{fact:first_fill}}."),
    ("first_fill?", "I began at {{fact:first_fill}} and was done by {{fact:last_fill}}."),
    ("last_fill?", "The last fill was at {{fact:last_fill}} New York time."),
    ("open_positions+", "I carry {{fact:open_positions}} into tomorrow."),
    ("open_positions0", "The book is clean: {{fact:open_positions}}."),
    ("symbol?", "{{fact:SYMBOL}} came to {{fact:SYMBOL.net}} over {{fact:SYMBOL.trades}}."),
    ("symbol?", "In {{fact:SYMBOL}} I closed {{fact:SYMBOL.trades}} for {{fact:SYMBOL.net}}."),
)
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


def day_of(chance: Random) -> dict[str, Fact]:
    """The facts of a random day: a few symbols, long and short, with and without stops."""
    story, number = [], 1
    for _ in range(chance.randint(1, 9)):
        symbol, side = chance.choice(SYMBOLS), chance.choice((1, -1))
        size = chance.choice((1, 5, 10, 40, 100, 350))
        price = Decimal(chance.randint(1_000, 60_000)) / 100
        end = price + Decimal(chance.randint(-300, 320)) / 100
        stop = str(price - side * Decimal("1.5")) if chance.random() < 0.6 else None
        fee = str(Decimal(chance.randint(1, 300)) / 100)
        story.append(fill(number, f"{side * size:+} @ {price}", symbol=symbol, fee=fee, stop=stop))
        story.append(fill(number + 1, f"{-side * size:+} @ {end}", symbol=symbol, fee=fee))
        number += 2
    if chance.random() < 0.2:
        story.append(fill(number, "+7 @ 55", symbol="QQQ", fee="1"))
    return by_id(daily_facts(Journal.from_fills(story, account_id="DEMO-1"), DAY))


def usable(facts: Mapping[str, Fact]) -> Iterator[str]:
    """The lines that are true of the day."""
    names = sorted({f.id for f in facts.values() if f.id == f"symbol.{f.text}"})
    for when, line in LINES:
        if "SYMBOL" in line:
            yield from (line.replace("SYMBOL", name) for name in names)
        elif all(_holds(facts, word) for word in when.split()):
            yield line


def _holds(facts: Mapping[str, Fact], word: str) -> bool:
    fact = facts.get(word[:-1])
    if fact is None or (fact.value is None and fact.undefined):
        return False
    return word[-1] == "?" or {"+": 1, "-": -1, "0": 0}[word[-1]] == fact.sign


def clean_draft(facts: Mapping[str, Fact], chance: Random) -> Draft:
    """A page of lines that are true, with all required facts somewhere in it."""
    lines = list(usable(facts))
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


def shipped_draft(facts: Mapping[str, Fact], chance: Random) -> Draft:
    """A page of the blocks that ship, picked at random among those that fit the day."""
    mood = mood_of(facts)
    flags = flags_of(facts, mood)
    said = [chance.choice(_FRAME.intro[mood])]
    for paragraph in _BLOCKS.paragraph:
        fitting = (s for s in paragraph.sentence if flags.issuperset(s.when))
        said.append(" ".join(chance.choice(sentence.text) for sentence in fitting))
    said.append(chance.choice(_FRAME.closing[mood]))
    body = "\n\n".join(filter(None, said))
    return Draft(title=chance.choice(_BLOCKS.title[mood]), body=body, writer="shipped")
