"""The rooms that a view of the gate is gathered from, with orders open, for the bench."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cockpit.domain.account import Account, Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits
from cockpit.domain.market import Quote
from cockpit.domain.order import Order
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.market.book import Book
from cockpit.risk.limit_book import LimitBook
from cockpit.trading.gate.situation import Situation
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.state import TradingSwitch
from tests.support.fills import NINE_THIRTY, fill

MONEY = Decimal(1_000_000)


def situation_with(asked: Order, others: Sequence[Order]) -> tuple[Situation, Order]:
    """Everything in place: prices of all symbols, ten positions, `others` open and released."""
    clock, bus = VirtualClock(NINE_THIRTY), Bus()
    book, orders, traffic = Book(clock), OrderBook(), Traffic()
    portfolio = Portfolio(bus, "DEMO-1")
    portfolio.open_at(MONEY)
    for symbol in sorted({asked.symbol, *(o.symbol for o in others)}):
        book.add(Instrument(symbol=symbol))
        quote = Quote(
            symbol=symbol,
            bid=99.99,
            ask=100.01,
            bid_size=1,
            ask_size=1,
            ts_event=NINE_THIRTY,
            ts_init=NINE_THIRTY,
        )
        book.on_quote(quote)
        portfolio.book(fill(len(portfolio.positions()), "+1 @ 100", symbol=symbol), NINE_THIRTY)
    for order in others:
        orders.put(order)
        traffic.order_released(order, NINE_THIRTY - 30_000_000_000, entry=True)
    account = Account(
        account_id="DEMO-1", mode=Mode.DEMO, cash=MONEY, equity=MONEY, buying_power=MONEY,
        margin=False,
    )  # fmt: skip
    situation = Situation(
        mode=Mode.DEMO,
        limits=LimitBook(LimitRules.of(Limits()), "DEMO-1"),
        clock=clock,
        prices=book,
        orders=orders,
        portfolio=portfolio,
        switch=TradingSwitch(bus, clock),
        traffic=traffic,
        not_ready=lambda _symbol: "",
        not_connected=lambda: "",
        session_open=lambda _now: True,
        account=lambda: account,
        expected_key=lambda: "",
        cooldown=lambda: "",
        day_trades=lambda _symbol, _now: (0, 1),
    )
    return situation, asked
