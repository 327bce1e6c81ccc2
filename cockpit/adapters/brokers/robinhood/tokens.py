"""What the vault keeps for a sign-in at Robinhood, by name. Nothing of it is ever a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from cockpit.ports.broker import BrokerError
from cockpit.ports.vault import Vault, VaultError, account_secret


@dataclass(frozen=True, slots=True)
class Person:
    """Who signs in; nothing of it is in the repr. `totp` is empty where there is none."""

    username: str = field(repr=False)
    password: str = field(repr=False)
    totp: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """A sign-in that worked, and until when."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    ends_ns: int


class Safe:
    """Reads and writes the vault under an account. Raises BrokerError with code VAULT_ERROR."""

    def __init__(self, vault: Vault, account: str) -> None:
        self._vault = vault
        self._account = account

    async def person(self) -> Person | None:
        """Name and password; None where one of them was never stored."""
        name, password = await self._get("username"), await self._get("password")
        if not name or not password:
            return None
        return Person(name, password, await self._get("totp"))

    async def device(self) -> str:
        """The name by which Robinhood knows this computer; made once, then always the same."""
        known = await self._get("device_token")
        if not known:
            known = str(uuid4())
            await self._put("device_token", known)
        return known

    async def tokens(self) -> Tokens | None:
        """The last sign-in; None where there is none, or not all of it."""
        access, refresh = await self._get("access_token"), await self._get("refresh_token")
        ends = await self._get("token_ends_ns")
        return Tokens(access, refresh, int(ends)) if access and ends.isdecimal() else None

    async def keep(self, tokens: Tokens) -> None:
        """Keep a sign-in for the next start. The refresh token first: the old one is used up."""
        await self._put("refresh_token", tokens.refresh)
        await self._put("access_token", tokens.access)
        await self._put("token_ends_ns", str(tokens.ends_ns))

    async def forget(self) -> None:
        """Drop a sign-in that Robinhood does not accept any more."""
        for name in ("access_token", "refresh_token", "token_ends_ns"):
            try:
                await self._vault.delete(account_secret(self._account, name))
            except VaultError as error:
                raise _vault_error(error) from error

    async def _get(self, name: str) -> str:
        try:
            return await self._vault.get(account_secret(self._account, name)) or ""
        except VaultError as error:
            raise _vault_error(error) from error

    async def _put(self, name: str, secret: str) -> None:
        try:
            await self._vault.put(account_secret(self._account, name), secret)
        except VaultError as error:
            raise _vault_error(error) from error


def _vault_error(error: VaultError) -> BrokerError:
    return BrokerError(str(error), user_text=error.user_text, code="VAULT_ERROR")
