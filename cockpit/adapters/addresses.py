"""Addresses of vendors that keys go to."""

from __future__ import annotations

from urllib.parse import urlsplit

ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def encrypted(address: str) -> str:
    """The address without a slash at its end. Keys leave the machine encrypted or not at all.

    Raises ValueError for one that is neither https nor wss, unless it is on this machine.
    """
    parts = urlsplit(address)
    local = parts.scheme in ("http", "ws") and parts.hostname in ON_THIS_MACHINE
    if not parts.hostname or not (parts.scheme in ("https", "wss") or local):
        raise ValueError("must be an https or wss address (http or ws on this machine only)")
    return address.rstrip("/")
