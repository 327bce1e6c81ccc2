"""`cockpit audit verify` and `cockpit audit show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli.exits import Exit, plain_errors
from cockpit.cli.options import DataDir
from cockpit.domain.values import utc
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.audit import AuditRow

app = typer.Typer(
    help="Check or read the audit log: one row for each order version, fill, gate verdict, "
    "trading state and set of limits, chained by hashes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("verify", short_help="Check that nothing in the audit log was changed.")
def verify(data_dir: DataDir = None) -> None:
    """Check that no row of the audit log was changed, removed, added or moved.

    Then that orders, fills, busts and adjustments are what the log tells of them; the
    first difference is named.

    Reads the ledger without changing it, also while the cockpit runs. Prints how many
    rows there are and the hash of the last one: keep it elsewhere, and you can prove
    later that the log still begins with these rows. Exit code 0 when the log is intact
    and the tables agree, 1 otherwise; the first bad row is named.
    """
    from cockpit.app.audit import verify as verify_log

    with plain_errors():
        report = verify_log(data_dir or default_data_dir())
    if report.fault:
        typer.echo(f"BROKEN  {report.fault}")
        typer.echo(f"rows before it: {report.rows:,}, all intact; head {report.head}")
        raise typer.Exit(Exit.FAILED)
    if report.difference:
        typer.echo(f"DIFFERS  {report.difference}")
        typer.echo(f"the log itself is intact: {report.rows:,} rows, head {report.head}")
        raise typer.Exit(Exit.FAILED)
    typer.echo(f"intact  {report.rows:,} rows, head {report.head}")


@app.command("show", short_help="Print the audit log.")
def show(
    account: Annotated[
        str,
        typer.Option(
            help="Account, e.g. REPLAY-1. [default: all]", metavar="NAME", show_default=False
        ),
    ] = "",
    data_dir: DataDir = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line, whole.")
    ] = False,
) -> None:
    """Print the rows of the audit log, oldest first.

    Each line has number, time (UTC), account, kind and content. With --json it is one
    JSON object with all columns, as stored. Changes nothing; does not check the chain.
    """
    from cockpit.app.audit import stored_rows

    as_text = _json if as_json else _line
    with plain_errors():
        for row in stored_rows(data_dir or default_data_dir(), account):
            typer.echo(as_text(row))


def _line(row: AuditRow) -> str:
    when = utc(row.ts_ns).isoformat(timespec="milliseconds").removesuffix("+00:00")
    text = f"{row.seq}  {when}Z  {row.account_id}  {row.kind}  {row.payload}"
    return text.encode("utf-8", "replace").decode()  # what was tampered with may be no text


def _json(row: AuditRow) -> str:
    import msgspec

    columns = {name: _plain(value) for name, value in row._asdict().items()}
    columns["payload"] = msgspec.Raw(row.payload.encode("utf-8", "replace"))
    return msgspec.json.encode(columns).decode()


def _plain(value: object) -> object:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
