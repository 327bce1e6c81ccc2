"""`cockpit accounts add`, `rekey`, `passphrase`, `test`, `list` and `remove`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cockpit.cli.exits import Exit, fail, plain_errors
from cockpit.cli.options import Config, DataDir
from cockpit.cli.talking import at_terminal, line_of_stdin, talking, typed_unseen
from cockpit.domain.account import Mode
from cockpit.domain.values import utc
from cockpit.kernel.folders import default_data_dir

if TYPE_CHECKING:
    from cockpit.app.signing.accounts import AccountRecord
    from cockpit.app.signing.desk import AccountDesk
    from cockpit.ports.plugin import Credential
    from cockpit.trading.trial import Found

VARIABLE = "COCKPIT_ACCOUNT_"
_PLACES = {"keyring": "the system's keyring", "file": "the encrypted file"}

app = typer.Typer(
    help="Store the keys of a broker, test them, list and remove them.\n\n"
    "Keys are tried at the broker first and then kept in the system's keyring, or in an "
    "encrypted file where there is none. No command prints them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="What you call the account.", show_default=False)
]


class AccountMode(StrEnum):
    """What an account can be."""

    PAPER = "paper"
    LIVE = "live"


@app.command("add", short_help="Try keys at the broker, then store them.")
def add(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="What you want to call it: small letters, digits and dashes.",
            show_default=False,
        ),
    ],
    broker: Annotated[str, typer.Option(help="Whose account it is.", metavar="NAME")] = "alpaca",
    mode: Annotated[
        AccountMode, typer.Option(help="paper: the broker's practice money; live: real money.")
    ] = AccountMode.PAPER,
    key_id: Annotated[
        str,
        typer.Option(
            help="The key's id (or user name), which is no secret. [default: ask]",
            metavar="TEXT",
            show_default=False,
        ),
    ] = "",
    confirm_live: Annotated[
        str,
        typer.Option(
            help="Confirm real money without being asked: the account's name.",
            metavar="NAME",
            show_default=False,
        ),
    ] = "",
    config: Config = None,
    data_dir: DataDir = None,
    *,
    stdin: Annotated[
        bool,
        typer.Option("--stdin", help="Read what is not given otherwise from stdin, a line each."),
    ] = False,
) -> None:
    """Try keys at the broker, then store them.

    The keys are asked for, unseen. Without a terminal they come from --stdin, or from the
    variables COCKPIT_ACCOUNT_KEY_ID, COCKPIT_ACCOUNT_SECRET and so on; never from an option,
    which others could read in the list of processes. A live account needs limits in the
    settings and its name typed to confirm it; one at a broker that is read only needs neither.
    """
    with talking("Interrupted. Nothing was stored."):
        desk = _desk(data_dir, config)
        wanted = desk.check(name, broker, Mode(mode.value))
        confirmed, real = confirm_live, desk.moves_money(broker, Mode(mode.value))
        if real and not confirm_live and at_terminal():
            typer.echo(f"{name} will trade REAL MONEY at {broker}.", err=True)
            confirmed = typer.prompt(f"Type {name} to confirm", default="", show_default=False)
        elif mode is AccountMode.LIVE and not real:
            typer.echo(f"{broker} is read only: {name} is looked at, and never traded.", err=True)
        if real and confirmed != name:
            fail(
                f"A live account trades real money and was not confirmed. Nothing was stored. Type "
                f"its name, {name}, or add --confirm-live {name}.",
                Exit.REFUSED,
            )
        given = _given(wanted, key_id, from_stdin=stdin)
        record, found = asyncio.run(
            desk.add(name, broker, Mode(mode.value), given, confirmed=confirmed, tell=_tell)
        )
        typer.echo(f"{_sentence(record)} is stored. {_looks(found)}")
        typer.echo(f"Start it with: cockpit run --account {name}")


@app.command("rekey", short_help="Try other keys of a stored account, then store them.")
def rekey(
    name: Name,
    key_id: Annotated[
        str,
        typer.Option(
            help="The key's id (or user name), which is no secret. [default: ask]",
            metavar="TEXT",
            show_default=False,
        ),
    ] = "",
    config: Config = None,
    data_dir: DataDir = None,
    *,
    stdin: Annotated[
        bool,
        typer.Option("--stdin", help="Read what is not given otherwise from stdin, a line each."),
    ] = False,
) -> None:
    """Try other keys of a stored account, then keep them in the place of its own.

    They are given as for add and must open the same account. Stopped on the way, the account
    has its old keys or the new ones, never a mixture. A cockpit that runs goes on with the old
    ones until it is started anew; revoke them at the broker then.
    """
    with talking(
        "Interrupted. The account has its old keys or the new ones: cockpit accounts test"
    ):
        desk = _desk(data_dir, config)
        given = _given(desk.wanted(name), key_id, from_stdin=stdin)
        record, found = asyncio.run(desk.replace_keys(name, given, tell=_tell))
        typer.echo(f"{_sentence(record)} has its new keys. {_looks(found)}")
        typer.echo(f"Revoke the old ones at {record.broker}, once no cockpit runs with them.")


@app.command("passphrase", short_help="Give the vault file another passphrase.")
def passphrase(config: Config = None, data_dir: DataDir = None) -> None:
    """Give the vault file another passphrase.

    Asks for the one it has, then twice for the new one. Without a terminal they come from the
    variables COCKPIT_VAULT_PASSPHRASE (or the passphrase file) and COCKPIT_VAULT_NEW_PASSPHRASE.
    Stopped on the way, the vault has the old one or the new one.
    """
    with talking("Interrupted. The vault has its old passphrase or the new one."):
        asyncio.run(_desk(data_dir, config).change_passphrase())
        typer.echo(
            "The vault has its new passphrase. Where the old one is kept for starts without a "
            "person (a variable, a passphrase file), put the new one there. Start a cockpit that "
            "runs anew."
        )


@app.command("test", short_help="Sign in with stored keys and say what was found.")
def try_again(name: Name, config: Config = None, data_dir: DataDir = None) -> None:
    """Sign in with the stored keys, look, sign out. Sends no order and changes nothing."""
    with talking("Interrupted. Nothing was changed."):
        desk = _desk(data_dir, config)
        record, found = asyncio.run(desk.test(name, _tell))
        typer.echo(f"{_sentence(record)} works. {_looks(found)}")


@app.command("list", short_help="Print the stored accounts.")
def list_(
    data_dir: DataDir = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Print the stored accounts. Opens no vault and asks no broker."""
    import msgspec

    from cockpit.app.signing.accounts import AccountBook

    with plain_errors():
        records = AccountBook(data_dir or default_data_dir()).records()
    if as_json:
        rows = [_row(record) for record in records]
        typer.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
    elif not records:
        typer.echo("No account is stored. Add one: cockpit accounts add NAME --mode paper")
    for record in () if as_json else records:
        row = _row(record)
        place = _PLACES.get(row["kept_in"], "the vault")
        typer.echo(
            f"{row['name']:<16} {row['broker']:<10} {row['mode'].upper():<6} "
            f"{row['number'] or '-':<8} keys in {place}, since {row['since'][:10]}"
        )


@app.command("remove", short_help="Delete an account and its keys.")
def remove(
    name: Name,
    config: Config = None,
    data_dir: DataDir = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Delete the keys from the vault, and the account from the list.

    The ledger keeps its orders, fills and journal. A cockpit that runs with the account
    goes on until it is stopped. The keys stay valid at the broker: revoke them there.
    """
    with talking("Interrupted. See what is left: cockpit accounts list"):
        desk = _desk(data_dir, config)
        record = desk.book.find(name)
        if not yes:
            if not at_terminal():
                fail(f"Nobody is here to ask. {name} was kept. Add --yes.", Exit.REFUSED)
            typer.confirm(f"Remove {_sentence(record)} and delete its keys?", abort=True)
        asyncio.run(desk.remove(name))
        typer.echo(
            f"{_sentence(record)} is removed and its keys are deleted here. They stay valid at "
            f"{record.broker}: revoke them there if they are not used elsewhere."
        )


def _desk(data_dir: Path | None, config: Path | None) -> AccountDesk:
    from cockpit.app.signing.desk import desk_of

    return desk_of(data_dir or default_data_dir(), config)


def _given(wanted: tuple[Credential, ...], first: str, *, from_stdin: bool) -> Mapping[str, str]:
    """What is given by option or variable; the rest from stdin, or asked for unseen."""
    given: dict[str, str] = {wanted[0].name: first} if first else {}
    for credential in wanted:
        if credential.name not in given:
            text = os.environ.get(VARIABLE + credential.name.upper(), "")
            given[credential.name] = text or _asked(credential, from_stdin=from_stdin)
    return given


def _asked(credential: Credential, *, from_stdin: bool) -> str:
    if from_stdin:
        return line_of_stdin()
    if not at_terminal():
        if credential.optional:
            return ""
        fail(
            f"Nobody is here to type the {credential.label}. Nothing was stored. Give it on stdin "
            f"with --stdin, or in the variable {VARIABLE}{credential.name.upper()}.",
            Exit.USAGE,
        )
    more = " (Enter for none)" if credential.optional else ""
    return typed_unseen(f"{credential.label}{more}")


def _tell(text: str) -> None:
    typer.echo(text, err=True)


def _sentence(record: AccountRecord) -> str:
    number = f" {record.number}" if record.number else ""
    return f"{record.name} ({record.broker}, {record.mode.value.upper()}{number})"


def _looks(found: Found) -> str:
    account = found.account
    money = f"Equity {account.equity:,.2f} {account.currency}"
    open_ = f"{found.positions} positions, {found.open_orders} open orders"
    return f"{money}, buying power {account.buying_power:,.2f}; {open_}."


def _row(record: AccountRecord) -> dict[str, str]:
    return {
        "name": record.name,
        "broker": record.broker,
        "mode": record.mode.value,
        "number": record.number,
        "kept_in": record.kept_in,
        "since": f"{utc(record.created_ns):%Y-%m-%dT%H:%M:%SZ}",
    }
