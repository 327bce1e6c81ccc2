"""What the simulated venue refuses before it takes an order in, as coded rejections."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.instrument import Instrument
from cockpit.domain.order import OrderIntent, Side, TimeInForce
from cockpit.domain.values import ZERO
from cockpit.ports.broker import OrderRejectedError


def refused(code: str, internal: str, text: str) -> OrderRejectedError:
    """A rejection; the venue's word goes to the log, `text` to the screen."""
    return OrderRejectedError(internal, user_text=f"The broker rejected it: {text}", code=code)


def check_grid(intent: OrderIntent, instrument: Instrument) -> None:
    """Refuse a size that is no whole number of lots and a price between two ticks."""
    if intent.quantity % instrument.lot != 0:
        raise refused(
            "VENUE_LOT",
            f"quantity {intent.quantity} is not a multiple of {instrument.lot}",
            f"the quantity must be a multiple of {instrument.lot}.",
        )
    for price in (intent.limit_price, intent.stop_price):
        if price is not None and price % instrument.tick != 0:
            raise refused(
                "VENUE_TICK",
                f"price {price} is off the tick {instrument.tick}",
                f"{price} isn't a multiple of the tick {instrument.tick}.",
            )


def check_time_in_force(intent: OrderIntent) -> None:
    """Refuse a stop that would have to be triggered at once or not at all."""
    if intent.tif is TimeInForce.IOC and intent.type.needs_stop:
        raise refused(
            "VENUE_TIF",
            f"{intent.type.value} can't be immediate-or-cancel",
            "a stop order can't be immediate-or-cancel.",
        )


def check_short_sale(side: Side, opening: Decimal, *, allowed: bool) -> None:
    """Refuse to sell what is not held unless short sales are allowed."""
    if side is Side.SELL and opening > 0 and not allowed:
        raise refused(
            "VENUE_SHORT_SALE",
            f"sells {opening} more than held",
            f"this account can't sell short, and {opening} of these aren't held.",
        )


def check_buying_power(opening: Decimal, left: Decimal) -> None:
    """Refuse an order that opens something and would leave less than nothing."""
    if opening > 0 and left < ZERO:
        raise refused(
            "VENUE_BUYING_POWER",
            f"insufficient buying power, short of {-left}",
            f"the buying power is {-left:,.2f} short.",
        )


def worst_price(intent: OrderIntent, touch: Decimal | None) -> Decimal:
    """The price an order is reserved at: its worst bound, or the far touch if that is worse.

    A buy can't cost more than its limit; everything else may trade at the touch or beyond
    its stop. Raises OrderRejectedError when there is no price at all to go by.
    """
    if intent.side is Side.BUY and intent.limit_price is not None:
        return intent.limit_price
    known = [p for p in (intent.limit_price, intent.stop_price, touch) if p is not None]
    if not known:
        raise refused(
            "VENUE_NO_MARKET",
            f"no quote of {intent.symbol} yet",
            f"nobody has quoted {intent.symbol} yet, so a market order has no price.",
        )
    return max(known)
