"""The rooms' public faces in a viewer: each holds what it was told and computes nothing."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar, cast

from cockpit.app.telling.alerts import Alerts
from cockpit.app.viewer.errors import ViewerError
from cockpit.app.viewer.wire import Figures, Holding, Snapshot
from cockpit.domain.account import Account
from cockpit.domain.alert import Alert
from cockpit.domain.approval import ApprovalRequest
from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import RecoveryChanged
from cockpit.domain.excursion import Excursion
from cockpit.domain.fill import Fill
from cockpit.domain.limits import TradingState
from cockpit.domain.order import Order
from cockpit.domain.position import Position
from cockpit.domain.recovery import Compared, Difference, RecoveryPhase
from cockpit.journal.journal import Journal
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, Timer, WallClock, Work
from cockpit.ports.entries import Attachment, EntryQuery, FoundEntry, JournalEntry
from cockpit.trading.approvals import Approvals
from cockpit.trading.errors import NoSuchOrderError
from cockpit.trading.orders import OrderBook
from cockpit.trading.pnl_curve import PnlCurve
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.state import TradingSwitch

T = TypeVar("T")


class MirrorClock:
    """The cockpit's time as last told, going on with the wall clock: an age never stands still."""

    def __init__(self, now_ns: int) -> None:
        self._wall = WallClock()
        self._told, self._at = now_ns, self._wall.now_ns()
        self._newest = now_ns

    def tell(self, now_ns: int) -> None:
        """The cockpit says what time it is."""
        self._told, self._at = now_ns, self._wall.now_ns()

    def now_ns(self) -> int:
        """Nanoseconds UTC; never goes back."""
        passed = max(0, self._wall.now_ns() - self._at)
        self._newest = max(self._newest, self._told + passed)
        return self._newest

    def elapsed_ns(self) -> int:
        """Nanoseconds that have passed here."""
        return self._wall.elapsed_ns()

    def call_at(self, when_ns: int, callback: Callable[[], None]) -> Timer:
        """Call `callback` when that time should have come."""
        delay = max(0.0, (when_ns - self.now_ns()) / SECOND)
        return asyncio.get_running_loop().call_later(delay, callback)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def begin_work(self) -> Work:
        """Nothing to keep still."""
        return Work(None)

    async def settled(self) -> None:
        """Return at once: nobody here drives the time."""


class MirrorOrders(OrderBook):
    """Orders as told."""

    def take(self, orders: Sequence[Order]) -> None:
        """All orders anew."""
        version = self.version
        OrderBook.__init__(self)
        for order in orders:
            self.put(order)
        self.version += version


class MirrorApprovals(Approvals):
    """Open requests as told; here they neither expire nor end by themselves."""

    def take_all(self, requests: Sequence[ApprovalRequest]) -> None:
        """All open requests anew."""
        self._requests = {request.request_id: request for request in requests}

    def put(self, request: ApprovalRequest) -> None:
        """One was opened or changed."""
        self._requests[request.request_id] = request

    def end(self, request_id: str) -> None:
        """One has ended."""
        self._requests.pop(request_id, None)

    def take(self, request_id: str) -> ApprovalRequest:
        """Refuse: a viewer ends nothing."""
        raise NoSuchOrderError(request_id)


class MirrorSwitch(TradingSwitch):
    """The trading state as told; here nothing tightens it and nothing resumes it."""

    def show(self, state: TradingState, reason: str) -> None:
        """Stand as the cockpit does."""
        self.state, self.reason = state, reason

    def tighten(self, state: TradingState, reason: str) -> bool:
        """Leave it: the cockpit watches its own limits."""
        del state, reason
        return False

    async def resume(self, reason: str) -> bool:
        """Refuse."""
        raise ViewerError(reason)


class MirrorRecovery:
    """The way to trading as told."""

    def __init__(self) -> None:
        self.phase, self.text = RecoveryPhase.STARTING, ""
        self.differences: tuple[Difference, ...] = ()
        self.compared: Compared | None = None
        self.told: RecoveryChanged | None = None

    def show(self, told: RecoveryChanged) -> None:
        """Stand as the cockpit does."""
        self.told, self.phase, self.text = told, told.phase, told.text
        self.differences, self.compared = told.differences, told.compared


class MirrorAlerts(Alerts):
    """The cockpit's alerts, and beside them the viewer's own."""

    def show(self, alert: Alert) -> None:
        """One as the cockpit has it."""
        self._alerts[alert.key] = alert


class MirrorPortfolio(Portfolio):
    """What is held and earned, in the cockpit's own figures."""

    def __init__(self, account_id: str, figures: Figures) -> None:
        self._figures = figures
        self._held: dict[str, Holding] = {}
        super().__init__(Bus(), account_id)
        self.take(figures)

    def take(self, figures: Figures) -> None:
        """All figures anew."""
        self._figures = figures
        self._held = {holding.position.symbol: holding for holding in figures.holdings}
        self._positions = {symbol: holding.position for symbol, holding in self._held.items()}
        self.start_equity = figures.start_equity
        self.realised, self.fees = figures.realised, figures.fees

    def take_curve(self, seconds: Sequence[float], pnl: Sequence[float]) -> None:
        """The day's curve so far."""
        self.curve = PnlCurve()
        for second, value in zip(seconds, pnl, strict=True):
            self.curve.add(round(second) * SECOND, value)

    def put(self, position: Position) -> None:
        """A position after a fill; its figures come with the next beat."""
        self._positions[position.symbol] = position

    @property
    def peak(self) -> float:
        """As told."""
        return self._figures.peak

    @property
    def unrealised(self) -> float:
        """As told."""
        return self._figures.unrealised

    @property
    def day_realised(self) -> Decimal:
        """As told."""
        return self._figures.day_realised

    @property
    def day_fees(self) -> Decimal:
        """As told."""
        return self._figures.day_fees

    @property
    def carried(self) -> float:
        """As told."""
        return self._figures.carried

    @property
    def day_pnl(self) -> float:
        """As told."""
        return self._figures.day_pnl

    @property
    def drawdown(self) -> float:
        """As told."""
        return _or_nan(self._figures.drawdown)

    @property
    def drawdown_fraction(self) -> float:
        """As told."""
        return _or_nan(self._figures.drawdown_fraction)

    @property
    def gross_exposure(self) -> float:
        """As told."""
        return self._figures.gross

    @property
    def net_exposure(self) -> float:
        """As told."""
        return self._figures.net

    def mark_of(self, symbol: str) -> float | None:
        """As told."""
        held = self._held.get(symbol)
        return None if held is None else held.mark

    def exposure_of(self, symbol: str) -> float:
        """As told."""
        held = self._held.get(symbol)
        return 0.0 if held is None else held.exposure

    def unrealised_of(self, symbol: str) -> float:
        """As told."""
        held = self._held.get(symbol)
        return 0.0 if held is None else held.unrealised

    def day_pnl_of(self, symbol: str) -> float:
        """As told."""
        held = self._held.get(symbol)
        return 0.0 if held is None else held.day_pnl


class MirrorJournal(Journal):
    """Trades and statistics from the cockpit's fills; writes nothing."""

    def take(self, fills: Sequence[Fill]) -> None:
        """All fills anew."""
        version = self.version
        TradeBook.__init__(self, self.account_id, label=self.label, multipliers=self._multipliers)
        self.extend(fills)
        self.version += version + 1

    async def close(self) -> None:
        """Stop listening; there is nothing to write."""
        self.stop_listening()


class Lamps:
    """The connections as told; `lost` is the viewer's own, while it has none."""

    def __init__(self) -> None:
        self._lamps: dict[tuple[str, str], Connection] = {}
        self.lost = ""

    def put(self, lamp: Connection) -> None:
        """One has changed."""
        self._lamps[lamp.kind, lamp.name] = lamp

    @property
    def lamps(self) -> Sequence[Connection]:
        """As told; all down while nobody tells."""
        shown = [self._shown(lamp) for lamp in self._lamps.values()]
        return sorted(shown, key=lambda lamp: (lamp.kind, lamp.name))

    def disconnected(self) -> str:
        """Why nothing here is of now; empty while it is."""
        return self.lost

    def why_not(self, _symbol: str) -> str:
        """As `disconnected`."""
        return self.lost

    def _shown(self, lamp: Connection) -> Connection:
        if not self.lost:
            return lamp
        return Connection(
            name=lamp.name, kind=lamp.kind, health=Health.DOWN, label=lamp.label, detail=self.lost
        )


class Money:
    """The part of the situation that a window asks for."""

    def __init__(self) -> None:
        self.told: Account | None = None

    def account(self) -> Account | None:
        """The account's money as told."""
        return self.told


class MirrorStore:
    """The journal's entries as told; there is no ledger behind it."""

    def __init__(self) -> None:
        self._entries: dict[str, JournalEntry] = {}
        self._of_trades: dict[str, JournalEntry] = {}

    def take(self, snapshot: Snapshot) -> None:
        """All entries anew."""
        self._entries = {entry.day: entry for entry in snapshot.entries}
        self._of_trades = {}

    def put(self, entry: JournalEntry) -> None:
        """One was written."""
        if entry.trade_id:
            self._of_trades[entry.trade_id] = entry
        else:
            self._entries[entry.day] = entry

    async def entry(self, account_id: str, day: str, trade_id: str = "") -> JournalEntry | None:
        """The latest version of a day's entry, or of a trade's."""
        found = self._of_trades.get(trade_id) if trade_id else self._entries.get(day)
        return found if found is not None and found.account_id == account_id else None

    async def entries(self, account_id: str | None = None) -> Sequence[JournalEntry]:
        """The latest version of each day, newest day first."""
        mine = [e for e in self._entries.values() if account_id in (None, e.account_id)]
        return sorted(mine, key=lambda entry: entry.day, reverse=True)

    async def trade_entries(self, account_id: str | None = None) -> Sequence[JournalEntry]:
        """The latest version of each trade's entry, newest day first."""
        mine = [e for e in self._of_trades.values() if account_id in (None, e.account_id)]
        return sorted(mine, key=lambda entry: entry.day, reverse=True)

    async def entry_versions(
        self, account_id: str, day: str, trade_id: str = ""
    ) -> Sequence[JournalEntry]:
        """The one that is known."""
        found = await self.entry(account_id, day, trade_id)
        return () if found is None else (found,)

    async def search_entries(
        self, query: EntryQuery, account_id: str | None = None, limit: int = 50
    ) -> Sequence[FoundEntry]:
        """By the words of a query, without an index."""
        wanted = [*query.words, *query.phrases, *query.tags]
        found: list[FoundEntry] = []
        for entry in (*await self.entries(account_id), *await self.trade_entries(account_id)):
            text = f"{entry.note} {' '.join(entry.tags)}".casefold()
            if all(word.casefold() in text for word in wanted):
                found.append(FoundEntry(entry=entry, excerpt=entry.note[:120]))
        return found[:limit]

    async def attachments(
        self, account_id: str, day: str, trade_id: str = ""
    ) -> Sequence[Attachment]:
        """None is told."""
        del account_id, day, trade_id
        return ()

    async def excursions(self, account_id: str | None = None) -> Sequence[Excursion]:
        """None is told."""
        del account_id
        return ()


class _Absent:
    """In the place of a part that a viewer does not have."""

    def __init__(self, name: str) -> None:
        self.__dict__["name"] = name

    def __getattr__(self, attribute: str) -> object:
        raise AttributeError(f"a viewer has no {self.__dict__['name']} (.{attribute})")


def absent(kind: type[T]) -> T:
    """A stand-in for a part that only a cockpit has: whoever uses it fails by name."""
    return cast("T", _Absent(kind.__name__))


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
