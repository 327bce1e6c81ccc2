"""Quotes packed beforehand: bytes in which only the times have still to be written.

Everything is laid out once as whole websocket frames; a chunk of any size is then a copy of rows
of one table with eight bytes a quote changed, so that millions a second leave one process.
"""

from __future__ import annotations

import msgpack
import numpy as np
import numpy.typing as npt

from tests.toyserver.market import quote_message

ROUNDS = 50
_STAMP = 8  # bytes of a msgpack timestamp, the last ones of a quote
_NS = 1_000_000_000
_SEED = 7
_BINARY = 0x82
_LONG_AGO = 10**18 + 1  # with nanoseconds, as times come: then it takes eight bytes


class Frames:
    """`ROUNDS` quotes of each symbol, in mixed order, `batch` a frame; they repeat for ever.

    A mid wanders by some cents around a price of its own, so that each quote differs from the one
    before and none is an outlier.
    """

    def __init__(self, symbols: tuple[str, ...], batch: int) -> None:
        self.batch = batch
        self._symbols = symbols
        chance = np.random.default_rng(_SEED)
        order = np.concatenate([chance.permutation(len(symbols)) for _ in range(ROUNDS)])
        cents = chance.integers(-20, 21, size=len(order))
        packed = [
            msgpack.packb(_quote(symbols[n], n, int(c)))
            for n, c in zip(order.tolist(), cents.tolist(), strict=True)
        ]
        self._length = len(packed[0])
        assert all(len(each) == self._length for each in packed)
        self._order, self._cents = order, cents
        body = np.frombuffer(b"".join(packed), dtype=np.uint8).reshape(-1, batch * self._length)
        head = np.frombuffer(_head(batch, self._length), dtype=np.uint8)
        self._head = len(head)
        heads = np.broadcast_to(head, (len(body), len(head)))
        self._table: npt.NDArray[np.uint8] = np.concatenate([heads, body], axis=1)
        self._at = 0

    def take(self, frames: int, now_ns: int) -> bytes:
        """The next frames; their quotes were made from `now_ns` on, a nanosecond apart."""
        rows = (self._at + np.arange(frames)) % len(self._table)
        self._at = int((self._at + frames) % len(self._table))
        chunk = self._table[rows]
        quotes = chunk[:, self._head :].reshape(frames, self.batch, self._length)
        quotes[:, :, -_STAMP:] = _stamps(frames * self.batch, now_ns).reshape(
            frames, self.batch, _STAMP
        )
        return chunk.tobytes()

    def last(self) -> dict[str, float]:
        """The bid that each symbol was quoted at last."""
        order, cents = np.roll(self._order, -self._at * self.batch), self._cents
        cents = np.roll(cents, -self._at * self.batch)
        return {
            self._symbols[n]: _quote("", n, c)["bp"]
            for n, c in zip(order.tolist(), cents.tolist(), strict=True)
        }


def _quote(symbol: str, number: int, cents: int) -> dict[str, object]:
    middle = 20 + number + cents / 100
    return quote_message(symbol, round(middle - 0.013, 3), round(middle + 0.014, 3), 100, _LONG_AGO)


def _head(batch: int, length: int) -> bytes:
    """The frame's own header and that of the array in it."""
    array = msgpack.Packer().pack_array_header(batch)
    size = len(array) + batch * length
    ws = bytes([_BINARY, size]) if size < 126 else bytes([_BINARY, 126, *size.to_bytes(2, "big")])
    return ws + array


def _stamps(count: int, now_ns: int) -> npt.NDArray[np.uint8]:
    times = np.uint64(now_ns) + np.arange(count, dtype=np.uint64)
    words = ((times % np.uint64(_NS)) << np.uint64(34)) | (times // np.uint64(_NS))
    return words.astype(">u8").view(np.uint8)
