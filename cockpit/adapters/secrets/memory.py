"""Secrets that are kept for as long as they are tried, and nowhere."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.kernel.log import REDACTOR
from cockpit.ports.vault import Vault


class MemoryVault:
    """Keys that are not stored yet, and what a sign-in with them adds."""

    kind = "memory"

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self.secrets = dict(secrets or {})

    def __repr__(self) -> str:
        """How many, and nothing of them."""
        return f"MemoryVault({len(self.secrets)} secrets)"

    async def get(self, name: str) -> str | None:
        """The secret of that name; None when there is none."""
        return self.secrets.get(name)

    async def put(self, name: str, secret: str) -> None:
        """Keep `secret` under `name`."""
        REDACTOR.hide(secret)
        self.secrets[name] = secret

    async def delete(self, name: str) -> None:
        """Forget `name`; harmless when it was not there."""
        self.secrets.pop(name, None)


_vault: type[Vault] = MemoryVault
