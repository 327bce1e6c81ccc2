"""Who writes the prose of a recap. The writer never types a figure: it places slots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from cockpit.domain.errors import CockpitError
from cockpit.domain.fact import Fact


class WriterError(CockpitError):
    """The writer could not answer; the template writer takes over."""

    code = "WRITER_ERROR"


class DraftRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a writer gets: facts by id, notes as data, the voice's rules as words.

    `objections` are the checker's reasons why an earlier draft failed.
    """

    kind: str
    day: str
    facts: Sequence[Fact]
    notes: Sequence[str] = ()
    voice: str = ""
    objections: Sequence[str] = ()


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Markdown with `{{fact:id}}` slots and no figure outside them."""

    title: str
    body: str
    writer: str
    model: str = ""


class Writer(Protocol):
    """Turns facts into prose."""

    @property
    def name(self) -> str:
        """The plug-in's name, e.g. "template"."""
        ...

    async def draft(self, request: DraftRequest) -> Draft:
        """Write. Raises WriterError."""
        ...
