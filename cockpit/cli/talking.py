"""Talking with a person at the terminal: sentences instead of a log, secrets typed unseen."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

import typer

from cockpit.cli.exits import Exit, fail, plain_errors


@contextmanager
def talking(interrupted: str) -> Generator[None]:
    """Sentences on the terminal and no log; `interrupted` says what Ctrl+C left behind."""
    from cockpit.kernel import log

    end_log = log.configure(None)
    try:
        with plain_errors():
            yield
    except (KeyboardInterrupt, typer.Abort):
        fail(interrupted, Exit.INTERRUPTED)
    finally:
        end_log()


def at_terminal() -> bool:
    """Whether somebody is here to be asked."""
    return sys.stdin is not None and sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison] -- None without a console on Windows


def typed_unseen(what: str) -> str:
    """What a person types when asked for `what`; empty for nothing."""
    return typer.prompt(what, hide_input=True, default="", show_default=False)


def line_of_stdin() -> str:
    """The next line, without its end."""
    return sys.stdin.readline().rstrip("\r\n")
