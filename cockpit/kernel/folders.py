"""Where this system keeps a program's settings and data; light, for the command line's help."""

from __future__ import annotations

from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs("cockpit", appauthor=False)


def config_file() -> Path:
    """Where the user's settings live on this system."""
    return Path(_DIRS.user_config_dir) / "cockpit.toml"


def default_data_dir() -> Path:
    """Where journal, ledger and logs live unless `--data-dir` says otherwise."""
    return Path(_DIRS.user_data_dir)
