"""All tests at once: those that wait beside the rest, in a small project of its own."""

import sys
from pathlib import Path

import pytest
from provision.commands import WAITING, run_beside

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:randomly")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in (*WAITING, "tests/unit"):
        _write(tmp_path, folder, holds=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _write(project: Path, folder: str, *, holds: bool) -> None:
    file = project / folder / f"test_{folder.rpartition('/')[2]}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"def test_it():\n    assert {holds}\n")


def test_each_test_runs_once(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_beside(PYTEST) == 0
    told = capfd.readouterr().out
    assert told.count("1 passed") == 1
    assert told.count("3 passed") == 1


@pytest.mark.parametrize("folder", ["tests/e2e", "tests/unit"])
def test_a_failure_on_either_side_is_a_failure_and_told(
    project: Path, capfd: pytest.CaptureFixture[str], folder: str
) -> None:
    _write(project, folder, holds=False)
    assert run_beside(PYTEST) == 1
    assert f"FAILED {folder}/test_{folder.rpartition('/')[2]}.py::test_it" in capfd.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_one_that_is_killed_has_not_passed(project: Path) -> None:
    (project / "tests" / "unit" / "test_unit.py").write_text(
        "import os, signal\ndef test_it():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert run_beside(PYTEST) != 0
