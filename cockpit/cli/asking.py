"""Asking a running cockpit from a second terminal, and what its answer means for this one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from cockpit.cli.exits import Exit, code_named, fail

if TYPE_CHECKING:
    from cockpit.app.control.messages import Command, Final

T = TypeVar("T")


def asked(folder: Path, request: Command, *, unheard_halt: str = "") -> Final | None:
    """The running cockpit's answer; None when none runs there, as far as the socket tells."""
    from cockpit.app.control.calling import call
    from cockpit.kernel.ipc import ChannelError, NobodyThereError

    try:
        return asyncio.run(call(folder, request, tell))
    except NobodyThereError:
        return None
    except ChannelError as error:
        if not unheard_halt:
            fail(
                f"A cockpit runs on {folder} but does not answer ({error}). What was asked for "
                "may not have been done: look at its window, or end it and try again.",
                Exit.NO_ANSWER,
            )
        return None  # the halt is left in the folder, for when it comes back


def expect(answer: object, kind: type[T]) -> T:
    """The answer, if it is what was asked for; a refusal ends the program with its words."""
    from cockpit.app.control.messages import Refused

    if isinstance(answer, Refused):
        unproven = answer.code == "NO_ANSWER_YET" or answer.code.startswith("BROKER")
        fail(answer.text, Exit.NOT_CONFIRMED if unproven else Exit.REFUSED)
    if not isinstance(answer, kind):
        fail("The cockpit gave an answer of another kind; its log says more.", Exit.FAILED)
    return answer


def told_by(answer: object, kind: type[T]) -> T:
    """As `expect`, with the exit code that the same refusal has where no cockpit runs."""
    from cockpit.app.control.messages import Refused

    if isinstance(answer, Refused) and (code := code_named(answer.code)) is not None:
        fail(answer.text, code)
    return expect(answer, kind)


def tell(text: str) -> None:
    """Say how far it has come, on stderr: stdout is for the answer."""
    typer.echo(text, err=True)
