"""Whether a draft may be filled: no figure of its own, no fact left out, no false claim."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cockpit.domain.fact import Fact
from cockpit.ports.writer import Draft
from cockpit.recap.claims import false_claims
from cockpit.recap.slots import slot_ids, without_slots

NUMBER_WORDS = re.compile(
    r"\b(zero|nil|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen(?:ths?)?"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|ieths?)|\w+fold|nought|naught"
    r"|(?:hundred|thousand|million|billion|trillion)(?:s|ths?)?|half|halves|halv(?:ed|ing)"
    r"|quarters?|thirds?|(?:double|triple|treble|quadruple|quintuple)[ds]?"
    r"|twice|thrice|second|(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf)ths?|single"
    r"|couple|pair|both)\b",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"[*`~\\]")
_UNSEEN = re.compile(r"<|\]\s*[:(\[]")
_CONTROLS = frozenset({"Cc", "Cf"})
SWEEPING = re.compile(r"\b(all|every|none|most|always|never)\b", re.IGNORECASE)


class Objection(NamedTuple):
    """Why a draft can't be used: `kind` for its readers, `text` for its writer to act on."""

    kind: str
    text: str


def objections_to(draft: Draft, facts: Mapping[str, Fact]) -> tuple[str, ...]:
    """Why the draft can't be used, in words its writer can act on; empty when it can."""
    return tuple(objection.text for objection in faults_in(draft, facts))


def faults_in(draft: Draft, facts: Mapping[str, Fact]) -> tuple[Objection, ...]:
    """Why the draft can't be used, each fault once; empty when it can."""
    # Marks of emphasis are not read: they could cut a word in two.
    text = _EMPHASIS.sub("", f"{draft.title}\n\n{draft.body}")
    found = {
        "a page that can't be read": [*_shape(draft), *_hidden(draft)],
        "a slot without a fact": _unknown_slots(text, facts),
        "too few of the facts": _left_out(draft.body, facts),
        "a figure of its own": _figures(without_slots(text)),
        "a claim that no fact bears out": false_claims(text, facts),
    }
    objections = [Objection(kind, text) for kind, texts in found.items() for text in texts]
    return tuple(dict.fromkeys(objections))


def _shape(draft: Draft) -> Iterable[str]:
    if not draft.title.strip() or "\n" in draft.title.strip():
        yield "the title must be one line of text"
    if not draft.body.strip():
        yield "the body is empty"


def _hidden(draft: Draft) -> Iterable[str]:
    """What a reader would not see: a fact placed there is as good as left out."""
    text = f"{draft.title}\n\n{draft.body}"
    if _UNSEEN.search(text):
        yield "write plain Markdown, without HTML, links or images"
    if any(unicodedata.category(c) in _CONTROLS and c != "\n" for c in text):
        yield "there is a hidden character in the text"


def _unknown_slots(text: str, facts: Mapping[str, Fact]) -> Iterable[str]:
    for id_ in slot_ids(text):
        if id_ not in facts:
            yield f'there is no fact "{id_}"'
    rest = without_slots(text)
    if "{{" in rest or "}}" in rest:
        yield "a slot is not written as {{fact:id}}"


def _left_out(body: str, facts: Mapping[str, Fact]) -> Iterable[str]:
    used = set(slot_ids(body))
    for fact in facts.values():
        if fact.required and fact.id not in used:
            yield f'the fact "{fact.id}" must appear in the body'


def _figures(prose: str) -> Iterable[str]:
    for character in prose:
        if unicodedata.numeric(character, None) is not None:
            yield f'the figure "{character}" stands outside a slot'
    for pattern, fault in (
        (NUMBER_WORDS, "is a figure outside a slot"),
        (SWEEPING, "claims more than the facts say"),
    ):
        for word in pattern.finditer(prose):
            yield f'the word "{word[0]}" {fault}'
