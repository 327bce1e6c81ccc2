"""A batch in columns is the same rows to whoever looks at them one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.ports.columns import MOST_SYMBOLS, Columns, newest_ns, others_in
from cockpit.ports.feed import RawQuote, RawRow, RawStatus, RawTrade

symbols, times = st.sampled_from(["A", "B", "ü"]), st.integers(-(2**63), 2**63 - 1)
numbers = st.floats(allow_nan=False)
quotes = st.builds(RawQuote, symbols, numbers, numbers, numbers, numbers, times)
trades = st.builds(RawTrade, symbols, numbers, numbers, times, st.just("@"))
halts = st.builds(RawStatus, symbols, st.booleans(), st.just("why"), times)
batches = st.lists(st.one_of(quotes, quotes, trades, halts), min_size=1, max_size=20)


def in_columns(
    rows: list[RawRow], names: list[str] | None = None, known: dict[str, int] | None = None
) -> Columns:
    columns = Columns.of(rows, [] if names is None else names, {} if known is None else known)
    assert columns is not None
    return columns


@given(batches)
def test_its_rows_are_those_it_was_made_of(rows: list[RawRow]) -> None:
    columns = in_columns(rows)
    assert list(columns) == rows
    assert [columns[n] for n in range(len(rows))] == rows
    assert columns[-1] == rows[-1]
    assert columns[1::2] == rows[1::2]
    assert newest_ns(columns) == newest_ns(rows) == rows[-1].ts_event
    assert list(others_in(columns)) == [row for row in rows if not isinstance(row, RawQuote)]


@given(st.lists(batches, min_size=1, max_size=4))
def test_batches_joined_are_their_rows_in_order(parts: list[list[RawRow]]) -> None:
    names: list[str] = []
    known: dict[str, int] = {}
    joined = Columns.joined([in_columns(rows, names, known) for rows in parts])
    assert list(joined) == [row for rows in parts for row in rows]
    assert names == list(known)


@given(batches)
def test_of_each_symbol_the_newest_quote_stays_and_all_else(rows: list[RawRow]) -> None:
    last = {row.symbol: n for n, row in enumerate(rows) if isinstance(row, RawQuote)}
    kept = [
        row for n, row in enumerate(rows) if not isinstance(row, RawQuote) or last[row.symbol] == n
    ]
    columns = in_columns(rows)
    assert list(columns.only_newest()) == kept
    newest = dict(zip(columns.groups.symbols, columns.newest, strict=True))
    assert newest == {symbol: rows[n] for symbol, n in last.items()}


def test_more_symbols_than_it_can_number_are_left_to_lists() -> None:
    names = [f"S{n}" for n in range(MOST_SYMBOLS)]
    known = {name: n for n, name in enumerate(names)}
    assert Columns.of([RawQuote("NEW", 1, 1, 1, 1, 1)], names, known) is None


def test_a_place_beyond_its_end_is_an_error() -> None:
    with pytest.raises(IndexError):
        in_columns([RawQuote("A", 1, 1, 1, 1, 1)])[1]
