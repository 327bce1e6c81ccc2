"""Options that several commands share, declared once."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Annotated

import typer

from cockpit.app.launch import Speed
from cockpit.kernel.folders import config_file, default_data_dir

SLOWEST, FASTEST = 0.1, 1000.0
FIRST_YEAR = 1990  # before it nobody keeps the exchange's calendar


def parse_speed(text: str) -> Speed | None:
    """Session seconds a real second or "max", None when not given. Raises typer.BadParameter."""
    if not text:
        return None
    if text.strip().lower() == "max":
        return "max"
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not (SLOWEST <= speed <= FASTEST):
        raise typer.BadParameter(
            f"{text!r} is neither a number from {SLOWEST:g} to {FASTEST:g} nor 'max'.",
            param_hint="'--speed'",
        )
    return speed


def parse_time(text: str) -> time:
    """A time of day. Raises typer.BadParameter."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a time of day like 09:34:45.", param_hint="'--start'"
        ) from None


def parse_day(text: str, option: str = "--date") -> date:
    """An ISO date. Raises typer.BadParameter."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day.year < FIRST_YEAR:
        raise typer.BadParameter(
            f"{text!r} is not a date like 2018-01-02.", param_hint=f"'{option}'"
        )
    return day


DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="FOLDER",
        envvar="COCKPIT_DATA_DIR",
        help="Folder for ledger, journal, logs and layout. "
        f"Made when missing. Usually {default_data_dir()}.",
        show_default=False,
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        envvar="COCKPIT_CONFIG",
        help=f"Settings file (TOML). Usually {config_file()}.",
        show_default=False,
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Write the log to the terminal, too.")]
