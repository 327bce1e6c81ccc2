"""What a broker's statement says happened: the entries an import books, in statement terms.

An entry is relative ("18 shares added by a split"), never a new total: statements arrive in
any order, and what an entry makes of a position follows from all that came before it.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.order import Side
from cockpit.domain.values import ZERO, finite, not_empty, not_negative, positive

ONE = Decimal(1)


class Effect(StrEnum):
    """What an execution was meant to do to the position, where the statement says it."""

    OPENS = "opens"
    CLOSES = "closes"


class ExpiryKind(StrEnum):
    """How an option contract ended without a trade."""

    EXPIRED = "expired"
    ASSIGNED = "assigned"
    EXERCISED = "exercised"


class CashKind(StrEnum):
    """What money came or went for, other than a trade."""

    DIVIDEND = "dividend"
    INTEREST = "interest"
    FEE = "fee"
    TAX = "tax"
    TRANSFER = "transfer"
    OTHER = "other"


class Execution(msgspec.Struct, frozen=True, kw_only=True, tag="execution"):
    """A trade. `price` is a unit's, before `multiplier` (money per price unit and unit)."""

    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO
    multiplier: Decimal = ONE
    effect: Effect | None = None

    def __post_init__(self) -> None:
        """Refuse a trade of nothing."""
        not_empty(self.symbol, "symbol")
        for what in ("quantity", "price", "multiplier"):
            positive(getattr(self, what), what)
        finite(self.fee, "fee")


class Split(msgspec.Struct, frozen=True, kw_only=True, tag="split"):
    """What was held, long or short, grew by `change` units (shrank, negative); its cost stays.

    Where it is `signed`, a short has units below zero: it shrinks by a change above zero.
    """

    symbol: str
    change: Decimal
    signed: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no number."""
        not_empty(self.symbol, "symbol")
        finite(self.change, "change")

    def after(self, held: Decimal) -> Decimal:
        """What is held after it, of `held` units (signed) before it; zero where that can't be."""
        short = held < 0
        units = abs(held) + (-self.change if short and self.signed else self.change)
        if held == 0 or units <= 0:
            return ZERO
        return -units if short else units


class Transfer(msgspec.Struct, frozen=True, kw_only=True, tag="transfer"):
    """Units that came in (or went, negative) without a trade; `price` is their cost a unit.

    None when the statement doesn't say what they cost.
    """

    symbol: str
    quantity: Decimal
    price: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse a transfer of nothing."""
        not_empty(self.symbol, "symbol")
        finite(self.quantity, "quantity")
        if self.quantity == 0:
            raise DomainError("a transfer must move something")
        if self.price is not None:
            positive(self.price, "price")


class Conversion(msgspec.Struct, frozen=True, kw_only=True, tag="conversion"):
    """`given` units of one symbol became `received` units of another; the cost goes along."""

    gives: str
    given: Decimal
    symbol: str
    received: Decimal

    def __post_init__(self) -> None:
        """Refuse a conversion of nothing, or into nothing."""
        not_empty(self.gives, "symbol given")
        not_empty(self.symbol, "symbol")
        positive(self.given, "quantity given")
        positive(self.received, "quantity received")


class Expiry(msgspec.Struct, frozen=True, kw_only=True, tag="expiry"):
    """`quantity` contracts ended at a price of zero, on whichever side they were held."""

    symbol: str
    quantity: Decimal
    how: ExpiryKind = ExpiryKind.EXPIRED
    fee: Decimal = ZERO

    def __post_init__(self) -> None:
        """Refuse the end of nothing."""
        not_empty(self.symbol, "symbol")
        positive(self.quantity, "quantity")
        not_negative(self.fee, "fee")


class CashMovement(msgspec.Struct, frozen=True, kw_only=True, tag="cash"):
    """Money that came (or went, negative) other than for a trade."""

    kind: CashKind
    amount: Decimal
    symbol: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no number."""
        finite(self.amount, "amount")


Entry = Execution | Split | Transfer | Conversion | Expiry | CashMovement


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of one account, as the ledger keeps it.

    `key` is unique within the account and the same whenever the same line is read again.
    `timed` is False when the statement knows the day only: then `ts_event` is that day's first
    moment in New York, and a nanosecond more for each line before it.
    """

    key: str
    account_id: str
    ts_event: int
    entry: Entry
    timed: bool = True
    currency: str = "USD"
    text: str = ""
    """The statement's own words."""
