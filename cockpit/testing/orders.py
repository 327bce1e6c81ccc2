"""Short ways to make orders."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.order import Order, OrderIntent, OrderType, Side, TimeInForce
from cockpit.domain.venue_terms import VenueTerms

Number = Decimal | int | str
_KINDS = {
    (False, False): OrderType.MARKET,
    (True, False): OrderType.LIMIT,
    (False, True): OrderType.STOP,
    (True, True): OrderType.STOP_LIMIT,
}


def make_order(
    client_order_id: str,
    side: Side = Side.BUY,
    quantity: Number = 100,
    *,
    limit: Number | None = None,
    stop: Number | None = None,
    tif: TimeInForce = TimeInForce.DAY,
    symbol: str = "ABC",
    account_id: str = "CONTRACT-1",
    venue: VenueTerms | None = None,
) -> Order:
    """An order as the core hands it to a broker; its type follows from the prices given."""
    intent = OrderIntent(
        intent_id=f"intent-{client_order_id}",
        account_id=account_id,
        symbol=symbol,
        side=side,
        type=_KINDS[limit is not None, stop is not None],
        quantity=Decimal(quantity),
        limit_price=None if limit is None else Decimal(limit),
        stop_price=None if stop is None else Decimal(stop),
        tif=tif,
        venue=venue,
    )
    return Order(client_order_id=client_order_id, intent=intent)
