"""`cockpit journal`: import statements, and read what was traded."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.app.bookkeeping.grouping import By
from cockpit.app.bookkeeping.matching import Matching
from cockpit.cli.asking import asked, told_by
from cockpit.cli.exits import plain_errors
from cockpit.cli.journal_words import (
    Account,
    Average,
    First,
    Json,
    Last,
    amount,
    as_day,
    money,
    pair,
    plain,
    print_json,
    short,
)
from cockpit.cli.options import DataDir
from cockpit.journal.days import weekdays
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
            help="For a table of one's own: which column means what, e.g. symbol=Ticker. "
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
        request = _import_request(file, account, mapping, preview=preview, every_row=as_json)
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


@app.command("accounts", short_help="List the accounts that have traded.")
def accounts(data_dir: DataDir = None, *, as_json: Json = False) -> None:
    """List every account with trades, sessions' own and imported ones."""
    from cockpit.app.bookkeeping.books import all_books

    with plain_errors():
        books = asyncio.run(all_books(data_dir or default_data_dir()))
    told = [
        {
            "account": book.account_id,
            "trades": len(book.trades.trades()),
            "open": len(book.trades.open_trades()),
            "unmatched": len(book.unmatched),
        }
        for book in books
    ]
    if as_json:
        print_json({"accounts": told})
        return
    for one in told:
        typer.echo(
            f"{one['account']:<24} {one['trades']:>7,} trades  {one['open']:>4,} open"
            f"  {one['unmatched']:>4,} unmatched"
        )


@app.command("matching", short_help="Choose how an account's lots are matched.")
def matching(
    account: Annotated[
        str, typer.Argument(help="The account; without one all are listed.", show_default=False)
    ] = "",
    method: Annotated[
        Matching | None,
        typer.Argument(help="fifo or average; without one it is told.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    *,
    as_json: Json = False,
) -> None:
    """Choose how an account's lots are matched: first in, first out (fifo), or at average cost.

    It holds for all its trades, old ones too, wherever they are shown. Nothing that was booked
    changes: the other way brings the other figures back. A cockpit that runs takes it up for its
    own account at its next start.
    """
    from cockpit.app.bookkeeping.books import all_books
    from cockpit.app.bookkeeping.matching import Matchings

    folder = data_dir or default_data_dir()
    with plain_errors():
        books = asyncio.run(all_books(folder, account))
        chosen = Matchings(folder)
        if account and method is not None:
            chosen.choose(account, method)
        told = {book.account_id: chosen.of(book.account_id).value for book in books}
    if as_json:
        print_json({"matching": told})
        return
    for name, how in told.items():
        typer.echo(f"{name:<24} {how}")


@app.command("trades", short_help="Print closed trades.")
def trades(
    account: Account = "",
    first: First = "",
    last: Last = "",
    data_dir: DataDir = None,
    *,
    average: Average = False,
    as_json: Json = False,
) -> None:
    """Print closed trades by their end, each from flat to flat with the lots matched."""
    from cockpit.app.bookkeeping.books import all_books, closed_trades
    from cockpit.app.bookkeeping.telling import trades_told, unmatched_told

    days = as_day(first, "--from"), as_day(last, "--to")
    with plain_errors():
        books = asyncio.run(
            all_books(data_dir or default_data_dir(), account, average_cost=average)
        )
    told = trades_told(closed_trades(books, *days))
    missed = unmatched_told(books)
    if as_json:
        print_json({"trades": told, "unmatched": missed})
        return
    if not told:
        typer.echo("No trade was closed.")
    for trade in told:
        prices = f"{short(trade['average_entry']):>10} > {short(trade['average_exit']):<10}"
        typer.echo(
            f"{trade['closed'][:10]}  {trade['account']:<20} {trade['symbol']:<20} "
            f"{trade['direction']:<5} {trade['quantity']:>9} {prices} "
            f"net {money(trade['net'], trade['currency']):>12}"
        )
    if missed:
        typer.echo(f"{len(missed)} more did not match; --json says why.")


@app.command("positions", short_help="Print open lots.")
def positions(
    account: Account = "",
    data_dir: DataDir = None,
    *,
    average: Average = False,
    as_json: Json = False,
) -> None:
    """Print what is held, lot by lot; the first lot closes first."""
    from cockpit.app.bookkeeping.books import all_books
    from cockpit.app.bookkeeping.telling import positions_told, unmatched_told

    with plain_errors():
        books = asyncio.run(
            all_books(data_dir or default_data_dir(), account, average_cost=average)
        )
    told = positions_told(books)
    if as_json:
        print_json({"positions": told, "unmatched": unmatched_told(books)})
        return
    if not told:
        typer.echo("Nothing is held.")
    for held in told:
        lots = len(held["lots"])
        typer.echo(
            f"{held['account']:<20} {held['symbol']:<20} {held['direction']:<5} "
            f"{held['quantity']:>10} at {short(held['average_cost']):<10} {held['currency']} "
            f"in {lots} lot{'' if lots == 1 else 's'}"
        )


@app.command("stats", short_help="Print statistics of closed trades.")
def stats(
    account: Account = "",
    first: First = "",
    last: Last = "",
    by: Annotated[By | None, typer.Option(help="Group the trades.", show_default=False)] = None,
    equity: Annotated[
        str,
        typer.Option(
            help="What an account held before its first trade, for returns. "
            "[default: as its session knew it]",
            metavar="MONEY",
            show_default=False,
        ),
    ] = "",
    data_dir: DataDir = None,
    *,
    average: Average = False,
    as_json: Json = False,
) -> None:
    """Print statistics, each with its definition; what is undefined says why.

    Hour and weekday are those of the entry in New York. Tags are those of the day's journal
    entry; a setup is a tag below setup/.
    """
    from cockpit.app.bookkeeping.books import all_books, closed_trades, equity_of
    from cockpit.app.bookkeeping.grouping import grouped
    from cockpit.app.bookkeeping.telling import groups_told

    days = as_day(first, "--from"), as_day(last, "--to")
    period = f"{first or 'the first'} to {last or 'the last'}" if first or last else "all"
    told = amount(equity, "--equity") if equity else None
    with plain_errors():
        books = asyncio.run(
            all_books(data_dir or default_data_dir(), account, average_cost=average, equity=told)
        )
    groups = groups_told(
        grouped(
            closed_trades(books, *days),
            by,
            period=period,
            equity=equity_of(books, days[0]),
            sessions=books[0].trades.sessions if books else weekdays,
        )
    )
    if as_json:
        found = {"by": by.value, "groups": groups} if by else groups[0]
        print_json({"period": period, **found})
        return
    for group in groups:
        if by is not None:
            typer.echo(f"\n{by.value} {group['key']}")
        for statistic in group["statistics"].values():
            value = statistic["value"] or f"undefined: {statistic['undefined']}"
            typer.echo(f"  {statistic['label']:<28} {short(value):>14}  {statistic['definition']}")


@app.command("calendar", short_help="Print net by day, as a calendar.")
def calendar(
    account: Account = "",
    first: First = "",
    last: Last = "",
    data_dir: DataDir = None,
    *,
    as_json: Json = False,
) -> None:
    """Print what the trades closed on each day made, a week a line."""
    from cockpit.app.bookkeeping.books import all_books, closed_trades
    from cockpit.app.bookkeeping.telling import calendar_lines, days_told

    days = as_day(first, "--from"), as_day(last, "--to")
    with plain_errors():
        books = asyncio.run(all_books(data_dir or default_data_dir(), account))
    told = days_told(closed_trades(books, *days))
    if as_json:
        print_json({"days": told})
        return
    for line in calendar_lines(told) or ["No trade was closed."]:
        typer.echo(line)


def _import_request(
    file: Path, account: str, mapping: dict[str, str], *, preview: bool, every_row: bool
) -> ImportRequest:
    from cockpit.app.control.messages import ImportRequest

    return ImportRequest(
        file=str(file.absolute()),
        account=account,
        mapping=mapping,
        preview=preview,
        every_row=every_row,
    )


def _imported_here(folder: Path, request: ImportRequest) -> ImportReport:
    from cockpit.app.bookkeeping.importing import import_statement

    body = import_statement(
        folder,
        Path(request.file),
        account=request.account,
        mapping=request.mapping,
        preview=request.preview,
    )
    return asyncio.run(body)


def _imported_there(answer: object) -> ImportReport:
    from cockpit.app.control.messages import Imported

    return told_by(answer, Imported).report


def _print_report(report: ImportReport, *, preview: bool) -> None:
    typer.echo(f"{report.title}: {report.file}")
    done = "would be booked" if preview else "booked"
    typer.echo(
        f"{report.booked:,} lines {done}, {report.known:,} known already, {report.ignored:,} "
        f"with nothing to book, {report.review + report.unknown:,} to look at"
    )
    if report.accounts:
        typer.echo(f"account: {', '.join(report.accounts)}")
    for warning in report.warnings:
        typer.echo(f"note: {warning}")
    seen = [row for row in report.rows if row.verdict in ("review", "unknown")]
    for row in seen[:_SHOWN]:
        typer.echo(f"line {row.line}: {row.reason}\n    {row.text[:120]}")
    if len(seen) > _SHOWN:
        typer.echo(f"and {len(seen) - _SHOWN} more; --json lists all")
    if report.batch_id:
        typer.echo(f"Take it back with: cockpit journal undo {report.batch_id}")
