"""Which keeper is used: decided at the first call, because looking for a keyring blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from cockpit.adapters.secrets.file_vault import FileVault
from cockpit.adapters.secrets.keyring_vault import KeyringVault, system_keyring
from cockpit.adapters.secrets.passphrase import Passphrases
from cockpit.adapters.secrets.settings import VaultSettings
from cockpit.adapters.secrets.threads import in_thread
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check
from cockpit.ports.vault import Vault, VaultError

FILE = "secrets.vault"


class ChosenVault:
    """The file when there is one, else the keyring when one works here, else a new file."""

    def __init__(self, file: Path, by_file: FileVault, by_keyring: KeyringVault) -> None:
        self._file = file
        self._by_file = by_file
        self._by_keyring = by_keyring
        self._chosen: FileVault | KeyringVault | None = None
        self._turn = asyncio.Lock()

    async def get(self, name: str) -> str | None:
        """The secret of that name; None when there is none. Raises VaultError."""
        return await (await self.chosen()).get(name)

    async def put(self, name: str, secret: str) -> None:
        """Keep `secret` under `name`. Raises VaultError."""
        await (await self.chosen()).put(name, secret)

    async def delete(self, name: str) -> None:
        """Forget `name`; harmless when it was not there. Raises VaultError."""
        await (await self.chosen()).delete(name)

    async def put_all(self, secrets: Mapping[str, str], gone: Collection[str] = ()) -> None:
        """Keep all of `secrets` and forget `gone`, whole or not at all. Raises VaultError."""
        await (await self.chosen()).put_all(secrets, gone)

    async def change_passphrase(self) -> None:
        """Give the vault file another passphrase. Raises VaultError; for a keyring, too."""
        await (await self.chosen()).change_passphrase()

    async def unlock(self) -> None:
        """Make it ready to be written. Raises VaultError."""
        await (await self.chosen()).unlock()

    async def checks(self) -> Sequence[Check]:
        """How the keeper in use is."""
        return await (await self.chosen()).checks()

    async def chosen(self) -> FileVault | KeyringVault:
        """The keeper in use."""
        async with self._turn:
            if self._chosen is None:
                self._chosen = self._by_keyring if await self._has_keyring() else self._by_file
        return self._chosen

    async def _has_keyring(self) -> bool:
        def look() -> bool:
            if self._file.exists():
                return False
            try:
                system_keyring()
            except VaultError:
                return False
            return True

        return await in_thread(look, name="cockpit-keyring", within_s=10.0)


_vault: type[Vault] = ChosenVault


def open_vault(
    settings: VaultSettings,
    folder: Path,
    *,
    service: Callable[[], str],
    clock: Clock,
    passphrases: Passphrases | None = None,
) -> FileVault | KeyringVault | ChosenVault:
    """The keeper that the settings name, of the data folder. Nothing is read or asked yet.

    `service` gives the name that tells this folder's secrets in the keyring from those of
    another; it may block, and is called in a thread.
    """
    given = passphrases or Passphrases(settings.passphrase_file)
    within_s = settings.answer_timeout_s
    by_file = FileVault(folder / FILE, given, clock, within_s=within_s)
    by_keyring = KeyringVault(service, within_s=within_s)
    if settings.kind == "auto":
        return ChosenVault(folder / FILE, by_file, by_keyring)
    return by_file if settings.kind == "file" else by_keyring
