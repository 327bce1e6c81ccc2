import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec
import pytest

from cockpit.market import session_table
from cockpit.market.session import SessionCalendar
from cockpit.market.session_table import SessionTable, keep_table, table_around

DAY = date(2018, 7, 3)


@pytest.fixture(scope="module")
def fresh() -> SessionTable:
    table, made = table_around(DAY, None)
    assert made
    return table


@pytest.fixture
def folder(tmp_path: Path, fresh: SessionTable) -> Path:
    keep_table(fresh, tmp_path / "cache")
    return tmp_path / "cache"


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_whole_years_around_the_day(fresh: SessionTable) -> None:
    assert (min(fresh.hours), max(fresh.hours)) == (date(2017, 1, 3), date(2019, 12, 31))
    assert fresh.covers(date(2017, 1, 1))
    assert not fresh.covers(date(2020, 1, 2))


def test_what_is_kept_is_read_again(folder: Path, fresh: SessionTable) -> None:
    assert table_around(date(2018, 1, 2), folder) == (fresh, False)


def test_a_kept_calendar_answers_without_pandas(folder: Path) -> None:
    code = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from cockpit.market.session import SessionCalendar as C;"
        f"session = C(Path({str(folder)!r})).session(date(2018, 7, 3));"
        "sys.exit('pandas' in sys.modules or not session.half_day)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_calendar_keeps_only_what_it_made(tmp_path: Path) -> None:
    first = SessionCalendar(tmp_path)
    first.load(DAY)
    assert not list(tmp_path.iterdir())  # looking changes nothing
    first.keep()
    before = only_file(tmp_path).stat()
    second = SessionCalendar(tmp_path)
    second.load(DAY)
    second.keep()
    assert second.session(DAY) == first.session(DAY)
    assert only_file(tmp_path).stat().st_mtime_ns == before.st_mtime_ns


def spoilt(table: SessionTable, **change: object) -> bytes:
    return msgspec.json.encode(msgspec.structs.replace(table, **change))


def test_a_file_that_cannot_be_true_is_not_believed(folder: Path, fresh: SessionTable) -> None:
    holidays = dict(list(fresh.hours.items())[:100])
    backwards = fresh.hours | {DAY: (2, 1)}
    for bad in (
        b"{",
        b"",
        spoilt(fresh, made_by="0.1"),
        spoilt(fresh, exchange="XLON"),
        spoilt(fresh, hours=holidays),
        spoilt(fresh, hours=backwards),
    ):
        only_file(folder).write_bytes(bad)
        assert table_around(DAY, folder) == (fresh, True)


def test_without_a_known_version_it_is_made_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_name: str) -> str:
        raise session_table.PackageNotFoundError

    monkeypatch.setattr(session_table, "version", unknown)
    table, _ = table_around(DAY, None)
    keep_table(table, tmp_path)
    assert table_around(DAY, tmp_path) == (table, True)


def test_a_folder_that_cannot_be_made_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    calendar = SessionCalendar(tmp_path / "cache")
    calendar.load(DAY)
    calendar.keep()
    assert calendar.session(DAY) is not None
