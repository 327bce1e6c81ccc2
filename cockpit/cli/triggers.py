"""`cockpit triggers`: be told when a price, a move, a volume or a spread comes."""

from __future__ import annotations

from typing import Annotated

import typer

from cockpit.cli.exits import plain_errors
from cockpit.cli.options import DataDir
from cockpit.kernel.folders import default_data_dir

app = typer.Typer(
    help="Be told when something happens in the market. A running cockpit reads them at its "
    "next start.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the trigger.")]


@app.command("add", short_help="Add a trigger, or change the one of that name.")
def add(
    name: Name,
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="What it watches.")],
    when: Annotated[
        str,
        typer.Option(
            help="The condition, e.g. 'crosses up 160 and spread 0.5%'.", metavar="SENTENCE"
        ),
    ],
    rest: Annotated[
        float, typer.Option(help="With --again: quiet so many seconds.", metavar="S", min=0)
    ] = 60.0,
    data_dir: DataDir = None,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Not once: each time it comes true.")
    ] = False,
) -> None:
    """Add a trigger: an alert when the condition of one symbol comes true.

    crosses [up|down] PRICE or INDICATOR, touches PRICE WITHIN, moves N%, volume Nx BARS,
    spread N%, after HH:MM (New York); joined by and / or, where and binds closer.
    """
    from cockpit.app.trigger_desk import save_trigger
    from cockpit.market.triggers import Trigger

    with plain_errors():
        trigger = Trigger(name=name, symbol=symbol.upper(), when=when, again=again, rest_s=rest)
        save_trigger(data_dir or default_data_dir(), trigger)
    typer.echo(f"{trigger.name}: {trigger.symbol} {trigger.when}, from the next start on")


@app.command("list", short_help="List the triggers.")
def list_(
    data_dir: DataDir = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list.")] = False,
) -> None:
    """List the triggers of the data folder, spent ones too."""
    import msgspec

    from cockpit.app.trigger_desk import load_triggers

    with plain_errors():
        known = load_triggers(data_dir or default_data_dir())
    if as_json:
        typer.echo(msgspec.json.encode(known).decode())
        return
    for each in known:
        state = "spent" if each.spent else "again and again" if each.again else "once"
        state = state if each.on else f"off, {state}"
        typer.echo(f"{each.name}: {each.symbol} {each.when} ({state})")


@app.command("remove", short_help="Remove a trigger.")
def remove(name: Name, data_dir: DataDir = None) -> None:
    """Remove a trigger. A running cockpit goes on watching it until its next start."""
    from cockpit.app.trigger_desk import remove_trigger

    with plain_errors():
        remove_trigger(data_dir or default_data_dir(), name)
    typer.echo(f"{name} is removed.")
