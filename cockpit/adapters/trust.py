"""Who is believed to be whom on an encrypted line: one answer for requests and for streams.

A certificate that can't be checked is refused before a key goes over the line.
"""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path

CERTIFICATE = "CERTIFICATE"
"""The word for it, at the lamp and in messages."""

_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class TrustError(Exception):
    """The file of authorities that the settings name can't be used."""


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """The authorities believed in: the system's, those that came along, and those of `ca_file`.

    Where SSL_CERT_FILE or SSL_CERT_DIR is set, those it names stand in the place of the first
    two. `ca_file` is PEM. Reads files: not on the loop. Raises TrustError.
    """
    return _trust(ca_file, tuple(os.environ.get(name, "") for name in _VARIABLES))


@lru_cache(maxsize=8)
def _trust(ca_file: Path | None, given: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not any(given):
        # A program that was packed may know none of the system's.
        from requests.certs import where  # pyright: ignore[reportPrivateImportUsage] -- its own module for this

        context.load_verify_locations(where())
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, ssl.SSLError) as error:
            why = (None if isinstance(error, ssl.SSLError) else error.strerror) or "it is no PEM"
            raise TrustError(f"the authorities of {ca_file} can't be used: {why}") from error
    return context


def distrusted(error: BaseException) -> str:
    """Why the other side is not believed to be itself, in words; empty when that is not it."""
    seen: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        one = todo.pop()
        if not isinstance(one, BaseException) or one in seen:
            continue
        seen.append(one)
        if isinstance(one, TrustError):
            return str(one)
        # a library may wrap it in one of its own that is of the same kind and says nothing
        why = getattr(one, "verify_message", "")
        if isinstance(one, ssl.SSLCertVerificationError) and why:
            return f"its certificate is not trusted: {why}"
        todo += [one.__cause__, one.__context__, vars(one).get("reason"), *one.args]
    return ""
