"""TradeZero: the list of executions, one line each, fees by kind."""

from __future__ import annotations

from cockpit.domain.imported import ONE, Effect, Execution
from cockpit.domain.order import Side
from cockpit.domain.values import ZERO
from cockpit.journal.statements.agreement import agreed_price
from cockpit.journal.statements.figures import (
    CONTRACT,
    day,
    needed,
    number,
    occ_symbol,
    optional,
    time_of_day,
)
from cockpit.journal.statements.format import Format
from cockpit.journal.statements.statement import Line, Statement, When, booked, unknown
from cockpit.journal.statements.table import Fields, Source, headings, read_lines

_COLUMNS = ("T/D", "Exec Time", "Side", "Symbol", "Qty", "Price", "Gross Proceeds")
_FEES = ("Comm", "SEC", "TAF", "NSCC", "Nasdaq", "ECN Remove", "ECN Add")
_SIDES = {
    "B": (Side.BUY, None),
    "S": (Side.SELL, None),
    "SS": (Side.SELL, Effect.OPENS),
    "BC": (Side.BUY, Effect.CLOSES),
}


def _fits(source: Source) -> bool:
    return source.heading(*_COLUMNS) is not None


def _read(source: Source) -> Statement:
    at = source.heading(*_COLUMNS) or 0
    records = source.records
    lines = read_lines(records[at], records[at + 1 :], _line)
    return Statement(
        format="tradezero",
        title="TradeZero executions",
        lines=(*headings(records[: at + 1]), *lines),
    )


def _line(fields: Fields) -> Line:
    if fields["Side"] not in _SIDES:
        return unknown(f"the side {fields['Side']!r} is not known")
    side, effect = _SIDES[fields["Side"]]
    quantity, price = needed(fields["Qty"], "quantity"), needed(fields["Price"], "price")
    option = occ_symbol(fields["Symbol"])
    multiplier = ONE if option is None else CONTRACT
    gross = number(fields["Gross Proceeds"])
    entry = Execution(
        symbol=option or fields["Symbol"],
        side=side,
        quantity=abs(quantity),
        price=agreed_price(side, abs(quantity), price, gross, multiplier=multiplier),
        multiplier=multiplier,
        fee=sum((optional(fields.get(name)) for name in _FEES), ZERO),
        effect=effect,
    )
    return booked(
        entry,
        When(day(fields["T/D"]), time_of_day(fields["Exec Time"])),
        account=fields.get("Account"),
        currency=fields.get("Currency") or "USD",
    )


FORMAT = Format(name="tradezero", title="TradeZero executions", fits=_fits, read=_read)
