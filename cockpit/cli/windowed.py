"""`cockpit demo` and `cockpit run`: the commands that open the window."""

from __future__ import annotations

from typing import Annotated

import typer

from cockpit.app.launch import DEMO_FOLDER, START_AT, Launch
from cockpit.cli.exits import plain_errors
from cockpit.cli.opening import open_window
from cockpit.cli.options import Config, DataDir, Verbose, parse_day, parse_speed
from cockpit.domain.account import Mode
from cockpit.kernel.folders import default_data_dir


def demo(
    speed: Annotated[
        str, typer.Option(help="Session seconds a real second, 0.1 to 1000, or max.", metavar="S")
    ] = "1",
    seed: Annotated[int, typer.Option(help="Seed of the simulated market.", metavar="N")] = 7,
    day: Annotated[
        str,
        typer.Option(
            "--date",
            help="Session date to simulate. [default: today, or the last weekday]",
            metavar="DATE",
            show_default=False,
        ),
    ] = "",
    start: Annotated[
        str, typer.Option(help="New York time of day to open the window at.", metavar="HH:MM:SS")
    ] = START_AT,
    data_dir: DataDir = None,
    config: Config = None,
    *,
    verbose: Verbose = False,
) -> None:
    """Open a simulated market with practice money: nothing to set up, nothing real.

    A dozen made-up symbols trade from the opening bell; a strategy proposes trades for
    you to approve (A), edit (E) or kill (K). Each demo starts with a fresh account and is
    labelled SIMULATED wherever a price is shown.
    """
    from cockpit.app.starting import last_weekday

    with plain_errors():
        launch = Launch(
            mode=Mode.DEMO,
            data_dir=data_dir or default_data_dir() / DEMO_FOLDER,
            feed="synthetic",
            options={
                "day": parse_day(day) if day else last_weekday(),
                "seed": seed,
                "start": start,
            },
            broker_options={"seed": seed},
            strategies=("opening-range-breakout",),
            speed=parse_speed(speed),
            config=config,
            verbose=verbose,
        )
        open_window(launch)


def run(data_dir: DataDir = None, config: Config = None, *, verbose: Verbose = False) -> None:
    """Open the cockpit for the day, with the broker and feed of the settings.

    Without settings it runs the simulated market, labelled SIMULATED, on the paper
    broker. Choose others in the settings file: broker = "...", feed = "...".
    """
    from cockpit.app.starting import launch_of_settings

    with plain_errors():
        open_window(launch_of_settings(data_dir or default_data_dir(), config, verbose=verbose))
