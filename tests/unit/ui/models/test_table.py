from __future__ import annotations

import csv
import io
from decimal import Decimal

import numpy as np
import pytest

from cockpit.ui.models.columns import Align, Column, Row, signed_role
from cockpit.ui.models.table import Table
from cockpit.ui.theme.format import number

COLUMNS = (
    Column("name", "Name", align=Align.LEFT),
    Column("price", "Price", number, flash=True, marks_stale=True),
    Column("change", "Change", number, role=signed_role),
)


class Shelf:
    """Rows kept in a dict."""

    def __init__(self, **rows: tuple[float | None, float | None]) -> None:
        self.rows = dict(rows)
        self.stale = False

    def keys(self) -> list[str]:
        return list(self.rows)

    def row(self, key: str) -> Row:
        return Row((key, *self.rows[key]), self.stale, f"about {key}")


def shown(table: Table) -> list[str]:
    return [table.live(p).texts[0] for p in range(len(table))]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(b=(2.0, -1.0), a=(30.0, 0.5), c=(1.0, None))


@pytest.fixture
def table(shelf: Shelf) -> Table:
    table = Table(COLUMNS, shelf, flash_ms=400)
    table.sync()
    table.pull(0, 3, 0)
    return table


def test_cells_say_what_the_column_says(table):
    row = table.live(0)
    assert row.texts == ["b", "2.00", "\u22121.00"]
    assert row.looks == ["text", "text", "down"]
    assert table.live(2).texts[2] == "-"


def test_sorting_is_by_value_not_by_text(table):
    table.sort_by(1)
    assert shown(table) == ["c", "b", "a"]
    table.sort_by(1, descending=True)
    assert shown(table) == ["a", "b", "c"]


@pytest.mark.parametrize("descending", [False, True])
def test_a_missing_value_sorts_last_either_way(table, descending):
    table.sort_by(2, descending=descending)
    assert shown(table)[-1] == "c"


def test_rows_hold_still_until_they_are_sorted_again(table, shelf):
    table.sort_by(1)
    shelf.rows["c"] = (99.0, 0.0)
    table.sync()
    table.pull(0, 3, 10)
    assert shown(table) == ["c", "b", "a"]
    assert table.resort()
    assert shown(table) == ["b", "a", "c"]


def test_rows_come_and_go(table, shelf):
    shelf.rows["d"] = (5.0, 1.0)
    del shelf.rows["b"]
    assert table.sync()
    assert shown(table) == ["a", "c", "d"]


def test_a_change_flashes_its_way_and_ends_after_the_time(table, shelf):
    shelf.rows["b"] = (2.5, -1.0)
    assert table.pull(0, 3, 1000)
    row = table.live(0)
    assert table.flash(row, 1, 1000) == (1, 1.0)
    assert table.flash(row, 1, 1300)[1] == pytest.approx(0.25)
    assert table.flashing(1399)
    assert table.flash(row, 1, 1400) == (0, 0.0)
    assert not table.flashing(1400)


def test_a_fall_flashes_down_and_quiet_columns_never_flash(table, shelf):
    shelf.rows["b"] = (1.5, -9.0)
    table.pull(0, 3, 1000)
    assert table.flash(table.live(0), 1, 1000)[0] == -1
    assert 2 not in table.live(0).flashes


def test_reduced_motion_never_flashes(table, shelf):
    table.flash_ms = 0
    shelf.rows["b"] = (2.5, -1.0)
    table.pull(0, 3, 1000)
    assert not table.flashing(1000)
    assert not table.live(0).flashes


def test_motion_that_rests_puts_out_what_is_lit(table, shelf):
    shelf.rows["b"] = (2.5, -1.0)
    table.pull(0, 3, 1000)
    assert table.flashing(1000)
    table.flash_ms = 0
    assert not table.flashing(1000)
    assert [table.flash(table.live(row), 1, 1000) for row in range(3)] == [(0, 0.0)] * 3


def test_a_change_too_small_to_see_repaints_nothing(table, shelf):
    shelf.rows["b"] = (2.0001, -1.0)
    assert not table.pull(0, 3, 1000)


def test_turning_stale_repaints(table, shelf):
    shelf.stale = True
    assert table.pull(0, 3, 1000)
    assert table.live(0).stale
    assert table.describe(0).endswith("stale")


def test_only_the_asked_rows_are_pulled(table, shelf):
    shelf.rows["c"] = (7.0, 0.0)
    assert table.pull(0, 2, 1000) == []
    assert table.pull(2, 3, 1000) == [2]


def test_copies_carry_titles_and_quote_what_needs_it(shelf):
    shelf.rows = {'say "x", y': (1234.5, None)}
    table = Table(COLUMNS, shelf)
    table.sync()
    assert table.tsv(range(1)).splitlines()[0] == "Name\tPrice\tChange"
    assert list(csv.reader(io.StringIO(table.csv()))) == [
        ["Name", "Price", "Change"],
        ['say "x", y', "1,234.50", "-"],
    ]


def test_copies_leave_out_the_space_that_aligns_digits():
    class Marks:
        def keys(self) -> list[str]:
            return ["a"]

        def row(self, key: str) -> Row:
            return Row(("12.90\u2007",))

    table = Table((Column("m", "Mark"),), Marks())
    table.sync()
    assert table.csv().splitlines() == ["Mark", "12.90"]


def test_sparklines_stay_out_of_copies_and_compare_by_identity():
    class Curves:
        curve = np.array([1.0, 2.0])

        def keys(self) -> list[str]:
            return ["a"]

        def row(self, key: str) -> Row:
            return Row((Decimal(1), self.curve))

    source = Curves()
    table = Table((Column("n", "N"), Column("s", "S", curve=True)), source)
    table.sync()
    table.pull(0, 1, 0)
    assert not table.pull(0, 1, 1)
    source.curve = np.array([1.0, 3.0])
    assert table.pull(0, 1, 2)
    assert table.csv().splitlines() == ["N", "1"]
