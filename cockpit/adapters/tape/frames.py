"""Frames of a tape: each says how long it is and carries a checksum, so a torn end shows.

A tape is MAGIC, then frames: HEAD (the origin), ROWS (blocks of `codec`), DONE (the totals).
A frame is kind, length, number of rows, time of its first and last batch, CRC-32 of all
that and of the payload, then the payload. Beside a tape that is being recorded lies its
tail, frames of what has not filled a block yet: TAIL, with the number of the first row.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Generator
from typing import BinaryIO, NamedTuple

import msgspec

MAGIC = b"COCKPIT-TAPE\x01\r\n\x1a"
HEAD, ROWS, DONE, TAIL = b"HEAD", b"ROWS", b"DONE", b"TAIL"
_KINDS = {HEAD, ROWS, DONE, TAIL}
_FIELDS = struct.Struct("<4sIIqq")
_CRC = struct.Struct("<I")
OVERHEAD = _FIELDS.size + _CRC.size
MOST_PAYLOAD = 1 << 26


class Frame(NamedTuple):
    """One whole frame; `end` is the offset behind it."""

    kind: bytes
    rows: int
    first_ns: int
    last_ns: int
    payload: bytes
    end: int


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished tape says of itself; `whole` is False when its recording was cut off."""

    rows: int
    skipped: dict[str, int] = {}
    whole: bool = True


def frame(kind: bytes, payload: bytes, *, rows: int = 0, first: int = 0, last: int = 0) -> bytes:
    """The bytes of one frame."""
    fields = _FIELDS.pack(kind, len(payload), rows, first, last)
    return fields + _CRC.pack(zlib.crc32(payload, zlib.crc32(fields))) + payload


def frames(file: BinaryIO) -> Generator[Frame]:
    """The whole frames from here to the end, or to where it is torn or damaged."""
    end = file.tell()
    while len(head := file.read(OVERHEAD)) == OVERHEAD:
        kind, length, rows, first, last = _FIELDS.unpack_from(head)
        if kind not in _KINDS or length > MOST_PAYLOAD:
            return
        payload = file.read(length)
        (crc,) = _CRC.unpack_from(head, _FIELDS.size)
        if len(payload) < length or crc != zlib.crc32(payload, zlib.crc32(head[: _FIELDS.size])):
            return
        end += OVERHEAD + length
        yield Frame(kind, rows, first, last, payload, end)
