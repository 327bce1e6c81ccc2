"""`cockpit recap`."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cockpit.cli.exits import plain_errors
from cockpit.cli.options import Config, DataDir, parse_day
from cockpit.kernel.folders import default_data_dir


class Kind(StrEnum):
    """Kinds of recap."""

    DAILY = "daily"


class Format(StrEnum):
    """File formats of a recap."""

    MD = "md"
    HTML = "html"


def recap(
    date: Annotated[str, typer.Option(help="Session date, e.g. 2018-01-02.", metavar="DATE")],
    out: Annotated[Path, typer.Option(help="File to write.", metavar="FILE")],
    kind: Annotated[Kind, typer.Option(help="Kind of recap.")] = Kind.DAILY,
    fmt: Annotated[Format, typer.Option("--format", help="Markdown or one HTML file.")] = Format.MD,
    account: Annotated[
        str,
        typer.Option(
            help="Account, e.g. REPLAY-1. [default: the last one that was open that day]",
            metavar="NAME",
            show_default=False,
        ),
    ] = "",
    data_dir: DataDir = None,
    config: Config = None,
    *,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an existing file.")
    ] = False,
) -> None:
    """Write a day's recap from the stored fills.

    Every figure comes from the ledger, the words from the writer of the settings. An
    existing file is left alone unless --overwrite is given.
    """
    from cockpit.app.recaps import export_stored_day

    day = parse_day(date).isoformat()
    with plain_errors():
        written = asyncio.run(
            export_stored_day(
                data_dir or default_data_dir(),
                config,
                account=account,
                day=day,
                kind=kind.value,
                fmt=fmt.value,
                out=out,
                overwrite=overwrite,
            )
        )
        typer.echo(f"Written: {written}")
