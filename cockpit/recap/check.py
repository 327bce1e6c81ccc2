"""Whether a draft may be filled: no figure of its own, no fact left out, no false claim."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from cockpit.domain.fact import Fact
from cockpit.ports.writer import Draft
from cockpit.recap.beside import strange_words
from cockpit.recap.binding import bound_wrongly
from cockpit.recap.claims import false_claims, false_nones
from cockpit.recap.leanings import leans_wrongly, wrong_sides
from cockpit.recap.numbers import figures_in, number_words
from cockpit.recap.outside import outside_slots
from cockpit.recap.prose import Sentence, sentences
from cockpit.recap.qualifiers import qualified, unproven
from cockpit.recap.roles import given_to_another, wrong_roles
from cockpit.recap.slots import slot_ids, without_slots
from cockpit.recap.unbacked import of_one_alone, unbacked

_EMPHASIS = re.compile(r"[*`~\\]")
_BROKEN = re.compile(r"[{}]|\bfacts?:", re.IGNORECASE)
_UNSEEN = re.compile(r"<|\]\s*[:(\[]")
_CONTROLS = frozenset({"Cc", "Cf"})


class Objection(NamedTuple):
    """Why a draft can't be used: `kind` for its readers, `text` for its writer to act on."""

    kind: str
    text: str


def objections_to(draft: Draft, facts: Mapping[str, Fact], *, own: bool = False) -> tuple[str, ...]:
    """Why the draft can't be used, in words its writer can act on; empty when it can."""
    return tuple(objection.text for objection in faults_in(draft, facts, own=own))


def faults_in(
    draft: Draft, facts: Mapping[str, Fact], *, own: bool = False
) -> tuple[Objection, ...]:
    """Why the draft can't be used, each fault once; empty when it can.

    `own` are the template's texts and the owner's: a person has read them, and they need not keep
    to the words that a model is held to beside a slot.
    """
    return tuple(dict.fromkeys(faults(draft, facts, own=own)))


def faults(draft: Draft, facts: Mapping[str, Fact], *, own: bool = False) -> Iterator[Objection]:
    """The same one by one, as they are found; some may come twice."""
    text = f"{draft.title}\n\n{draft.body}"
    known = tuple(facts.values())
    read = tuple(sentences(text, facts))
    for kind, found in (
        ("a page that can't be read", chain(_shape(draft), _hidden(draft))),
        ("a slot without a fact", _unknown_slots(text, facts)),
        ("too few of the facts", _left_out(draft.body, facts)),
        ("a figure of its own", chain(figures_in(without_slots(text)), _each(number_words, read))),
        ("a figure of its own", outside_slots(text, facts)),
        ("a figure in the wrong place", _each(lambda one: bound_wrongly(one, known), read)),
        ("a figure in the wrong place", _each(qualified, read)),
        ("a claim that no fact bears out", _each(false_claims, read)),
        ("a claim that no fact bears out", _each(leans_wrongly, read)),
        ("a claim that no fact bears out", _each(lambda one: false_nones(one, facts), read)),
        ("a claim that no fact bears out", _each(lambda one: unproven(one, facts), read)),
        ("a claim that no fact bears out", _each(lambda one: wrong_sides(one, facts), read)),
        *(() if own else _of_a_model(read, facts)),
    ):
        for words in found:
            yield Objection(kind, words)


def _of_a_model(
    read: tuple[Sentence, ...], facts: Mapping[str, Fact]
) -> Iterable[tuple[str, Iterable[str]]]:
    """What a model's words are held to besides: beside a slot its own, elsewhere reflection."""
    yield "words that are not of the facts", _each(strange_words, read)
    yield "a claim that no fact bears out", _each(unbacked, read)
    yield "a claim that no fact bears out", _each(lambda one: wrong_roles(one, facts), read)
    yield "a figure in the wrong place", _each(lambda one: given_to_another(one, facts), read)
    yield "a figure in the wrong place", _each(lambda one: of_one_alone(one, facts), read)


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
    if any(unicodedata.category(c) in _CONTROLS and c != "\n" for c in set(html.unescape(text))):
        yield "there is a hidden character in the text"


def _unknown_slots(text: str, facts: Mapping[str, Fact]) -> Iterable[str]:
    for id_ in slot_ids(text):
        if id_ not in facts:
            yield f'there is no fact "{id_}"'
    rest = without_slots(text)
    if _BROKEN.search(rest):
        yield "a slot is not written as {{fact:id}}"


def _left_out(body: str, facts: Mapping[str, Fact]) -> Iterable[str]:
    used = set(slot_ids(body))
    for fact in facts.values():
        if fact.required and fact.id not in used:
            yield f'the fact "{fact.id}" must appear in the body'


def _each(check: Callable[[Sentence], Iterable[str]], read: tuple[Sentence, ...]) -> Iterable[str]:
    for sentence in read:
        yield from check(sentence)
