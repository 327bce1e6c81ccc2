"""The `cockpit` program."""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from cockpit import __version__
from cockpit.cli import (
    accounts,
    arming,
    audit,
    control,
    data_keys,
    doctor,
    gallery,
    journal_entries,
    limits,
    recap,
    replay,
    simulate,
    triggers,
    voice,
    windowed,
    writer,
)
from cockpit.cli.exits import EXIT_CODES
from cockpit.kernel.process import forbid_core_dumps

app = typer.Typer(
    name="cockpit",
    help="The desktop from which a solo trader runs the whole day.\n\n"
    "New here? `cockpit demo` opens a simulated market with practice money.\n\n" + EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cockpit {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version  # the callback has done it


app.command("demo", short_help="Trade a simulated market with practice money.")(windowed.demo)
app.command("run", short_help="Open the cockpit for the day.")(windowed.run)
app.command("replay", short_help="Play a recorded session, in the window or without.")(
    replay.replay
)
app.command("halt", short_help="Let nothing new out, now.")(control.halt)
app.command("cancel-all", short_help="Cancel every open order, and verify it.")(control.cancel_all)
app.command("flatten", short_help="Close positions, and verify it.")(control.flatten)
app.command("status", short_help="Show how trading stands.")(control.status)
app.command("resume", short_help="Trade again after a halt.")(control.resume)
app.command("arm", short_help="Let automation act alone, if all is green.")(arming.arm)
app.command("disarm", short_help="Let automation ask again.")(arming.disarm)
app.add_typer(recap.app, name="recap", short_help="Write, list, show and approve recaps.")
app.command("doctor", short_help="Check what would keep it from working today.")(doctor.doctor)
app.add_typer(accounts.app, name="accounts", short_help="Store and test the keys of a broker.")
app.add_typer(data_keys.data_app, name="data", short_help="Get market data, look at recorded data.")
app.add_typer(triggers.app, name="triggers", short_help="Be told when something happens.")
app.add_typer(limits.app, name="limits", short_help="Read the limits.")
app.command("simulate", short_help="Prove the trading core under seeded faults.")(simulate.simulate)
app.command("gallery", short_help="Show every widget and state of the screen.")(gallery.gallery)
app.add_typer(audit.app, name="audit", short_help="Check or read the audit log.")
app.add_typer(journal_entries.app, name="journal", short_help="Statements, trades, entries.")
app.add_typer(voice.app, name="voice", short_help="Hold texts to the rules of your voice.")
app.add_typer(writer.app, name="writer", short_help="Store the key of who writes the recaps.")


def main() -> None:
    """Run the program named on the command line."""
    if getattr(sys, "frozen", False):
        from multiprocessing import freeze_support

        freeze_support()  # a process that it starts is this very file
    forbid_core_dumps()
    try:
        app(prog_name="cockpit")
    finally:
        gc.freeze()  # all is stored and closed: the interpreter need not search the heap at its end
