"""The whole trading room at a toy Alpaca: a real store, the real adapter, real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from cockpit.adapters.storage import open_store
from cockpit.app.ids import IntentIds
from cockpit.domain.account import Mode
from cockpit.domain.approval import Autonomy
from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.instrument import Instrument
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits
from cockpit.domain.market import Quote
from cockpit.domain.recovery import RecoveryPhase
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor, TaskCrashed
from cockpit.market.book import Book
from cockpit.ports.store import Store, account_source
from cockpit.risk.limit_book import LimitBook
from cockpit.trading.desk import Means, TradingDesk, open_desk
from tests.toyserver import ToyServer
from tests.toyserver.client import alpaca_at

SYMBOLS = tuple("ABCDEFGH")
ACCOUNT = "PAPER-1"
WIDE = Limits(
    max_active_orders=1000,
    max_orders_per_day=100_000,
    max_messages_per_second=1000,
    max_messages_per_minute=100_000,
    max_position_fraction=Decimal(10),
    max_gross_fraction=Decimal(10),
    duplicate_window_s=Decimal("0.000001"),
    max_quote_age_s=Decimal(3600),
)


@dataclass
class Room:
    toy: ToyServer
    desk: TradingDesk
    store: Store
    bus: Bus
    crashes: list[TaskCrashed]
    book: Book
    told: list[str]

    @property
    def ready(self) -> bool:
        return self.desk.recovery.phase is RecoveryPhase.READY

    def quote(self, symbol: str, bid: float, ask: float) -> None:
        """Show the desk and the venue the same quote."""
        now = WallClock().now_ns()
        quote = Quote(
            symbol=symbol, bid=bid, ask=ask, bid_size=1e6, ask_size=1e6, ts_event=now, ts_init=now
        )
        self.book.on_quote(quote)
        self.bus.publish(quote)
        self.toy.exchange.quote(symbol, bid, ask)

    def quote_all(self) -> None:
        for symbol in SYMBOLS:
            self.quote(symbol, 9.99, 10.01)

    def open_for(self, symbol: str) -> bool:
        """Nothing is unproven there, and the venue's last 429 is over."""
        left = self.desk.broker._lines.budget.left
        return left > 100 and not self.desk.readiness.why_not(symbol)


@asynccontextmanager
async def room_at(
    toy: ToyServer,
    folder: Path,
    *,
    session_open: Callable[[int], bool] = lambda _now: True,
    extended_open: Callable[[int], bool] = lambda _now: True,
    answer_timeout_s: float = 1.0,
) -> AsyncIterator[Room]:
    """Brought up, with a lamp for a feed and A to H quoted 9.99 at 10.01."""
    clock, bus = WallClock(), Bus()
    crashes: list[TaskCrashed] = []
    told: list[str] = []
    supervisor, ids, book = Supervisor(clock, crashes.append), IntentIds(ACCOUNT), Book(clock)
    store = await open_store(folder / "cockpit.sqlite3")
    run = await store.open_run(
        Mode.PAPER, label="toy", source=account_source("toy"), now_ns=clock.now_ns()
    )
    desk = open_desk(
        Means(
            bus=bus,
            clock=clock,
            supervisor=supervisor,
            store=store,
            prices=book,
            make_broker=lambda redeem: alpaca_at(
                toy, redeem, account_id=ACCOUNT, answer_timeout_s=answer_timeout_s, quiet_s=0.5,
                requests_per_minute=10_000,
            ),
            account_id=ACCOUNT,
            mode=Mode.PAPER,
            limits=LimitBook(LimitRules.of(WIDE), ACCOUNT),
            autonomy=lambda _strategy: Autonomy.BOUNDED,
            session_open=session_open,
            extended_open=extended_open,
            late=lambda: False,
            incident=lambda key, _title, text: told.append(f"{key}: {text}"),
            next_id=ids.next,
            resume_ids=ids.go_on_after,
            day_trades=lambda _symbol, _now_ns: (0, 0),
            began_ns=run.started_ns,
        )
    )  # fmt: skip
    for symbol in SYMBOLS:
        book.add(Instrument(symbol=symbol))
        desk.portfolio.add_instrument(Instrument(symbol=symbol))
    room = Room(toy, desk, store, bus, crashes, book, told)
    try:
        await desk.start()
        lamp = Connection(name="test", kind="feed", health=Health.UP)
        bus.publish(ConnectionChanged(connection=lamp, ts_event=0, ts_init=0))
        room.quote_all()
        yield room
        assert not crashes, crashes
        assert not bus.failures, bus.failures
    finally:
        desk.protector.close()
        desk.sweeper.stop()
        await supervisor.stop()
        await desk.broker.close()
        await store.close()
