"""Who writes the recaps: built with what a writer may ask for, and its key stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cockpit.app import registry
from cockpit.app.errors import PluginError
from cockpit.app.launch import Launch
from cockpit.app.settings import AppSettings, settings_file
from cockpit.app.signing.vaults import AnyVault, vault_of
from cockpit.kernel import settings
from cockpit.kernel.clock import WallClock
from cockpit.ports.clock import Clock
from cockpit.ports.vault import Vault
from cockpit.ports.writer import MeteredWriter, Used, Writer, vault_name


def chosen_writer(
    name: str, toml: Mapping[str, Any], folder: Path, vault: Vault, clock: Clock
) -> Writer:
    """The writer called `name`; nothing is read or asked yet. Raises PluginError, SettingsError."""
    offered = {"clock": clock, "vault": vault, "folder": folder}
    return registry.build("writers", name, toml, offered=offered)


def session_writers(
    own: AppSettings, toml: Mapping[str, Any], launch: Launch, vault: AnyVault, wall: Clock
) -> tuple[Writer, Writer]:
    """A session's writer, and who takes over from it.

    Its key and its budget are of the folder that holds the accounts.
    """
    if launch.home is not None:
        vault = vault_of(toml, launch.home, wall, launch.ask_passphrase)
    writer = chosen_writer(own.writer, toml, launch.home or launch.data_dir, vault, wall)
    return writer, registry.build("writers", "template", toml)


class Standing(NamedTuple):
    """A writer: whether its key is stored (None where it takes none), and what it used."""

    writer: str
    has_key: bool | None
    used: Used | None


class WriterKeys:
    """The keys of writers, in the vault of a data folder, and what the writers used."""

    def __init__(self, data_dir: Path, config: Path | None) -> None:
        self._toml, self._folder = settings_file(config), data_dir
        self._vault: AnyVault = vault_of(self._toml, data_dir, WallClock())

    @property
    def chosen(self) -> str:
        """The writer of the settings."""
        return settings.load(AppSettings, toml=self._toml).writer

    async def standing(self, writer: str) -> Standing:
        """Whether its key is stored, and what it used today. Asks nobody.

        Raises PluginError, SettingsError, VaultError and WriterError.
        """
        if not registry.find("writers", writer).credentials:
            return Standing(writer, None, None)
        built = chosen_writer(writer, self._toml, self._folder, self._vault, WallClock())
        used = await built.used() if isinstance(built, MeteredWriter) else None
        return Standing(writer, await self._vault.get(vault_name(writer)) is not None, used)

    async def put(self, writer: str, key: str) -> None:
        """Store the key of a writer. Raises PluginError and VaultError."""
        self._check(writer)
        await self._vault.put(vault_name(writer), key)

    async def forget(self, writer: str) -> None:
        """Delete it; harmless when there is none. Raises PluginError and VaultError."""
        self._check(writer)
        await self._vault.delete(vault_name(writer))

    @staticmethod
    def _check(writer: str) -> None:
        if not registry.find("writers", writer).credentials:
            raise PluginError(
                f"{writer} takes no key",
                user_text=f"The writer {writer!r} needs no key, so none was stored or deleted.",
            )
