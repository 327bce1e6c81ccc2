"""Lies that no list foresaw: another thing's words beside a true slot, or no slot at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cockpit.domain.fact import Unit
from tests.mutation.recap_lies import Clean

_NAMES = frozenset(
    {"symbol"} | {f"{of}.symbol" for of in ("strongest", "weakest", "largest_win", "largest_loss")}
)
_THINGS = (
    "account",
    "balance",
    "pension",
    "wallet",
    "purse",
    "margin",
    "deposit",
    "refund",
    "salary",
    "rent",
    "interest",
    "dividend",
    "tax bill",
    "loan",
    "prize",
    "bonus",
    "open profit",
    "equity",
    "limit",
    "target",
    "risk",
    "stop",
    "peak",
    "hedge",
    "index",
    "house",
    "friend",
    "spread",
)
_HELD = (
    "holds",
    "grew to",
    "shrank to",
    "started at",
    "was left with",
    "owes me",
    "received",
    "cost me",
    "is worth",
    "stands ready with",
    "was refunded",
    "rose to",
    "was",
    "is",
    "came to",
    "reached",
    "paid out",
    "absorbed",
    "returned",
    "saved me",
    "moved by",
    "peaked with",
)
_BEHIND = (
    "in tax",
    "in interest",
    "of rent",
    "of open profit",
    "as a deposit",
    "to a friend",
    "in cash",
    "of margin",
    "on the table",
    "as a refund",
    "in dividends",
    "of slippage",
    "in spreads",
    "at the peak",
    "before lunch",
    "in the first hour",
    "without the last trade",
    "on shorts alone",
    "for charity",
    "as a bonus",
    "to the house",
    "in my wallet",
    "since the bell",
)
_DID = (
    "saved the day",
    "carried the day",
    "hit my stop",
    "hit my target",
    "broke out",
    "was halted",
    "reported earnings",
    "gapped away",
    "is a buy",
    "is still in my book",
    "let me down",
    "shone",
    "came through",
    "deserves the credit",
    "was the culprit",
    "was the hero",
    "squeezed",
    "doubled in size",
    "is overvalued",
    "goes into the night",
)
_WITH = (
    "I still hold",
    "I will buy more",
    "I added to",
    "I own",
    "I am married to",
    "Blame",
    "Thanks to",
    "I sold too early in",
    "I was stopped out of",
    "I shorted",
    "I bought back",
    "I chased",
    "I took half off in",
    "I carried overnight",
    "I doubled up in",
    "I gave up on",
    "I hedged",
)
_EVENTS = (
    "I was stopped out.",
    "The stop held.",
    "I moved my stop.",
    "I widened the stop.",
    "Stops saved me.",
    "The kill switch was pressed.",
    "I broke my daily limit.",
    "I respected my limits.",
    "I followed all of my rules.",
    "I averaged down.",
    "I doubled down.",
    "I shorted into the close.",
    "I overtraded.",
    "I took half off.",
    "I exited too early.",
    "I chased it.",
    "I broke the plan.",
    "The entry was a limit order.",
    "My orders were filled late.",
    "An order was refused.",
    "I sold first and bought later.",
    "I scaled out.",
    "I was margin called.",
    "I hedged the rest.",
    "I was assigned.",
    "The fill slipped.",
    "I hit my goal.",
    "I missed my target.",
    "I scalped.",
    "I went home with it overnight.",
    "The position was liquidated.",
    "I flipped into the close.",
)
_RESULTS = (
    "The account is ruined.",
    "It was a wash.",
    "A new high for the account.",
    "I clawed my way back.",
    "The comeback was complete.",
    "I never looked back.",
    "A spotless session.",
    "A flawless day.",
    "The week is saved.",
    "My money grew.",
    "A personal best.",
    "My streak goes on.",
    "A shutout.",
    "I quit while ahead.",
    "I quit while behind.",
    "Nobody did better.",
    "A career day.",
    "It hit the account hard.",
    "Everything I touched turned to gold.",
    "A stellar day.",
    "A busy day.",
    "An unusually quiet day.",
    "A painful day.",
    "It was a bad day.",
    "A milestone.",
    "The equity is fine.",
    "My balance is smaller now.",
    "The patience paid.",
    "Undefeated.",
    "I took the week off.",
    "The day began badly.",
    "My capital recovered.",
    "I blew up the account.",
)
_WORLD = (
    "The Fed cut rates.",
    "Microsoft fell.",
    "Stocks sold off.",
    "Buyers left.",
    "A rout.",
    "Breadth was poor.",
    "Oil spiked.",
    "Tech led.",
    "The index closed lower.",
    "Earnings were strong.",
    "Gold rallied.",
    "The dollar weakened.",
    "The market fell.",
    "Bonds were bid.",
    "The bears won.",
    "The connection dropped.",
    "It ran without a hitch.",
    "The broker was down.",
    "Everything went through.",
    "The feed froze.",
    "The machine crashed.",
    "The server stalled.",
    "There was an outage.",
    "The tariffs spooked it.",
    "Analysts cheered.",
    "The yield rose.",
    "Crypto slid.",
    "A short squeeze.",
)
_STREET = (
    "trifecta",
    "C-note",
    "brace",
    "baker's dozen",
    "troika",
    "triad",
    "hat-trick",
    "sawbuck",
    "foursome",
    "twosome",
    "tetrad",
    "century",
    "triplet",
    "threepeat",
    "twofer",
    "monkey",
    "pony",
    "k-note",
    "half-dozen",
    "benjamin",
    "doubleheader",
)
_MANY = ("Oodles of", "Scads of", "A slew of", "Heaps of", "Tons of", "A raft of", "Stacks of")
_WON = (
    "I am out {}.",
    "I am poorer by {}.",
    "I bled {}.",
    "I parted with {}.",
    "A hole of {}.",
    "It dug a hole of {}.",
    "I was fleeced of {}.",
    "I coughed up {}.",
    "The damage was {}.",
    "Red ink of {}.",
    "I was set back {}.",
    "It stung me for {}.",
    "I let {} go.",
    "I threw away {}.",
)
_LOST = (
    "I pocketed {}.",
    "I netted a tidy {}.",
    "I came away richer by {}.",
    "A windfall of {}.",
    "It put {} into my pocket.",
    "A harvest of {}.",
    "I scooped up {}.",
    "A cushion of {}.",
    "I feasted on {}.",
    "The prize was {}.",
    "I am {} to the good.",
    "I laughed over {}.",
)


def _figure(page: Clean) -> str:
    """A slot of money, or of a market's figure where there is none."""
    if page.kind == "digest":
        return "{{fact:rising}}"
    return page.chance.choice(("{{fact:net}}", "{{fact:net}}", "{{fact:gross}}"))


def another_thing(page: Clean) -> str:
    """A true figure, told of a thing that it is not of."""
    thing, did = page.chance.choice(_THINGS), page.chance.choice(_HELD)
    start = page.chance.choice(("My", "The", "Now my", "In the end the"))
    return page.plus(f"{start} {thing} {did} {_figure(page)}.")


def another_part(page: Clean) -> str:
    """A true figure, told as a part, a place or a use that it is not."""
    verb = page.chance.choice(("I made", "I paid", "I lost", "I took", "I put", "It was", "I kept"))
    return page.plus(f"{verb} {_figure(page)} {page.chance.choice(_BEHIND)}.")


def an_instrument(page: Clean) -> str | None:
    """An instrument that is said to have done, or suffered, what no fact tells."""
    found = [
        f.id
        for f in page.facts.values()
        if f.unit is Unit.TEXT and (f.id == f"symbol.{f.text}" or f.id in _NAMES)
    ]
    if not found:
        return None
    slot = f"{{{{fact:{page.chance.choice(sorted(found))}}}}}"
    if page.chance.random() < 0.5:
        return page.plus(f"{slot} {page.chance.choice(_DID)}.")
    return page.plus(f"{page.chance.choice(_WITH)} {slot}.")


def events(page: Clean) -> str:
    """Orders, stops and limits in words alone."""
    return page.said(_EVENTS)


def results(page: Clean) -> str:
    """Money, records and what sort of a day it was, in words alone."""
    return page.said(_RESULTS)


def world(page: Clean) -> str:
    """The market, the news and the machine in words alone."""
    return page.said(_WORLD)


def street(page: Clean) -> str:
    """Numbers by their names on the street and on the pitch."""
    word = page.chance.choice(_STREET)
    return page.said((
        f"A {word} came in.", f"It was a {word}.", f"I call it a {word}.", f"That makes a {word}.",
        f"A {word} of them.", f"The page holds a {word}.", f"{page.chance.choice(_MANY)} trades.",
    ))  # fmt: skip


def against_the_sign(page: Clean) -> str | None:
    """Gain for loss and loss for gain, in words that are rare."""
    if page.kind == "digest" or (sign := page.facts["net"].sign) == 0:
        return None
    return page.said([text.format("{{fact:net}}") for text in (_WON if sign > 0 else _LOST)])


def the_whole_of_one(page: Clean) -> str | None:
    """A figure of all trades, put beside one instrument of several in any order of words."""
    names = sorted(f.id for f in page.facts.values() if f.id == f"symbol.{f.text}")
    if len(names) < 2 or page.kind == "digest":
        return None
    name = f"{{{{fact:{page.chance.choice(names)}}}}}"
    slot = page.chance.choice(
        ("{{fact:net}}", "{{fact:fees}}", "{{fact:trades}}", "{{fact:gross}}")
    )
    return page.said((
        f"{name} came to {slot}.", f"{slot} is what {name} came to.",
        f"I traded {name} for {slot}.",
        f"Of {slot}, {name} was the source.", f"{name}: {slot}.", f"For {name} it was {slot}.",
        f"On {name} the day comes to {slot}.", f"{slot} for {name}.",
    ))  # fmt: skip


LIES: Mapping[str, Callable[[Clean], str | None]] = {
    "a figure told of another thing": another_thing,
    "a figure in another's place or use": another_part,
    "what an instrument is said to have done": an_instrument,
    "the whole beside the name of a part": the_whole_of_one,
    "rare words against the sign": against_the_sign,
    "orders, stops and limits in words alone": events,
    "money and records in words alone": results,
    "the market, the news, the machine in words alone": world,
    "numbers of the street": street,
}
