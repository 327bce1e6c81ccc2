"""What the paper broker's tests share: short ways to make orders and quotes, a recording sink."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any

from cockpit.adapters.brokers.paper import PaperBroker, PaperSettings, build
from cockpit.domain.account import Account, Mode
from cockpit.domain.connection import Connection
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote, TradingStatus
from cockpit.domain.order import Order, OrderIntent, OrderType, Side, TimeInForce
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import (
    BustReport,
    ExecutionReport,
    GateToken,
    OrderReport,
    TokenRefusedError,
)

START = 1_514_903_400 * SECOND  # 2018-01-02 09:30 in New York
ACCOUNT = "DEMO-1"
STOCK = Instrument(symbol="XXX")
TOKEN = GateToken(secret="s", fingerprint="f")


def D(value: object) -> Decimal:
    return Decimal(str(value))


def order(
    client_order_id: str,
    side: Side = Side.BUY,
    quantity: object = 100,
    *,
    limit: object = None,
    stop: object = None,
    tif: TimeInForce = TimeInForce.DAY,
    symbol: str = "XXX",
    account_id: str = ACCOUNT,
) -> Order:
    kinds = {
        (False, False): OrderType.MARKET,
        (True, False): OrderType.LIMIT,
        (False, True): OrderType.STOP,
        (True, True): OrderType.STOP_LIMIT,
    }
    intent = OrderIntent(
        intent_id=f"intent-{client_order_id}",
        account_id=account_id,
        symbol=symbol,
        side=side,
        type=kinds[limit is not None, stop is not None],
        quantity=D(quantity),
        limit_price=None if limit is None else D(limit),
        stop_price=None if stop is None else D(stop),
        tif=tif,
    )
    return Order(client_order_id=client_order_id, intent=intent)


def quote(
    bid: float = 10.0,
    ask: float = 10.02,
    bid_size: float = 100,
    ask_size: float = 100,
    *,
    at: int = START,
    symbol: str = "XXX",
) -> Quote:
    return Quote(
        symbol=symbol, bid=bid, ask=ask, bid_size=bid_size, ask_size=ask_size,
        ts_event=at, ts_init=at,
    )  # fmt: skip


def status(halted: bool, at: int = START, symbol: str = "XXX") -> TradingStatus:
    return TradingStatus(symbol=symbol, halted=halted, reason="LULD", ts_event=at, ts_init=at)


class Recorder:
    """A broker sink that keeps everything in the order it came, with the time it came."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.heard: list[tuple[int, Any]] = []

    def on_order(self, report: OrderReport) -> None:
        self.note(report)

    def on_execution(self, report: ExecutionReport) -> None:
        self.note(report)

    def on_bust(self, report: BustReport) -> None:
        self.note(report)

    def on_account(self, account: Account) -> None:
        self.note(account)

    def on_connection(self, connection: Connection) -> None:
        self.note(connection)

    def note(self, what: object) -> None:
        self.heard.append((self._clock.now_ns(), what))

    def of(self, kind: type) -> list[Any]:
        return [what for _, what in self.heard if isinstance(what, kind)]

    def states(self, client_order_id: str) -> list[str]:
        reports = self.of(OrderReport)
        return [r.state.value for r in reports if r.client_order_id == client_order_id]

    @property
    def executions(self) -> list[ExecutionReport]:
        return self.of(ExecutionReport)


class Desk:
    """A connected paper broker on a virtual clock, driven by hand; with `folder` a lasting one."""

    def __init__(
        self, *, folder: Path | None = None, known: bool = False, at: int = START, **settings: Any
    ) -> None:
        self.clock = VirtualClock(at)
        self.sink = Recorder(self.clock)
        self.supervisor = Supervisor(self.clock)
        self.refuse = False
        self.redeemed: list[str] = []
        self.results: dict[str, object] = {}
        self.broker: PaperBroker = build(
            PaperSettings(**settings), clock=self.clock, redeem=self._redeem,
            account_id=ACCOUNT, mode=Mode.DEMO if folder is None else Mode.PAPER,
            supervisor=self.supervisor, folder=folder, known=known,
        )  # fmt: skip
        self.broker.on_instrument(STOCK)

    def _redeem(self, token: GateToken, order: Order) -> None:
        if self.refuse:
            raise TokenRefusedError("used", user_text="The gate's token was used before.")
        self.redeemed.append(order.client_order_id)

    def start(self, name: str, call: Coroutine[Any, Any, Any]) -> asyncio.Task[None]:
        """Run a call as supervised work; its result or error is kept under `name`."""

        async def body() -> None:
            try:
                self.results[name] = await call
            except Exception as error:
                self.results[name] = error
            self.sink.note(name)  # when the caller had its answer, among the events

        return self.supervisor.work(body(), name=name, owner="test")

    async def run(self, name: str, call: Coroutine[Any, Any, Any], seconds: float = 1.0) -> Any:
        """Start a call, let time pass, and return its result or error."""
        self.start(name, call)
        await self.pass_time(seconds)
        return self.results[name]

    async def pass_time(self, seconds: float) -> None:
        await self.clock.run_until(self.clock.now_ns() + round(seconds * SECOND))

    async def connected(self) -> Desk:
        error = await self.run("connect", self.broker.connect(self.sink))
        if error is not None:
            raise error
        self.sink.heard.clear()
        return self

    def quote(self, *args: Any, **named: Any) -> None:
        self.broker.on_quote(quote(*args, at=self.clock.now_ns(), **named))

    async def submit(self, made: Order, seconds: float = 1.0) -> Any:
        return await self.run(made.client_order_id, self.broker.submit(made, TOKEN), seconds)
