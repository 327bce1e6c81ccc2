"""About names all that the program is made with, each with its version and licence."""

from __future__ import annotations

import re
import tomllib

from cockpit.ui.dialogs.about import PARTS, AboutDialog, credits_text
from cockpit.ui.theme import Theme
from tests.support.needs import ROOT

ONLY_OLDER_PYTHONS = {"importlib-metadata"}


def test_every_dependency_is_named():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[<>=!~;\[ ]", line)[0] for line in project["dependencies"]}
    assert set(PARTS) == wanted - ONLY_OLDER_PYTHONS


def test_each_part_has_a_version_and_a_licence():
    lines = credits_text().splitlines()
    assert len(lines) == len(PARTS) + 3
    unknown = [line for line in lines if line.endswith(("see its documentation", "not installed"))]
    assert unknown == []
    assert all(len(line) < 100 for line in lines)


def test_the_dialog_shows_them_and_closes(qtbot):
    dialog = AboutDialog(Theme(), None, "Python 3.13: PSF-2.0")
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.windowTitle().startswith("Cockpit ")
    dialog.accept()
    assert not dialog.isVisible()
