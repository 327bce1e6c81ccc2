"""`cockpit replay`."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from cockpit.app.launch import Approve, Launch
from cockpit.cli.exits import Exit, fail, plain_errors
from cockpit.cli.opening import open_window
from cockpit.cli.options import Config, DataDir, Verbose, parse_speed
from cockpit.domain.account import Mode
from cockpit.kernel.folders import default_data_dir


def replay(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="Recorded quotes and trades (.csv or .csv.gz), in any order; the columns "
            "tell which is which. Or tapes.",
            show_default=False,
        ),
    ],
    speed: Annotated[
        str,
        typer.Option(
            help="Session seconds a real second, 0.1 to 1000, or max. "
            "[default: that of the settings, usually 1]",
            metavar="S",
            show_default=False,
        ),
    ] = "",
    strategy: Annotated[
        list[str] | None,
        typer.Option(
            "--strategy",
            help="Strategy to run; may be given more than once. 'none' for none at all. "
            "[default: those of the settings]",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    approve: Annotated[
        Approve,
        typer.Option(help="What happens to proposed trades. Without a window 'ask' is 'none'."),
    ] = Approve.ASK,
    exchange: Annotated[
        str,
        typer.Option(
            help="Exchange whose quotes make the book. [default: the busiest]",
            metavar="X",
            show_default=False,
        ),
    ] = "",
    seed: Annotated[
        int | None,
        typer.Option(
            help="Seed of the simulated broker. [default: that of the settings, usually 1]",
            metavar="N",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            help="Write a JSON report here (with --headless).",
            metavar="OUT.json",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="No window; to the end, then leave.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Play a recorded session through the whole cockpit with practice money.

    With a window it is the trader's day again: pause, change the pace, approve or kill.
    With --headless it runs to the end, writes journal and recap to the data folder, and
    prints a summary. The same files, seed and `--speed max` give the same result.
    """
    with plain_errors():
        launch = Launch(
            mode=Mode.REPLAY,
            data_dir=data_dir or default_data_dir(),
            feed="replay",
            options={"files": tuple(files), "exchange": exchange or None},
            broker_options={"seed": seed},
            strategies=_chosen(strategy),
            speed=parse_speed(speed),
            approve=_decider(approve, headless=headless),
            interactive=not headless,
            config=config,
            verbose=verbose,
        )
        if headless:
            _play_headless(launch, report)
        else:
            _play_windowed(launch, report)


def _chosen(names: list[str] | None) -> tuple[str, ...] | None:
    if not names:
        return None
    return tuple(name for name in names if name != "none")


def _decider(approve: Approve, *, headless: bool) -> Approve:
    """Nobody can be asked without a window: then nothing is approved."""
    return Approve.NONE if headless and approve is Approve.ASK else approve


def _play_headless(launch: Launch, report_to: Path | None) -> None:
    from cockpit.app.unattended.replaying import replay_headless

    result = asyncio.run(replay_headless(launch, report_to))
    for line in _summary(result, launch.data_dir):
        typer.echo(line)


def _play_windowed(launch: Launch, report_to: Path | None) -> None:
    if report_to is not None:
        fail("A report is written with --headless only.", Exit.USAGE)
    open_window(launch)


def _summary(result: dict[str, Any], data_dir: Path) -> list[str]:
    events, orders, pnl = result["events"], result["orders"], result["pnl"]
    quarantined = sum(events["quarantined"].values())
    states = ", ".join(f"{count} {state}" for state, count in orders["by_state"].items())
    rows = f"{events['read']:,} rows read, {quarantined:,} quarantined"
    others = sum(events["skipped"].values())
    money = f"realised {pnl['realised']}, unrealised {pnl['unrealised']}, fees {pnl['fees']}"
    return [
        f"{result['source']}: {rows}, {others:,} of other exchanges",
        f"{orders['count']} orders ({states or 'none'}), {result['fills']['count']} fills",
        f"Net {pnl['net']} USD: {money}",
        _recap_hint(result["recap"], data_dir),
    ]


def _recap_hint(recap: dict[str, Any] | None, data_dir: Path) -> str:
    if recap is None:
        return "No recap could be written; the log in the data folder says why."
    where = "" if data_dir == default_data_dir() else f" --data-dir {shlex.quote(str(data_dir))}"
    return f"Recap: cockpit recap --date {recap['day']} --format md --out recap.md{where}"
