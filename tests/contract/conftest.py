"""Each test of the contract runs against every broker adapter that is here.

A new adapter joins by a `Bench` of its own: the broker, and a market that quotes for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.adapters.brokers.paper import build as paper
from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderState
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import Broker, GateToken, Redeem, TokenRefusedError
from tests.support.waiting import eventually
from tests.toyserver import ToyServer
from tests.toyserver.client import alpaca_at
from tests.toyserver.exchange import ACCOUNT
from tests.unit.adapters.brokers.paper_kit import Recorder, order

TOKEN = GateToken(secret="s", fingerprint="f")
ADAPTERS = ("paper", "alpaca")
SYMBOL = "ABC"


@dataclass
class Bench:
    """A broker of one of the adapters, a market that only it sees, and what it told."""

    broker: Broker
    sink: Recorder
    quote: Callable[..., None]
    start_cash: Decimal
    refuse_tokens: list[bool] = field(default_factory=lambda: [False])

    def order(self, name: str, *args: object, **terms: object) -> Order:
        return order(name, *args, symbol=SYMBOL, account_id=ACCOUNT, **terms)

    async def submit(self, made: Order) -> None:
        await self.broker.submit(made, TOKEN)

    async def until(self, made: Order, state: OrderState) -> None:
        """Wait until the broker's last word on an order is `state`."""
        name = made.client_order_id
        await eventually(
            lambda: self.sink.states(name)[-1:] == [state.value], what=f"{name} {state.value}"
        )

    async def open_ids(self) -> list[str]:
        return [listed.client_order_id for listed in await self.broker.open_orders()]


@pytest.fixture(params=ADAPTERS)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """A connected broker; ABC is quoted 9.99 at 10.01, plenty of it."""
    refuse = [False]

    def redeem(_token: GateToken, _order: Order) -> None:
        if refuse[0]:
            raise TokenRefusedError("used", user_text="The gate's token was used before.")

    sink = Recorder(WallClock())
    async with {"paper": _paper, "alpaca": _alpaca}[request.param](redeem) as made:
        broker, quote, cash = made
        bench = Bench(broker, sink, quote, cash, refuse)
        await broker.connect(sink)
        try:
            quote(9.99, 10.01)
            yield bench
        finally:
            await broker.close()


Made = tuple[Broker, Callable[..., None], Decimal]


@asynccontextmanager
async def _paper(redeem: Redeem) -> AsyncIterator[Made]:
    clock = WallClock()
    settings = PaperSettings(latency_ms=1, commission_minimum=0, commission_per_share=0)
    broker = paper(
        settings, clock=clock, redeem=redeem, account_id=ACCOUNT, mode=Mode.PAPER,
        supervisor=Supervisor(clock),
    )  # fmt: skip
    broker.on_instrument(Instrument(symbol=SYMBOL))

    def quote(bid: float, ask: float, size: float = 1e6) -> None:
        now = clock.now_ns()
        broker.on_quote(
            Quote(
                symbol=SYMBOL, bid=bid, ask=ask, bid_size=size, ask_size=size,
                ts_event=now, ts_init=now,
            )
        )  # fmt: skip

    yield broker, quote, settings.starting_cash


@asynccontextmanager
async def _alpaca(redeem: Redeem) -> AsyncIterator[Made]:
    async with ToyServer() as toy:
        toy.exchange.list_symbols(SYMBOL)

        def quote(bid: float, ask: float, size: float = 1e6) -> None:
            toy.exchange.quote(SYMBOL, bid, ask, size)

        yield alpaca_at(toy, redeem), quote, toy.exchange.settings.starting_cash
