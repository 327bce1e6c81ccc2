"""Positions and P&L, folded from fills and marked on the touched symbol only."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt

from cockpit.domain.events import FillBooked, PositionChanged
from cockpit.domain.fill import Fill
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote, TradePrint
from cockpit.domain.position import Position
from cockpit.domain.values import ZERO
from cockpit.kernel.bus import Bus
from cockpit.risk.tally import Tally

SECOND_NS = 1_000_000_000
QUOTE_LASTS_NS = 10 * SECOND_NS  # as in market/book: an older quote gives way to a print


class PnlCurve:
    """Day P&L over time: two growing float columns, one point a second at most."""

    def __init__(self) -> None:
        self._ts = np.empty(1024)
        self._pnl = np.empty(1024)
        self._length = 0
        self._last_s = -1

    def __len__(self) -> int:
        return self._length

    @property
    def ts(self) -> npt.NDArray[np.float64]:
        """Seconds since the epoch, rising."""
        return self._ts[: self._length]

    @property
    def pnl(self) -> npt.NDArray[np.float64]:
        """Money, one value a time."""
        return self._pnl[: self._length]

    def add(self, ts_ns: int, pnl: float) -> None:
        """Append, or replace the point of the same second."""
        second = ts_ns // SECOND_NS
        if second != self._last_s:
            self._last_s = second
            self._grow()
            self._length += 1
        self._ts[self._length - 1] = second
        self._pnl[self._length - 1] = pnl

    def _grow(self) -> None:
        if self._length == len(self._ts):
            self._ts = np.concatenate([self._ts, np.empty(self._length)])
            self._pnl = np.concatenate([self._pnl, np.empty(self._length)])


class Portfolio:
    """What is held and what it is worth now.

    Money in the ledger is Decimal (`realised`, `fees`); everything that depends on a
    mark is float and never flows back. `day_pnl` = realised + unrealised - fees since
    the portfolio was opened at `start_equity`, which is None until the broker told it.
    """

    def __init__(self, bus: Bus, account_id: str) -> None:
        self._bus = bus
        self._account_id = account_id
        self.start_equity: Decimal | None = None
        self._positions: dict[str, Position] = {}
        self._multipliers: dict[str, Decimal] = {}
        self._marks: dict[str, float] = {}
        self._quoted_ns: dict[str, int] = {}
        self._unrealised = Tally()
        self._exposure = Tally()
        self.realised = ZERO
        self.fees = ZERO
        self.peak = 0.0
        self.curve = PnlCurve()
        bus.subscribe(FillBooked, self._on_fill_booked, name="portfolio.fill")
        bus.subscribe(Quote, self._on_quote, name="portfolio.quote")
        bus.subscribe(TradePrint, self._on_print, name="portfolio.print")

    def add_instrument(self, instrument: Instrument) -> None:
        """Make the instrument's multiplier known."""
        self._multipliers[instrument.symbol] = instrument.multiplier

    def position(self, symbol: str) -> Position:
        """The position in `symbol`, flat when there is none."""
        known = self._positions.get(symbol)
        if known is not None:
            return known
        multiplier = self._multipliers.get(symbol, Decimal(1))
        return Position(account_id=self._account_id, symbol=symbol, multiplier=multiplier)

    def positions(self) -> list[Position]:
        """Every symbol touched today, the flat ones too."""
        return list(self._positions.values())

    def open_positions(self) -> list[Position]:
        """What is held now."""
        return [p for p in self._positions.values() if not p.flat]

    @property
    def unrealised(self) -> float:
        """Open profit of all positions at their marks, gross."""
        return self._unrealised.net

    @property
    def day_pnl(self) -> float:
        """Realised + unrealised - fees."""
        return float(self.realised - self.fees) + self.unrealised

    def open_at(self, equity: Decimal) -> None:
        """Begin the day with the broker's equity."""
        self.start_equity = equity

    @property
    def equity(self) -> float | None:
        """Start equity + day P&L; None until the day was opened."""
        return None if self.start_equity is None else float(self.start_equity) + self.day_pnl

    @property
    def drawdown(self) -> float:
        """How far day P&L is below its peak of the day; zero or negative money."""
        return min(0.0, self.day_pnl - self.peak)

    @property
    def drawdown_fraction(self) -> float:
        """`drawdown` as a fraction of the equity at the peak."""
        peak_equity = float(self.start_equity or 0) + self.peak
        return self.drawdown / peak_equity if peak_equity > 0 else 0.0

    @property
    def gross_exposure(self) -> float:
        """Sum of absolute position values at their marks."""
        return self._exposure.gross

    @property
    def net_exposure(self) -> float:
        """Sum of signed position values at their marks."""
        return self._exposure.net

    def mark_of(self, symbol: str) -> float | None:
        """The price `symbol` was last marked at."""
        return self._marks.get(symbol)

    def exposure_of(self, symbol: str) -> float:
        """Signed position value of `symbol` at its mark."""
        return self._exposure.of(symbol)

    def unrealised_of(self, symbol: str) -> float:
        """Open profit of `symbol` at its mark, gross."""
        return self._unrealised.of(symbol)

    def day_pnl_of(self, symbol: str) -> float:
        """Realised + unrealised - fees of `symbol`."""
        position = self.position(symbol)
        return float(position.realised - position.fees) + self.unrealised_of(symbol)

    def book(self, fill: Fill, now_ns: int) -> Position:
        """Fold one fill in and mark its symbol; the caller has stored it already."""
        before = self.position(fill.symbol)
        after = before.with_fill(fill)
        self._positions[fill.symbol] = after
        self.realised += after.realised - before.realised
        self.fees += fill.fee
        self._marks.setdefault(fill.symbol, float(fill.price))
        self._remark(fill.symbol, now_ns)
        return after

    def _on_fill_booked(self, event: FillBooked) -> None:
        position = self.book(event.fill, event.ts_init)
        self._bus.publish(
            PositionChanged(position=position, ts_event=event.ts_event, ts_init=event.ts_init)
        )

    def _on_quote(self, quote: Quote) -> None:
        self._marks[quote.symbol] = quote.mid
        self._quoted_ns[quote.symbol] = quote.ts_init
        if quote.symbol in self._positions:
            self._remark(quote.symbol, quote.ts_init)

    def _on_print(self, trade: TradePrint) -> None:
        quoted = self._quoted_ns.get(trade.symbol)
        if quoted is not None and trade.ts_init - quoted <= QUOTE_LASTS_NS:
            return
        self._marks[trade.symbol] = trade.price
        if trade.symbol in self._positions:
            self._remark(trade.symbol, trade.ts_init)

    def _remark(self, symbol: str, now_ns: int) -> None:
        position, mark = self._positions[symbol], self._marks[symbol]
        self._unrealised.put(symbol, position.unrealised(mark))
        self._exposure.put(symbol, mark * float(position.quantity * position.multiplier))
        day_pnl = self.day_pnl
        self.peak = max(self.peak, day_pnl)
        self.curve.add(now_ns, day_pnl)
