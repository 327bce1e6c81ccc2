import sys
from pathlib import Path

import pytest
from provision import tools
from provision.tools import SetupError, clean_environ, run


def test_a_failure_is_told_in_the_tools_own_last_error(tmp_path: Path) -> None:
    script = "print('ERROR: the disk is full'); print('bye'); raise SystemExit(3)"
    with pytest.raises(SetupError, match="copying failed: ERROR: the disk is full") as caught:
        run([sys.executable, "-c", script], tmp_path / "log", "copying")
    assert str(tmp_path / "log") in str(caught.value)


def test_only_the_last_run_is_quoted(tmp_path: Path) -> None:
    run([sys.executable, "-c", "print('error: an old one')"], tmp_path / "log", "first")
    with pytest.raises(SetupError, match="second failed: it said nothing"):
        run([sys.executable, "-c", "raise SystemExit(1)"], tmp_path / "log", "second")


def test_long_work_says_that_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tools, "HEARTBEAT_SECONDS", 0.01)
    script = (
        "import os, threading\n"
        f"while not os.path.exists({str(tmp_path / 'go')!r}): threading.Event().wait(0.01)"
    )
    monkeypatch.setattr(tools, "say", lambda text: (print(text), (tmp_path / "go").touch()))
    run([sys.executable, "-c", script], tmp_path / "log", "installing")
    assert "still installing, 0 s" in capsys.readouterr().out


def test_children_see_no_foreign_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("KEPT", "yes")
    assert "PYTHONPATH" not in clean_environ()
    assert clean_environ()["KEPT"] == "yes"
