"""Our own adapters at their venues, as the contract wants them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cockpit.adapters.brokers.paper import PaperBroker, PaperSettings
from cockpit.adapters.brokers.paper import build as paper
from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import Broker, Redeem
from cockpit.testing import BrokerVenue, Mood, ReadOnlyVenue
from tests.toyserver import Fault, ToyServer
from tests.toyserver.client import alpaca_at
from tests.toyserver.hood import ToyHood
from tests.toyserver.hood.client import robinhood_at


class PaperVenue(BrokerVenue):
    """The paper broker simulates its venue inside, so no line can break."""

    def __init__(self) -> None:
        self._clock = WallClock()
        self._settings = PaperSettings(latency_ms=1, commission_minimum=0, commission_per_share=0)
        self.start_cash = self._settings.starting_cash
        self._broker: PaperBroker | None = None

    def broker(self, redeem: Redeem) -> Broker:
        self._broker = paper(
            self._settings, clock=self._clock, redeem=redeem, account_id=self.account_id,
            mode=Mode.PAPER, supervisor=Supervisor(self._clock),
        )  # fmt: skip
        self._broker.on_instrument(Instrument(symbol=self.symbol))
        return self._broker

    def quote(self, bid: float, ask: float, size: float = 1e6) -> None:
        now = self._clock.now_ns()
        assert self._broker is not None
        self._broker.on_quote(
            Quote(
                symbol=self.symbol, bid=bid, ask=ask, bid_size=size, ask_size=size,
                ts_event=now, ts_init=now,
            )
        )  # fmt: skip


class AlpacaVenue(BrokerVenue):
    """The Alpaca adapter, with the real SDK, at the toy server."""

    moods = frozenset(Mood)

    def __init__(self, toy: ToyServer) -> None:
        self._toy = toy
        self.start_cash = toy.exchange.settings.starting_cash
        toy.exchange.list_symbols(self.symbol)

    def broker(self, redeem: Redeem) -> Broker:
        return alpaca_at(self._toy, redeem, account_id=self.account_id)

    def quote(self, bid: float, ask: float, size: float = 1e6) -> None:
        self._toy.exchange.quote(self.symbol, bid, ask, size)

    def fall_into(self, mood: Mood, client_order_id: str = "") -> None:
        faults = self._toy.faults
        if mood is Mood.LOST_ANSWER:
            faults.plan("POST /v2/orders", Fault.LOST_ANSWER)
        elif mood is Mood.LOST_REQUEST:
            faults.plan("POST /v2/orders", Fault.LOST_REQUEST)
        elif mood in (Mood.LOST_REPLACEMENT, Mood.LOST_CANCEL):
            verb = "PATCH" if mood is Mood.LOST_REPLACEMENT else "DELETE"
            order = self._toy.exchange.find_client(client_order_id)
            faults.plan(f"{verb} /v2/orders/{order.id}", Fault.LOST_ANSWER)
        elif mood is Mood.FAILED_QUESTIONS:
            for path in ("account", "positions", "orders", "orders:by_client_order_id",
                         "account/activities/FILL"):  # fmt: skip
                faults.rate(f"GET /v2/{path}", busy_500=1.0)
        elif mood is Mood.ODD_STATUS:
            self._toy.exchange.find_client(client_order_id).status = "quantum"
        elif mood is Mood.DOUBLED_UPDATES:
            self._toy.stream_faults.duplicate_rate = 1.0
        else:
            self._toy.stream.cut()


class RobinhoodVenue(ReadOnlyVenue):
    """The Robinhood adapter, with the real SDK, at the toy; others trade in its app."""

    symbol = "AAPL"
    moods = frozenset({Mood.FAILED_QUESTIONS, Mood.ODD_STATUS})

    def __init__(self, toy: ToyHood) -> None:
        self._toy = toy

    def broker(self, redeem: Redeem) -> Broker:
        return robinhood_at(self._toy, redeem)

    def hold(self, quantity: Decimal, cost: Decimal) -> None:
        self._toy.books.hold(self.symbol, str(quantity), str(cost))

    def rest(self, limit: Decimal, quantity: Decimal) -> str:
        made = self._toy.books.order(self.symbol, quantity=str(quantity), price=str(limit))
        return made["id"]

    def fill(self, order_id: str, quantity: Decimal, price: Decimal) -> None:
        self._toy.books.fill(self._found(order_id), str(quantity), str(price))

    def writes(self) -> int:
        return sum(m != "GET" and not p.startswith("/oauth2/") for m, p in self._toy.requests)

    def fall_into(self, mood: Mood, order_id: str = "") -> None:
        if mood is Mood.ODD_STATUS:
            self._found(order_id)["state"] = "quantum"
        else:
            for path in ("/accounts/", "/positions/", "/orders/"):
                self._toy.moods[path] = 403

    def _found(self, order_id: str) -> dict[str, Any]:
        return next(order for order in self._toy.books.orders if order["id"] == order_id)
