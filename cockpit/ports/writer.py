"""Who writes the prose of a recap. The writer never types a figure: it places slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol, runtime_checkable

import msgspec

from cockpit.domain.errors import CockpitError
from cockpit.domain.fact import Fact


class WriterError(CockpitError):
    """The writer could not answer; the template writer takes over.

    `why` goes into the recap, behind "the X writer was not used:"; it holds no secret, no
    account and no words of others.
    """

    code = "WRITER_ERROR"

    def __init__(
        self, internal: str, *, user_text: str, code: str | None = None, why: str = ""
    ) -> None:
        super().__init__(internal, user_text=user_text, code=code)
        self.why = why or "it could not answer"


class DraftRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a writer gets: facts by id, notes as data, the voice's rules as words.

    `objections` are the checker's reasons why an earlier draft failed. `openings` and `closings`
    by mood stand for those that ship with a writer that has some; None leaves it its own.
    """

    kind: str
    day: str
    facts: Sequence[Fact]
    notes: Sequence[str] = ()
    voice: str = ""
    objections: Sequence[str] = ()
    openings: Mapping[str, Sequence[str]] | None = None
    closings: Mapping[str, Sequence[str]] | None = None


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


@runtime_checkable
class StreamingWriter(Writer, Protocol):
    """A writer that tells how far it is; calling it off hangs up."""

    async def stream(self, request: DraftRequest, told: Callable[[int], None]) -> Draft:
        """Write, and tell the characters written so far. Raises WriterError."""
        ...


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """What a writer used of its budget on a New York day; a limit of cost of 0 is none."""

    day: str
    tokens: int
    most_tokens: int
    cost: Decimal
    most_cost: Decimal


@runtime_checkable
class MeteredWriter(Writer, Protocol):
    """A writer that costs, and counts it."""

    async def used(self) -> Used:
        """What it used today. Raises WriterError when that can't be read."""
        ...


def vault_name(writer: str) -> str:
    """The name of a writer's key in the vault, e.g. `writers/openai/key`."""
    return f"writers/{writer}/key"
