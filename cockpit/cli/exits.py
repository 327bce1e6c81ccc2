"""Exit codes, and errors as one clear sentence instead of a traceback."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer

from cockpit.domain.errors import CockpitError
from cockpit.kernel.errors import KernelError


class Exit(IntEnum):
    """What a script may rely on."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INPUT = 3
    DATA_FOLDER = 4
    SETTINGS = 5
    NOTHING_THERE = 6
    OUTPUT = 7
    NOT_CONFIRMED = 8
    NO_ANSWER = 9
    REFUSED = 10
    SIGN_IN = 11
    VAULT = 12
    INTERRUPTED = 130


EXIT_CODES = """\b
Exit codes:
  0  done
  1  something failed; the text says what, the log in the data folder has the details
  2  the command line can't be understood
  3  an input file can't be used
  4  the data folder can't be used (read-only, damaged, or open in another cockpit)
  5  a setting or plug-in can't be used
  6  there is nothing stored for what was asked
  7  an output file can't be written, or is there already
  8  the broker did not confirm it: something may still be open or held
  9  a cockpit runs there but does not answer
  10  the cockpit refused, for example to resume without its confirmation
  11  the broker did not accept the sign-in, or could not be asked
  12  the vault that keeps the keys is locked, or can't be used
  130  interrupted"""


def code_of(error: Exception) -> Exit:
    """The exit code that stands for `error`."""
    by_word = _BY_CODE.get(error.code) if isinstance(error, CockpitError) else None
    if by_word is not None:
        return by_word
    return next((code for kind, code in _codes() if isinstance(error, kind)), Exit.FAILED)


def code_named(code: str) -> Exit | None:
    """The exit code for an error that another program has told by its code."""
    return _BY_CODE.get(code)


_BY_CODE = {
    "ACCOUNT_NOT_THERE": Exit.NOTHING_THERE,
    "ACCOUNT_FILE": Exit.DATA_FOLDER,
    "ACCOUNT_NAME": Exit.USAGE,
    "ATTACHMENT": Exit.INPUT,
    "AUTH_FAILED": Exit.SIGN_IN,
    "AUTH_MISSING": Exit.SIGN_IN,
    "BOOKED_ALREADY": Exit.NOT_CONFIRMED,
    "DATA_QUESTION": Exit.USAGE,
    "DATA_UNKNOWN_SYMBOL": Exit.NOTHING_THERE,
    "ENVIRONMENT_KEY": Exit.SIGN_IN,
    "JOURNAL_DAY": Exit.USAGE,
    "JOURNAL_ENTRY": Exit.USAGE,
    "JOURNAL_TRADE": Exit.NOTHING_THERE,
    "MARKET_WORDS": Exit.USAGE,
    "JOURNAL_VERSION": Exit.NOTHING_THERE,
    "NOTHING_THERE": Exit.NOTHING_THERE,
    "STATEMENT": Exit.INPUT,
    "STATEMENT_FILE": Exit.INPUT,
    "VAULT_ERROR": Exit.VAULT,
}


def _codes() -> tuple[tuple[type[Exception], Exit], ...]:
    """Imported when something failed: the way to the first paint stays short."""
    from cockpit.app.bookkeeping.errors import DoubleImportError, StatementFileError
    from cockpit.app.errors import DataFolderError, NothingThereError, PluginError, ReportError
    from cockpit.app.signing.accounts import AccountError
    from cockpit.app.signing.desk import SignInError
    from cockpit.journal.statements.errors import StatementError
    from cockpit.kernel.instance import InstanceError
    from cockpit.kernel.settings import SettingsError
    from cockpit.ports.feed import FeedError
    from cockpit.ports.store import StoreError
    from cockpit.ports.vault import VaultError
    from cockpit.recap.errors import ExportError

    return (
        (SignInError, Exit.SIGN_IN),
        (AccountError, Exit.REFUSED),
        (VaultError, Exit.VAULT),
        (FeedError, Exit.INPUT),
        (StatementFileError, Exit.INPUT),
        (DoubleImportError, Exit.NOT_CONFIRMED),
        (StatementError, Exit.INPUT),
        (InstanceError, Exit.DATA_FOLDER),
        (DataFolderError, Exit.DATA_FOLDER),
        (StoreError, Exit.DATA_FOLDER),
        (SettingsError, Exit.SETTINGS),
        (PluginError, Exit.SETTINGS),
        (NothingThereError, Exit.NOTHING_THERE),
        (ReportError, Exit.OUTPUT),
        (ExportError, Exit.OUTPUT),
    )


@contextmanager
def plain_errors() -> Generator[None]:
    """Turn what a person can act on into a sentence on stderr and an exit code."""
    try:
        yield
    except (CockpitError, KernelError) as error:
        fail(error.user_text, code_of(error))
    except KeyboardInterrupt:
        fail("Interrupted. What was stored is kept.", Exit.INTERRUPTED)


def fail(text: str, code: Exit) -> NoReturn:
    """Say why and leave."""
    typer.echo(f"cockpit: {text}", err=True)
    raise typer.Exit(int(code))
