"""Columns of numbers and words as few bytes, exactly: what comes out is what went in.

Whole numbers are zigzagged, so that small ones of either sign stay small, cut to the fewest
bytes that hold the largest, and laid out byte by byte: the high bytes are all zero and cost
nothing once compressed. Prices are whole numbers of the smallest decimal unit that gives every
one of them back to the bit; what no decimal gives back is kept as its own eight bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_WIDTHS = (1, 2, 4, 8)
_MOST_DECIMALS = 9
_EXACT = 2**53  # a whole float beyond it may stand for several numbers


class PackedInts(msgspec.Struct, frozen=True, array_like=True):
    """Whole numbers as multiples of `unit`, each `width` bytes, byte plane by byte plane."""

    width: int
    unit: int
    planes: bytes


class PackedFloats(msgspec.Struct, frozen=True, array_like=True):
    """Floats as whole numbers of 10^-decimals; `odd_at` are those kept as `odd`, as they are.

    `null_at` are those that were None.
    """

    decimals: int
    whole: PackedInts
    odd_at: PackedInts
    odd: bytes
    null_at: PackedInts


class Groups:
    """Rows of one symbol together, in their order: what lies beside each other is alike."""

    def __init__(self, keys: Ints) -> None:
        self.order: npt.NDArray[np.intp] = np.argsort(keys, kind="stable")
        ordered = keys[self.order]
        first = np.ones(len(keys), dtype=bool)
        first[1:] = ordered[1:] != ordered[:-1]
        self.starts = np.flatnonzero(first)
        self._lengths = np.diff(self.starts, append=len(keys))

    def deltas(self, values: Ints) -> Ints:
        """Each value less the one before it of its group."""
        ordered = values[self.order]
        deltas = np.diff(ordered, prepend=np.int64(0))
        deltas[self.starts] = ordered[self.starts]
        return deltas

    def values(self, deltas: Ints) -> Ints:
        """What `deltas` was made of."""
        sums = np.cumsum(deltas)
        before = np.zeros(len(self.starts), dtype=np.int64)
        before[1:] = sums[self.starts[1:] - 1]
        values = np.empty_like(sums)
        values[self.order] = sums - np.repeat(before, self._lengths)
        return values


def pack_ints(values: Ints) -> PackedInts:
    """As few bytes as the largest value needs."""
    if not len(values):
        return PackedInts(1, 1, b"")
    unit = int(np.gcd.reduce(values)) or 1
    small = values // unit
    zigzag = ((small << 1) ^ (small >> 63)).view(np.uint64)
    largest = int(zigzag.max())
    width = next(width for width in _WIDTHS if largest < 1 << (8 * width))
    planes = zigzag.astype(f"<u{width}").view(np.uint8).reshape(-1, width).T.tobytes()
    return PackedInts(width, unit, planes)


def unpack_ints(packed: PackedInts) -> Ints:
    """The values again. Raises ValueError for what `pack_ints` can't have made."""
    if packed.width not in _WIDTHS or len(packed.planes) % packed.width:
        raise ValueError(f"{len(packed.planes)} bytes of width {packed.width}")
    planes = np.frombuffer(packed.planes, dtype=np.uint8).reshape(packed.width, -1)
    zigzag = np.ascontiguousarray(planes.T).view(f"<u{packed.width}").ravel().astype(np.uint64)
    half = (zigzag >> np.uint64(1)).view(np.int64)
    return (half ^ -(zigzag & np.uint64(1)).view(np.int64)) * np.int64(packed.unit)


class Scaled(msgspec.Struct):
    """Floats as whole numbers, and those that are none; see `PackedFloats`."""

    decimals: int
    whole: Ints
    odd_at: Ints
    odd: bytes
    null_at: Ints


def scale(values: Sequence[float | None] | Floats) -> Scaled:
    """Find the decimals that give every value back to the bit."""
    floats: Floats = np.array(values, dtype=np.float64)
    known = isinstance(values, np.ndarray) or None not in values
    nulls = _NONE if known else np.flatnonzero([value is None for value in values])
    best, fewest, whole = 0, len(floats) + 1, np.zeros(len(floats), dtype=np.int64)
    exact = np.zeros(len(floats), dtype=bool)
    for decimals in range(_MOST_DECIMALS + 1):
        made, good = _whole(floats, decimals)
        odd = len(floats) - int(np.count_nonzero(good))
        if odd < fewest:
            best, fewest, whole, exact = decimals, odd, made, good
        if odd <= len(nulls):
            break
    whole[~exact] = 0
    odd_at = np.setdiff1d(np.flatnonzero(~exact), nulls)
    return Scaled(best, whole, odd_at, floats[odd_at].astype("<f8").tobytes(), nulls)


def kept_below(scaled: Scaled, values: Sequence[float | None] | Floats, most: int) -> Scaled:
    """The same, with every value whose whole number is beyond `most` kept as it is."""
    beyond = np.flatnonzero(np.abs(scaled.whole) > most)
    if not len(beyond):
        return scaled
    whole = scaled.whole.copy()
    whole[beyond] = 0
    odd_at = np.union1d(scaled.odd_at, beyond)
    odd = np.array(values, dtype=np.float64)[odd_at].astype("<f8").tobytes()
    return Scaled(scaled.decimals, whole, odd_at, odd, scaled.null_at)


def unscale(decimals: int, whole: Ints, odd_at: Ints, odd: bytes, nulls: Ints) -> list[float]:
    """The floats again; None, despite the type, where it was None."""
    floats = whole / 10.0**decimals
    floats[odd_at] = np.frombuffer(odd, dtype="<f8")
    values: list[Any] = floats.tolist()
    for at in nulls.tolist():
        values[at] = None
    return values


def pack_floats(values: Sequence[float | None]) -> PackedFloats:
    """A column of sizes, say, that stands alone."""
    return packed(scale(values), None)


def packed(scaled: Scaled, instead: Ints | None) -> PackedFloats:
    """`scaled` with `instead` in the place of its whole numbers, e.g. their differences."""
    return PackedFloats(
        scaled.decimals,
        pack_ints(scaled.whole if instead is None else instead),
        pack_ints(scaled.odd_at),
        scaled.odd,
        pack_ints(scaled.null_at),
    )


def unpack_floats(column: PackedFloats, whole: Ints | None = None) -> list[float]:
    """The values again, from `whole` if the column holds something else in its place."""
    return unscale(
        column.decimals,
        unpack_ints(column.whole) if whole is None else whole,
        unpack_ints(column.odd_at),
        column.odd,
        unpack_ints(column.null_at),
    )


class Words(msgspec.Struct, frozen=True, array_like=True):
    """Words as numbers in the order of their first use."""

    words: list[str]
    index: PackedInts

    @staticmethod
    def of(values: Sequence[str]) -> Words:
        """Each word once."""
        numbers = {word: number for number, word in enumerate(dict.fromkeys(values))}
        index = list(map(numbers.__getitem__, values))
        return Words(list(numbers), pack_ints(np.array(index, dtype=np.int64)))

    def all(self) -> list[str]:
        """The words again."""
        words = np.array([*self.words, ""], dtype=object)  # never empty, so always of objects
        return words[unpack_ints(self.index)].tolist()


_NONE: Ints = np.zeros(0, dtype=np.int64)


def _whole(floats: Floats, decimals: int) -> tuple[Ints, npt.NDArray[np.bool_]]:
    with np.errstate(all="ignore"):
        rounded = np.rint(floats * 10.0**decimals)
        good = np.abs(rounded) < _EXACT
        whole = np.where(good, rounded, 0.0).astype(np.int64)
        good &= (whole / 10.0**decimals).view(np.int64) == floats.view(np.int64)
    return whole, good
