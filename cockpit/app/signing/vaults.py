"""The keeper of secrets that the settings name, for one data folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cockpit.adapters.secrets import (
    AskPassphrase,
    ChosenVault,
    FileVault,
    KeyringVault,
    PassphraseRequest,
    Passphrases,
    VaultSettings,
    open_vault,
    terminal_ask,
)
from cockpit.app.signing.accounts import AccountBook
from cockpit.kernel import settings
from cockpit.ports.clock import Clock

__all__ = ["AnyVault", "PassphraseRequest", "kind_of", "vault_of"]

SECTION = "vault"
AnyVault = FileVault | KeyringVault | ChosenVault


def vault_of(
    toml: Mapping[str, Any], data_dir: Path, clock: Clock, ask: AskPassphrase | None = None
) -> AnyVault:
    """The vault of `data_dir`; it is opened at the first call that needs it.

    Without `ask` the terminal is asked, where there is one. Raises SettingsError.
    """
    chosen = settings.load(VaultSettings, section=SECTION, toml=toml)
    return open_vault(
        chosen,
        data_dir,
        service=AccountBook(data_dir).service,
        clock=clock,
        passphrases=Passphrases(chosen.passphrase_file, ask or terminal_ask()),
    )


async def kind_of(vault: AnyVault) -> str:
    """`keyring` or `file`: where it keeps what it is given. Raises VaultError."""
    return (await vault.chosen()).kind if isinstance(vault, ChosenVault) else vault.kind
