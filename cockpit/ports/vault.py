"""The keeper of secrets: keys and tokens by name, and nowhere else."""

from __future__ import annotations

from typing import Protocol

from cockpit.domain.errors import CockpitError


class VaultError(CockpitError):
    """The vault is locked, or can't be read or written."""

    code = "VAULT_ERROR"


class Vault(Protocol):
    """All calls raise VaultError; none blocks the loop. A secret never stands in a message."""

    async def get(self, name: str) -> str | None:
        """The secret of that name; None when there is none."""
        ...

    async def put(self, name: str, secret: str) -> None:
        """Keep `secret` under `name`, in place of what was there."""
        ...

    async def delete(self, name: str) -> None:
        """Forget `name`; harmless when it was not there."""
        ...


def account_secret(account: str, credential: str) -> str:
    """The name of an account's secret, e.g. `accounts/main/key_id`."""
    return f"accounts/{account}/{credential}"


def vendor_secret(vendor: str) -> str:
    """The name of a data vendor's key, e.g. `feeds/polygon/key`."""
    return f"feeds/{vendor}/key"
