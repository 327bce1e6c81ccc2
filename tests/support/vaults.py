"""Vaults for tests: the real file vault at a low cost, and a keyring that is a dict."""

from __future__ import annotations

from pathlib import Path

from cockpit.adapters.secrets import Cost, FileVault, Passphrases
from cockpit.adapters.secrets.passphrase import VARIABLE
from cockpit.kernel.clock import WallClock
from cockpit.ports.clock import Clock

PASSPHRASE = "a passphrase for tests"
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
WINDOWS_LIMIT = 1_280


def file_vault(folder: Path, passphrase: str = PASSPHRASE, clock: Clock | None = None) -> FileVault:
    """The encrypted file as a machine without a person opens it."""
    given = Passphrases(environment={VARIABLE: passphrase})
    return FileVault(folder / "secrets.vault", given, clock or WallClock(), cost=CHEAP)


class DictKeyring:
    """A keyring backend with the limits and manners of Windows' own."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) // 2 > WINDOWS_LIMIT:
            raise OSError("the stub received bad data")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise KeyError(service)
        del self.kept[service, username]
