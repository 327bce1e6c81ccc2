"""`cockpit writer`: the key of who writes the recaps, and what it used today."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from cockpit.cli.exits import Exit, fail, plain_errors
from cockpit.cli.options import Config, DataDir
from cockpit.kernel.folders import default_data_dir

app = typer.Typer(
    help="Store or forget the key of a writer, see what it used.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="WRITER", help="Writer, e.g. openai.")]


@app.command("key", short_help="Store the key of a writer.")
def key(
    writer: Name,
    data_dir: DataDir = None,
    config: Config = None,
    *,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the key from stdin.")] = False,
) -> None:
    """Ask for a key, unseen, and keep it in the vault; one that is there is replaced.

    It is not tried: the first draft tells whether it is accepted.
    """
    from cockpit.app.recapping.writers import WriterKeys

    text = sys.stdin.readline() if stdin else typer.prompt("API key", hide_input=True)
    if not text.strip():
        fail("No key was given, so none was stored.", Exit.USAGE)
    with plain_errors():
        asyncio.run(WriterKeys(data_dir or default_data_dir(), config).put(writer, text.strip()))
        typer.echo(f'The key of {writer} is stored. Choose it with writer = "{writer}".')


@app.command("forget", short_help="Delete the key of a writer.")
def forget(writer: Name, data_dir: DataDir = None, config: Config = None) -> None:
    """Delete the key from the vault. It stays valid at the vendor: revoke it there."""
    from cockpit.app.recapping.writers import WriterKeys

    with plain_errors():
        asyncio.run(WriterKeys(data_dir or default_data_dir(), config).forget(writer))
        typer.echo(f"The key of {writer} is deleted here. It stays valid at its vendor.")


@app.command("status", short_help="Say what the writer used today.")
def status(
    writer: Annotated[
        str,
        typer.Argument(
            metavar="[WRITER]", help="Writer, e.g. openai. [default: that of the settings]",
            show_default=False,
        ),
    ] = "",
    data_dir: DataDir = None,
    config: Config = None,
) -> None:  # fmt: skip
    """Say whether the writer's key is stored, and what is left of its budget of today.

    Nobody is asked for it; a draft under way is counted with the most that it may use.
    """
    from cockpit.app.recapping.writers import WriterKeys

    with plain_errors():
        keys = WriterKeys(data_dir or default_data_dir(), config)
        standing = asyncio.run(keys.standing(writer or keys.chosen))
        if standing.has_key is None:
            typer.echo(f"{standing.writer}: needs no key and costs nothing.")
            return
        stored = "its key is stored" if standing.has_key else "no key is stored for it"
        typer.echo(f"{standing.writer}: {stored}.")
        if (used := standing.used) is not None:
            cost = f", cost {used.cost:f} of {used.most_cost:f}" if used.most_cost else ""
            typer.echo(f"Used on {used.day}: {used.tokens:,} of {used.most_tokens:,} tokens{cost}.")
