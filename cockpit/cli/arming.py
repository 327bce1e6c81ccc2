"""`cockpit arm` and `cockpit disarm`: from a second terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cockpit.cli.asking import asked, expect
from cockpit.cli.exits import Exit, fail, plain_errors
from cockpit.cli.options import DataDir
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.control.messages import ArmingReport, Command


def arm(data_dir: DataDir = None) -> None:
    """Let automation act alone and keys place orders, in the cockpit that runs.

    Every required check is made first; when one is not green it says which and what to
    do, and nothing is armed. It falls by itself, for example when nobody touches the
    cockpit for a while, and it is off at every start.
    """
    from cockpit.app.control.messages import ArmRequest

    report = _report(data_dir or default_data_dir(), ArmRequest())
    typer.echo(f"{report.account_id} {'was' if report.already else 'is'} ARMED.")


def disarm(data_dir: DataDir = None) -> None:
    """Let automation ask again and keys place nothing, in the cockpit that runs.

    Working orders and their stops stay. `cockpit halt` stops everything new.
    """
    from cockpit.app.control.messages import DisarmRequest

    report = _report(data_dir or default_data_dir(), DisarmRequest())
    typer.echo(f"{report.account_id} {'was' if report.already else 'is'} DISARMED.")


def _report(folder: Path, request: Command) -> ArmingReport:
    from cockpit.app.control.messages import ArmingReport

    with plain_errors():
        answer = asked(folder, request)
    if answer is None:
        fail(f"No cockpit runs on {folder}, so nothing is armed there.", Exit.NOTHING_THERE)
    return expect(answer, ArmingReport)
