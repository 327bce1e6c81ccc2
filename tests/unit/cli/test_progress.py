"""Long work says how far it is where a person looks on, and nothing in a script."""

from __future__ import annotations

import io
import sys

import pytest

from cockpit.cli import progress
from cockpit.cli.progress import working


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_the_rows_and_an_empty_line_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_EVERY_NS", 0)
    with working("Playing") as step:
        step(1_000)
        step(234)
    assert "Playing: 1,234 rows. Ctrl+C stops." in terminal.getvalue()
    assert terminal.getvalue().rsplit("\r", 2)[-2].strip() == ""


def test_a_script_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    monkeypatch.setattr(progress, "_EVERY_NS", 0)
    with working("Playing") as step:
        step(1_000)
    assert pipe.getvalue() == ""
