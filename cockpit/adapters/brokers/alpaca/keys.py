"""The keys of a session: out of the vault, held to their environment, never shown."""

from __future__ import annotations

from dataclasses import dataclass, field

from cockpit.domain.account import Mode
from cockpit.ports.broker import BrokerError
from cockpit.ports.vault import Vault, VaultError

_PREFIX_OF = {Mode.PAPER: "PK", Mode.LIVE: "AK"}


@dataclass(frozen=True, slots=True)
class Keys:
    """A key id and its secret; neither is in the repr."""

    key_id: str = field(repr=False)
    secret_key: str = field(repr=False)


def names_of(entry: str, mode: Mode) -> tuple[str, str]:
    """Under which names the vault holds key id and secret; paper and live never share one."""
    return f"{entry}/{mode.value}/key-id", f"{entry}/{mode.value}/secret-key"


async def keys_of(vault: Vault | None, entry: str, mode: Mode) -> Keys:
    """The keys for `mode`.

    Raises BrokerError when there are none, or when they are of the other environment.
    """
    if vault is None:
        raise _missing("This version keeps no keys for Alpaca yet")
    try:
        key_id, secret_key = [await vault.get(name) for name in names_of(entry, mode)]
    except VaultError as error:
        raise BrokerError(str(error), user_text=error.user_text, code="VAULT_ERROR") from error
    if not key_id or not secret_key:
        raise _missing(f"The vault holds no {mode.value} keys for Alpaca ({entry})")
    for other, prefix in _PREFIX_OF.items():
        if other is not mode and key_id.startswith(prefix):
            raise BrokerError(
                f"a {other.value} key was given for {mode.value}",
                user_text=f"The key kept for Alpaca's {mode.value} account is a {other.value} key. "
                "It was not used and nothing was sent. Store the right key.",
                code="BROKER_ENVIRONMENT",
            )
    return Keys(key_id, secret_key)


def _missing(what: str) -> BrokerError:
    return BrokerError(
        what,
        user_text=f"{what}, so it did not sign in. Nothing was sent. Store the keys, then start "
        "again, or choose the paper broker.",
        code="AUTH_MISSING",
    )
