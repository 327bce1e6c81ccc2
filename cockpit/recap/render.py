"""A checked draft becomes the recap's Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.domain.fact import Fact
from cockpit.ports.writer import Draft
from cockpit.recap.slots import filled


def rendered_title(draft: Draft, facts: Mapping[str, Fact]) -> str:
    """The title as plain text."""
    return filled(draft.title.strip(), facts, markdown=False)


def rendered(draft: Draft, facts: Mapping[str, Fact], *notes: str) -> str:
    """Title, session and date, the prose, who wrote it, and `notes` on how, each a sentence."""
    writer = draft.writer if not draft.model else f"{draft.writer} ({draft.model})"
    return (
        f"# {filled(draft.title.strip(), facts)}\n\n"
        f"*{filled('{{fact:session}}, {{fact:date}}', facts)}*\n\n"
        f"{filled(draft.body.strip(), facts)}\n\n"
        "---\n\n"
        f"*Written by the {writer} writer. {''.join(f'{note} ' for note in notes if note)}"
        "Each figure is computed from the fills.*\n"
    )
