"""Made-up material for each kind and mood: what a preview is written from where a day has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal

from cockpit.domain.currency import USD
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.values import at_new_york, to_ns
from cockpit.journal.tradebook import TradeBook
from cockpit.recap.material import Material, SymbolDay

ACCOUNT = "MADE-UP"
LABEL = "Made-up facts"
"""Stands where a recap names its session, so that no page of it can be taken for a real one."""

_MINUTE = 60_000_000_000
_STORIES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "win": (("AAPL", "100", "190.00"), ("AAPL", "-100", "191.20"),
            ("MSFT", "40", "410.00"), ("MSFT", "-40", "409.10")),
    "loss": (("AAPL", "100", "190.00"), ("AAPL", "-100", "189.10"),
             ("MSFT", "40", "410.00"), ("MSFT", "-40", "411.00")),
    "level": (("AAPL", "100", "190.00"), ("AAPL", "-100", "190.02")),
    "none": (),
    "carried": (("AAPL", "100", "190.00"),),
    "several": (("AAPL", "100", "190.00"), ("AAPL", "-100", "191.20"),
                ("ASML.AS", "40", "610.00"), ("ASML.AS", "-40", "609.10")),
}  # fmt: skip
"""Symbol, signed quantity and price of each fill; fees are a cent a share."""
_CURRENCIES: Mapping[str, str] = {"ASML.AS": "EUR"}


def sample_of(kind: str, mood: str, day: str) -> Material:
    """Material whose recap of `kind` sounds like `mood`, on an ISO day. No figure in it is real."""
    make = _KINDS.get(kind)
    if make is not None:
        return make(mood, day)
    book = _book(mood, day)
    trades = book.trades()
    return Material(book=book, trade=trades[0] if kind == "post-mortem" and trades else None)


def _book(mood: str, day: str) -> TradeBook:
    story = _STORIES.get(mood, ())
    book = TradeBook(ACCOUNT, label=LABEL)
    book.restore(_fills(story, day))
    return book


def _fills(story: Iterable[tuple[str, str, str]], day: str) -> Iterable[Fill]:
    for number, (symbol, signed, price) in enumerate(story, 1):
        when = _open_of(day) + number * 20 * _MINUTE
        quantity = Decimal(signed)
        yield Fill(
            execution_id=f"made-up-{number}", account_id=ACCOUNT, client_order_id=f"o{number}",
            symbol=symbol, side=Side.BUY if quantity > 0 else Side.SELL, quantity=abs(quantity),
            price=Decimal(price), fee=abs(quantity) / 100, ts_event=when, ts_init=when,
            strategy="manual", currency=_CURRENCIES.get(symbol, USD),
        )  # fmt: skip


def _log(mood: str, day: str) -> Material:
    ends = {
        "smooth": (OrderState.FILLED, OrderState.FILLED, OrderState.CANCELED),
        "rough": (OrderState.FILLED, OrderState.DENIED, OrderState.REJECTED),
    }
    orders = [_order(number, end, day) for number, end in enumerate(ends.get(mood, ()), 1)]
    story = "win" if orders else "none"
    return Material(book=_book(story, day), orders=orders, version="made up")


def _order(number: int, end: OrderState, day: str) -> Order:
    when = _open_of(day) + number * _MINUTE
    filled = end is OrderState.FILLED
    intent = OrderIntent(
        intent_id=f"made-up-{number}", account_id=ACCOUNT, symbol="AAPL", side=Side.BUY,
        type=OrderType.MARKET, quantity=Decimal(100),
    )  # fmt: skip
    return Order(
        client_order_id=f"made-up-{number}", intent=intent, state=end,
        filled=Decimal(100) if filled else Decimal(0),
        average_price=Decimal(190) if filled else None,
        reason_code="PRICE_COLLAR" if end in (OrderState.DENIED, OrderState.REJECTED) else "",
        created_ns=when, updated_ns=when,
    )  # fmt: skip


def _market(mood: str, day: str) -> Material:
    steps = {"up": (3, 1, -1), "down": (-3, 1, -1), "mixed": (2, -2)}[mood]
    rows = [
        _session(symbol, Decimal(step))
        for symbol, step in zip(("AAPL", "MSFT", "SPY"), steps, strict=False)
    ]
    return Material(book=_book("none", day), market=rows)


def _session(symbol: str, step: Decimal) -> SymbolDay:
    before = Decimal(200)
    close = before + step
    return SymbolDay(
        symbol=symbol, open=before, close=close, high=max(before, close) + 1,
        low=min(before, close) - 1, volume=Decimal(1_200_000), previous_close=before,
        source="made up",
    )  # fmt: skip


def _open_of(day: str) -> int:
    return to_ns(at_new_york(date.fromisoformat(day), "09:30"))


_KINDS: Mapping[str, Callable[[str, str], Material]] = {"devlog": _log, "digest": _market}
