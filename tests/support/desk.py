"""A whole trading desk of real parts on a virtual clock: store, gate, paper broker, portfolio."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from cockpit.adapters.brokers.paper import PaperBroker, PaperSettings
from cockpit.adapters.storage import open_store
from cockpit.app.ids import IntentIds
from cockpit.domain.account import Mode
from cockpit.domain.approval import Autonomy
from cockpit.domain.connection import Connection, Health
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import ConnectionChanged, FillBooked, OrderChanged
from cockpit.domain.instrument import Instrument
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits
from cockpit.domain.market import Quote
from cockpit.domain.order import MANUAL, Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.protection import Protection
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.kernel.supervisor import Supervisor, TaskCrashed
from cockpit.market.book import Book
from cockpit.ports.store import Store
from cockpit.risk.limit_book import LimitBook
from cockpit.trading.desk import Means, TradingDesk, open_desk

T = TypeVar("T")
OPEN_NS = 1_514_903_400 * SECOND  # 2018-01-02 09:30 New York
STRATEGY = "robot"


@dataclass
class Desk:
    """The room's parts, and short words for what tests do with them."""

    means: Means
    room: TradingDesk
    book: Book
    incidents: list[str]
    crashes: list[TaskCrashed]
    changes: list[OrderChanged] = field(default_factory=list)
    fills: list[FillBooked] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __getattr__(self, name: str) -> Any:
        """The room's parts and its means, under their own names."""
        room = self.room
        return getattr(room, name) if hasattr(room, name) else getattr(self.means, name)

    async def pass_time(self, seconds: float) -> None:
        await self.clock.run_until(self.clock.elapsed_ns() + round(seconds * SECOND))

    async def do(self, command: Awaitable[T]) -> T:
        """Await a command that needs time to pass, as supervised work."""
        outcome: list[T | Exception] = []

        async def body() -> None:
            try:
                outcome.append(await command)
            except CockpitError as error:
                outcome.append(error)

        await self.clock.run_until_done(self.supervisor.work(body(), name="do", owner="test"))
        [result] = outcome
        if isinstance(result, Exception):
            raise result
        return result

    def quote(
        self,
        bid: float,
        ask: float,
        *,
        size: float = 1000,
        symbol: str = "ABC",
        age_s: float = 0.0,
    ) -> None:
        now = self.clock.now_ns()
        then = now - round(age_s * SECOND)
        quote = Quote(
            symbol=symbol, bid=bid, ask=ask, bid_size=size, ask_size=size, ts_event=then,
            ts_init=now,
        )  # fmt: skip
        self.book.on_quote(quote)
        self.bus.publish(quote)

    def intent(
        self,
        side: Side = Side.BUY,
        quantity: int = 10,
        *,
        type: OrderType = OrderType.MARKET,  # noqa: A002 -- the order's own word
        limit: str | None = None,
        stop: str | None = None,
        strategy: str = MANUAL,
        symbol: str = "ABC",
        intent_id: str | None = None,
        protection: Protection | None = None,
    ) -> OrderIntent:
        return OrderIntent(
            intent_id=intent_id or f"wish-{next(self._numbers)}",
            account_id="PAPER-1",
            symbol=symbol,
            side=side,
            type=type,
            quantity=Decimal(quantity),
            limit_price=None if limit is None else Decimal(limit),
            stop_price=None if stop is None else Decimal(stop),
            strategy=strategy,
            protection=protection,
        )

    def now(self, order: Order) -> Order:
        current = self.orders.get(order.client_order_id)
        assert current is not None
        return current

    def states(self, order: Order) -> list[OrderState]:
        mine = [c.order for c in self.changes if c.order.client_order_id == order.client_order_id]
        return [
            mine[0].state,
            *(b.state for a, b in itertools.pairwise(mine) if a.state != b.state),
        ]

    async def bought(self, quantity: int = 10) -> Order:
        """A filled market buy."""
        order = await self.oms.submit(self.intent(quantity=quantity))
        await self.pass_time(0.5)
        assert self.now(order).state is OrderState.FILLED
        return self.now(order)


@asynccontextmanager
async def trading_desk(
    folder: Path,
    *,
    settings: PaperSettings | None = None,
    limits: Limits | None = None,
    autonomy: Autonomy = Autonomy.APPROVE,
    store: Store | None = None,
    before: Callable[[Desk], None] | None = None,
    clock: VirtualClock | None = None,
) -> AsyncIterator[Desk]:
    """Everything connected, ABC quoted 99.99 at 100.01, equity 100,000.

    `before` prepares the venue before the desk starts.
    """
    clock = clock or VirtualClock(OPEN_NS)
    kept = store or await open_store(folder / "cockpit.sqlite3")
    paper = settings or PaperSettings(jitter_fraction=0)
    book = LimitBook(LimitRules.of(limits or Limits()), "PAPER-1")
    desk = _desk(clock, kept, paper, book, autonomy)
    try:
        async with _open(desk, before):
            yield desk
    finally:
        await kept.close()


@asynccontextmanager
async def restarted(
    old: Desk, *, before: Callable[[Desk], None] | None = None
) -> AsyncIterator[Desk]:
    """The cockpit after it was stopped: the same store and venue, all rooms anew."""
    await old.supervisor.stop()
    await old.broker.close()
    desk = _desk(old.clock, old.store, PaperSettings(jitter_fraction=0), old.limits, None)
    desk.broker._venue = old.broker._venue  # the venue outlives the cockpit
    desk._numbers = old._numbers
    async with _open(desk, before):
        yield desk


def _desk(
    clock: VirtualClock,
    store: Store,
    settings: PaperSettings,
    limits: LimitBook,
    autonomy: Autonomy | None,
) -> Desk:
    bus, book = Bus(), Book(clock)
    crashes: list[TaskCrashed] = []
    incidents: list[str] = []
    supervisor, ids = Supervisor(clock, crashes.append), IntentIds("PAPER-1")
    means = Means(
        bus=bus,
        clock=clock,
        supervisor=supervisor,
        store=store,
        prices=book,
        make_broker=lambda redeem: PaperBroker(
            settings, clock=clock, redeem=redeem, account_id="PAPER-1", mode=Mode.PAPER
        ),
        account_id="PAPER-1",
        mode=Mode.PAPER,
        limits=limits,
        autonomy=lambda _strategy: autonomy or Autonomy.APPROVE,
        session_open=lambda _now: True,
        late=lambda: False,
        incident=lambda key, _title, _text: incidents.append(key),
        next_id=ids.next,
        resume_ids=ids.go_on_after,
    )
    desk = Desk(means, open_desk(means), book, incidents, crashes)
    bus.subscribe(OrderChanged, desk.changes.append)
    bus.subscribe(FillBooked, desk.fills.append)
    return desk


@asynccontextmanager
async def _open(desk: Desk, before: Callable[[Desk], None] | None) -> AsyncIterator[None]:
    try:
        await _bring_up(desk, before)
        yield
        assert not desk.crashes, desk.crashes
        assert not desk.bus.failures, desk.bus.failures
    finally:
        desk.protector.close()
        await desk.supervisor.stop()
        await desk.broker.close()


async def _bring_up(desk: Desk, before: Callable[[Desk], None] | None) -> None:
    instrument = Instrument(symbol="ABC")
    desk.book.add(instrument)
    desk.broker.on_instrument(instrument)
    desk.portfolio.add_instrument(instrument)
    if before is not None:
        before(desk)
    await desk.do(desk.room.start())
    lamp = Connection(name="test", kind="feed", health=Health.UP)
    desk.bus.publish(ConnectionChanged(connection=lamp, ts_event=0, ts_init=0))
    desk.quote(99.99, 100.01)
