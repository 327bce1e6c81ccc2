"""`cockpit data keys add`, `test`, `list` and `remove`: the keys of data vendors."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli.exits import Exit, fail
from cockpit.cli.options import Config, DataDir
from cockpit.cli.research import app as data_app
from cockpit.cli.talking import at_terminal, line_of_stdin, talking, typed_unseen
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.data.keys import KeyDesk

VARIABLE = "COCKPIT_DATA_KEY"

app = typer.Typer(
    help="Store the keys of data vendors, test them, list and remove them.\n\n"
    "A key is tried at the vendor first and then kept in the system's keyring, or in an "
    "encrypted file where there is none. No command prints it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
data_app.add_typer(app, name="keys", short_help="Store and test the keys of data vendors.")

Vendor = Annotated[
    str,
    typer.Argument(
        metavar="VENDOR", help="polygon, finnhub, alpha_vantage ...", show_default=False
    ),
]


@app.command("add", short_help="Try a vendor's key, then store it.")
def add(
    vendor: Vendor,
    config: Config = None,
    data_dir: DataDir = None,
    *,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the key from stdin.")] = False,
) -> None:
    """Try a key at the vendor, then store it in place of what was there.

    The key is asked for, unseen. Without a terminal it comes from --stdin or from the variable
    COCKPIT_DATA_KEY; never from an option, which others could read in the list of processes.
    The trial costs one request of the plan.
    """
    with talking("Interrupted. Nothing was stored."):
        desk = _desk(data_dir, config)
        label = desk.check(vendor).credentials[0].label
        key = _given(f"{label} of {vendor}", from_stdin=stdin)
        typer.echo(asyncio.run(desk.add(vendor, key, _tell)))


@app.command("test", short_help="Try a stored key.")
def try_again(vendor: Vendor, config: Config = None, data_dir: DataDir = None) -> None:
    """Try the stored key at the vendor. Costs one request of the plan and changes nothing."""
    with talking("Interrupted. Nothing was changed."):
        typer.echo(asyncio.run(_desk(data_dir, config).test(vendor, _tell)))


@app.command("list", short_help="Print the vendors whose keys are stored.")
def list_(config: Config = None, data_dir: DataDir = None) -> None:
    """Print the vendors that can have a key, and whether one is stored. Asks no vendor."""
    with talking("Interrupted."):
        desk = _desk(data_dir, config)
        stored = asyncio.run(desk.stored())
        for plugin in desk.vendors():
            typer.echo(f"{plugin.name:<16} {'stored' if plugin.name in stored else '-'}")


@app.command("remove", short_help="Delete a stored key.")
def remove(
    vendor: Vendor,
    config: Config = None,
    data_dir: DataDir = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Delete the key from the vault. It stays valid at the vendor: revoke it there."""
    with talking("Interrupted. See what is left: cockpit data keys list"):
        desk = _desk(data_dir, config)
        desk.check(vendor)
        if not yes:
            if not at_terminal():
                fail(
                    f"Nobody is here to ask. The key of {vendor} was kept. Add --yes.", Exit.REFUSED
                )
            typer.confirm(f"Delete the key of {vendor}?", abort=True)
        asyncio.run(desk.remove(vendor))
        typer.echo(f"The key of {vendor} is deleted here. It stays valid there: revoke it there.")


def _desk(data_dir: Path | None, config: Path | None) -> KeyDesk:
    from cockpit.app.data.keys import key_desk

    return key_desk(data_dir or default_data_dir(), config)


def _given(what: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return line_of_stdin()
    if text := os.environ.get(VARIABLE, ""):
        return text
    if not at_terminal():
        fail(
            f"Nobody is here to type the {what}. Nothing was stored. Give it on stdin with "
            f"--stdin, or in the variable {VARIABLE}.",
            Exit.USAGE,
        )
    return typed_unseen(what)


def _tell(text: str) -> None:
    typer.echo(text, err=True)
