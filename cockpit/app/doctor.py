"""Health checks before the failure: what would keep the cockpit from working today."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cockpit import __version__
from cockpit.adapters.storage.checkup import schema_state
from cockpit.app import registry
from cockpit.app.lifecycle import STORE_NAME
from cockpit.app.limits_file import load_limits
from cockpit.app.settings import AppSettings, settings_file
from cockpit.domain.errors import CockpitError
from cockpit.domain.values import session_date
from cockpit.kernel import settings
from cockpit.kernel.clock import WallClock
from cockpit.kernel.errors import KernelError
from cockpit.kernel.folders import config_file
from cockpit.kernel.instance import InstanceError, InstanceLock
from cockpit.market.session import SessionCalendar
from cockpit.ports.health import Check, CheckState

LOW_DISK_BYTES = 500_000_000
PYTHONS = ((3, 11), (3, 13))
SCREEN = ("PySide6-Essentials", "PySide6-QtAds", "qasync", "pyqtgraph")


def examine(data_dir: Path, config: Path | None) -> list[Check]:
    """Run all checks; none raises and none changes anything."""
    return [
        _python(),
        _guarded("screen", _screen),
        _guarded("settings", lambda: _settings(config)),
        *(
            _guarded(f"plug-ins: {kind}", lambda kind=kind: _plugins(kind))
            for kind in registry.KINDS
        ),
        _guarded("data folder", lambda: _folder(data_dir)),
        _guarded("disk", lambda: _disk(data_dir)),
        _guarded("ledger", lambda: _ledger(data_dir / STORE_NAME)),
        _guarded("exchange calendar", _calendar),
    ]


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (CockpitError, KernelError) as error:
        return Check(name=name, state=CheckState.FAILED, found=error.user_text, next_step="")
    except Exception as error:  # noqa: BLE001 -- a check that breaks is a finding, not a crash
        return Check(
            name=name,
            state=CheckState.FAILED,
            found=f"The check itself failed: {error!r}",
            next_step="Please report this.",
        )


def _python() -> Check:
    here = sys.version_info[:2]
    fits = PYTHONS[0] <= here <= PYTHONS[1]
    found = f"cockpit {__version__} on Python {sys.version.split()[0]}"
    low, high = (".".join(map(str, each)) for each in PYTHONS)
    step = "" if fits else f"Use Python {low} to {high}."
    return Check(
        name="program",
        state=CheckState.OK if fits else CheckState.FAILED,
        found=found,
        next_step=step,
    )


def _screen() -> Check:
    try:
        parts = [f"{name} {version(name)}" for name in SCREEN]
    except PackageNotFoundError as error:
        return Check(
            name="screen",
            state=CheckState.FAILED,
            found=f"{error.name} is not installed.",
            next_step="Run python3 packaging/go.py demo once: it installs what is missing.",
        )
    return Check(name="screen", state=CheckState.OK, found=", ".join(parts))


def _settings(config: Path | None) -> Check:
    toml = settings_file(config)
    settings.load(AppSettings, toml=toml)
    load_limits(toml, registry.names("strategies"))
    path = config or config_file()
    found = str(path) if path.exists() else f"defaults (no {path})"
    return Check(name="settings", state=CheckState.OK, found=found)


def _plugins(kind: str) -> Check:
    names = registry.names(kind)
    for name in names:
        registry.find(kind, name)
    state = CheckState.OK if names else CheckState.FAILED
    step = "" if names else "Install the project again: its entry points are missing."
    return Check(
        name=f"plug-ins: {kind}", state=state, found=", ".join(names) or "none", next_step=step
    )


def _folder(data_dir: Path) -> Check:
    if not data_dir.exists():
        return _folder_to_be(data_dir)
    lock = InstanceLock(data_dir)
    try:
        lock.acquire()
    except InstanceError as error:
        return Check(name="data folder", state=CheckState.FAILED, found=error.user_text)
    lock.release()
    return Check(name="data folder", state=CheckState.OK, found=f"{data_dir}, writable and free")


def _folder_to_be(data_dir: Path) -> Check:
    above = next(p for p in _upwards(data_dir) if p.exists())
    if above.is_dir() and os.access(above, os.W_OK | os.X_OK):
        found = f"{data_dir}, made at the first start"
        return Check(name="data folder", state=CheckState.OK, found=found)
    return Check(
        name="data folder",
        state=CheckState.FAILED,
        found=f"{data_dir} can't be made: {above} can't be written.",
        next_step="Choose another with --data-dir.",
    )


def _disk(data_dir: Path) -> Check:
    folder = next(p for p in _upwards(data_dir) if p.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free"
    if free < LOW_DISK_BYTES:
        return Check(
            name="disk",
            state=CheckState.WARNING,
            found=found,
            next_step="Make room: a full disk stops the ledger, and then trading halts.",
        )
    return Check(name="disk", state=CheckState.OK, found=found)


def _upwards(path: Path) -> Iterator[Path]:
    yield path
    yield from path.absolute().parents


def _ledger(path: Path) -> Check:
    if not path.exists():
        found = "none yet; it is made at the first start"
        return Check(name="ledger", state=CheckState.OK, found=found)
    return Check(name="ledger", state=CheckState.OK, found=schema_state(path))


def _calendar() -> Check:
    today = session_date(WallClock().now_ns())
    session = SessionCalendar().session(today)
    if session is None:
        return Check(
            name="exchange calendar", state=CheckState.OK, found=f"{today}: no session today"
        )
    kind = "half day" if session.half_day else "full day"
    return Check(name="exchange calendar", state=CheckState.OK, found=f"{today}: {kind}")
