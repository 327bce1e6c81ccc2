"""Opening the window from the command line; Qt is loaded here, when it is called."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer

from cockpit.app.launch import Launch
from cockpit.cli.exits import Exit, fail

NO_SCREEN = (
    "There is no screen to open a window on. Nothing was started. Run it from a desktop; "
    "`cockpit replay FILE --headless` needs none."
)


def open_window(launch: Launch) -> NoReturn:
    """Run one session of `launch` in the window, then leave with its exit code."""
    if not has_screen():
        fail(NO_SCREEN, Exit.FAILED)
    from cockpit.kernel import log
    from cockpit.ui.application import run_window

    # Until the data folder is open there is no log file, and the terminal is for sentences.
    end_log = log.configure(None)
    try:
        code = run_window(launch)
    finally:
        end_log()
    raise typer.Exit(code)


def has_screen() -> bool:
    """Tell whether Qt can find a display; where it can't, it aborts the process."""
    if not sys.platform.startswith("linux"):
        return True
    return any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))
