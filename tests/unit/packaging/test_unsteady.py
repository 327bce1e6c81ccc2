"""What `.ci/run` makes of tests that failed: a project with failures in a folder of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT

ONCE = """
from pathlib import Path

def test_fails_{when}():
    seen = Path(__file__).with_suffix(".seen")
    runs = len(seen.read_text()) if seen.exists() else 0
    seen.write_text("x" * (runs + 1))
    assert {holds}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "unsteady.py", tmp_path / ".ci")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def _write(project: Path, name: str, when: str, holds: str) -> None:
    path = project / "tests" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ONCE.format(when=when, holds=holds))


def _judged(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the tests, which fail, and then what `.ci/run` does next."""
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "cacheprovider", "tests"]
    assert subprocess.run(tests, cwd=project, check=False, capture_output=True).returncode == 1
    again = [sys.executable, project / ".ci" / "unsteady.py"]
    return subprocess.run(again, cwd=project, check=False, capture_output=True, text=True)


def test_one_that_failed_once_is_named_and_let_through(project: Path) -> None:
    _write(project, "unit/test_once.py", "once", "runs > 0")
    judged = _judged(project)
    assert judged.returncode == 0
    assert (
        "UNSTEADY, passed 3 of 3 alone: tests/unit/test_once.py::test_fails_once" in judged.stdout
    )


@pytest.mark.parametrize("holds", ["False", "runs != 2"], ids=["always", "every third time"])
def test_one_that_fails_again_is_a_failure(project: Path, holds: str) -> None:
    _write(project, "unit/test_more.py", "again", f"runs > 0 and {holds}")
    judged = _judged(project)
    assert judged.returncode == 1
    assert "FAILS ALONE TOO: tests/unit/test_more.py::test_fails_again" in judged.stdout


def test_more_than_three_are_a_failure(project: Path) -> None:
    for number in range(4):
        _write(project, f"unit/test_{number}.py", "once", "runs > 0")
    judged = _judged(project)
    assert judged.returncode == 1
    assert "4 tests failed" in judged.stdout


def test_one_without_chance_in_it_is_never_tried_again(project: Path) -> None:
    _write(project, "stateful/test_machine.py", "once", "runs > 0")
    judged = _judged(project)
    assert judged.returncode == 1
    assert "gives the same answer every time" in judged.stdout


def test_without_a_record_nothing_is_let_through(project: Path) -> None:
    again = [sys.executable, project / ".ci" / "unsteady.py"]
    judged = subprocess.run(again, cwd=project, check=False, capture_output=True, text=True)
    assert judged.returncode == 1
    assert "no failed test is on record" in judged.stdout
