"""thinkorswim: the account statement. Its cash balance books; all other sections repeat it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from cockpit.domain.imported import (
    ONE,
    CashKind,
    CashMovement,
    Effect,
    Entry,
    Execution,
    Expiry,
    ExpiryKind,
)
from cockpit.domain.order import Side
from cockpit.domain.values import ZERO
from cockpit.journal.statements.agreement import agreed_price, total_doubted
from cockpit.journal.statements.ended import ended_option
from cockpit.journal.statements.errors import UnreadableError
from cockpit.journal.statements.figures import (
    CONTRACT,
    day,
    needed,
    number,
    option_symbol,
    optional,
    time_of_day,
)
from cockpit.journal.statements.format import Format
from cockpit.journal.statements.statement import (
    Line,
    Statement,
    Verdict,
    When,
    booked,
    ignored,
    unknown,
)
from cockpit.journal.statements.table import Fields, Record, Source, fields_of, headings, judged
from cockpit.journal.statements.thinkorswim_spreads import (
    EFFECTS,
    Spreads,
    executions_of,
    minute_of,
    typed,
)

_COLUMNS = ("DATE", "TIME", "TYPE", "REF #", "DESCRIPTION", "AMOUNT")
_SECTIONS = {
    "Cash Balance",
    "Futures Statements",
    "Forex Statements",
    "Total Cash",
    "Account Order History",
    "Account Trade History",
    "Equities",
    "Options",
    "Futures",
    "Futures Options",
    "Profits and Losses",
    "Account Summary",
}
_OTHER_MONEY = {"Futures Statements", "Forex Statements"}
_TRADE = re.compile(r"\b(BOT|SOLD) ([+-][\d,.]+) (.+?) @\s?([\d.,]+)")
_OPTION = re.compile(
    r"^(?P<root>\S+) (?P<units>\d+)(?: \([^)]*\))? (?P<expiry>\d{1,2} [A-Z]{3} \d{2})"
    r"(?: \[[^]]*\])? (?P<strike>[\d.]+) (?P<right>CALL|PUT)$"
)
_GONE = re.compile(r"REMOVAL OF OPTION DUE TO (EXPIRATION|ASSIGNMENT|EXERCISE) ([+-]?[\d.]+) (.+)$")
_HOW = {
    "EXPIRATION": ExpiryKind.EXPIRED,
    "ASSIGNMENT": ExpiryKind.ASSIGNED,
    "EXERCISE": ExpiryKind.EXERCISED,
}
_CASH = {"DOI": CashKind.DIVIDEND, "EFN": CashKind.TRANSFER, "JRN": CashKind.TRANSFER}

_Effects = Mapping[tuple[str, Decimal, str], Effect]


def _fits(source: Source) -> bool:
    return source.heading(*_COLUMNS) is not None


def _read(source: Source) -> Statement:
    records = source.records
    account = re.search(r"Account Statement for (\S+)", records[0].text)
    effects = dict(_effects(records))
    reader = _CashBalance(records, account[1] if account else "", effects)
    lines = tuple(reader.lines())
    return Statement(
        format="thinkorswim",
        title="thinkorswim account statement",
        lines=lines,
        warnings=tuple(reader.warnings),
    )


class _CashBalance:
    """Walks the sections and keeps the sum that the total must be."""

    def __init__(self, records: Sequence[Record], account: str, effects: _Effects) -> None:
        self._records, self._account, self._effects = records, account, effects
        self._spreads = Spreads(records, _SECTIONS)
        self._sum = ZERO
        self.warnings: list[str] = []

    def lines(self) -> Iterator[Line]:
        section, heading = "", None
        for record in self._records:
            if record.cells[0] in _SECTIONS:
                section, heading = record.cells[0], None
                yield from headings([record])
            elif section == "Cash Balance" and heading is None:
                heading = record
                yield from headings([record])
            elif section == "Cash Balance" and heading is not None:
                fields = fields_of(heading, record)
                yield judged(record, lambda _, f=fields: self._booked(f))
            else:
                yield judged(record, lambda _, s=section: _elsewhere(s, _))

    def _booked(self, fields: Fields) -> Line:
        if fields["DESCRIPTION"] == "TOTAL":
            return self._total(fields)
        if fields["TYPE"] == "BAL":
            return ignored("a balance")
        line = self._line(fields)
        if line.verdict is Verdict.BOOKED:
            self._sum += optional(fields["AMOUNT"])
        return line

    def _line(self, fields: Fields) -> Line:
        when = When(day(fields["DATE"]), time_of_day(fields["TIME"]))
        kind, text = fields["TYPE"], fields["DESCRIPTION"]
        entry: Sequence[Entry] | Entry | None
        if kind == "TRD":
            entry = self._execution(fields, when) or self._legs(fields, when)
        elif gone := _GONE.search(text):
            entry = _ended(gone, fields)
        elif number(fields["AMOUNT"]) is not None:
            cash = CashKind.INTEREST if "INTEREST" in text else _CASH.get(kind, CashKind.OTHER)
            entry = CashMovement(kind=cash, amount=needed(fields["AMOUNT"], "amount"))
        else:
            entry = None
        if not entry:
            return unknown(f"{kind} {text!r} is not understood; no trade tells its legs")
        return booked(entry, when, account=self._account, reference=fields["REF #"])

    def _execution(self, fields: Fields, when: When) -> Execution | None:
        found = _TRADE.search(fields["DESCRIPTION"])
        named = None if found is None else _instrument(found[3])
        if found is None or named is None:
            return None
        (symbol, multiplier), signed = named, needed(found[2], "quantity")
        side = Side.BUY if found[1] == "BOT" else Side.SELL
        quantity, price = abs(signed), needed(found[4], "price")
        amount = number(fields["AMOUNT"])
        return Execution(
            symbol=symbol,
            side=side,
            quantity=quantity,
            price=agreed_price(side, quantity, price, amount, multiplier=multiplier),
            fee=_fee(fields),
            multiplier=multiplier,
            effect=self._effects.get((minute_of(when), signed, symbol)),
        )

    def _legs(self, fields: Fields, when: When) -> Sequence[Entry]:
        """Of a spread, from the trade history; empty when nothing there makes its amount."""
        amount = number(fields["AMOUNT"])
        legs = () if amount is None else self._spreads.take(when, amount)
        return executions_of(legs, _fee(fields)) if legs else ()

    def _total(self, fields: Fields) -> Line:
        told = optional(fields["AMOUNT"])
        if told != self._sum:
            self.warnings.append(total_doubted(told, self._sum))
        return ignored("a total")


def _elsewhere(section: str, record: Record) -> Line:
    if section in _OTHER_MONEY and any(cell[:1].isdigit() for cell in record.cells):
        return unknown(f"{section.lower()} are not read")
    return ignored("repeats what the cash balance says" if section else "a heading")


def _effects(records: Sequence[Record]) -> Iterator[tuple[tuple[str, Decimal, str], Effect]]:
    """What each trade was meant to do, by minute, signed quantity and symbol."""
    heading = None
    for record in records:
        if record.cells[0] in _SECTIONS:
            heading = None
        elif {"Exec Time", "Pos Effect", "Side"} <= set(record.cells):
            heading = record
        elif heading is not None:
            fields = fields_of(heading, record)
            effect = EFFECTS.get(fields["Pos Effect"])
            told = fields["Exec Time"] and fields.get("Type") in ("STOCK", "ETF")
            if effect is None or not told:
                continue
            with suppress(UnreadableError):  # then the trade itself says what it was
                at = minute_of(typed(fields["Exec Time"]))
                yield (at, needed(fields["Qty"], "quantity"), fields["Symbol"]), effect


def _fee(fields: Fields) -> Decimal:
    return -optional(fields.get("Misc Fees")) - optional(fields.get("Commissions & Fees"))


def _instrument(text: str) -> tuple[str, Decimal] | None:
    """Symbol and multiplier; None for a spread."""
    option = _OPTION.match(text)
    if option is not None:
        expiry = datetime.strptime(option["expiry"], "%d %b %y").date()  # noqa: DTZ007 -- a day has no zone
        symbol = option_symbol(
            option["root"], expiry, option["right"], needed(option["strike"], "strike")
        )
        return symbol, Decimal(option["units"])
    return None if " " in text else (text, ONE)


def _ended(gone: re.Match[str], fields: Fields) -> Expiry | Execution | None:
    named = _instrument(gone[3]) or _instrument(gone[3].replace(" ", f" {CONTRACT} ", 1))
    if named is None:
        return None
    return ended_option(
        named[0],
        abs(needed(gone[2], "quantity")),
        _HOW[gone[1]],
        price=None,
        amount=number(fields["AMOUNT"]),
        fee=_fee(fields),
        multiplier=named[1],
    )


FORMAT = Format(name="thinkorswim", title="thinkorswim account statement", fits=_fits, read=_read)
