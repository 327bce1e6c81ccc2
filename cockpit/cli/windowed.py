"""`cockpit demo` and `cockpit run`: a session of the day, in the window or without."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.app.launch import DEMO_FOLDER, START_AT, Approve, Launch
from cockpit.cli.exits import Exit, fail, plain_errors
from cockpit.cli.opening import open_window
from cockpit.cli.options import Config, DataDir, Verbose, parse_day, parse_speed, parse_time
from cockpit.domain.account import Mode
from cockpit.domain.values import NEW_YORK, utc
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.core import Core


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
    from cockpit.app.starting import demo_launch

    with plain_errors():
        launch = demo_launch(
            data_dir or default_data_dir() / DEMO_FOLDER,
            home=None if data_dir else default_data_dir(),
            day=parse_day(day) if day else None,
            start=parse_time(start),
            seed=seed,
            speed=parse_speed(speed),
            config=config,
            verbose=verbose,
        )
        open_window(launch)


class RunMode(StrEnum):
    """What `run` can be."""

    DEMO = "demo"
    PAPER = "paper"
    LIVE = "live"


def run(
    mode: Annotated[
        RunMode | None,
        typer.Option(
            help="demo: a fresh account each time; paper: one that lasts; live: real money. "
            "[default: that of the settings, else what the account or feed is made for]",
            show_default=False,
        ),
    ] = None,
    broker: Annotated[
        str,
        typer.Option(
            help="Who trades. [default: that of the account, else of the settings]",
            metavar="NAME",
            show_default=False,
        ),
    ] = "",
    account: Annotated[
        str,
        typer.Option(
            help="Stored account to sign in with; see `cockpit accounts list`. "
            "[default: that of the settings, else the broker's only one]",
            metavar="NAME",
            show_default=False,
        ),
    ] = "",
    confirm_live: Annotated[
        str,
        typer.Option(
            help="Confirm real money without a window: the account's name.",
            metavar="NAME",
            show_default=False,
        ),
    ] = "",
    speed: Annotated[
        str,
        typer.Option(
            help="Session seconds a real second, 0.1 to 1000, or max, at a simulated market. "
            "[default: that of the settings, usually 1]",
            metavar="S",
            show_default=False,
        ),
    ] = "",
    data_dir: DataDir = None,
    config: Config = None,
    *,
    new_paper_account: Annotated[
        bool,
        typer.Option("--new-paper-account", help="Leave the paper account and begin a new one."),
    ] = False,
    headless: Annotated[
        bool, typer.Option("--headless", help="No window; until the close, or until stopped.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Write a JSON report here at the end (with --headless).",
            metavar="OUT.json",
            show_default=False,
        ),
    ] = None,
    approve: Annotated[
        Approve,
        typer.Option(
            help="With --headless: what happens to proposed trades. 'ask' lets them lapse; "
            "'all' is for practice money only."
        ),
    ] = Approve.ASK,
    arm: Annotated[
        bool,
        typer.Option(
            "--arm", help="With --headless: arm as soon as all required checks are green."
        ),
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Open the cockpit for the day, with the broker, account and feed of the settings.

    Without settings it runs the simulated market, labelled SIMULATED, on the paper
    broker. A real broker needs a stored account: cockpit accounts add NAME. Real money
    needs limits in the settings and is confirmed at each start, in the window or with
    --confirm-live.
    """
    from cockpit.app.starting import launch_of_settings

    if arm and not headless:
        raise typer.BadParameter("In the window you arm yourself.", param_hint="'--arm'")
    if not headless and approve is not Approve.ASK:
        raise typer.BadParameter("In the window you decide yourself.", param_hint="'--approve'")
    if not headless and report is not None:
        fail("A report is written with --headless only.", Exit.USAGE)
    with plain_errors():
        launch = launch_of_settings(
            data_dir or default_data_dir(),
            config,
            mode=None if mode is None else Mode(mode.value),
            broker=broker,
            account=account,
            confirmed=confirm_live,
            speed=parse_speed(speed),
            new_account=new_paper_account,
            interactive=not headless,
            verbose=verbose,
        )
        if headless:
            if launch.mode is Mode.LIVE and approve is Approve.ALL:
                fail("Real money is never approved unseen. Nothing was started.", Exit.USAGE)
            _run_headless(replace(launch, arm=arm, approve=approve), report)
        else:
            open_window(launch)


def _run_headless(launch: Launch, report_to: Path | None) -> None:
    from cockpit.app.unattended.running import run_to_report

    core = asyncio.run(
        run_to_report(
            launch,
            report_to,
            lambda core: typer.echo(_begun(core)),
            lambda text: typer.echo(text, err=True),
        )
    )
    if core is None:
        typer.echo("Stopped before it was up. Nothing was sent.")
        return
    typer.echo(f"{core.account_id} stopped; everything is stored in {launch.data_dir}.")


def _begun(core: Core) -> str:
    when = f"{utc(core.clock.now_ns()).astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S}"
    label = f", prices {core.feed_label}" if core.feed_label else ""
    name = f" ({core.account_name})" if core.account_name else ""
    return f"{core.account_id}{name} is up{label}, {when} New York. Ctrl+C stops it."
