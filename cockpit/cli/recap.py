"""`cockpit recap`."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from cockpit.cli.asking import asked, told_by
from cockpit.cli.exits import plain_errors
from cockpit.cli.journal_words import Json, print_json
from cockpit.cli.options import Config, DataDir, parse_day
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.recapping.acts import RecapAct
    from cockpit.ports.store import StoredRecap


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


class WriteByDefault(TyperGroup):
    """Without the name of a command, options are those of `write`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `write` before options that are no call for help."""
        if args and args[0].startswith("-") and args[0] not in ctx.help_option_names:
            args = ["write", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=WriteByDefault,
    help="Write a recap to a file; list, read and approve those that are stored.\n\n"
    "Without a command's name it writes: cockpit recap --date 2018-01-02 --out recap.md",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As `recap list` tells it.")]


@app.command("write", short_help="Write a recap to a file.")
def write(
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
    from cockpit.app.recapping.room import Export
    from cockpit.app.recapping.stored import RecapWanted, export_stored

    wanted = RecapWanted(
        kind=kind.value,
        day=parse_day(date).isoformat(),
        account=account,
        trade=trade,
        symbols=tuple(name.strip().upper() for name in symbol or ()),
    )
    target = Export(path=out, fmt=fmt.value, overwrite=overwrite, private=private, with_notes=notes)
    with plain_errors():
        written = asyncio.run(
            export_stored(data_dir or default_data_dir(), config, wanted, target, _progress)
        )
        typer.echo(f"Written: {written.path}")
        if written.others:
            typer.echo(
                f"It is of the account {written.account}. Others traded then, too: "
                f"{', '.join(written.others)}. Choose one with --account NAME."
            )


def _progress(words: str) -> None:
    """One line on a terminal, written over; nothing where nobody looks."""
    if sys.stderr.isatty():
        typer.echo(f"\r{words:<60}", err=True, nl=False)


@app.command("list", short_help="List the recaps that are stored.")
def list_(
    account: Annotated[
        str,
        typer.Option(help="One account only. [default: all]", metavar="NAME", show_default=False),
    ] = "",
    data_dir: DataDir = None,
    *,
    as_json: Json = False,
) -> None:
    """List stored recaps, the newest first, with their number, kind, period and state.

    A cockpit that runs on the data folder answers itself. One whose facts would be others now is
    stale, as it is where it is shown.
    """
    from cockpit.app.recapping.acts import ListAct
    from cockpit.recap.state import state_of

    found = _done(data_dir, ListAct(account=account))
    if as_json:
        print_json({"recaps": [_plain(one) for one in found]})
        return
    if not found:
        typer.echo("No recap is stored yet. Write one: cockpit recap --date DATE --out FILE")
    for one in found:
        typer.echo(
            f"{one.recap_id:>5}  {one.day:<10}  {one.kind:<11}  {state_of(one):<8}  "
            f"{one.account_id:<10}  {one.writer}  {one.title}"
        )


@app.command("show", short_help="Print a stored recap.")
def show(number: Number, data_dir: DataDir = None, *, as_json: Json = False) -> None:
    """Print a recap as Markdown, below a line that says whether it is draft, approved or stale."""
    from cockpit.app.recapping.acts import OpenAct
    from cockpit.recap.state import state_words

    (found,) = _done(data_dir, OpenAct(recap_id=number))
    if as_json:
        print_json({"recap": {**_plain(found), "markdown": found.markdown}})
        return
    typer.echo(f"{state_words(found)}\n")
    typer.echo(found.markdown, nl=False)


@app.command("approve", short_help="Make a draft your own.")
def approve(number: Number, data_dir: DataDir = None) -> None:
    """Approve a draft: its words and figures are yours from now on, and an export says so.

    One whose fills changed since it was written is refused. Approving twice changes nothing.
    """
    from cockpit.app.recapping.acts import OpenAct
    from cockpit.recap.state import state_words

    (found,) = _done(data_dir, OpenAct(recap_id=number, approve=True))
    typer.echo(f"{found.kind}, {found.day}: {state_words(found)}")


def _done(data_dir: Path | None, act: RecapAct) -> tuple[StoredRecap, ...]:
    """What came of it: done by the cockpit that runs there, else here."""
    from cockpit.app.control.messages import RecapsRequest, RecapsTold

    folder = data_dir or default_data_dir()
    with plain_errors():
        answer = asked(folder, RecapsRequest(act=act))
        if answer is not None:
            return told_by(answer, RecapsTold).recaps
        return asyncio.run(_done_here(folder, act))


async def _done_here(folder: Path, act: RecapAct) -> tuple[StoredRecap, ...]:
    from cockpit.app.recapping.shelf import shelf_in

    async with shelf_in(folder) as shelf:
        return await shelf.done(act)


def _plain(recap: StoredRecap) -> dict[str, Any]:
    from cockpit.recap.state import approved_at, state_of

    return {
        "number": recap.recap_id,
        "account": recap.account_id,
        "period": recap.day,
        "kind": recap.kind,
        "state": state_of(recap),
        "approved": approved_at(recap) or None,
        "writer": recap.writer,
        "model": recap.model or None,
        "title": recap.title,
    }
