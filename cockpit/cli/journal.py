"""`cockpit journal`: read what was traded, by account, trade, position, day and group."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from cockpit.app.bookkeeping.grouping import By
from cockpit.app.bookkeeping.matching import Matching
from cockpit.cli.exits import plain_errors
from cockpit.cli.journal_imports import app
from cockpit.cli.journal_words import (
    Account,
    Average,
    First,
    Json,
    Last,
    amount,
    as_days,
    money,
    print_json,
    short,
)
from cockpit.cli.options import DataDir
from cockpit.journal.days import weekdays
from cockpit.kernel.folders import default_data_dir


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

    days = as_days(first, last)
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

    days = as_days(first, last)
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

    days = as_days(first, last)
    with plain_errors():
        books = asyncio.run(all_books(data_dir or default_data_dir(), account))
    told = days_told(closed_trades(books, *days))
    if as_json:
        print_json({"days": told})
        return
    for line in calendar_lines(told) or ["No trade was closed."]:
        typer.echo(line)
