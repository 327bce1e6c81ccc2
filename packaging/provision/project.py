"""The project itself inside the environment: importable, with a program and its entry points.

Written by hand, as an installer would: building it would fetch build tools that no lock pins.
"""

import hashlib
import json
import os
import shlex
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

from provision.environment import ROOT, WINDOWS, Environment


def project_is_current(env: Environment) -> bool:
    """Tell whether the environment knows this project, at this place, with these entry points."""
    return env.stamps().get("project") == _stamp()


def install_project(env: Environment) -> None:
    """Put the checkout on the path, with the metadata through which plug-ins are found."""
    for old in env.packages.glob("cockpit-*.dist-info"):
        shutil.rmtree(old)
    for path, text in _files(env).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding=_encoding(path), newline="\n")
    _program(env).chmod(0o755)
    env.finish("project", _stamp())


def _stamp() -> str:
    return hashlib.sha256(f"{ROOT}\0{_metadata()}\0{_entry_points()}".encode()).hexdigest()


def _files(env: Environment) -> dict[Path, str]:
    info = env.packages / f"cockpit-{_project()['version']}.dist-info"
    origin = {"url": ROOT.as_uri(), "dir_info": {"editable": True}}
    files = {
        env.packages / "cockpit.pth": f"{ROOT}\n",
        _program(env): _program_text(env),
        info / "METADATA": _metadata(),
        info / "entry_points.txt": _entry_points(),
        info / "INSTALLER": "go.py\n",
        info / "direct_url.json": json.dumps(origin),
    }
    names = [os.path.relpath(path, env.packages) for path in [*files, info / "RECORD"]]
    files[info / "RECORD"] = "".join(f"{name},,\n" for name in names)
    return files


def _encoding(path: Path) -> str:
    """Until 3.12 Python reads a .pth file in the locale's encoding, since then in UTF-8."""
    return "locale" if path.suffix == ".pth" and sys.version_info < (3, 13) else "utf-8"


def _project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]


def _metadata() -> str:
    project = _project()
    lines = ["Metadata-Version: 2.1", "Name: cockpit", f"Version: {project['version']}"]
    lines.append(f"Requires-Python: {project['requires-python']}")
    lines += [f"Requires-Dist: {requirement}" for requirement in project["dependencies"]]
    return "\n".join(lines) + "\n"


def _entry_points() -> str:
    project = _project()
    groups = {"console_scripts": project["scripts"], **project.get("entry-points", {})}
    lines: list[str] = []
    for group, entries in groups.items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in entries.items()), ""]
    return "\n".join(lines)


def _program(env: Environment) -> Path:
    return env.scripts / ("cockpit.cmd" if WINDOWS else "cockpit")


def _program_text(env: Environment) -> str:
    """Start the module with -P, so that the folder it is called from can't shadow a package."""
    if WINDOWS:
        return '@"%~dp0python.exe" -P -m cockpit %*\n'
    # through sh: a #! line can hold neither a space nor a long path
    return f'#!/bin/sh\nexec {shlex.quote(str(env.python))} -P -m cockpit "$@"\n'
