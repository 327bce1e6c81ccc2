"""What is in the ledger already is not booked twice, whatever it is called there, unasked."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from cockpit.app.bookkeeping.books import all_books
from cockpit.app.bookkeeping.doubles import Doubles
from cockpit.app.bookkeeping.errors import DoubleImportError
from cockpit.app.bookkeeping.importing import import_statement, open_imports, undo_import
from cockpit.app.bookkeeping.report import ImportReport
from cockpit.domain.imported import Booking
from cockpit.journal.statements.booking import bookings_of, former_keys
from cockpit.journal.statements.reading import read_statement
from cockpit.journal.statements.statement import Statement, When
from cockpit.ports.imports import ImportBatch

SCHWAB = """"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"
"03/15/2024","Sell","XMPL","x","100","$12.00","$1.00","$1199.00"
"03/14/2024","Cash Dividend","XMPL","x","","","","$3.00"
"03/13/2024","Buy","XMPL","x","100","$10.00","$1.00","-$1001.00"
"""
AS_TABLE = {"date": "Date", "side": "Action", "symbol": "Symbol", "quantity": "Quantity",
            "price": "Price", "fees": "Fees & Comm"}  # fmt: skip
OTHER_EXPORT = """Trade Date,Ticker,Side,Shares,Price
2024-03-13,XMPL,buy,100,10
2024-03-15,XMPL,sell,100,12
2024-03-18,XMPL,buy,5,11
"""


class Folder:
    def __init__(self, path: Path) -> None:
        self.path, self.data = path, path / "data"

    def file(self, text: str, name: str = "statement.csv") -> Path:
        (self.path / name).write_text(text)
        return self.path / name

    async def imported(self, text: str, name: str = "statement.csv", **how: object) -> ImportReport:
        return await import_statement(self.data, self.file(text, name), **how)  # pyright: ignore[reportArgumentType]

    async def bookings(self) -> int:
        return sum(len(b.trades.fills()) + len(b.cash) for b in await all_books(self.data))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def verdicts(report: ImportReport) -> Counter[str]:
    return Counter(row.verdict for row in report.rows)


async def test_the_same_file_for_another_account_asks_first(folder: Folder) -> None:
    first = await folder.imported(SCHWAB)
    preview = await folder.imported(SCHWAB, account="mine", preview=True)
    assert (preview.booked, preview.doubles, verdicts(preview)["double"]) == (0, 3, 3)
    assert {row.reason for row in preview.rows if row.verdict == "double"} == {
        "schwab has the same already, from a schwab statement"
    }
    [note] = preview.warnings
    assert note.startswith("This very file was imported on ")
    assert first.batch_id in note
    with pytest.raises(DoubleImportError) as refused:
        await folder.imported(SCHWAB, account="mine")
    assert "Nothing was booked" in refused.value.user_text
    assert await folder.bookings() == 3
    left = await folder.imported(SCHWAB, account="mine", doubles=Doubles.LEAVE)
    assert (left.booked, left.batch_id) == (0, "")
    assert await folder.bookings() == 3
    both = await folder.imported(SCHWAB, account="mine", doubles=Doubles.BOOK)
    assert (both.booked, both.doubles) == (3, 0)
    assert await folder.bookings() == 6


async def test_the_same_file_as_another_kind_asks_first(folder: Folder) -> None:
    await folder.imported(SCHWAB, account="mine")
    preview = await folder.imported(SCHWAB, account="mine", mapping=AS_TABLE, preview=True)
    assert (preview.format, preview.doubles) == ("table", 2)
    with pytest.raises(DoubleImportError):
        await folder.imported(SCHWAB, account="mine", mapping=AS_TABLE)


async def test_another_export_of_the_same_trades_books_what_is_new(folder: Folder) -> None:
    await folder.imported(SCHWAB, account="mine")
    left = await folder.imported(OTHER_EXPORT, "other.csv", account="mine", doubles=Doubles.LEAVE)
    assert (left.booked, left.doubles) == (1, 2)
    assert not left.warnings  # it is another file
    [book] = await all_books(folder.data)
    assert [t.quantity for t in book.trades.open_trades()] == [5]
    again = await folder.imported(OTHER_EXPORT, "other.csv", account="mine", doubles=Doubles.LEAVE)
    assert (again.booked, again.known, again.doubles) == (0, 1, 2)


async def test_the_same_account_and_kind_again_asks_nothing(folder: Folder) -> None:
    await folder.imported(SCHWAB)
    again = await folder.imported(SCHWAB)
    assert (again.booked, again.known, again.doubles, again.warnings) == (0, 3, 0, ())


async def test_what_was_taken_back_is_no_double(folder: Folder) -> None:
    first = await folder.imported(SCHWAB)
    await undo_import(folder.data, first.batch_id)
    again = await folder.imported(SCHWAB, account="mine")
    assert (again.booked, again.doubles) == (3, 0)


async def test_other_trades_of_that_day_are_no_doubles(folder: Folder) -> None:
    """Another price, size, side or time; and equal cash, which is paid to many."""
    await folder.imported(SCHWAB)
    other = SCHWAB.replace('"$10.00","$1.00","-$1001.00"', '"$10.50","$1.00","-$1051.00"').replace(
        '"Sell","XMPL","x","100","$12.00","$1.00","$1199.00"',
        '"Sell","XMPL","x","99","$12.00","$1.00","$1187.00"',
    )
    report = await folder.imported(other, account="mine")
    assert (report.booked, report.doubles) == (3, 0)


async def test_times_tell_trades_of_one_day_apart(folder: Folder) -> None:
    table = "Date,Time,Symbol,Side,Qty,Price\n2024-03-13,{},XMPL,buy,100,10\n"
    await folder.imported(table.format("10:00:00"), account="one")
    later = await folder.imported(table.format("10:00:05"), account="two")
    assert (later.booked, later.doubles) == (1, 0)
    same = await folder.imported(table.format("10:00:00"), account="three", preview=True)
    assert (same.booked, same.doubles) == (0, 1)


async def test_each_booking_is_the_double_of_one_line(folder: Folder) -> None:
    """Three fills of one size and price against two that are booked: one is new."""
    row = "2024-03-13,10:00:00,XMPL,buy,100,10\n"
    head = "Date,Time,Symbol,Side,Qty,Price\n"
    await folder.imported(head + 2 * row, account="one")
    preview = await folder.imported(head + 3 * row, account="two", preview=True)
    assert (preview.booked, preview.doubles) == (1, 2)


# Ledgers of earlier versions


def first_key(statement: Statement, number: int, booking: Booking) -> str:
    """The key as the first version made it, for a line that says what no other one says."""
    line = next(line for line in statement.lines if line.number == number)
    when = line.when or When("")
    said = f"{when.day}|{when.ns}|{line.reference}|{line.currency}|".encode()
    entry = msgspec.json.encode(booking.entry).replace(b',"signed":false', b"")
    return f"{statement.format}-{hashlib.blake2b(said + entry, digest_size=10).hexdigest()}-1"


async def booked_by_the_first_version(folder: Folder, text: str) -> None:
    statement = read_statement(text.encode())
    old = [
        msgspec.structs.replace(
            each.booking, key=first_key(statement, each.line, each.booking), account_id="mine"
        )
        for each in bookings_of(statement)
    ]
    batch = ImportBatch(batch_id="old", format=statement.format, file_name="statement.csv",
                        digest="of another writing", imported_ns=1)  # fmt: skip
    async with open_imports(folder.data) as store:
        assert await store.save_import(batch, old) == len(old)


SPLIT = (
    SCHWAB
    + """"03/13/2024","Stock Split","XMPL","x","100","","",""
"""
)


async def test_what_an_earlier_version_booked_is_known_by_its_old_keys(folder: Folder) -> None:
    await booked_by_the_first_version(folder, SPLIT)
    assert await folder.bookings() == 3
    again = await folder.imported(SPLIT, account="mine")
    assert (again.booked, again.known, again.doubles, again.batch_id) == (0, 4, 0, "")
    more = (
        SPLIT
        + """"03/12/2024","Buy","XMPL","x","7","$10.00","","-$70.00"
"""
    )
    report = await folder.imported(more, account="mine")
    assert (report.booked, report.known) == (1, 4)
    assert (await folder.imported(more, account="mine")).known == 5


def first_keys(statement: Statement) -> list[str]:
    """The first version's keys, lines that say the same counted."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    for each in bookings_of(statement):
        stem = first_key(statement, each.line, each.booking).removesuffix("1")
        seen[stem] += 1
        found.append(f"{stem}{seen[stem]}")
    return found


async def test_lines_that_say_the_same_were_counted_then_as_now(folder: Folder) -> None:
    """One of them says what it was meant for: it is no other line's key."""
    table = "Date,Time,Symbol,Side,Qty,Price\n" + "".join(
        f"2024-03-13,10:00:00,XMPL,{side},100,10.50\n"
        for side in ("buy", "buy to open", "buy", "buy to open")
    )
    statement = read_statement(table.encode())
    assert [old in new for old, new in zip(
        first_keys(statement), former_keys(statement, bookings_of(statement)), strict=True,
    )] == [True] * 4  # fmt: skip
    old = [
        msgspec.structs.replace(each.booking, key=key, account_id="mine")
        for each, key in zip(bookings_of(statement), first_keys(statement), strict=True)
    ]
    batch = ImportBatch(batch_id="old", format="table", file_name="f", digest="", imported_ns=1)
    async with open_imports(folder.data) as store:
        await store.save_import(batch, old)
    again = await folder.imported(table, account="mine")
    assert (again.booked, again.known) == (0, 4)


SPELLED = """Date,Time,Symbol,Side,Quantity,Price,Fees
2024-03-13,09:31:00,ABC,Buy,100,10.00,1
2024-03-13,10:31:00,abc,Sell,100,11.00,1
2024-03-13,10:35:00,abc,Sell Short,100,11.00,1
2024-03-13,10:35:00,abc,Sell,100,11.00,1
2024-03-13,10:36:00,Abc,Buy to Cover,200,10.50,1
"""
KEYS_AS_SPELLED = (  # what these lines were booked under while abc and ABC were two things
    "table-7592d431d09a5d5d6da6-1", "table-b53f18717b493accdf72-1", "table-63f4c36954aadcf0989f-1",
    "table-63f4c36954aadcf0989f-2", "table-36e5c3f78bf64d54d5e4-1",
)  # fmt: skip


async def test_a_table_written_in_small_letters_is_of_the_same_instrument(folder: Folder) -> None:
    assert (await folder.imported(SPELLED, account="mine")).booked == 5
    [book] = await all_books(folder.data)
    assert [(t.symbol, t.net) for t in book.trades.trades()] == [("ABC", 98), ("ABC", 97)]
    assert not book.trades.open_trades()
    again = await folder.imported(SPELLED.replace("abc", "ABC"), "b.csv", account="mine")
    assert (again.booked, again.known) == (0, 5)


async def test_lines_booked_while_letters_counted_are_known_again(folder: Folder) -> None:
    statement = read_statement(SPELLED.encode())
    old = [
        msgspec.structs.replace(each.booking, key=key, account_id="mine")
        for each, key in zip(bookings_of(statement), KEYS_AS_SPELLED, strict=True)
    ]
    batch = ImportBatch(batch_id="old", format="table", file_name="f", digest="", imported_ns=1)
    async with open_imports(folder.data) as store:
        await store.save_import(batch, old)
    again = await folder.imported(SPELLED, account="mine")
    assert (again.booked, again.known) == (0, 5)
