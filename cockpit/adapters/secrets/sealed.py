"""The vault file's bytes: a readable header line, then the secrets under AES-256-GCM.

The key comes from the passphrase by Argon2id (RFC 9106); the header says with which salt and
cost, and is part of what the cipher's tag protects. `check` tells a wrong passphrase from a
damaged file; like the key it comes out of HKDF (RFC 5869), so it tells nothing about the key.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from cockpit.ports.vault import VaultError

MAGIC = "cockpit-vault"
VERSION = 1
_SALT, _NONCE, _CHECK, _KEY = 16, 12, 16, 32
_MAX_FILE = 4_000_000


class Cost(msgspec.Struct, frozen=True):
    """What one try at the passphrase costs; the usual one is RFC 9106's second choice."""

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4

    @property
    def sane(self) -> bool:
        """A header may not make this machine run out of memory."""
        return (
            8 * self.lanes <= self.memory_kib <= 1_048_576
            and 1 <= self.passes <= 64
            and 1 <= self.lanes <= 64
        )


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of the file, as JSON; bytes are base64."""

    format: str = MAGIC
    version: int = VERSION
    kdf: str = "argon2id"
    cost: Cost
    salt: str
    check: str
    cipher: str = "aes-256-gcm"
    nonce: str


@dataclass(frozen=True, slots=True)
class Key:
    """What opens one vault; neither the key nor its check is in the repr."""

    secret: bytes = field(repr=False)
    check: bytes = field(repr=False)
    salt: bytes
    cost: Cost


def new_key(passphrase: str, cost: Cost) -> Key:
    """A key with a salt of its own. Takes its time: not on the loop."""
    return derive(passphrase, os.urandom(_SALT), cost)


def derive(passphrase: str, salt: bytes, cost: Cost) -> Key:
    """The key of a passphrase. Takes its time: not on the loop."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
    from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

    kdf = Argon2id(
        salt=salt,
        length=_KEY,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    )
    root = kdf.derive(passphrase.encode())

    def part(name: bytes, length: int) -> bytes:
        return HKDFExpand(SHA256(), length, MAGIC.encode() + b" " + name).derive(root)

    return Key(part(b"key", _KEY), part(b"check", _CHECK), salt, cost)


def header_of(sealed: bytes) -> Header:
    """The header. Raises VaultError for what is no vault, or one of a newer version."""
    line, newline, _ = sealed[:_MAX_FILE].partition(b"\n")
    try:
        header = msgspec.json.decode(line, type=Header)
        salt, check = _bytes(header.salt), _bytes(header.check)
    except (msgspec.DecodeError, ValueError) as error:
        raise damaged("its header can't be read") from error
    if header.format != MAGIC or not newline:
        raise damaged("it is no vault")
    if (header.version, header.kdf, header.cipher) != (VERSION, "argon2id", "aes-256-gcm"):
        raise VaultError(
            f"vault version {header.version} {header.kdf} {header.cipher}",
            user_text="The vault was written by a newer Cockpit. It was not changed; use that "
            "version, or move the file away and add the accounts again.",
            code="VAULT_VERSION",
        )
    if len(salt) != _SALT or len(check) != _CHECK or not header.cost.sane:
        raise damaged("its header can't be right")
    return header


def key_for(header: Header, passphrase: str) -> Key | None:
    """The key of the vault; None when the passphrase is wrong. Takes its time."""
    import hmac

    key = derive(passphrase, _bytes(header.salt), header.cost)
    return key if hmac.compare_digest(key.check, _bytes(header.check)) else None


def fits(key: Key, header: Header) -> bool:
    """Whether the vault is still the one of that key."""
    return (key.salt, key.cost) == (_bytes(header.salt), header.cost)


def seal(secrets: Mapping[str, str], key: Key) -> bytes:
    """The file's bytes, under a nonce of their own."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    header = Header(cost=key.cost, salt=_text(key.salt), check=_text(key.check), nonce=_text(nonce))
    line = msgspec.json.encode(header) + b"\n"
    return line + AESGCM(key.secret).encrypt(nonce, msgspec.json.encode(secrets), line)


def unseal(sealed: bytes, key: Key) -> dict[str, str]:
    """The secrets by name. Raises VaultError when even one bit was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header = header_of(sealed)
    line, newline, body = sealed.partition(b"\n")
    try:
        plain = AESGCM(key.secret).decrypt(_bytes(header.nonce), body, line + newline)
        return msgspec.json.decode(plain, type=dict[str, str])
    except (InvalidTag, ValueError, msgspec.DecodeError):
        raise damaged("it was changed or cut short") from None


def damaged(why: str) -> VaultError:
    """The file can't be used as it is."""
    return VaultError(
        f"the vault file is damaged: {why}",
        user_text=f"The vault file can't be used: {why}. It was left as it is, and nothing else "
        "was lost. Put back a copy of it, or move it away and add the accounts again.",
        code="VAULT_DAMAGED",
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
