"""Watches what may be lost, all the time: the touched symbol only, on every event that counts.

The gate judges one order before it goes out. The monitor judges what became of them all:
a crossed limit raises an alert that stays until a person has seen it, and tightens the
trading state by itself. An evaluation that fails halts trading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

import structlog

from cockpit.domain.alert import AlertState
from cockpit.domain.events import (
    AlertChanged,
    FillBooked,
    FillBusted,
    OrderChanged,
    PositionAdjusted,
    TradeClosed,
)
from cockpit.domain.limits import TradingState
from cockpit.domain.market import Quote, TradePrint
from cockpit.domain.order import Order, OrderState
from cockpit.domain.position import Position
from cockpit.domain.trade import Trade
from cockpit.kernel.bus import Bus
from cockpit.ports.clock import Clock
from cockpit.risk import rules
from cockpit.risk.board import Board, Consequences, Gauge
from cockpit.risk.errors import RiskError
from cockpit.risk.limit_book import LimitBook
from cockpit.risk.streak import LossStreak
from cockpit.risk.tally import Tally
from cockpit.risk.vigil import Vigil

E = TypeVar("E")
_log = structlog.get_logger(__name__)
_FAILED = "Trading was halted: what may be lost can't be reckoned."


class Holdings(Protocol):
    """What is held and what it is worth; money as in `trading.portfolio`."""

    @property
    def start_equity(self) -> Decimal | None:
        """Equity the day began with; None before anybody knows."""
        ...

    @property
    def day_pnl(self) -> float:
        """Realised + unrealised - fees."""
        ...

    @property
    def fall_percent(self) -> float:
        """Distance from the day's peak in percent of the equity there, zero or more."""
        ...

    def position(self, symbol: str) -> Position:
        """The position in `symbol`, flat when there is none."""
        ...

    def exposure_of(self, symbol: str) -> float:
        """Signed value of `symbol` at its mark."""
        ...


class Rates(Protocol):
    """What went out to the broker lately."""

    def messages_within(self, seconds: int, now_ns: int) -> int:
        """Messages of the last `seconds`."""
        ...

    def orders_on(self, now_ns: int) -> int:
        """Orders of the New York day of `now_ns`."""
        ...


class RiskMonitor:
    """Subscribes after the portfolio, so that it judges the figures of the same event."""

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        limits: LimitBook,
        holdings: Holdings,
        rates: Rates,
        streak: LossStreak,
        consequences: Consequences,
    ) -> None:
        self._clock, self._holdings, self._rates = clock, holdings, rates
        self._streak, self._do = streak, consequences
        self._limits, self._fractions = limits, _Fractions(limits)
        self._board = Board(consequences)
        self._exposure = Tally()
        self._vigil = Vigil(limits, clock, self._board, self._held, self._guarded)
        self._failed = False
        limits.on_change(self._on_limits)
        self._ends = [
            bus.subscribe(
                Quote,
                self._guard(self._on_mark),
                many=self._guard(self._on_marks),
                name="monitor.quote",
            ),
            bus.subscribe(TradePrint, self._guard(self._on_mark), name="monitor.print"),
            bus.subscribe(FillBooked, self._guard(self._on_fill), name="monitor.fill"),
            bus.subscribe(FillBusted, self._guard(self._on_fill), name="monitor.bust"),
            bus.subscribe(PositionAdjusted, self._guard(self._on_adjusted), name="monitor.adjust"),
            bus.subscribe(OrderChanged, self._guard(self._on_order), name="monitor.order"),
            bus.subscribe(TradeClosed, self._guard(self._on_trade), name="monitor.trade"),
            bus.subscribe(AlertChanged, self._on_alert, name="monitor.alert"),
        ]

    def gauges(self) -> tuple[Gauge, ...]:
        """Every limit that was evaluated so far, as it was last evaluated."""
        return self._board.gauges()

    def count_earlier(self, trades: Iterable[Trade]) -> None:
        """Count the losses of earlier runs, in their order: a pause outlives a restart."""
        for trade in trades:
            self._streak.take(trade)

    def take_up(self, held: Iterable[Position], still_open: Iterable[Order]) -> None:
        """Watch what an earlier run left: no event tells of it. Judged with its first price."""
        for order in still_open:
            self._guard(self._vigil.on_order)(order)
        for position in held:
            self._guard(self._tally)(position.symbol)
            self._guard(self._vigil.look_at)(position.symbol)

    def close(self) -> None:
        """Watch no more."""
        for end in self._ends:
            end()
        self._vigil.close()

    def _on_mark(self, event: Quote | TradePrint) -> None:
        self._on_marks((event,))

    def _on_marks(self, events: Sequence[Quote | TradePrint]) -> None:
        held = [event.symbol for event in events if event.symbol in self._exposure]
        if held:
            self._judge_money(*held)

    def _on_fill(self, event: FillBooked | FillBusted) -> None:
        self._on_held(event.fill.symbol)

    def _on_adjusted(self, event: PositionAdjusted) -> None:
        self._on_held(event.adjustment.symbol)

    def _on_held(self, symbol: str) -> None:
        self._judge_money(symbol)
        self._vigil.look_at(symbol)

    def _on_order(self, event: OrderChanged) -> None:
        self._vigil.on_order(event.order)
        self._judge_messages()  # with each change: a cancel is counted after its first
        if event.order.state is OrderState.SENDING:
            today, now = self._rates.orders_on(event.ts_init), self._clock.now_ns()
            self._board.measure(
                rules.ORDERS_A_DAY, today, self._limits.account.max_orders_per_day, now
            )

    def _on_trade(self, event: TradeClosed) -> None:
        self._streak.take(event.trade)
        allowed = self._limits.account.max_consecutive_losses
        self._board.measure(rules.LOSSES, self._streak.losses, allowed, self._clock.now_ns())

    def _on_limits(self) -> None:
        """Measure what is held against the changed limits at once, not with the next price."""
        self._fractions = _Fractions(self._limits)
        self._vigil.limits_changed()
        for symbol in self._exposure.symbols():
            self._guard(self._judge_money)(symbol)

    def _on_alert(self, event: AlertChanged) -> None:
        if event.alert.state is AlertState.ACKNOWLEDGED:
            self._board.acknowledged(event.alert.key)

    def _judge_money(self, *symbols: str) -> None:
        """The limits of these symbols, one by one, and those of the account, once."""
        for symbol in symbols:
            self._tally(symbol)
        start, now = self._holdings.start_equity, self._clock.now_ns()
        if start is None:
            raise RiskError(
                f"{symbols[0]} is held and nobody knows the equity",
                user_text="The day's equity is not known.",
            )
        begun_with, day_pnl = float(start), self._holdings.day_pnl
        self._judge_loss(begun_with, day_pnl, now)
        equity = max(0.0, begun_with + day_pnl)
        for symbol in symbols:
            self._judge_position(symbol, equity, now)
        part, board, tally = self._fractions, self._board, self._exposure
        board.measure(rules.GROSS, tally.gross, part.gross * equity, now)
        board.measure(rules.NET, abs(tally.net), part.net * equity, now)

    def _tally(self, symbol: str) -> None:
        """Before anything is judged: a symbol that is held is never out of sight."""
        if self._held(symbol) == 0:
            self._exposure.drop(symbol)
        else:
            self._exposure.put(symbol, self._holdings.exposure_of(symbol))

    def _judge_loss(self, start: float, day_pnl: float, now_ns: int) -> None:
        part, board = self._fractions, self._board
        loss = round(-day_pnl, 4)  # as the gate reckons it
        board.measure(rules.LOSS_HALTED, loss, part.halted * start, now_ns)
        board.measure(rules.LOSS_REDUCING, loss, part.reducing * start, now_ns)
        board.measure(rules.DRAWDOWN, self._holdings.fall_percent, part.drawdown, now_ns)

    def _judge_position(self, symbol: str, equity: float, now_ns: int) -> None:
        if symbol in self._exposure:
            value = abs(self._exposure.of(symbol))
            limit = self._fractions.position(symbol) * equity
            self._board.measure(rules.POSITION, value, limit, now_ns, symbol)
        else:
            self._board.settle(rules.POSITION, symbol, now_ns)

    def _judge_messages(self) -> None:
        now, limits, board = self._clock.now_ns(), self._limits.account, self._board
        minute, second = (self._rates.messages_within(s, now) for s in (60, 1))
        board.measure(rules.MESSAGES_A_MINUTE, minute, limits.max_messages_per_minute, now)
        board.measure(rules.MESSAGES_A_SECOND, second, limits.max_messages_per_second, now)

    def _held(self, symbol: str) -> Decimal:
        return self._holdings.position(symbol).quantity

    def _guard(self, judge: Callable[[E], None]) -> Callable[[E], None]:
        def guarded(event: E) -> None:
            try:
                judge(event)
            except Exception as error:  # noqa: BLE001 -- whatever it was: nobody watches the risk now
                self._halt(error)

        return guarded

    def _guarded(self, judge: Callable[[], None]) -> Callable[[], None]:
        def run(_: None) -> None:
            judge()

        guarded = self._guard(run)
        return lambda: guarded(None)

    def _halt(self, error: Exception) -> None:
        """Halt every time, tell it once each time it takes effect."""
        halted = self._do.tighten(TradingState.HALTED, _FAILED)
        if halted or not self._failed:
            self._failed = True
            _log.error("risk_evaluation_failed", exc_info=error)
            text = f"{_FAILED} {error!r}. The log has the details; nothing in the ledger is lost."
            self._do.incident("risk", "The risk monitor failed", text)


class _Fractions:
    """The limits of the hot path, as floats."""

    __slots__ = ("_book", "_positions", "drawdown", "gross", "halted", "net", "reducing")

    def __init__(self, book: LimitBook) -> None:
        limits, self._book = book.account, book
        self._positions: dict[str, float] = {}
        self.halted = float(limits.day_loss_halted_fraction)
        self.reducing = float(limits.day_loss_reducing_fraction)
        self.drawdown = float(100 * limits.max_drawdown_fraction)
        self.gross = float(limits.max_gross_fraction)
        self.net = float(limits.max_net_fraction)

    def position(self, symbol: str) -> float:
        """The most of one symbol."""
        known = self._positions.get(symbol)
        if known is None:
            known = float(self._book.of("", symbol).max_position_fraction)
            self._positions[symbol] = known
        return known
