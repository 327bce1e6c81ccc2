"""The cockpit's state in words for a viewer; asks nobody, changes nothing."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence

from cockpit.app.core import Core
from cockpit.app.limits.lockout import Lock
from cockpit.app.viewer.wire import Bars, Figures, Fills, Holding, Line, Orders, Snapshot
from cockpit.domain.events import ArmingChanged, RecoveryChanged
from cockpit.domain.market import Bar
from cockpit.market.series import BarSeries
from cockpit.ports.entries import JournalEntry
from cockpit.trading.portfolio import Portfolio

_NS = 1_000_000_000
MOST_BARS = 2_000
PIECE = 200
MOST_POINTS = 4_000


def snapshot_of(core: Core, entries: Sequence[JournalEntry], since_ns: int) -> Snapshot:
    """Everything but the bars, at this instant."""
    curve = core.portfolio.curve
    step = max(1, math.ceil(len(curve) / MOST_POINTS))
    return Snapshot(
        pid=os.getpid(),
        since_ns=since_ns,
        now_ns=core.clock.now_ns(),
        mode=core.mode,
        account_id=core.account_id,
        account_name=core.account_name,
        label=core.feed_label,
        rules=core.limits.rules.as_text(),
        bar_seconds=core.bars.interval_s,
        instruments=tuple(core.book.instruments),
        lines=tuple(line_of(core, symbol) for symbol in core.book.symbols),
        approvals=tuple(core.approvals.waiting()),
        alerts=tuple(core.alerts.all()),
        lamps=tuple(core.readiness.lamps),
        entries=tuple(entries),
        account=core.situation.account(),
        state=core.switch.state,
        reason=core.switch.reason,
        recovery=_recovery_of(core),
        arming=_arming_of(core),
        health=tuple(core.health.all()),
        health_changes=tuple(core.health.changes()),
        figures=figures_of(core.portfolio),
        curve_s=tuple(curve.ts[::step].tolist()),
        curve_pnl=tuple(curve.pnl[::step].tolist()),
        lock=lock_of(core),
    )


def lock_of(core: Core) -> Lock:
    """The lock of the day, over or not."""
    return Lock() if core.lockout is None else core.lockout.lock


def _recovery_of(core: Core) -> RecoveryChanged:
    told, now = core.recovery, core.clock.now_ns()
    return RecoveryChanged(
        phase=told.phase,
        text=told.text,
        ts_event=now,
        ts_init=now,
        differences=told.differences,
        compared=told.compared,
    )


def _arming_of(core: Core) -> ArmingChanged:
    told, now = core.arming, core.clock.now_ns()
    return ArmingChanged(armed=told.armed, reason=told.reason, ts_event=now, ts_init=now)


def line_of(core: Core, symbol: str) -> Line:
    """One symbol's market."""
    book = core.book
    return Line(
        symbol=symbol,
        quote=book.quote(symbol),
        last=book.last(symbol),
        halted=book.halted(symbol),
        reference=book.previous_close(symbol),
        volume=book.volume(symbol),
        high=book.day_high(symbol),
        low=book.day_low(symbol),
    )


def figures_of(portfolio: Portfolio) -> Figures:
    """The portfolio in numbers."""
    return Figures(
        start_equity=portfolio.start_equity,
        realised=portfolio.realised,
        fees=portfolio.fees,
        day_realised=portfolio.day_realised,
        day_fees=portfolio.day_fees,
        carried=portfolio.carried,
        unrealised=portfolio.unrealised,
        day_pnl=portfolio.day_pnl,
        peak=portfolio.peak,
        drawdown=_known(portfolio.drawdown),
        drawdown_fraction=_known(portfolio.drawdown_fraction),
        gross=portfolio.gross_exposure,
        net=portfolio.net_exposure,
        holdings=tuple(
            Holding(
                position=position,
                mark=portfolio.mark_of(position.symbol),
                unrealised=portfolio.unrealised_of(position.symbol),
                exposure=portfolio.exposure_of(position.symbol),
                day_pnl=portfolio.day_pnl_of(position.symbol),
            )
            for position in portfolio.positions()
        ),
    )


def pieces_of(core: Core) -> Iterator[Orders | Fills | Bars]:
    """What is long, a piece at a time, so that nobody waits for all of it.

    Orders and fills are those of the first piece's instant.
    """
    orders, fills = core.orders.all(), core.journal.fills()
    for first in range(0, len(orders), PIECE):
        yield Orders(orders=tuple(orders[first : first + PIECE]))
    for first in range(0, len(fills), PIECE):
        yield Fills(fills=tuple(fills[first : first + PIECE]))
    for symbol in tuple(core.bars.symbols):
        series = core.bars.series(symbol)
        first = max(0, series.closed - MOST_BARS)
        rows = range(first, series.closed)
        yield Bars(symbol=symbol, bars=tuple(_bar(series, row, core) for row in rows))


def live_bar(core: Core, symbol: str) -> Bar | None:
    """The bar that is still growing."""
    series = core.bars.series(symbol)
    return _bar(series, series.closed, core) if series.live else None


def _bar(series: BarSeries, row: int, core: Core) -> Bar:
    start = round(float(series.ts[row]) * _NS)
    return Bar(
        symbol=series.symbol,
        open=float(series.open[row]),
        high=float(series.high[row]),
        low=float(series.low[row]),
        close=float(series.close[row]),
        volume=float(series.volume[row]),
        vwap=float(series.vwap[row]),
        trades=round(float(series.trades[row])),
        interval_s=core.bars.interval_s,
        ts_event=start,
        ts_init=start,
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
