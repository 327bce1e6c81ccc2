"""Options that ended: without money they are gone, with money they were settled in cash."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.imported import Effect, Execution, Expiry, ExpiryKind
from cockpit.domain.order import Side
from cockpit.domain.values import ZERO
from cockpit.journal.statements.agreement import agreed_price
from cockpit.journal.statements.errors import UnreadableError
from cockpit.journal.statements.figures import CONTRACT


def ended_option(
    symbol: str,
    quantity: Decimal,
    how: ExpiryKind,
    *,
    price: Decimal | None,
    amount: Decimal | None,
    fee: Decimal = ZERO,
    multiplier: Decimal = CONTRACT,
) -> Expiry | Execution:
    """The end of `quantity` contracts; one that moved money closes at what it was settled for.

    `price` is a unit's, `amount` the signed money in before `fee`; either may be untold. Raises
    UnreadableError where a price has no amount, as nobody can say then which way the money went.
    """
    if not price and not amount:
        return Expiry(symbol=symbol, quantity=quantity, how=how, fee=fee)
    if not amount:
        raise UnreadableError(
            "an option that ended has a price but no amount: which way the money went is not told"
        )
    side = Side.SELL if amount > 0 else Side.BUY
    if quantity <= 0:
        raise UnreadableError("the end of no option has an amount")
    told = abs(price) if price else abs(amount) / (quantity * multiplier)
    return Execution(
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=agreed_price(side, quantity, told, amount, multiplier=multiplier),
        fee=fee,
        multiplier=multiplier,
        effect=Effect.CLOSES,
    )
