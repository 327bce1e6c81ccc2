"""`cockpit journal import|imports|undo`: statements in, listed, and taken back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.app.bookkeeping.doubles import Doubles
from cockpit.cli.asking import asked, told_by
from cockpit.cli.exits import plain_errors
from cockpit.cli.journal_words import Json, pair, plain, print_json
from cockpit.cli.options import DataDir
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.report import ImportReport
    from cockpit.app.control.messages import ImportRequest

app = typer.Typer(
    help="Import broker statements, read trades, positions and statistics of all accounts, and "
    "write entries about days and trades; also while a cockpit runs.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_SHOWN = 20  # lines of a statement that are printed; --json has all


@app.command("import", short_help="Import a broker's statement.")
def import_(
    file: Annotated[Path, typer.Argument(help="The statement, as the broker exports it.")],
    account: Annotated[
        str,
        typer.Option(
            help="Account to book it under. "
            "[default: the broker's name and the statement's account]",
            metavar="NAME",
            show_default=False,
        ),
    ] = "",
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="For a table of one's own: which column means what, e.g. symbol=Ticker; fees= for "
            "no column. "
            "Remembered for tables with the same headings. May be given several times.",
            metavar="MEANING=COLUMN",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
    *,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would be booked, and book nothing.")
    ] = False,
    doubles: Annotated[
        Doubles,
        typer.Option(
            help="What to do with lines that another import has booked, for another account or as "
            "another kind of statement: leave them out, book them too, or book nothing and ask."
        ),
    ] = Doubles.ASK,
    as_json: Json = False,
) -> None:
    """Import a broker's statement: each line gets a verdict, what is new is booked.

    Alpaca activities (JSON), thinkorswim, TradeZero, Schwab, tastytrade, Fidelity, Interactive
    Brokers (transaction history, activity statement, flex query), Robinhood, OFX/QFX, or any
    table of trades. The kind is recognised by the content. Importing the same lines again
    changes nothing. An import can be taken back: cockpit journal undo.
    """
    folder = data_dir or default_data_dir()
    mapping = dict(pair(text) for text in columns or ())
    with plain_errors():
        request = _import_request(
            file, account, mapping, doubles, preview=preview, every_row=as_json
        )
        answer = asked(folder, request)
        report = _imported_here(folder, request) if answer is None else _imported_there(answer)
        if as_json:
            print_json(plain(report))
        else:
            _print_report(report, preview=preview)


@app.command("imports", short_help="List what was imported.")
def imports(data_dir: DataDir = None, *, as_json: Json = False) -> None:
    """List every import, oldest first, also those that were taken back."""
    from cockpit.app.bookkeeping.importing import all_imports
    from cockpit.domain.values import utc

    with plain_errors():
        batches = asyncio.run(all_imports(data_dir or default_data_dir()))
    if as_json:
        print_json({"imports": [plain(batch) for batch in batches]})
        return
    if not batches:
        typer.echo("Nothing was imported yet. Import a statement: cockpit journal import FILE")
    for batch in batches:
        when = f"{utc(batch.imported_ns):%Y-%m-%d %H:%M} UTC"
        gone = "  taken back" if batch.withdrawn_ns is not None else ""
        typer.echo(
            f"{batch.batch_id}  {when}  {batch.bookings:>6,} from {batch.file_name} "
            f"({batch.format}){gone}"
        )


@app.command("undo", short_help="Take an import back.")
def undo(
    batch: Annotated[
        str, typer.Argument(help="The import, as `cockpit journal imports` names it.")
    ],
    data_dir: DataDir = None,
) -> None:
    """Take an import back: what it booked counts no more. The file can be imported again."""
    from cockpit.app.bookkeeping.importing import undo_import
    from cockpit.app.control.messages import Undone, UndoRequest

    folder = data_dir or default_data_dir()
    with plain_errors():
        answer = asked(folder, UndoRequest(batch_id=batch))
        if answer is None:
            taken = asyncio.run(undo_import(folder, batch))
        else:
            taken = told_by(answer, Undone).batch
    typer.echo(f"Taken back: {taken.bookings:,} bookings from {taken.file_name}.")


def _import_request(
    file: Path,
    account: str,
    mapping: dict[str, str],
    doubles: Doubles,
    *,
    preview: bool,
    every_row: bool,
) -> ImportRequest:
    from cockpit.app.control.messages import ImportRequest

    return ImportRequest(
        file=str(file.absolute()),
        account=account,
        mapping=mapping,
        preview=preview,
        every_row=every_row,
        doubles=doubles,
    )


def _imported_here(folder: Path, request: ImportRequest) -> ImportReport:
    from cockpit.app.bookkeeping.importing import import_statement

    body = import_statement(
        folder,
        Path(request.file),
        account=request.account,
        mapping=request.mapping,
        preview=request.preview,
        doubles=request.doubles,
    )
    return asyncio.run(body)


def _imported_there(answer: object) -> ImportReport:
    from cockpit.app.control.messages import Imported

    return told_by(answer, Imported).report


def _print_report(report: ImportReport, *, preview: bool) -> None:
    typer.echo(f"{report.title}: {report.file}")
    done = "would be booked" if preview else "booked"
    doubles = f"{report.doubles:,} booked by another import, " if report.doubles else ""
    typer.echo(
        f"{report.booked:,} lines {done}, {report.known:,} known already, {doubles}"
        f"{report.ignored:,} "
        f"with nothing to book, {report.review + report.unknown:,} to look at"
    )
    if report.accounts:
        typer.echo(f"account: {', '.join(report.accounts)}")
    for warning in report.warnings:
        typer.echo(f"note: {warning}")
    seen = [row for row in report.rows if row.verdict in ("review", "unknown", "double")]
    for row in seen[:_SHOWN]:
        typer.echo(f"line {row.line}: {row.reason}\n    {row.text[:120]}")
    if len(seen) > _SHOWN:
        typer.echo(f"and {len(seen) - _SHOWN} more; --json lists all")
    if report.batch_id:
        typer.echo(f"Take it back with: cockpit journal undo {report.batch_id}")
