"""The real program as a process without a screen: run it, or start it and watch it from outside."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cockpit.cli.exits import Exit
from tests.support.program import command_line, private_environ
from tests.support.screen import stop

LEDGER = "cockpit.sqlite3"
# Dozens of processes in one test run: compile what they import once, outside the checkout.
_CACHE = Path(tempfile.gettempdir()) / "cockpit-tests-bytecode"


@dataclass(frozen=True)
class Outcome:
    """How a process ended and what it said."""

    code: int
    out: str
    err: str


def environ_of(folder: Path) -> dict[str, str]:
    """Nothing of the person at this machine, and neither a screen."""
    kept = private_environ(folder)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "PYTHONDONTWRITEBYTECODE"):
        kept.pop(name, None)
    return kept | {"PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", str(_CACHE))}


def cockpit(folder: Path, *arguments: object, offscreen: bool = False) -> Outcome:
    """Run the program to its end with `folder` as its home; `offscreen` gives it a screen."""
    command = [*command_line(), *map(str, arguments)]
    environ = environ_of(folder) | ({"QT_QPA_PLATFORM": "offscreen"} if offscreen else {})
    done = subprocess.run(
        command, env=environ, cwd=folder, capture_output=True, text=True, timeout=50,
        check=False,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr)


def replay(folder: Path, files: tuple[str, ...], *arguments: object) -> Outcome:
    """A headless replay into `folder`/data at full speed, everything approved unless said."""
    options = ["--headless", "--speed", "max", "--approve", "all", "--data-dir", folder / "data"]
    return cockpit(folder, "replay", *files, *options, *arguments)


@contextmanager
def started(folder: Path, *arguments: object) -> Generator[subprocess.Popen[str]]:
    """The program running in the background; whatever happens, it has ended afterwards."""
    command = [*command_line(), *map(str, arguments)]
    with subprocess.Popen(
        command, env=environ_of(folder), cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            stop(process)  # type: ignore[arg-type]  # text or bytes are the same to it


def rows(data_dir: Path, query: str) -> list[tuple[Any, ...]]:
    """Look into a ledger from outside, also while the program writes it; nothing yet is []."""
    file = data_dir / LEDGER
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            return db.execute(query).fetchall()
        except sqlite3.OperationalError:  # the tables are just being made
            return []


def report_of(path: Path) -> dict[str, Any]:
    """A report read back."""
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def refused(outcome: Outcome, code: Exit, *words: str) -> None:
    """Assert the code, that the error is one line for people, and that it says `words`."""
    assert outcome.code == code, outcome
    assert "Traceback" not in outcome.out + outcome.err
    lines = [line for line in outcome.err.splitlines() if line]
    if code is Exit.USAGE and lines[0].startswith("Usage:"):  # then how to get help, and why
        lines = lines[2:]
    assert len(lines) == 1, outcome.err
    assert lines[0].startswith(("cockpit: ", "Error: "))
    for word in words:
        assert word in lines[0]
