"""Options and words that the commands of `cockpit journal` share."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from decimal import Decimal

Account = Annotated[
    str,
    typer.Option(help="One account only. [default: all]", metavar="NAME", show_default=False),
]
First = Annotated[str, typer.Option("--from", help="Closed on this day or later.", metavar="DATE")]
Last = Annotated[str, typer.Option("--to", help="Closed on this day or earlier.", metavar="DATE")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Average = Annotated[
    bool,
    typer.Option(
        "--average-cost",
        help="Match all at average cost this once.",
    ),
]


def pair(text: str) -> tuple[str, str]:
    """What stands before and behind the equals sign of an option; behind it may be nothing."""
    meaning, equals, column = text.partition("=")
    if not (meaning.strip() and equals):
        raise typer.BadParameter(f"{text!r} is not like symbol=Ticker.", param_hint="'--map'")
    return meaning.strip(), column.strip()


def as_day(text: str, option: str) -> date | None:
    """A day that an option names; None without one."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a date like 2018-01-02.", param_hint=f"'{option}'"
        ) from None


def as_days(first: str, last: str) -> tuple[date | None, date | None]:
    """The days of --from and --to, which must not stand the other way round."""
    days = as_day(first, "--from"), as_day(last, "--to")
    if days[0] is not None and days[1] is not None and days[0] > days[1]:
        raise typer.BadParameter(
            f"{first} is after --to {last}, so no day lies between them.", param_hint="'--from'"
        )
    return days


def amount(text: str, option: str) -> Decimal:
    """Money above zero that an option names."""
    from decimal import Decimal, InvalidOperation

    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not (value.is_finite() and value > 0):
        raise typer.BadParameter(f"{text!r} is not an amount like 25000.", param_hint=f"'{option}'")
    return value


def plain(struct: object, *only: str) -> dict[str, Any]:
    """A struct as plain values; of `only` these fields, when some are named."""
    import msgspec

    told: dict[str, Any] = msgspec.to_builtins(struct)
    return {name: told[name] for name in only} if only else told


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on the standard output."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def short(text: str) -> str:
    """A figure for people: at most four places."""
    from decimal import Decimal, InvalidOperation

    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return f"{value:,.4f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"


def money(text: str, currency: str) -> str:
    """Signed money for people."""
    from decimal import Decimal

    from cockpit.journal.words import signed_money

    return signed_money(Decimal(text), currency)
