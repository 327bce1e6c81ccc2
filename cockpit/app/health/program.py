"""The program itself: versions, settings, plug-ins."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cockpit import __version__
from cockpit.adapters.storage.checkup import sqlite_version
from cockpit.app import registry
from cockpit.app.errors import PluginError
from cockpit.app.limits.file import load_limits
from cockpit.app.settings import AppSettings, settings_file
from cockpit.kernel import settings
from cockpit.kernel.folders import config_file
from cockpit.ports.health import Check, CheckState

PYTHONS = ((3, 11), (3, 13))
SCREEN = ("PySide6-Essentials", "PySide6-QtAds", "qasync", "pyqtgraph")
PINNED: Mapping[str, str] = {
    "PySide6-Essentials": "6.11.2",
    "PySide6-QtAds": "5.1.1",
    "qasync": "0.28.0",
    "alpaca-py": "0.44.0",
    "keyring": "25.7.0",
    "openai": "3.54.0",
    "picows": "2.3.1",
    "pyotp": "2.12.0",
    "reportlab": "5.1.0",
    "robin-stocks": "3.4.0",
}
"""What this program reaches inside of, and so runs with exactly one version."""
INSTALL = "Run python3 packaging/go.py demo once: it installs what is missing."
_OK, _WARNING, _FAILED = CheckState.OK, CheckState.WARNING, CheckState.FAILED


def python() -> Check:
    """Whether anybody has tried this program on this Python."""
    here = sys.version_info[:2]
    fits = PYTHONS[0] <= here <= PYTHONS[1]
    low, high = (".".join(map(str, each)) for each in PYTHONS)
    return Check(
        name="program",
        state=_OK if fits else _FAILED,
        found=f"cockpit {__version__} on Python {sys.version.split()[0]}",
        next_step="" if fits else f"Use Python {low} to {high}.",
        required=True,
    )


def screen() -> Check:
    """Whether the window can be shown."""
    try:
        parts = [f"{name} {version(name)}" for name in SCREEN]
    except PackageNotFoundError as error:
        found = f"{error.name} is not installed."
        return Check(name="screen", state=_FAILED, found=found, next_step=INSTALL)
    return Check(name="screen", state=_OK, found=", ".join(parts))


def libraries() -> Check:
    """Whether what was pinned is there, in the version that was pinned."""
    found: dict[str, str] = {}
    for name in PINNED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    others = [
        f"{name} {there}, made for {PINNED[name]}"
        for name, there in found.items()
        if there != PINNED[name]
    ]
    return Check(
        name="libraries",
        state=_WARNING if others else _OK,
        found="; ".join(others) or ", ".join(f"{name} {there}" for name, there in found.items()),
        next_step=f"Nobody has tried these together. {INSTALL}" if others else "",
    )


def database_library() -> Check:
    """SQLite: whether its version is one that damages a log under two connections."""
    version_, handled = sqlite_version()
    found = f"SQLite {version_}"
    if handled:
        found += "; its fault with checkpoints is kept away from: only the one writer makes any"
    return Check(name="SQLite", state=_OK, found=found, required=True)


def settings_in(config: Path | None) -> Check:
    """Whether settings and limits can be used. Raises SettingsError when not."""
    toml = settings_file(config)
    settings.load(AppSettings, toml=toml)
    load_limits(toml, registry.names("strategies"))
    path = config or config_file()
    found = str(path) if path.exists() else f"defaults (no {path})"
    return Check(name="settings", state=_OK, found=found, required=True)


def plugins(kind: str) -> Check:
    """Whether every installed plug-in of a kind can be loaded."""
    names, broken = registry.names(kind), list[str]()
    for name in names:
        try:
            registry.find(kind, name)
        except PluginError as error:
            broken.append(error.user_text)
    check = f"plug-ins: {kind}"
    if broken:
        step = "Install it again, or uninstall its package."
        return Check(name=check, state=_FAILED, found=" ".join(broken), next_step=step)
    if not names:
        step = "Install the project again: its entry points are missing."
        return Check(name=check, state=_FAILED, found="none", next_step=step)
    return Check(name=check, state=_OK, found=", ".join(names))
