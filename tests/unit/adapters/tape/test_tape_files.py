"""Tapes on a real disk: written in a thread, torn, finished, pruned."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.adapters.feeds.chunks import Batch, Unreadable
from cockpit.adapters.tape import reader
from cockpit.adapters.tape.blocks import BLOCK_ROWS
from cockpit.adapters.tape.frames import MAGIC, OVERHEAD
from cockpit.adapters.tape.reader import TapeFile, blocks, is_tape, open_tape
from cockpit.adapters.tape.shelf import Kept, Shelf, finish
from cockpit.adapters.tape.writer import NOT_RECORDED, Room, TapeWriter
from cockpit.domain.instrument import Instrument
from cockpit.kernel.clock import SECOND
from cockpit.ports.feed import FeedError, RawQuote, RawTrade
from cockpit.ports.tape import Origin
from tests.support import eventually

T0 = 1_514_903_400 * SECOND
ORIGIN = Origin(
    feed="test", label="", instruments=(Instrument(symbol="ABC"),), references={"ABC": 9.5}
)
PLENTY = 10**12
Make = Callable[..., TapeWriter]


def batch(n: int) -> tuple[int, list[RawQuote | RawTrade]]:
    ts = T0 + n * SECOND // 10
    price = 10 + n % 13 / 100
    quote = RawQuote("ABC", price, price + 0.01, 100.0, 200.0, ts)
    return ts + 3, [quote, RawTrade("ABC", price, 5.0, ts, "@", trade_id=f"V{n}")]


def everything(tape: TapeFile) -> list[Batch]:
    return [each for block in blocks(tape) for each in block]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def make(tmp_path: Path, told: list[str]) -> Make:
    def build(
        name: str = "a.tape",
        *,
        most: int = PLENTY,
        free: Callable[[Path], int] = lambda _: PLENTY,
        patient: bool = True,
    ) -> TapeWriter:
        tape = TapeWriter(
            tmp_path / name,
            ORIGIN,
            Room(most, 1000, free),
            patient=patient,
            on_failure=told.append,
            call_in_loop=asyncio.get_running_loop().call_soon_threadsafe,
        )
        tape.open()
        return tape

    return build


async def recorded(make: Make, count: int, name: str = "a.tape") -> Path:
    tape = make(name)
    for n in range(count):
        tape.write(*batch(n))
    await tape.close({"other_exchange": 7})
    assert tape.failed == ""
    return tape.path


async def test_what_was_written_is_read_and_the_folder_holds_one_file(
    make: Make, tmp_path: Path
) -> None:
    tape = make()
    tape.write(*batch(0))
    tape.note(T0 + 5, "unreadable", "line 7")
    tape.write(*batch(1))
    tape.write(T0 + SECOND, [])
    await tape.close({"other_exchange": 7})
    found = open_tape(tape.path)
    assert everything(found) == [batch(0), Unreadable("unreadable", "line 7", T0 + 5), batch(1)]
    assert (found.origin, found.rows, found.whole, found.defect) == (ORIGIN, 5, True, "")
    assert found.totals is not None
    assert found.totals.skipped == {"other_exchange": 7}
    assert (found.start_ns, found.end_ns) == (batch(0)[0], batch(1)[0])
    assert os.listdir(tmp_path) == ["a.tape"]  # noqa: PTH208 -- no folder is walked here


async def test_blocks_are_cut_at_the_same_places_however_it_came(make: Make) -> None:
    fast = await recorded(make, 3 * BLOCK_ROWS)
    slow = make("b.tape")
    for n in range(3 * BLOCK_ROWS):
        slow.write(*batch(n))
        if n % 5000 == 0:
            written = slow._taken_in
            slow._wake.set()
            await eventually(lambda done=written: slow._written_out >= done)
    await slow.close({"other_exchange": 7})
    assert slow.path.read_bytes() == fast.read_bytes()
    assert open_tape(fast).blocks == 6


async def test_a_tape_being_recorded_can_be_read_to_the_second(make: Make) -> None:
    tape = make()
    tape.SAVE_S = 0.0
    for n in range(BLOCK_ROWS // 2 + 10):
        tape.write(*batch(n))
    tape._wake.set()
    await eventually(lambda: tape.tail.stat().st_size > 0)
    found = open_tape(tape.part)
    assert found.rows == BLOCK_ROWS + 20
    assert everything(found) == [batch(n) for n in range(BLOCK_ROWS // 2 + 10)]
    assert "not finished" in found.defect
    await tape.close({})


@pytest.mark.parametrize("cut", [1, 9, OVERHEAD, 200])
async def test_a_torn_end_is_cut_and_said(make: Make, cut: int) -> None:
    path = await recorded(make, BLOCK_ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - cut])
    found = open_tape(path)
    assert not found.whole
    assert found.defect
    assert found.rows in {BLOCK_ROWS, 2 * BLOCK_ROWS}
    assert everything(found) == [batch(n) for n in range(found.rows // 2)]


async def test_a_damaged_frame_ends_the_tape_before_it(make: Make) -> None:
    path = await recorded(make, BLOCK_ROWS)
    content = bytearray(path.read_bytes())
    content[-400] ^= 0xFF
    path.write_bytes(content)
    found = open_tape(path)
    assert found.rows == BLOCK_ROWS
    assert found.torn_bytes > 400
    source = reader.TapeSource([found])
    told = [each for _ in range(2) for each in await source.next()]
    assert isinstance(told[-1], Unreadable)
    assert told[-1].reason == reader.TORN


@pytest.mark.parametrize("content", [b"", MAGIC[:5], MAGIC, MAGIC + b"x" * 100, b"ts,symbol,bid\n"])
def test_what_is_no_tape_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tape"
    path.write_bytes(content)
    assert is_tape(path) == content.startswith(MAGIC)
    with pytest.raises(FeedError) as caught:
        open_tape(path)
    assert "Nothing was played" in caught.value.user_text


async def test_a_crash_costs_what_was_not_saved_yet(make: Make) -> None:
    """The files as a killed program leaves them: full blocks and a tail, maybe torn."""
    tape = make()
    tape.SAVE_S = 0.0
    for n in range(BLOCK_ROWS // 2 + 10):
        tape.write(*batch(n))
    tape._wake.set()
    await eventually(lambda: tape.tail.stat().st_size > 0)
    part, tail = tape.part.read_bytes(), tape.tail.read_bytes()
    await tape.close({})
    tape.path.unlink()
    tape.part.write_bytes(part + b"half a fra")
    tape.tail.write_bytes(tail + b"ROWS")
    path = finish(tape.part)
    found = open_tape(path)
    assert everything(found) == [batch(n) for n in range(BLOCK_ROWS // 2 + 10)]
    assert found.totals is not None
    assert not found.totals.whole
    assert not tape.part.exists()
    assert not tape.tail.exists()


async def test_a_tail_that_is_already_on_the_tape_counts_once(make: Make) -> None:
    """Killed between the block and the emptying of the tail."""
    tape = make()
    tape.SAVE_S = 0.0
    for n in range(10):
        tape.write(*batch(n))
    tape._wake.set()
    await eventually(lambda: tape.tail.stat().st_size > 0)
    tail = tape.tail.read_bytes()
    for n in range(10, BLOCK_ROWS // 2):
        tape.write(*batch(n))
    tape._wake.set()
    await eventually(lambda: tape._rows == BLOCK_ROWS)
    part = tape.part.read_bytes()
    await tape.close({})
    tape.part.write_bytes(part)
    tape.tail.write_bytes(tail)
    assert everything(open_tape(tape.part)) == [batch(n) for n in range(BLOCK_ROWS // 2)]


async def test_a_disk_that_fills_up_stops_the_recording_and_keeps_what_is_there(
    make: Make, told: list[str]
) -> None:
    left = iter([PLENTY, PLENTY])
    tape = make(free=lambda _: next(left, 0))
    for n in range(BLOCK_ROWS):
        tape.write(*batch(n))
    tape._wake.set()
    await eventually(lambda: bool(told))
    assert "nearly full" in told[0]
    assert "Trading goes on" in told[0]
    tape.write(*batch(0))
    await tape.close({})
    found = open_tape(tape.path)
    assert found.totals is not None
    assert not found.totals.whole
    assert everything(found) == [batch(n) for n in range(found.rows // 2)]
    assert found.rows >= BLOCK_ROWS


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
async def test_a_full_disk_leaves_whole_frames_for_the_next_start(
    make: Make, told: list[str]
) -> None:
    tape = make()
    for n in range(BLOCK_ROWS // 2):
        tape.write(*batch(n))
    tape._wake.set()
    await eventually(lambda: tape._rows == BLOCK_ROWS)
    assert tape._tape is not None
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, tape._tape.fileno())  # the same file from now on, as the thread sees it
    os.close(full)
    for n in range(BLOCK_ROWS // 2, BLOCK_ROWS + 5):
        tape.write(*batch(n))
    tape._wake.set()
    await eventually(lambda: bool(told))
    await tape.close({})
    assert "No space left" in told[0]
    assert everything(open_tape(finish(tape.part)))[: BLOCK_ROWS // 2] == [
        batch(n) for n in range(BLOCK_ROWS // 2)
    ]


async def test_a_row_that_no_tape_can_hold_stops_the_recording_and_is_told(
    make: Make, told: list[str]
) -> None:
    tape = make()
    tape.write(T0, [RawTrade("ABC", 10.0, 5.0, 2**70, "@")])
    for n in range(BLOCK_ROWS):
        tape.write(*batch(n))
    tape._wake.set()
    await eventually(lambda: bool(told))
    assert "Recording stopped" in told[0]
    await tape.close({})


async def test_the_tape_has_a_most(make: Make, told: list[str]) -> None:
    tape = make(most=500)
    for n in range(2 * BLOCK_ROWS):
        tape.write(*batch(n))
    await tape.close({})
    await eventually(lambda: bool(told))
    assert "the most that tapes may have" in told[0]


async def test_rows_that_come_too_fast_are_counted_not_waited_for(make: Make) -> None:
    tape = make(patient=False)
    tape.MOST_WAITING = 10
    tape._wake.clear()
    tape.POLL_S = 3600.0
    for n in range(200):
        tape.write(*batch(n))
    tape._wake.set()
    await eventually(lambda: not tape._waiting)
    tape.write(*batch(200))
    await tape.close({})
    told = [each for each in everything(open_tape(tape.path)) if isinstance(each, Unreadable)]
    assert {each.reason for each in told} == {NOT_RECORDED}
    kept = sum(not isinstance(each, Unreadable) for each in everything(open_tape(tape.path)))
    lost = sum(int(each.detail.split()[0]) for each in told)
    assert 2 * kept + lost == 402


KEPT = Kept(days=30, most_bytes=1000, free_bytes=0)


def shelved(folder: Path, sizes: dict[str, int]) -> Shelf:
    """Tapes of these sizes; a name says its age in days."""
    for name, size in sizes.items():
        (folder / f"{name}.tape").write_bytes(b"x" * size)
    return Shelf(folder, KEPT, age_of=lambda path: float(path.stem) * 86_400)


def test_old_tapes_go_first_by_age_then_by_size(tmp_path: Path) -> None:
    shelf = shelved(tmp_path, {"31": 10, "20": 400, "10": 400, "1": 400})
    assert sorted(path.stem for path in shelf.tidy()) == ["20", "31"]
    assert [path.stem for path in shelf.tapes()] == ["1", "10"]


async def test_a_shelf_finishes_what_a_crash_left_and_names_apart(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "tapes", Kept(days=1, most_bytes=PLENTY, free_bytes=0))

    def begin() -> TapeWriter:
        return shelf.begin(
            T0,
            "PAPER-1",
            ORIGIN,
            patient=True,
            on_failure=print,
            call_in_loop=asyncio.get_running_loop().call_soon_threadsafe,
        )

    first = begin()
    first.write(*batch(0))
    await first.close({})
    left = first.path.read_bytes()
    first.path.unlink()
    first.part.write_bytes(left[:-10])
    (tmp_path / "tapes" / "bad.tape.part").write_bytes(b"no tape at all")
    second = begin()
    await second.close({})
    assert first.path.name == "2018-01-02_093000_PAPER-1.tape"
    assert second.path.name == "2018-01-02_093000_PAPER-1-2.tape"
    assert [path.name for path in shelf.tapes()] == sorted([first.path.name, second.path.name])
    assert everything(open_tape(first.path)) == [batch(0)]
    assert (tmp_path / "tapes" / "bad.tape.part").exists(), "what nobody can read is left alone"
