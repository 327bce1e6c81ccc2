"""What goes onto a tape comes back to the bit, whatever it was."""

from __future__ import annotations

import math
import struct
import zlib
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cockpit.adapters.feeds.chunks import Batch, Told, Unreadable
from cockpit.adapters.tape import codec, columns
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawBar, RawCorrection, RawQuote, RawStatus, RawTrade

T0 = 1_514_903_400_000_000_000

prices = st.one_of(
    st.integers(0, 10**7).map(lambda cents: cents / 100),
    st.integers(0, 10**9).map(lambda units: units / 10_000),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, -1.0, math.nan, math.inf, 1e300, 5e-324, 2.0**53, 0.1 + 0.2]),
    st.none(),
)
symbols = st.sampled_from(["ABC", "XYZ", "BRK.B", "", "ü"])
times = st.integers(-(10**9), 10**9).map(lambda ns: T0 + ns)
ids = st.one_of(
    st.sampled_from(["", "0", "007", "V6142", "-5", "٣", "1" * 30]),
    st.integers(0, 10**17).map(str),
    st.integers(0, 10**6).map(lambda n: f"D{n}"),
    st.text(max_size=4),
)
quotes = st.builds(RawQuote, symbols, prices, prices, prices, prices, times)
trades = st.builds(
    RawTrade, symbols, prices, prices, times, st.text(max_size=3), st.booleans(), ids
)
statuses = st.builds(RawStatus, symbols, st.booleans(), st.text(max_size=5), times)
marks = st.floats(0, 1e6)
corrections = st.builds(RawCorrection, symbols, ids, marks, marks, times, marks, marks, ids)
rows = st.lists(st.one_of(quotes, trades, statuses, corrections), min_size=1, max_size=6)
told = st.builds(
    RawBar, symbols, marks, marks, marks, marks, marks, marks, st.integers(0, 10**6),
    st.sampled_from([60, 3600]), times, st.booleans(),
)  # fmt: skip
batches = st.lists(
    st.one_of(
        st.builds(Told, times, st.lists(told, min_size=1, max_size=3)),
        st.tuples(times, rows),
        st.builds(Unreadable, st.text(min_size=1, max_size=5), st.text(max_size=20), times),
    ),
    max_size=12,
)


def bits(value: Any) -> Any:
    """Floats by their bytes, so that NaN equals itself and -0.0 not 0.0."""
    return struct.pack("<d", value) if isinstance(value, float) else value


def exact(given: list[Batch]) -> list[Any]:
    told = [
        batch if isinstance(batch, tuple)
        else (batch.ts_event, batch.bars if isinstance(batch, Told) else (batch,))
        for batch in given
    ]  # fmt: skip
    return [
        (ts, [(type(row), *map(bits, msgspec.structs.astuple(row))) for row in rows])
        for ts, rows in told
    ]


@given(batches)
@example([(T0, [RawQuote("ABC", 0.0001, 922337203685478.0, None, None, T0)])])
@example([(T0, [RawQuote("ABC", 922337203685478.0, 0.0001, None, None, T0)])])
def test_every_row_comes_back_to_the_bit(made: list[Batch]) -> None:
    block = codec.encode(made)
    assert exact(codec.decode(block)) == exact(made)
    assert codec.encode(codec.decode(block)) == block


floats = st.one_of(st.floats(), st.integers(0, 10**7).map(lambda cents: cents / 100))
full_quotes = st.builds(RawQuote, symbols, floats, floats, floats, floats, times)
full_rows = st.lists(
    st.one_of(full_quotes, full_quotes, trades, statuses, corrections), min_size=1, max_size=12
)


@given(st.lists(st.tuples(times, full_rows), min_size=1, max_size=5))
def test_columns_make_the_same_bytes_as_their_rows(made: list[tuple[int, Any]]) -> None:
    names: list[str] = []
    known: dict[str, int] = {}
    told: list[Batch] = []
    for ts, rows in made:
        batch = Columns.of(rows, names, known)
        assert batch is not None
        told.append((ts, batch))
    block = codec.encode([(ts, rows) for ts, rows in made])
    assert codec.encode(told) == block
    assert codec.encode([*told[:1], *made[1:]]) == block, "of both kinds"


def test_a_kind_of_quote_that_a_feed_has_of_its_own_comes_back_as_a_quote() -> None:
    class Wire(RawQuote, gc=False):
        pass

    (batch,) = codec.decode(codec.encode([(T0, [Wire("ABC", 1.0, 1.1, 2.0, 3.0, T0)])]))
    assert batch == (T0, [RawQuote("ABC", 1.0, 1.1, 2.0, 3.0, T0)])


def test_a_quiet_quote_costs_next_to_nothing() -> None:
    made: list[Batch] = [
        (T0 + n * 10**6, [RawQuote("ABC", 10 + n % 7 / 100, 10.1, 100.0, 200.0, T0 + n * 10**6)])
        for n in range(8192)
    ]
    assert len(codec.encode(made)) / len(made) < 1


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_whole_numbers_of_any_size(values: list[int]) -> None:
    array = np.array(values, dtype=np.int64)
    assert columns.unpack_ints(columns.pack_ints(array)).tolist() == values


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-(10**15), 10**15))))
def test_steps_within_a_group_lead_back_to_the_values(pairs: list[tuple[int, int]]) -> None:
    keys = np.array([key for key, _ in pairs], dtype=np.int64)
    values = np.array([value for _, value in pairs], dtype=np.int64)
    groups = columns.Groups(keys)
    assert groups.values(groups.deltas(values)).tolist() == values.tolist()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"nothing",
        zlib.compress(b"nothing"),
        zlib.compress(msgspec.msgpack.encode([1, 2])),
        codec.encode([(T0, [RawStatus("A", True, "", T0)])])[:-3],
    ],
)
def test_what_is_no_block_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the reason is zlib's or msgspec's
        codec.decode(payload)


def test_a_block_that_swells_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="longer than any of ours"):
        codec.decode(zlib.compress(b"\0" * 10**6))
