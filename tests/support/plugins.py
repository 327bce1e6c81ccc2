"""Plug-ins of a third party: a package that pip could have installed, on a path of its own."""

from __future__ import annotations

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
