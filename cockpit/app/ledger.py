"""Where the stored sessions are, for the commands that run without one."""

from __future__ import annotations

from pathlib import Path

from cockpit.app.errors import NothingThereError
from cockpit.app.launch import DEMO_FOLDER, STORE_NAME


def ledger_in(data_dir: Path) -> Path:
    """The ledger in `data_dir`. Raises NothingThereError, saying where another one is."""
    path = data_dir / STORE_NAME
    if path.exists():
        return path
    why = f"There is no ledger in {data_dir} yet."
    demo = data_dir / DEMO_FOLDER
    if (demo / STORE_NAME).exists():
        step = f"The demo keeps its own: add --data-dir {demo}"
    else:
        step = "Run a session first, for example: cockpit demo"
    raise NothingThereError(why, user_text=f"{why} {step}")
