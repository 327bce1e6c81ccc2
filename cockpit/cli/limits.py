"""`cockpit limits show`: what the settings file says, and what an account was last held to."""

from __future__ import annotations

from typing import Annotated

import typer

from cockpit.cli.exits import plain_errors
from cockpit.cli.options import Config, DataDir
from cockpit.kernel.folders import default_data_dir

app = typer.Typer(
    help="Read the limits. They are changed in the settings file, or in the window while it runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    """Keep the group a group, although it has one command."""


@app.command("show", short_help="Print the limits.")
def show(
    account: Annotated[
        str,
        typer.Option(
            help="Account, e.g. LIVE-1: also what it was last held to. [default: none]",
            metavar="NAME",
            show_default=False,
        ),
    ] = "",
    config: Config = None,
    data_dir: DataDir = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print each limit of the settings file, and its unit.

    With --account also what was in force in that account's last session, and which looser
    values of the file wait for your word. Changes nothing, also while the cockpit runs.
    """
    import msgspec

    from cockpit.app.limits.shown import limits_shown

    with plain_errors():
        shown = limits_shown(config, data_dir or default_data_dir(), account)
    if as_json:
        typer.echo(msgspec.json.encode(shown).decode())
        return
    for row in shown.limits:
        held = "" if row.in_force in ("", row.written) else f"  in force {row.in_force}"
        waits = "  waits for your word" if row.waits else ""
        typer.echo(f"{row.limit:<40} {row.written or 'none':>10}  {row.unit}{held}{waits}")
