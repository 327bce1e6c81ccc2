"""Wrong numbers made of words: each slot is true, and what stands beside it makes it a lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cockpit.domain.fact import Unit
from tests.mutation.recap_lies import Clean

_BARE = (Unit.MONEY, Unit.R, Unit.RATIO, Unit.PERCENT)


def _free(page: Clean) -> str:
    """A slot that needs no name beside it."""
    return "{{fact:rising}}" if page.kind == "digest" else "{{fact:net}}"


def parts(page: Clean) -> str | None:
    """A part or a multiple of a figure."""
    return page.around(
        (
            "most of ", "much of ", "part of ", "the rest of ", "a fraction of ", "some of ",
            "a share of ", "the bulk of ", "a multiple of ", "a chunk of ", "little of ",
        ),
        ("",),
        *_BARE,
        Unit.COUNT,
    )  # fmt: skip


def more_or_less(page: Clean) -> str | None:
    """A figure that is said to be only about what it is."""
    return page.around(
        ("",),
        (
            " or so", " or more", " and change", " and counting", " and then some",
            ", give or take", " at least", " at most", "-ish", " or thereabouts", " or less",
        ),
        *_BARE,
    )  # fmt: skip


def unreal(page: Clean) -> str:
    """A figure of what is, told as one of what might be."""
    slot = _free(page)
    return page.said((
        f"I almost had {slot}.", f"I hoped for {slot}.", f"It should have been {slot}.",
        f"It would have been {slot}.", f"It could be {slot}.", f"It will be {slot}.",
        f"I expected {slot}.", f"It might have been {slot}.", f"It was nearly always {slot}.",
        f"I had aimed for {slot}.", f"Next time it will come to {slot}.", f"I wished for {slot}.",
    ))  # fmt: skip


def compared(page: Clean) -> str:
    """A figure held against one that nobody knows."""
    slot = _free(page)
    return page.said((
        f"It is {slot} compared with the rest.", f"It came to {slot}, an improvement.",
        f"It came to {slot}, more than usual.", f"It came to {slot}, as usual.",
        f"It came to {slot}, larger than planned.", f"That is a new high, {slot}.",
        f"Another session came to {slot}.", f"It came to {slot}, above plan.",
        f"It came to {slot} week over week.", f"It came to {slot} day on day.",
        f"It came to {slot} versus the index.", "Winners outnumbered losers.",
        "Decliners outnumbered advancers.", "The fees dwarfed the rest.",
        f"It came to {slot}, back to back.", f"That makes {slot} in a row.",
        f"My streak goes on with {slot}.", f"It came to {slot}, smaller than before.",
        f"It came to {slot}, beyond my target.", f"It exceeded the plan, {slot}.",
    ))  # fmt: skip


def other_times(page: Clean) -> str:
    """A true figure of the period, said to be of the one before or of an hour of the day."""
    slot = _free(page)
    return page.said((
        f"The previous session came to {slot}.", f"The week before came to {slot}.",
        f"The prior week brought {slot}.", f"A week earlier it was {slot}.",
        f"Lately it comes to {slot}.", f"In recent sessions it came to {slot}.",
        f"At noon it was {slot}.", f"At midnight it was {slot}.", f"By dawn it came to {slot}.",
        f"By the evening it came to {slot}.", f"Over the weeks it came to {slot}.",
        f"The next session came to {slot}.", f"The session before came to {slot}.",
        f"The following week came to {slot}.", f"In the past days it came to {slot}.",
        f"The day before it was {slot}.", f"Last week it was {slot}.",
    ))  # fmt: skip


def typed_names(page: Clean) -> str:
    """Instruments and dates that code did not write."""
    slot = _free(page)
    known = " ".join(f.text for f in page.facts.values() if f.unit is Unit.DATE)
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    months = ("February", "April", "June", "July", "September", "October", "November")
    day = page.chance.choice([name for name in days if name not in known] or ["Sunday night, May"])
    month = page.chance.choice([name for name in months if name not in known])
    ticker = page.chance.choice(("NVDA", "TSLA", "MSFT", "EUR/USD", "BTC", "QQQQ", "RDS.A", "GME"))
    lines = [
        f"In {ticker} it came to {slot}.", f"{ticker} did it.", f"I stayed with {ticker}.",
        f"It was a {month} to remember.", f"That is how {month} began.",
    ]  # fmt: skip
    if "night" not in day:
        lines += [f"On {day} I wrote it down.", f"It was a {day} to remember."]
    return page.said(lines)


def ratios(page: Clean) -> str | None:
    """Two facts put into a ratio or a sum that neither holds."""
    one, other = {
        "daily": ("wins", "losses"), "weekly": ("winning_days", "losing_days"),
        "digest": ("rising", "falling"), "devlog": ("denied", "rejected"),
    }.get(page.kind, ("", ""))  # fmt: skip
    if not one or not {one, other} <= page.facts.keys():
        return None
    a, b = f"{{{{fact:{one}}}}}", f"{{{{fact:{other}}}}}"
    return page.said((
        f"I count {a} out of {b}.", f"It was {a} for every {b}.", f"I count {b} of {a}.",
        f"I count {a} per {b}.", f"{a} and {b} together make the page.",
        f"{a} and {b} add up to the rest.", f"I count {a} versus {b}.",
    ))  # fmt: skip


def other_money(page: Clean) -> str:
    """Taxes, paper profits and currencies that no fact knows."""
    slot = _free(page)
    return page.said((
        f"It came to {slot} after tax.", f"It came to {slot} before taxes.",
        f"It came to {slot} unrealised.", f"It came to {slot} on paper.",
        f"Marked to market it came to {slot}.", "Amounts are in euros.", "I count in sterling.",
        f"It came to {slot} net of interest.", f"Tax-free it came to {slot}.",
        f"It came to {slot}, a floating result.", "The figures are pounds.", "It is all in yen.",
    ))  # fmt: skip


def leaning(page: Clean) -> str | None:
    """Words that lean to the other side than their figure."""
    slot, sign = "{{fact:net}}", 0
    if page.kind == "digest":
        root = page.chance.choice([f.id for f in page.facts.values() if f.id == f"symbol.{f.text}"])
        up = ("advanced", "rebounded", "popped", "spiked")
        down = ("retreated", "eased", "sagged", "plummeted")
        words = down if page.facts[f"{root}.change"].sign > 0 else up
        return page.plus(
            f"{{{{fact:{root}}}}} {page.chance.choice(words)} {{{{fact:{root}.change}}}}."
        )
    sign = page.facts["net"].sign
    up = (
        f"I collected {slot}.", f"I cleared {slot}.", f"I took home {slot}.", f"I kept {slot}.",
        f"It brought in {slot}.", f"It added {slot} to the account.", f"I raked in {slot}.",
        f"The account rebounded to {slot}.", f"A good day at {slot}.", f"A success at {slot}.",
        f"The account swelled by {slot}.", f"A bullish session, {slot}.", f"It went well: {slot}.",
    )  # fmt: skip
    down = (
        f"It cost me {slot}.", f"It set me back {slot}.", f"The market took {slot} from me.",
        f"I burned {slot}.", f"I forfeited {slot}.", f"The account shrank by {slot}.",
        f"The account plummeted to {slot}.", f"A bad day at {slot}.", f"A failure at {slot}.",
        f"A bearish session, {slot}.", f"I handed over {slot}.",
        f"I am poorer by {slot}.", f"I gave up {slot}.", f"I parted with {slot}.",
        f"The damage: {slot}.",
        f"The account weakened by {slot}.",
    )  # fmt: skip
    return page.said(down if sign >= 0 else up)


def bare_results(page: Clean) -> str:
    """A result in words alone, without a figure that could bear it out."""
    return page.said((
        "Slightly down.", "Down on the day.", "Lower.", "Down on the week.", "A bit higher.",
        "The day cost me.", "The week cost me.", "It ended below water.", "Up on the day.",
        "Well ahead.", "Behind.", "Just up on the week.",
    ))  # fmt: skip


def other_sides(page: Clean) -> str | None:
    """Long for short, and short for long."""
    owners = ("",) if page.kind == "post-mortem" else ("largest_win", "largest_loss")
    found = [
        (owner, fact)
        for owner in owners
        if (fact := page.facts.get(f"{owner}.direction".strip("."))) is not None
    ]
    if not found:
        return None
    owner, fact = page.chance.choice(found)
    wrong = "short" if fact.text == "long" else "long"
    if not owner:
        return page.said((f"I was {wrong}.", f"I went {wrong}.", f"It was a {wrong} trade."))
    name, slot = f"{{{{fact:{owner}.symbol}}}}", f"{{{{fact:{owner}}}}}"
    best = "best" if owner == "largest_win" else "worst"
    return page.said((
        f"The {best} trade was {name}, a {wrong}, at {slot}.",
        f"{name}, {wrong}, came to {slot}.", f"I went {wrong} in {name}: {slot}.",
    ))  # fmt: skip


def nothing(page: Clean) -> str:
    """Counts and costs in words, where no fact bears them out."""
    lines = [
        "The fees were nothing.", "It cost me nothing.", "It was commission free.",
        "Nothing was rejected.", "Everything filled.", "All of them rose.", "No order failed.",
        "The gate denied nothing.", "Fees: nothing.", "Trading was free.", "Most orders filled.",
        "The venue rejected nothing.", "Everything worked.", "I made a killing.", "I had a payday.",
    ]  # fmt: skip
    trades = page.facts.get("trades")
    if trades is not None and trades.value != 1:
        lines += ["I took a trade.", "I closed another trade.", "I had a position."]
    return page.said(lines)


def clocks(page: Clean) -> str | None:
    """A time of New York, said to be of another clock."""
    return page.around(
        ("",),
        (" PM", " UTC", " London time", " GMT", " in the evening", " o'clock", " Tokyo time"),
        Unit.TIME,
    )


def glued(page: Clean) -> str:
    """Number words cut in two, grown together, misspelled, or by rarer names."""
    word = page.chance.choice((
        "tw o", "fi ve", "sev en", "twentyfive", "sixish", "fourscore", "t&shy;wo", "thre",
        "t&ZeroWidthSpace;wo", "t&zwnj;wo", "lO", "lOO", "ninty", "a quintet of", "a brace of",
        "a deuce of", "the nth of", "zippo", "eleventy", "threesome", "tenner", "fivers of",
        "an order of magnitude more", "double-digit", "multiples of the", "the lion's share of",
        "the bulk of the", "squared", "thousandish", "hunderd", "&percnt; of the", "&euro; of the",
    ))  # fmt: skip
    return page.plus(f"It took {word} tries.")


def misnamed(page: Clean) -> str:
    """A true figure, called a thing that no fact is."""
    slot = _free(page)
    return page.said((
        f"My equity is {slot}.", f"The balance of the account is {slot}.", f"It yields {slot}.",
        f"The return was {slot}.", f"I deposited {slot}.", f"I withdrew {slot}.",
        f"It paid {slot} of interest.", f"It came to {slot} in dividends.", f"I bet {slot}.",
        f"I put {slot} on the line.", f"My risk was {slot}.", f"The high-water mark is {slot}.",
        f"It peaked at {slot}.", f"It bottomed at {slot}.", f"It was {slot} at the peak.",
        f"My exposure was {slot}.", f"The margin was {slot}.", f"It refunded {slot}.",
    ))  # fmt: skip


def given_away(page: Clean) -> str | None:
    """A figure of the whole, said to be of one instrument of several."""
    names = sorted(f.id for f in page.facts.values() if f.id == f"symbol.{f.text}")
    figures = [i for i in ("fees", "wins", "losses", "shares", "rising") if i in page.facts]
    if len(names) < 2 or not figures:
        return None
    name = f"{{{{fact:{page.chance.choice(names)}}}}}"
    id_ = page.chance.choice(figures)
    slot = f"{{{{fact:{id_}}}}}" + (" in fees" if id_ == "fees" else "")
    return page.said((
        f"It was {slot} in {name}.", f"It was {slot} from {name}.", f"I count {slot} of {name}.",
        f"I count {slot}, all of it on {name}.", f"It was {slot} by {name}.",
    ))  # fmt: skip


LIES: Mapping[str, Callable[[Clean], str | None]] = {
    "a part or a multiple of a figure": parts,
    "a figure and a little more": more_or_less,
    "what might have been": unreal,
    "comparisons with what no fact holds": compared,
    "the period before, an hour of the day": other_times,
    "instruments and dates outside slots": typed_names,
    "ratios and sums of two facts": ratios,
    "taxes, paper profits, currencies": other_money,
    "words that lean against their figure": leaning,
    "long for short": other_sides,
    "nothing, everything, a trade": nothing,
    "times of another clock": clocks,
    "a figure by the name of no fact": misnamed,
    "figures of the whole given to an instrument": given_away,
    "numbers cut in two, grown together, misspelled": glued,
    "a result in words alone": bare_results,
}
