"""A report is whole or not there, and its money is written for people."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.app.errors import ReportError
from cockpit.app.unattended.report import _money, check_report_path, timings, write_report


def test_written_sorted_with_a_last_line_feed(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_report({"b": "naïve", "a": 1}, path)
    assert path.read_bytes() == '{\n  "a": 1,\n  "b": "naïve"\n}\n'.encode()


def test_an_older_report_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_report({"long": "x" * 1000}, path)
    write_report({"short": 1}, path)
    assert json.loads(path.read_text(encoding="utf-8")) == {"short": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_put_in_place_leaves_nothing_beside_it(tmp_path: Path) -> None:
    taken = tmp_path / "report.json"
    (taken / "mine").mkdir(parents=True)
    with pytest.raises(ReportError) as refused:
        write_report({"a": 1}, taken)
    assert str(taken) in refused.value.user_text
    assert "nothing of it was lost" in refused.value.user_text
    assert list(tmp_path.iterdir()) == [taken]
    assert (taken / "mine").is_dir()


def test_where_it_cannot_go_is_said_before_anything_is_played(tmp_path: Path) -> None:
    check_report_path(tmp_path / "report.json")
    with pytest.raises(ReportError, match="there is no folder"):
        check_report_path(tmp_path / "no" / "report.json")
    with pytest.raises(ReportError, match="that is a folder"):
        check_report_path(tmp_path)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("0", "0.00"),
        ("-0.5", "-0.50"),
        ("10.560", "10.56"),
        ("1200", "1200.00"),
        ("0.0125", "0.0125"),
        ("7.95999999999999999999999950", "7.96"),
        ("29.79333333333333333333333333", "29.793333"),
        ("-1E+3", "-1000.00"),
    ],
)
def test_money_is_written_in_cents_or_finer(value: str, written: str) -> None:
    assert _money(Decimal(value)) == written


def test_timings_are_numbers() -> None:
    assert timings(1.23456, 150_000_000) == {"wall_seconds": 1.235, "peak_memory_mb": 150.0}
