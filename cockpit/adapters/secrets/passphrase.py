"""Where the passphrase of the vault file comes from: the environment, a file, or a person."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.kernel.log import REDACTOR
from cockpit.ports.vault import VaultError

VARIABLE = "COCKPIT_VAULT_PASSPHRASE"
NEW_VARIABLE = "COCKPIT_VAULT_NEW_PASSPHRASE"
SHORTEST = 10
_MAX_FILE = 4096


@dataclass(frozen=True, slots=True)
class PassphraseRequest:
    """What a person is asked: a `new` one for a vault that is not there yet, or the known one.

    `problem` says why the last one was of no use.
    """

    vault: Path
    new: bool
    problem: str = ""


AskPassphrase = Callable[[PassphraseRequest], Awaitable[str | None]]
"""Asks a person; None when they would rather not."""


@dataclass(frozen=True, slots=True)
class Passphrases:
    """The environment goes before the file, the file before the person."""

    file: Path | None = None
    ask: AskPassphrase | None = field(default=None, repr=False)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @property
    def by_hand(self) -> bool:
        """True when a person is asked, who may mistype."""
        return not self.environment.get(VARIABLE) and self.file is None

    async def get(self, request: PassphraseRequest) -> str:
        """The passphrase. Raises VaultError when there is none to be had, or it is too short."""
        text = self.environment.get(VARIABLE) or self._of_file()
        if text is None and self.ask is not None:
            text = await self.ask(request)
            if text is None:
                raise _locked("You did not give its passphrase")
        if not text:
            raise _locked("It is opened by a passphrase, and nobody is here to type it")
        return _fit(text) if request.new else _hidden(text)

    async def another(self, vault: Path) -> str:
        """A new one for a vault that is open: of its own variable, or typed. Raises VaultError."""
        text = self.environment.get(NEW_VARIABLE)
        if text is None and self.ask is not None:
            text = await self.ask(PassphraseRequest(vault, new=True))
        if not text:
            raise VaultError(
                "no new passphrase",
                user_text="No new passphrase was given, so nothing was changed. Type it, or set "
                f"{NEW_VARIABLE}.",
                code="VAULT_PASSPHRASE",
            )
        return _fit(text)

    def _of_file(self) -> str | None:
        """The first line of the file, which must be its owner's alone."""
        if self.file is None:
            return None
        try:
            found = self.file.stat()
            if sys.platform != "win32" and stat.S_IMODE(found.st_mode) & 0o077:
                raise _bad_file(self.file, "others may read it; let only its owner: chmod 600")
            if found.st_size > _MAX_FILE:
                raise _bad_file(self.file, "it is too long for a passphrase")
            return self.file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or "it is not text"
            raise _bad_file(self.file, why) from None


def _fit(text: str) -> str:
    """A new passphrase, long enough."""
    if len(text) < SHORTEST:
        raise VaultError(
            "passphrase too short",
            user_text=f"The passphrase is too short: it needs {SHORTEST} characters or more. "
            "Nothing was stored; choose a longer one.",
            code="VAULT_PASSPHRASE",
        )
    return _hidden(text)


def _hidden(text: str) -> str:
    REDACTOR.hide(text)
    return text


def _locked(why: str) -> VaultError:
    return VaultError(
        f"vault locked: {why}",
        user_text=f"The vault stayed locked. {why}. Nothing was changed. Start Cockpit where it "
        f"can ask, set {VARIABLE}, or name a file that holds it in the settings: [vault] "
        "passphrase_file.",
        code="VAULT_LOCKED",
    )


def _bad_file(file: Path, why: str) -> VaultError:
    return VaultError(
        f"passphrase file {file}: {why}",
        user_text=f"The passphrase of the vault can't be read from {file}: {why}. The vault "
        "stayed locked and nothing was changed.",
        code="VAULT_LOCKED",
    )
