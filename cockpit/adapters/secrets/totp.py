"""One-time codes from an authenticator key, also from one that pyotp finds too short."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

from cockpit.kernel.clock import SECOND
from cockpit.ports.vault import VaultError

if TYPE_CHECKING:
    from pyotp.totp import TOTP

_DIGESTS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}
_SHORTEST = 5
"""Bytes; some brokers hand out keys of 80 bits. Below 40 it was cut off in copying."""


class TotpError(VaultError):
    """An authenticator key can't be used; the key is not in the message."""

    code = "TOTP_SECRET"


@dataclass(frozen=True, slots=True)
class TotpSecret:
    """An authenticator key (RFC 6238), ready to use; not in the repr."""

    secret: str = field(repr=False)
    digits: int = 6
    interval: int = 30
    algorithm: str = "SHA1"

    @classmethod
    def parse(cls, text: str) -> Self:
        """A key as a person copies it: with spaces and dashes, or the whole otpauth address.

        Raises TotpError when it is no key.
        """
        text = text.strip()
        given = _of_address(text) if text.lower().startswith("otpauth:") else {"secret": text}
        try:
            made = cls(
                secret=_plain(given["secret"]),
                digits=int(given.get("digits", "6")),
                interval=int(given.get("period", "30")),
                algorithm=given.get("algorithm", "SHA1").upper(),
            )
            made.code(0)
        except (KeyError, ValueError):  # binascii's error is a ValueError
            raise _unusable() from None
        return made

    def code(self, at_ns: int) -> str:
        """The code of that moment (ns UTC)."""
        return self._totp().at(at_ns // SECOND)

    def verify(self, code: str, at_ns: int, valid_window: int = 1) -> bool:
        """Whether `code` is one of that moment, or of `valid_window` steps before or after."""
        code = code.replace(" ", "")
        return self._totp().verify(code, for_time=at_ns // SECOND, valid_window=valid_window)

    def seconds_left(self, at_ns: int) -> float:
        """How long the code of that moment stays; a server takes each code once only."""
        step = self.interval * SECOND
        return (step - at_ns % step) / SECOND

    def _totp(self) -> TOTP:
        from pyotp.totp import TOTP

        class AnyLength(TOTP):
            """pyotp refuses keys below 112 bits, and people have them."""

            def byte_secret(self) -> bytes:
                return _bytes(self.secret)

        digest: Any = _DIGESTS[self.algorithm]
        return AnyLength(self.secret, digits=self.digits, interval=self.interval, digest=digest)


def one_time_code(secret: str, at_ns: int) -> str:
    """The code of that moment (ns UTC) for a key as a person stored it. Raises TotpError."""
    return TotpSecret.parse(secret).code(at_ns)


def _of_address(text: str) -> dict[str, str]:
    parts = urlsplit(text)
    if parts.netloc.lower() != "totp":
        raise _unusable()
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def _plain(text: str) -> str:
    return "".join(text.split()).replace("-", "").rstrip("=").upper()


def _bytes(secret: str) -> bytes:
    raw = base64.b32decode(secret + "=" * (-len(secret) % 8), casefold=True)
    if len(raw) < _SHORTEST:
        raise binascii.Error("too short")
    return raw


def _unusable() -> TotpError:
    return TotpError(
        "not an authenticator key",
        user_text="The authenticator key can't be used: it must be the letters A to Z and digits "
        "2 to 7 that the broker shows when an app is set up, or the whole otpauth:// address. It "
        "was not stored. Copy it again; a code of six digits is not the key.",
    )
