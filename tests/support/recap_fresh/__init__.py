"""Sentences of readers who had not seen the checks: lies and honest ones, of made-up days.

`lies` and `honest` were read before the checks were mended by them, `later-lies` and `later-honest`
were written after that. A line is `kind mood | sentence`.
"""

from __future__ import annotations

from pathlib import Path

from cockpit.ports.writer import Draft
from cockpit.recap.check import objections_to
from cockpit.recap.kinds import kind_called
from cockpit.recap.sample import sample_of
from cockpit.recap.slots import by_id

DAY = "2024-03-13"
FOLDER = Path(__file__).parent


def lines(name: str) -> tuple[str, ...]:
    """The lines of one file."""
    return tuple((FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines())


def refusals(line: str) -> list[str]:
    """Why a line's sentence is refused in a model's page of that day; empty when it passes."""
    told, _, sentence = line.partition(" | ")
    name, mood = told.split()
    kind, material = kind_called(name), sample_of(name, mood, DAY)
    facts = by_id(kind.facts(material, kind.period(DAY, material)))
    draft = Draft(title="A page", body=sentence, writer="w")
    return [why for why in objections_to(draft, facts) if "must appear" not in why]
