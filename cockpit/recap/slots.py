"""Slots: `{{fact:net}}` in a draft stands for the fact of that id."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cockpit.domain.fact import Fact

SLOT = re.compile(r"\{\{\s*fact:([A-Za-z0-9_.\-^/ ]+?)\s*\}\}")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|])")


def slot_ids(text: str) -> list[str]:
    """The ids of all slots, in their order."""
    return SLOT.findall(text)


def without_slots(text: str) -> str:
    """The text with a space in each slot's place."""
    return SLOT.sub(" ", text)


def by_id(facts: tuple[Fact, ...] | list[Fact]) -> dict[str, Fact]:
    """Facts by their id."""
    return {fact.id: fact for fact in facts}


def filled(text: str, facts: Mapping[str, Fact], *, markdown: bool = True) -> str:
    """The text with each slot's fact in its place, safe inside Markdown if asked.

    Raises KeyError for an unknown slot; `check` has refused those before.
    """

    def shown(match: re.Match[str]) -> str:
        text = facts[match[1]].text
        return _MARKDOWN.sub(r"\\\1", text) if markdown else text

    return SLOT.sub(shown, text)
