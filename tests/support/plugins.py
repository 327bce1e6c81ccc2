"""Plug-ins of a third party: a package that pip could have installed, on a path of its own."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest


def install(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    module: str,
    source: str,
    points: Mapping[str, Mapping[str, str]],
) -> None:
    """Put `module` on the path with the metadata of a distribution.

    `points` are entry points by group and name, e.g. {"cockpit.feeds": {"mine": "mod:plugin"}}.
    """
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.1", f"Name: {module}", "Version: 1.0", ""]
    (info / "METADATA").write_text("\n".join(lines), encoding="utf-8", newline="\n")
    text = "".join(
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in its.items())
        for group, its in points.items()
    )
    (info / "entry_points.txt").write_text(text, encoding="utf-8", newline="\n")
    (folder / f"{module}.py").write_text(dedent(source), encoding="utf-8", newline="\n")
    monkeypatch.syspath_prepend(folder)


def pip_install(project: Path, into: Path) -> None:
    """Install the package at `project` below `into` as an installer does, off the network.

    What its build needs must be here already.
    """
    copy = into.parent / f"{project.name}-source"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("__pycache__"))
    offline = ["--no-deps", "--no-index", "--no-build-isolation"]
    if importlib.util.find_spec("pip"):
        tool = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    else:
        tool = ["uv", "pip", "install", "--python", sys.executable, "--quiet"]
    done = subprocess.run(
        [*tool, *offline, "--target", str(into), str(copy)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
