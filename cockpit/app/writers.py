"""Who writes the recaps: built with what a writer may ask for, and its key stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cockpit.app import registry
from cockpit.app.errors import PluginError
from cockpit.app.launch import Launch
from cockpit.app.settings import AppSettings, settings_file
from cockpit.app.vaults import AnyVault, vault_of
from cockpit.kernel.clock import WallClock
from cockpit.ports.clock import Clock
from cockpit.ports.vault import Vault
from cockpit.ports.writer import Writer, vault_name


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


class WriterKeys:
    """The keys of writers, in the vault of a data folder."""

    def __init__(self, data_dir: Path, config: Path | None) -> None:
        self._vault: AnyVault = vault_of(settings_file(config), data_dir, WallClock())

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
