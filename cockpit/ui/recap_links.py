"""Finds the figures of a recap in its text, so that a click can open the fact behind one."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from cockpit.domain.fact import Fact

SCHEME = "fact"


def decode_facts(facts_json: str) -> tuple[Fact, ...]:
    """The facts a stored recap was filled from; empty when there are none."""
    return tuple(msgspec.json.decode(facts_json, type=list[Fact])) if facts_json else ()


def linked(markdown: str, facts: Sequence[Fact]) -> str:
    """The Markdown with each figure as a link to its fact.

    A figure is linked where its shown text stands as a whole, the longest first. Figures
    that read alike go to the one whose label stands nearest before it in the same line.
    """
    by_text: dict[str, list[Fact]] = {}
    for fact in facts:
        if any(c.isdigit() for c in fact.text):
            by_text.setdefault(fact.text, []).append(fact)
    if not by_text:
        return markdown
    longest_first = sorted(by_text, key=len, reverse=True)
    pattern = re.compile(
        rf"(?<![\w.,$])(?:{'|'.join(map(re.escape, longest_first))})(?![\w%]|[.,]\d)"
    )

    def link(found: re.Match[str]) -> str:
        line_start = markdown.rfind("\n", 0, found.start()) + 1
        before = markdown[line_start : found.start()].casefold()
        fact = max(by_text[found[0]], key=lambda f: before.rfind(f.label.casefold()))
        return f"[{found[0]}]({SCHEME}:{fact.id})"

    return "\n".join(_body_lines(pattern.sub(link, markdown), markdown))


def _body_lines(changed: str, original: str) -> list[str]:
    """Headings stay plain: a link in one would be drawn as body text."""
    pairs = zip(changed.split("\n"), original.split("\n"), strict=True)
    return [old if old.startswith("#") else new for new, old in pairs]
