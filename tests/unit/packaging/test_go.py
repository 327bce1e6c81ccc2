import ast
import subprocess
import sys

import pytest

from tests.support.needs import ROOT

GO = ROOT / "packaging" / "go.py"


def go(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(GO), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment or None,
    )


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_every_command(arguments: tuple[str, ...]) -> None:
    done = go(*arguments)
    assert done.returncode == 0
    for command in ("demo", "test", "lint", "setup", "CMD"):
        assert f"packaging/go.py {command}" in done.stdout


@pytest.mark.parametrize("version", ["(2, 7, 18)", "(3, 10, 1)", "(3, 14, 0)"])
def test_another_python_is_refused_in_one_sentence(version: str) -> None:
    pretend = (
        f"import runpy, sys; sys.version_info = {version}; sys.version = 'other'; "
        f"sys.argv = ['go.py', 'demo']; runpy.run_path({str(GO)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Cockpit needs Python 3.11, 3.12 or 3.13; this is other." in done.stderr
    assert "Traceback" not in done.stderr


def test_an_old_python_can_read_it() -> None:
    tree = ast.parse(GO.read_text(encoding="utf-8"), feature_version=(3, 4))
    newer = (ast.JoinedStr, ast.NamedExpr, ast.AnnAssign, ast.Match)
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert not [f.name for f in functions if f.returns or any(a.annotation for a in f.args.args)]


def test_an_unknown_set_is_refused() -> None:
    done = go("setup", "everything")
    assert done.returncode == 1
    assert "no set named everything: choose runtime, test or lint" in done.stderr
