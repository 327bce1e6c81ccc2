"""The keepers of secrets; keyring and cryptography are loaded at the first call."""

from __future__ import annotations

from cockpit.adapters.secrets.choice import FILE, ChosenVault, open_vault
from cockpit.adapters.secrets.file_vault import FileVault
from cockpit.adapters.secrets.keyring_vault import KeyringVault
from cockpit.adapters.secrets.memory import MemoryVault
from cockpit.adapters.secrets.passphrase import AskPassphrase, PassphraseRequest, Passphrases
from cockpit.adapters.secrets.sealed import Cost
from cockpit.adapters.secrets.settings import VaultSettings
from cockpit.adapters.secrets.terminal import terminal_ask
from cockpit.adapters.secrets.totp import TotpSecret, one_time_code

__all__ = [
    "FILE",
    "AskPassphrase",
    "ChosenVault",
    "Cost",
    "FileVault",
    "KeyringVault",
    "MemoryVault",
    "PassphraseRequest",
    "Passphrases",
    "TotpSecret",
    "VaultSettings",
    "one_time_code",
    "open_vault",
    "terminal_ask",
]
