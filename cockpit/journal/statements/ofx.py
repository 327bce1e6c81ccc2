"""OFX and QFX: what E*TRADE, Vanguard and others give. Tags, of which the leaves don't close."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from cockpit.domain.imported import ONE, CashKind, CashMovement, Entry, Execution
from cockpit.domain.order import Side
from cockpit.domain.values import ZERO
from cockpit.journal.statements.agreement import agreed_price
from cockpit.journal.statements.figures import CONTRACT, day, needed, number, optional
from cockpit.journal.statements.format import Format
from cockpit.journal.statements.statement import (
    Line,
    Statement,
    When,
    booked,
    ignored,
    unknown,
)
from cockpit.journal.statements.table import Source, seen

_TAG = re.compile(r"<(/?)([A-Za-z0-9.]+)>([^<\r\n]*)")
_INCOME = {"DIV": CashKind.DIVIDEND, "INTEREST": CashKind.INTEREST}
_USD = "USD"
_FEES = ("COMMISSION", "TAXES", "FEES", "LOAD")


@dataclass(slots=True)
class Node:
    """A tag with what is in it; a leaf has text."""

    name: str
    line: int
    text: str = ""
    children: list[Node] = field(default_factory=list["Node"])

    def all(self, name: str) -> Iterator[Node]:
        """Every tag of that name below."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.all(name)

    def leaf(self, name: str) -> str:
        """The text of the first leaf of that name below, "" without one."""
        return next((node.text for node in self.all(name)), "")


@dataclass(frozen=True, slots=True)
class _Of:
    """Whose statement it is, and in which currency."""

    account: str
    currency: str


def _fits(source: Source) -> bool:
    return "<OFX>" in source.text.upper()[:4000] and "<INVTRANLIST>" in source.text.upper()


def _read(source: Source) -> Statement:
    tree = _tree(source.text)
    tickers = {
        info.leaf("UNIQUEID"): info.leaf("TICKER") or info.leaf("UNIQUEID")
        for info in tree.all("SECINFO")
    }
    lines = [
        _judged(node, tickers, _Of(of.leaf("ACCTID"), of.leaf("CURDEF") or _USD))
        for of in (list(tree.all("INVSTMTRS")) or [tree])
        for transactions in of.all("INVTRANLIST")
        for node in transactions.children
        if node.children
    ]
    lines += [
        _told(node, ignored("what is held, not a transaction"))
        for positions in tree.all("INVPOSLIST")
        for node in positions.children
    ]
    return Statement(
        format="ofx", title="OFX investment statement", lines=tuple(lines), newest_first=True
    )


def _tree(text: str) -> Node:
    """A leaf has text behind its tag; a tag without text holds others until it closes."""
    root = Node("", 0)
    open_: list[Node] = [root]
    for found in _TAG.finditer(text):
        closing, name, value = found[1], found[2].upper(), found[3].strip()
        if closing:
            while len(open_) > 1 and open_.pop().name != name:
                pass
            continue
        node = Node(name, text.count("\n", 0, found.start()) + 1, value)
        open_[-1].children.append(node)
        if not value:
            open_.append(node)
    return root


def _judged(node: Node, tickers: Mapping[str, str], of: _Of) -> Line:
    return _told(node, seen(lambda: _line(node, tickers, of)))


def _told(node: Node, line: Line) -> Line:
    text = f"{node.name} {node.leaf('MEMO')}"
    return msgspec.structs.replace(line, number=node.line, text=text)


def _line(node: Node, tickers: Mapping[str, str], of: _Of) -> Line:
    security = node.leaf("UNIQUEID")
    entry = _entry(node, tickers.get(security, security))
    if entry is None:
        return unknown(f"{node.name} is not known")
    return booked(
        entry,
        When(day(node.leaf("DTTRADE")[:8] or node.leaf("DTPOSTED")[:8])),
        account=of.account,
        reference=node.leaf("FITID"),
        currency=_currency(node) or of.currency,
    )


def _currency(node: Node) -> str:
    """That of the amounts, where it is none of the account's; ORIGCURRENCY is converted already."""
    return next((told.leaf("CURSYM") for told in node.all("CURRENCY")), "")


def _entry(node: Node, symbol: str) -> Entry | None:
    if node.name in ("BUYSTOCK", "BUYMF", "BUYOTHER", "BUYOPT", "REINVEST"):
        return _execution(node, symbol, Side.BUY)
    if node.name in ("SELLSTOCK", "SELLMF", "SELLOTHER", "SELLOPT"):
        return _execution(node, symbol, Side.SELL)
    if node.name == "INCOME":
        kind = _INCOME.get(node.leaf("INCOMETYPE"), CashKind.DIVIDEND)
        return CashMovement(kind=kind, amount=needed(node.leaf("TOTAL"), "total"), symbol=symbol)
    if node.name == "INVEXPENSE":
        kind = CashKind.TAX if "W/H" in node.leaf("MEMO") else CashKind.FEE
        amount = -abs(needed(node.leaf("TOTAL"), "total"))
        return CashMovement(kind=kind, amount=amount, symbol=symbol)
    if node.name == "INVBANKTRAN":
        amount = needed(node.leaf("TRNAMT"), "amount")
        return CashMovement(kind=CashKind.TRANSFER, amount=amount)
    return None


def _execution(node: Node, symbol: str, side: Side) -> Execution:
    quantity = abs(needed(node.leaf("UNITS"), "units"))
    price = needed(node.leaf("UNITPRICE"), "unit price")
    fee = sum((optional(node.leaf(name)) for name in _FEES), ZERO)
    multiplier: Decimal = CONTRACT if node.name.endswith("OPT") else ONE
    return Execution(
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=agreed_price(
            side, quantity, price, number(node.leaf("TOTAL")), fees=fee, multiplier=multiplier
        ),
        fee=fee,
        multiplier=multiplier,
    )


FORMAT = Format(name="ofx", title="OFX investment statement", fits=_fits, read=_read)
