"""`cockpit doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli.exits import Exit, plain_errors
from cockpit.cli.options import Config, DataDir
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.ports.health import Check

_MARKS = {"ok": "ok  ", "warning": "WARN", "failed": "FAIL", "unknown": "?   "}


def doctor(
    data_dir: DataDir = None,
    config: Config = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check what would keep the cockpit from working today.

    Looks at the program, settings, plug-ins, data folder, disk, ledger and exchange
    calendar. Changes nothing. Exit code 0 when nothing failed, else 1.
    """
    import msgspec

    from cockpit.app.doctor import examine
    from cockpit.ports.health import CheckState

    with plain_errors():
        checks = examine(data_dir or default_data_dir(), config)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(checks)).decode())
    else:
        for check in checks:
            _show(check)
    failed = any(check.state is CheckState.FAILED for check in checks)
    raise typer.Exit(Exit.FAILED if failed else Exit.OK)


def _show(check: Check) -> None:
    typer.echo(f"{_MARKS[check.state]}  {check.name}: {check.found}")
    if check.next_step:
        typer.echo(f"      {check.next_step}")
