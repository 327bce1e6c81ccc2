"""`cockpit recap`."""

from __future__ import annotations

import asyncio
import sys
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
    WEEKLY = "weekly"
    DIGEST = "digest"
    DEVLOG = "devlog"
    POST_MORTEM = "post-mortem"


class Format(StrEnum):
    """File formats of a recap."""

    MD = "md"
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"


def recap(
    date: Annotated[
        str, typer.Option(help="Any day of the period, e.g. 2018-01-02.", metavar="DATE")
    ],
    out: Annotated[Path, typer.Option(help="File to write.", metavar="FILE")],
    kind: Annotated[Kind, typer.Option(help="Kind of recap.")] = Kind.DAILY,
    fmt: Annotated[
        Format, typer.Option("--format", help="Markdown, one HTML file, PDF, or a CSV of trades.")
    ] = Format.MD,
    account: Annotated[
        str,
        typer.Option(
            help="Account, e.g. REPLAY-1. [default: the last one that was open that day]",
            metavar="NAME",
            show_default=False,
        ),
    ] = "",
    trade: Annotated[
        str,
        typer.Option(
            help="Trade of a post-mortem, by its id. [default: the last one that closed]",
            metavar="ID",
            show_default=False,
        ),
    ] = "",
    symbol: Annotated[
        list[str] | None,
        typer.Option(
            help="Instrument of a digest, e.g. SPY. May be given several times. "
            "[default: those traded that day]",
            metavar="SYMBOL",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    config: Config = None,
    *,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an existing file.")
    ] = False,
    private: Annotated[
        bool,
        typer.Option("--private", help="Hide amounts, sizes and account; show R and percents."),
    ] = False,
    notes: Annotated[
        bool, typer.Option("--notes", help="Add your own notes of the period.")
    ] = False,
) -> None:
    """Write a recap from what is stored: of a day, its week, its market, or one trade.

    Every figure comes from the ledger, the words from the writer of the settings. An
    existing file is left alone unless --overwrite is given.
    """
    from cockpit.app.recapping.stored import Place, RecapWanted, export_stored

    wanted = RecapWanted(
        kind=kind.value,
        day=parse_day(date).isoformat(),
        account=account,
        trade=trade,
        symbols=tuple(name.strip().upper() for name in symbol or ()),
    )
    place = Place(out=out, fmt=fmt.value, overwrite=overwrite, private=private, with_notes=notes)
    with plain_errors():
        written = asyncio.run(
            export_stored(data_dir or default_data_dir(), config, wanted, place, _progress)
        )
        typer.echo(f"Written: {written}")


def _progress(words: str) -> None:
    """One line on a terminal, written over; nothing where nobody looks."""
    if sys.stderr.isatty():
        typer.echo(f"\r{words:<60}", err=True, nl=False)
