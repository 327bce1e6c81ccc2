"""Batches cut into blocks at the same places whenever, and however fast, they come."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from cockpit.adapters.feeds.chunks import Batch, Unreadable
from cockpit.adapters.tape import codec
from cockpit.adapters.tape.frames import ROWS, TAIL, frame

BLOCK_ROWS = 8192
_NUMBER = struct.Struct("<Q")


def rows_in(batch: Batch) -> int:
    """Rows of a batch; one that could not be read counts as one."""
    if isinstance(batch, tuple):
        return len(batch[1])
    return 1 if isinstance(batch, Unreadable) else len(batch.bars)


def time_of(batch: Batch) -> int:
    """When it came in."""
    return batch[0] if isinstance(batch, tuple) else batch.ts_event


class Cutter:
    """Collects batches; a block ends with the batch that brings it to BLOCK_ROWS rows."""

    def __init__(self) -> None:
        self.open: list[Batch] = []
        self._rows = 0

    def add(self, batch: Batch) -> list[Batch] | None:
        """A block that `batch` has filled, or None."""
        self.open.append(batch)
        self._rows += rows_in(batch)
        if self._rows < BLOCK_ROWS:
            return None
        return self.take()

    def take(self) -> list[Batch]:
        """What is open, full or not."""
        block, self.open, self._rows = self.open, [], 0
        return block


def rows_frame(block: list[Batch]) -> tuple[bytes, int]:
    """A ROWS frame, and how many rows are in it."""
    rows = sum(map(rows_in, block))
    first, last = time_of(block[0]), time_of(block[-1])
    return frame(ROWS, codec.encode(block), rows=rows, first=first, last=last), rows


def tail_frame(batches: list[Batch], number: int) -> bytes:
    """A TAIL frame of `batches`, whose first row is the tape's row `number`, counted from 0."""
    rows = sum(map(rows_in, batches))
    first, last = time_of(batches[0]), time_of(batches[-1])
    payload = _NUMBER.pack(number) + codec.encode(batches)
    return frame(TAIL, payload, rows=rows, first=first, last=last)


def tail_batches(payloads: Iterable[bytes], known: int) -> Iterator[Batch]:
    """The batches of TAIL frames from row `known` on, which the tape itself lacks.

    Raises ValueError for a payload that is none of ours.
    """
    for payload in payloads:
        if len(payload) < _NUMBER.size:
            raise ValueError("a tail without its number")
        (number,) = _NUMBER.unpack_from(payload)
        for batch in codec.decode(payload[_NUMBER.size :]):
            if number == known:
                yield batch
                known += rows_in(batch)
            number += rows_in(batch)
