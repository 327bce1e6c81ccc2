"""What a test may need from the machine; at a desk it is skipped with a reason, in CI it fails."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
# a test that asks for the fixture gets the mark; in CI a marked test must run
MARKS = {"shared_data": "data", "screen": "window"}


def in_ci() -> bool:
    """Tell whether this run may not skip what it can't do."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of recorded market data beside the project (`COCKPIT_SHARED_DATA` moves it)."""
    folder = Path(os.environ.get("COCKPIT_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "SOURCES.md").is_file():
        pytest.skip(f"no recorded market data in {folder}")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the fixtures they ask for, so that `-m data` and `-m window` find them."""
    for item in items:
        for fixture, mark in MARKS.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI turn the skip of a test that must run there into a failure."""
    report = yield
    if report.when == "call":
        item.call_report = report  # type: ignore[attr-defined]  # for fixtures that keep evidence
    skipped = report.skipped and not hasattr(report, "wasxfail")
    if skipped and in_ci() and any(item.get_closest_marker(name) for name in MARKS.values()):
        report.outcome = "failed"
        report.longrepr = f"must run in CI, but was skipped: {_reason(report.longrepr)}"
    return report


def _reason(longrepr: Any) -> str:
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
