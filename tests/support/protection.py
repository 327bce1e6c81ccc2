"""Short words for tests about exits that the core holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cockpit.domain.order import Order
from cockpit.domain.protection import Protection
from tests.support.desk import Desk


def plan(stop: str | None = "99", target: str | None = None, **more: str) -> Protection:
    """A protection from prices as text."""
    given = {"stop": stop, "target": target, **more}
    return Protection(**{key: Decimal(text) for key, text in given.items() if text is not None})


async def entered(desk: Desk, protection: Protection, quantity: int = 10, **more: Any) -> Order:
    """An order that carries `protection`, and half a second to fill."""
    order = await desk.do(
        desk.oms.submit(desk.intent(quantity=quantity, protection=protection, **more))
    )
    await desk.pass_time(0.5)
    return desk.now(order)


def exits(desk: Desk) -> list[Order]:
    """The exits that may trade."""
    return [order for order in desk.orders.open("ABC") if order.intent.protects]


async def seen(desk: Desk, bid: float, ask: float | None = None, *, for_s: float = 0.5) -> None:
    """A quote, and time for what follows from it."""
    desk.quote(bid, bid + 0.02 if ask is None else ask)
    await desk.pass_time(for_s)


def refuse_all(desk: Desk, *, share: float = 1.0) -> None:
    """From now on the venue refuses this share of the new orders."""
    venue = desk.broker._venue
    venue._settings = venue._settings.model_copy(update={"reject_rate": share})
