"""Where secrets are kept, in the section `[vault]`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from cockpit.kernel.settings import SettingsModel


class VaultSettings(SettingsModel):
    """`keyring` is the system's own keeper, `file` an encrypted file in the data folder.

    `auto` takes the file when there is one, else the keyring, else a new file. A machine
    without a person reads the file's passphrase from `passphrase_file`.
    """

    kind: Literal["auto", "keyring", "file"] = "auto"
    passphrase_file: Path | None = None
    answer_timeout_s: float = Field(default=60.0, gt=0)
