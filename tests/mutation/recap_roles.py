"""Lies in the right words: a figure of the right name, in the part of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cockpit.domain.fact import Fact
from tests.mutation.recap_lies import Clean


def _slot(id_: str) -> str:
    return f"{{{{fact:{id_}}}}}"


def vouched(page: Clean) -> str | None:
    """An instrument's name with the figure of another, a time or a date of the other between."""
    facts = page.facts
    told = [
        (one, other) for one, other in (("largest_win", "largest_loss"),) * 2
        if f"{one}.symbol" in facts and f"{other}.symbol" in facts
        and facts[f"{one}.symbol"].text != facts[f"{other}.symbol"].text
    ]  # fmt: skip
    if not told:
        return None
    one, other = told[0] if page.chance.random() < 0.5 else told[0][::-1]
    ends = [leaf for leaf in ("time", "date") if f"{other}.{leaf}" in facts]
    if not ends:
        return None
    end = page.chance.choice(ends)
    name, figure, when = _slot(f"{one}.symbol"), _slot(other), _slot(f"{other}.{end}")
    way = "at" if end == "time" else "on"
    did = page.chance.choice(("made", "brought") if other == "largest_win" else ("lost", "cost"))
    return page.said((
        f"{name} {way} {when} {did} {figure}.", f"{name}, closed {way} {when}, {did} {figure}.",
        f"{way.title()} {when} {name} {did} {figure}.",
    ))  # fmt: skip


def fees_turned(page: Clean) -> str | None:
    """Fees that the broker pays, and I keep."""
    if "fees" not in page.facts:
        return None
    fees = _slot("fees")
    return page.said((
        f"I was paid {fees} by the broker.", f"The broker handed {fees} to me.",
        f"I charged {fees} in commissions.", f"{fees} of fees kept by me.",
        f"The fees, {fees}, came to me.", f"I took {fees} in fees.", f"I collected {fees} in fees.",
        f"The broker paid {fees} in commissions.", f"{fees} in commissions was handed to me.",
    ))  # fmt: skip


_BECAME = {
    "denied": ("The venue refused {}.", "The broker held back {}.", "The exchange turned away {}."),
    "rejected": ("The gate stopped {}.", "My own limits stopped {}.", "The risk checks held {}."),
    "trades": (
        "{} expired.", "The venue canceled {}.", "The gate turned away {}.", "I hold {}.",
        "{} were refused by the broker.", "{} stopped out.",
    ),
}  # fmt: skip


def became_of(page: Clean) -> str | None:
    """What became of orders, told of others or of trades."""
    told = [text.format(_slot(id_)) for id_, texts in _BECAME.items() if id_ in page.facts
            for text in texts]  # fmt: skip
    sent, filled = page.facts.get("orders"), page.facts.get("filled_orders")
    if sent is not None and filled is not None and sent.value != filled.value:
        told += [f"{_slot('orders')} filled.", f"{_slot('orders')} went through."]
    return page.said(told) if told else None


def other_way(page: Clean) -> str | None:
    """A long told as a short and a short as a long, in the words of dealing."""
    side: Fact | None = page.facts.get("direction")
    if side is None:
        return None
    wrong = "short" if side.text == "long" else "long"
    told = [f"The {wrong} was in at {_slot('entry')} and out at {_slot('exit')}.",
            f"It was a {wrong} from {_slot('entry')} to {_slot('exit')}.",
            f"I went {wrong} at {_slot('entry')}."]  # fmt: skip
    told += (
        [f"I sold {_slot('quantity')} short."] if wrong == "short"
        else [f"I bought at {_slot('entry')} and sold at {_slot('exit')}."]
    )  # fmt: skip
    return page.said(told)


def prices_compared(page: Clean) -> str | None:
    """A price above one that it was below, at a high that it was not at, and a volume of all."""
    facts = page.facts
    told: list[str] = []
    for id_ in facts:
        if not id_.startswith("symbol.") or not id_.endswith(".close"):
            continue
        name = id_.removesuffix(".close")
        close, opened = facts[id_].value, facts[f"{name}.open"].value
        if close is None or opened is None:
            continue
        if close != opened:
            wrong = "under" if close > opened else "over"
            told.append(f"{_slot(name)} closed at {_slot(id_)}, {wrong} its open of "
                        f"{_slot(f'{name}.open')}.")  # fmt: skip
        told += [
            f"{_slot(name)} closed at its {leaf} of {_slot(id_)}."
            for leaf in ("high", "low")
            if facts[f"{name}.{leaf}"].value != close
        ]
        told.append(f"Total volume was {_slot(f'{name}.volume')}.")
    return page.said(told) if told else None


LIES: Mapping[str, Callable[[Clean], str | None]] = {
    "a name vouched for by another's time": vouched,
    "fees that are paid to me": fees_turned,
    "what became of other orders": became_of,
    "a long dealt as a short": other_way,
    "prices compared the wrong way": prices_compared,
}
