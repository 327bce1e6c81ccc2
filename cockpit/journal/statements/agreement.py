"""Whether quantity, price, fees and amount of a line agree, and the price that does."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.imported import ONE
from cockpit.domain.order import Side
from cockpit.domain.values import CENT, ZERO
from cockpit.journal.statements.errors import UnreadableError

_PRINTED_PLACES = 8  # nobody prints more: the rest is a binary fraction's, as in 28.999999999999996


def agreed_price(
    side: Side,
    quantity: Decimal,
    price: Decimal,
    amount: Decimal | None,
    *,
    fees: Decimal = ZERO,
    multiplier: Decimal = ONE,
) -> Decimal:
    """The price a unit that makes exactly `amount` (signed money in, after `fees`).

    That is the printed one when it agrees to the cent. A printed price is rounded; within
    that rounding the amount is the truth, for it is what moved. Raises UnreadableError when
    they disagree by more.
    """
    if amount is None:
        return price
    if quantity == 0:
        raise UnreadableError("a trade of nothing")
    expected = -side.sign * quantity * price * multiplier - fees
    difference = abs(amount - expected)
    worked_out = abs(amount + fees) / (quantity * multiplier)
    if difference <= CENT:
        return worked_out if _places(price) > _PRINTED_PLACES else price
    if difference > quantity * multiplier * _half_step(price) + CENT:
        raise UnreadableError(
            f"{quantity:f} at {price:f} with fees of {fees:f} make {expected:.2f}, "
            f"but the amount is {amount:f}"
        )
    return worked_out


def total_doubted(told: Decimal, found: Decimal) -> str:
    """What is said when a statement's own total isn't the sum of its lines."""
    return (
        f"The statement's total is {told:f}, its lines add up to {found:f}. The lines were taken."
    )


def _half_step(price: Decimal) -> Decimal:
    """Half of its last place; zeros at the end may be padding, cents never are."""
    return Decimal(1).scaleb(-max(_places(price.normalize()), 2)) / 2


def _places(price: Decimal) -> int:
    exponent = price.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
