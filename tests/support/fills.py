"""Fills from a short notation, for tests that tell a story of trades."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cockpit.domain.fill import Fill
from cockpit.domain.order import Side

MINUTE = 60_000_000_000
NINE_THIRTY = 1_514_903_400_000_000_000  # 2018-01-02 09:30 in New York


def fill(
    number: int,
    text: str,
    *,
    symbol: str = "XXX",
    fee: str = "0",
    stop: str | None = None,
    strategy: str = "manual",
    account: str = "DEMO-1",
    ts_ns: int | None = None,
) -> Fill:
    """`fill(1, "+100 @ 10.50")` buys, "-100 @ 10.50" sells, one minute a number."""
    size, _, price = text.partition("@")
    quantity = Decimal(size.strip())
    when = NINE_THIRTY + number * MINUTE if ts_ns is None else ts_ns
    return Fill(
        execution_id=f"x{number}",
        account_id=account,
        client_order_id=f"o{number}",
        symbol=symbol,
        side=Side.BUY if quantity > 0 else Side.SELL,
        quantity=abs(quantity),
        price=Decimal(price.strip()),
        fee=Decimal(fee),
        ts_event=when,
        ts_init=when,
        strategy=strategy,
        planned_stop=None if stop is None else Decimal(stop),
    )


def fills(*texts: str, symbol: str = "XXX", fee: str = "0", first: int = 1) -> Sequence[Fill]:
    """One fill a text, a minute apart."""
    return [fill(first + n, text, symbol=symbol, fee=fee) for n, text in enumerate(texts)]
