"""What trading tells its callers."""

from __future__ import annotations

from cockpit.domain.errors import CockpitError


class TradingError(CockpitError):
    """Root of this package's errors; `code` is the control's or the desk's."""

    code = "TRADING_ERROR"


class NoSuchOrderError(TradingError):
    """An order or request was named that isn't there (any more)."""

    code = "ORDER_NOT_FOUND"

    def __init__(self, order_id: str) -> None:
        super().__init__(
            f"no order {order_id}",
            user_text="That order is no longer there to change; nothing was done. "
            "Look at the orders list.",
        )
