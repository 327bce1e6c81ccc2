"""The keepers of secrets; keyring and cryptography are loaded at the first call."""

from __future__ import annotations

from cockpit.adapters.secrets.choice import FILE, ChosenVault, open_vault
from cockpit.adapters.secrets.file_vault import FileVault
from cockpit.adapters.secrets.keyring_vault import KeyringVault
from cockpit.adapters.secrets.passphrase import AskPassphrase, PassphraseRequest, Passphrases
from cockpit.adapters.secrets.sealed import Cost
from cockpit.adapters.secrets.settings import VaultSettings
from cockpit.adapters.secrets.terminal import terminal_ask

__all__ = [
    "FILE",
    "AskPassphrase",
    "ChosenVault",
    "Cost",
    "FileVault",
    "KeyringVault",
    "PassphraseRequest",
    "Passphrases",
    "VaultSettings",
    "open_vault",
    "terminal_ask",
]
