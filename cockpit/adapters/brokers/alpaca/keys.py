"""The keys of a session: out of the vault, held to their environment, never shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.domain.account import Mode
from cockpit.ports.broker import BrokerError
from cockpit.ports.plugin import Credential
from cockpit.ports.vault import Vault, VaultError, account_secret

_PREFIX_OF = {Mode.PAPER: "PK", Mode.LIVE: "AK"}


@dataclass(frozen=True, slots=True)
class Keys:
    """A key id and its secret; neither is in the repr."""

    key_id: str = field(repr=False)
    secret_key: str = field(repr=False)


CREDENTIALS = (Credential("key_id", "API key id"), Credential("secret", "Secret key"))


def names_of(account: str) -> tuple[str, ...]:
    """Under which names the vault holds an account's key id and secret."""
    return tuple(account_secret(account, credential.name) for credential in CREDENTIALS)


async def keys_of(vault: Vault | None, account: str, mode: Mode) -> Keys:
    """The keys of a stored account.

    Raises BrokerError when there are none, or when they are not of `mode`.
    """
    if vault is None or not account:
        raise _missing("No account was chosen for Alpaca")
    try:
        key_id, secret_key = [await vault.get(name) for name in names_of(account)]
    except VaultError as error:
        raise BrokerError(str(error), user_text=error.user_text, code="VAULT_ERROR") from error
    if not key_id or not secret_key:
        raise _missing(f"The vault holds no keys of the account {account!r}")
    for other, prefix in _PREFIX_OF.items():
        if other is not mode and key_id.startswith(prefix):
            raise BrokerError(
                f"a {other.value} key was given for {mode.value}",
                user_text=f"This is a {other.value} key of Alpaca's, and the account is a "
                f"{mode.value} one. It was not used. Use {mode.value} keys.",
                code="BROKER_ENVIRONMENT",
            )
    return Keys(key_id, secret_key)


def _missing(what: str) -> BrokerError:
    return BrokerError(
        what,
        user_text=f"{what}, so Cockpit did not sign in. Nothing was sent. Store its keys with: "
        "cockpit accounts add NAME --broker alpaca --mode paper. Then start with --account NAME.",
        code="AUTH_MISSING",
    )
