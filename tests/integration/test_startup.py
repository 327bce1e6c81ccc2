"""What is loaded when: nothing heavy before the first paint, and never Qt without a window."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.headless import environ_of
from tests.support.needs import ROOT
from tests.support.recordings import write_recording

HEAVY = {
    "alembic", "exchange_calendars", "numpy", "pandas", "pyqtgraph", "PySide6QtAds", "qtawesome",
    "scipy", "sqlalchemy", "sqlite3", "sqlmodel",
}  # fmt: skip
VENDORS = {
    "alpaca", "httpx", "httpx2", "keyring", "openai", "picows", "pyotp", "robin_stocks",
    "websockets",
}  # fmt: skip
QT = {"PySide6", "PySide6QtAds", "shiboken6", "qasync", "pyqtgraph", "qtawesome"}

# The program as the command line starts it; only the hook of the first paint is ours.
AT_FIRST_PAINT = """
import json, os, sys
import cockpit.cli.main as cli
from cockpit.ui import application

run_window = application.run_window

def tell():
    sys.stdout.write(json.dumps(sorted(sys.modules)))
    sys.stdout.flush()
    os._exit(0)  # what comes after the first paint is not this test's business

application.run_window = lambda launch: run_window(launch, on_first_paint=tell)
cli.main()
"""
AT_EXIT = """
import atexit, json, sys

@atexit.register
def tell():
    sys.stderr.write("\\n" + json.dumps(sorted(sys.modules)))

from cockpit.cli.main import main
main()
"""


def loaded(
    folder: Path, script: str, *arguments: object, codes: tuple[int, ...] = (0,)
) -> set[str]:
    """Top-level packages that the process had loaded when it told; it ended with one of `codes`."""
    return told_of(folder, script, *arguments, codes=codes)[0]


def told_of(
    folder: Path, script: str, *arguments: object, codes: tuple[int, ...] = (0,)
) -> tuple[set[str], str]:
    """The same, and what it printed."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environ = environ_of(folder) | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=environ, cwd=folder, capture_output=True, text=True, timeout=50, check=False
    )
    told = done.stdout if script is AT_FIRST_PAINT else done.stderr
    assert done.returncode in codes, done.stderr
    modules: list[str] = json.loads(told.splitlines()[-1])
    return {name.partition(".")[0] for name in modules}, done.stdout


def test_before_the_first_paint_nothing_heavy_is_loaded(tmp_path: Path) -> None:
    before = loaded(tmp_path, AT_FIRST_PAINT, "demo", "--data-dir", tmp_path / "data")
    assert {"PySide6", "cockpit"} <= before  # so it did paint
    assert before & HEAVY == set()
    assert before & VENDORS == set()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("demo", "--help"), ("replay", "--help")],
    ids=" ".join,
)
def test_help_loads_neither_qt_nor_anything_heavy(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert loaded(tmp_path, AT_EXIT, *arguments) & (QT | HEAVY | VENDORS) == set()


def test_doctor_never_loads_qt(tmp_path: Path) -> None:
    asked = ("doctor", "--json", "--data-dir", tmp_path / "data")
    packages, printed = told_of(tmp_path, AT_EXIT, *asked, codes=(0, 1))  # 1: all is not well here
    assert packages & QT == set()
    groups = {check["group"] for check in json.loads(printed)["checks"]}
    assert groups >= {"program", "machine", "ledger", "market"}, "so it did look"


def test_a_headless_day_and_its_recap_never_load_qt(tmp_path: Path) -> None:
    files = write_recording(tmp_path / "recording").files
    data = ("--data-dir", tmp_path / "data")
    day = ("replay", *files, "--headless", "--speed", "max", "--approve", "all", *data)
    assert loaded(tmp_path, AT_EXIT, *day) & (QT | VENDORS) == set()
    recap = ("recap", "--date", "2018-01-02", "--out", tmp_path / "recap.html", "--format", "html")
    assert loaded(tmp_path, AT_EXIT, *recap, *data) & (QT | VENDORS) == set()
