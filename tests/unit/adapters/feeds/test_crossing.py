"""Messages between two processes come whole, in their order, and nobody waits for the other."""

from __future__ import annotations

import multiprocessing
import socket
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.adapters.feeds.crossing import (
    DamagedError,
    Reader,
    Writer,
    columns_bytes,
    told_in,
    widen,
    word_bytes,
)
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawQuote, RawRow
from tests.unit.ports.test_columns import batches, in_columns

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="its pipes keep messages whole")


@pytest.fixture
def pipe() -> Iterator[tuple[Connection, Connection]]:
    here, there = multiprocessing.get_context("spawn").Pipe()
    yield here, there
    here.close()
    there.close()


def quotes(count: int) -> list[RawRow]:
    return [RawQuote(f"S{n % 50}", 9.0, 9.01, n + 1.0, 2.0, n) for n in range(count)]


@given(st.lists(batches, min_size=1, max_size=4))
def test_rows_are_the_same_on_the_other_side(parts: list[list[RawRow]]) -> None:
    names: list[str] = []
    known: dict[str, int] = {}
    theirs: list[str] = []
    for rows in parts:
        before = len(names)
        message = columns_bytes(in_columns(rows, names, known), before)
        kind, what = told_in(memoryview(message), theirs)
        assert kind == "rows"
        assert isinstance(what, Columns)
        assert list(what) == rows
        assert what.names is theirs
    assert theirs == names


@given(batches, st.integers(0, 25), st.integers(0, 25))
def test_a_part_of_columns_is_that_part_of_the_rows(
    rows: list[RawRow], begin: int, end: int
) -> None:
    columns = in_columns(rows)
    begin, end = sorted((min(begin, len(rows)), min(end, len(rows))))
    assert list(columns.part(begin, end)) == rows[begin:end]


def test_words_come_as_they_were_said() -> None:
    assert told_in(memoryview(word_bytes("remark", ("ü", 1))), []) == ("remark", ("ü", 1))


def test_rows_of_names_that_are_not_known_are_damage() -> None:
    message = columns_bytes(in_columns(quotes(3)), 0)
    with pytest.raises(DamagedError):
        told_in(memoryview(message), ["another"])
    with pytest.raises(DamagedError):
        told_in(memoryview(message[:64]), [])


@unix_only
def test_messages_that_come_torn_are_taken_once_they_are_whole(
    pipe: tuple[Connection, Connection],
) -> None:
    here, there = pipe
    sender = socket.fromfd(there.fileno(), socket.AF_UNIX, socket.SOCK_STREAM)
    reader = Reader(here)
    sent = word_bytes("a", 1) + columns_bytes(in_columns(quotes(5)), 0) + word_bytes("b", 2)
    found = list[str]()
    names = list[str]()
    for at in range(0, len(sent), 7):
        sender.sendall(sent[at : at + 7])
        found += [told_in(message, names)[0] for message in reader.read()]
    assert found == ["a", "rows", "b"]
    assert reader.read() == []
    sender.sendall(b"\0" * 24)
    with pytest.raises(DamagedError):
        reader.read()
    sender.close()
    reader.close()


@unix_only
def test_a_reader_that_is_behind_holds_no_writer_up(pipe: tuple[Connection, Connection]) -> None:
    here, there = pipe
    widen(here)
    widen(there)
    reader, writer = Reader(here), Writer(there)
    count = 0
    while not writer.waiting:  # more than the pipe takes
        writer.write(word_bytes("row", count))
        count += 1
    for _ in range(100):
        writer.write(word_bytes("row", count))
        count += 1
    found = list[int]()
    while len(found) < count:
        found += [told_in(message, [])[1] for message in reader.read()]
        writer.go_on()
    assert found == list(range(count))
    assert not writer.waiting
    reader.close()
    writer.close()


@unix_only
def test_the_end_of_the_other_side_is_told(pipe: tuple[Connection, Connection]) -> None:
    here, there = pipe
    reader = Reader(here)
    assert reader.read() == []
    there.close()
    with pytest.raises(EOFError):
        reader.read()
    reader.close()
