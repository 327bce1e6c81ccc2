"""The passphrase at a terminal, unseen."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from getpass import getpass

from cockpit.adapters.secrets.passphrase import SHORTEST, AskPassphrase, PassphraseRequest


def terminal_ask() -> AskPassphrase | None:
    """Asks the person at the terminal; None where there is none."""
    no_console = sys.stdin is None  # pyright: ignore[reportUnnecessaryComparison] -- Windows
    return None if no_console or not sys.stdin.isatty() else _ask


async def _ask(request: PassphraseRequest) -> str | None:
    """Holds the loop while the person types: commands at a terminal do nothing meanwhile.

    Ctrl+C means "rather not", and leaves the terminal as it was.
    """
    try:
        with _interruptible():
            return _new(request) if request.new else _known(request)
    except (KeyboardInterrupt, EOFError):
        _say("")
        return None


def _known(request: PassphraseRequest) -> str:
    if request.problem:
        _say(request.problem)
    return getpass(f"Passphrase of the vault {request.vault}: ")


def _new(request: PassphraseRequest) -> str | None:
    _say(
        f"Your keys will be kept encrypted in {request.vault}, under a passphrase of {SHORTEST} "
        "characters or more. Nobody can recover it: without it the keys must be stored again."
    )
    first = getpass("New passphrase: ")
    if getpass("Once more: ") == first:
        return first
    _say("They differ.")
    return None


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def _interruptible() -> Generator[None]:
    """Let Ctrl+C end the typing itself; a loop's own handler would only take note of it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
