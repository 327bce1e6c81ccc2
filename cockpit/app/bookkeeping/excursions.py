"""Measures each trade as it closes, from the prints and bars that the session has seen."""

from __future__ import annotations

import numpy as np
import structlog

from cockpit.domain.errors import CockpitError
from cockpit.domain.events import TradeClosed
from cockpit.domain.excursion import Excursion
from cockpit.domain.trade import Trade
from cockpit.journal.excursion import Prices, excursion_of
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel.bus import Bus
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.market.bars import BarBook
from cockpit.ports.entries import ExcursionStore

_NS = 1_000_000_000
_log = structlog.get_logger(__name__)


class ExcursionKeeper:
    """Listens to `TradeClosed` and keeps MAE and MFE of each.

    Prints that are still known tell it exactly; of an older trade the bars that lie wholly
    within it do. A tape of the session tells it all: `cockpit journal measure`.
    """

    def __init__(
        self, bus: Bus, bars: BarBook, book: TradeBook, store: ExcursionStore, work: Supervisor
    ) -> None:
        self._bars, self._book, self._store, self._work = bars, book, store, work
        bus.subscribe(TradeClosed, self._on_closed, name="excursions")

    def measure(self, trade: Trade) -> Excursion | None:
        """MAE and MFE of a trade of this session; None when nothing was seen while it was open."""
        multiplier = self._book.multiplier(trade.symbol)
        prints = self._bars.prints_since(trade.symbol, trade.opened_ns)
        if prints:
            ts = np.array([p.ts_event for p in prints], dtype=np.int64)
            price = np.array([p.price for p in prints])
            order = np.argsort(ts, kind="stable")
            seen = Prices(ts=ts[order], low=price[order], high=price[order])
            return excursion_of(trade, seen, source="prints", multiplier=multiplier)
        return self._by_bars(trade)

    def _by_bars(self, trade: Trade) -> Excursion | None:
        series, step = self._bars.series(trade.symbol), self._bars.interval_s
        if not step or not series.closed:
            return None
        starts = (series.ts[: series.closed] * _NS).astype(np.int64)
        whole = (starts >= trade.opened_ns) & (starts + step * _NS <= trade.closed_ns)
        seen = Prices(
            ts=starts[whole],
            low=series.low[: series.closed][whole],
            high=series.high[: series.closed][whole],
        )
        return excursion_of(
            trade,
            seen,
            source=f"bars of {step} s",
            multiplier=self._book.multiplier(trade.symbol),
        )

    def _on_closed(self, closed: TradeClosed) -> None:
        found = self.measure(closed.trade)
        if found is None:
            return
        try:
            self._work.work(self._keep(found), name=f"excursion-{found.trade_id}", owner="journal")
        except SupervisorStoppedError:
            _log.info("excursion_dropped", trade=found.trade_id)  # a tape can tell it later

    async def _keep(self, found: Excursion) -> None:
        try:
            await self._store.save_excursions([found])
        except CockpitError as error:
            _log.warning("excursion_not_kept", trade=found.trade_id, error=str(error))
