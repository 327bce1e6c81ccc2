"""Frames of messages of which one can't be read: the others still count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

M = TypeVar("M")

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError)


def readable_in(
    frame: bytes,
    apart: Callable[[bytes], Sequence[msgspec.Raw]],
    one: Callable[[msgspec.Raw], M],
    unreadable: Callable[[str], None],
) -> list[M]:
    """The messages of a frame that can be read; `unreadable` is told of the others.

    `apart` takes a frame apart into messages that are still undecoded, `one` decodes one.
    """
    try:
        parts = apart(frame)
    except UNREADABLE as error:
        unreadable(f"a frame of {len(frame)} bytes: {error}")
        return []
    found: list[M] = []
    for part in parts:
        try:
            found.append(one(part))
        except UNREADABLE as error:
            unreadable(f"{error}: {bytes(part)[:200]!r}")
    return found
