"""What the model's writer says of itself: its key, its budget of the day, its last answer."""

from __future__ import annotations

import msgspec

from cockpit.adapters.writers.openai.settings import OpenAiSettings
from cockpit.domain.values import NEW_YORK, utc
from cockpit.ports.health import Check, CheckState
from cockpit.ports.writer import Used

_LOW = 10
"""A tenth left is little: the next draft may find no room."""
TEMPLATE_GOES_ON = "Until then the template writer writes the recaps."


class Asked(msgspec.Struct, frozen=True):
    """When it was asked last, in ns UTC, and why that failed; empty when it answered."""

    at_ns: int
    why: str = ""


def key_check(found: str, *, is_needed: bool, last: Asked | None, refusal: str) -> Check:
    """Whether its key is stored, and what the model said to it. `found` is a VaultError's words."""
    step = f"Store one: cockpit writer key openai. {TEMPLATE_GOES_ON}"
    if found:
        return _check("key", CheckState.WARNING, found, step if is_needed else "")
    if not is_needed:
        return _check("key", CheckState.OK, "The server on this machine asks for none.")
    if last is None:
        words = "Stored; whether the model takes it shows with the first draft."
        return _check("key", CheckState.OK, words)
    if last.why == refusal:
        words = f"Stored, and not accepted at {_at(last)}."
        return _check("key", CheckState.FAILED, words, step)
    return _check("key", CheckState.OK, f"Stored; last used at {_at(last)}.")


def budget_check(used: Used, own: OpenAiSettings) -> Check:
    """What is left of the day's tokens and of its money."""
    left = used.most_tokens - used.tokens
    found = f"{max(0, left):,} of {used.most_tokens:,} tokens left today"
    if used.most_cost:
        found += f", and {max(used.most_cost - used.cost, 0 * used.cost):.2f} of {used.most_cost:f}"
    next_draft = own.max_answer_tokens
    is_low = left * _LOW < used.most_tokens or left < next_draft
    is_dear = used.most_cost and (used.most_cost - used.cost) * _LOW < used.most_cost
    if not (is_low or is_dear):
        return _check("budget", CheckState.OK, f"{found}.")
    step = "Raise daily_tokens or daily_cost in [writers.openai], or wait for tomorrow."
    return _check("budget", CheckState.WARNING, f"{found}.", f"{step} {TEMPLATE_GOES_ON}")


def answer_check(last: Asked | None) -> Check:
    """How its last draft went."""
    if last is None:
        return _check("last draft", CheckState.OK, "Not asked since the start.")
    if not last.why:
        return _check("last draft", CheckState.OK, f"It answered at {_at(last)}.")
    step = f"Draft it again, or look at [writers.openai] in the settings. {TEMPLATE_GOES_ON}"
    return _check("last draft", CheckState.WARNING, f"At {_at(last)}: {last.why}.", step)


def unknown_budget(words: str) -> Check:
    """What it used today can't be read."""
    return _check("budget", CheckState.UNKNOWN, words, "Mend or move the file that it names.")


def _check(name: str, state: CheckState, found: str, step: str = "") -> Check:
    return Check(name=name, state=state, found=found, next_step=step)


def _at(asked: Asked) -> str:
    return f"{utc(asked.at_ns).astimezone(NEW_YORK):%H:%M} New York time"
