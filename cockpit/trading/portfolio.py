"""Positions and P&L, folded from fills and marked on the touched symbol only."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.events import FillBooked, FillBusted, PositionAdjusted, PositionChanged
from cockpit.domain.fill import Fill
from cockpit.domain.instrument import Instrument, usual_multiplier
from cockpit.domain.market import Quote, TradePrint
from cockpit.domain.position import Position
from cockpit.domain.values import ZERO, day_end_ns, to_decimal
from cockpit.kernel.bus import Bus
from cockpit.risk.tally import Tally
from cockpit.trading.day_opening import NOTHING, DayOpening, Result
from cockpit.trading.day_peak import DayPeak
from cockpit.trading.pnl_curve import PnlCurve

SECOND_NS = 1_000_000_000
QUOTE_LASTS_NS = 10 * SECOND_NS  # as in market/book: an older quote gives way to a print


class Portfolio:
    """What is held and what it is worth now.

    Money in the ledger is Decimal (`realised`, `fees`); everything that depends on a
    mark is float and never flows back. `realised`, `fees` and `unrealised` count since the
    portfolio was opened. The day begins with `start_equity`, None until the broker told it,
    and rolls at New York midnight: what is held is carried over at its mark. `on_opening` is
    called when a restart must know another `opening`.
    """

    def __init__(self, bus: Bus, account_id: str) -> None:
        self._bus = bus
        self._account_id = account_id
        self.start_equity: Decimal | None = None
        self._positions: dict[str, Position] = {}
        self._entries: defaultdict[str, list[Fill | Adjustment]] = defaultdict(list)
        self._multipliers: dict[str, Decimal] = {}
        self._marks: dict[str, float] = {}
        self._quoted_ns: dict[str, int] = {}
        self._unrealised = Tally()
        self._exposure = Tally()
        self.realised = ZERO
        self.fees = ZERO
        self._charged = ZERO
        self._charged_at_opening: Decimal | None = None
        self._before, self._net_before = NOTHING, 0.0
        self._before_of: dict[str, Result] = {}
        self._day_ends_ns = 0
        self._unmarked: set[str] = set()
        self.on_new_day: Callable[[], None] = lambda: None
        self.on_opening: Callable[[], None] = lambda: None
        self._peak, self.curve = DayPeak(), PnlCurve()
        bus.subscribe(FillBooked, self._on_fill_booked, name="portfolio.fill")
        bus.subscribe(FillBusted, self._on_fill_busted, name="portfolio.bust")
        bus.subscribe(PositionAdjusted, self._on_adjusted, name="portfolio.adjusted")
        bus.subscribe(Quote, self._on_quote, many=self._on_quotes, name="portfolio.quote")
        bus.subscribe(TradePrint, self._on_print, name="portfolio.print")

    def add_instrument(self, instrument: Instrument) -> None:
        """Make the instrument's multiplier known."""
        self._multipliers[instrument.symbol] = instrument.multiplier

    def position(self, symbol: str) -> Position:
        """The position in `symbol`, flat when there is none."""
        known = self._positions.get(symbol)
        if known is not None:
            return known
        return self._flat(symbol, self._multipliers.get(symbol) or usual_multiplier(symbol))

    def _flat(self, symbol: str, multiplier: Decimal) -> Position:
        return Position(account_id=self._account_id, symbol=symbol, multiplier=multiplier)

    def positions(self) -> list[Position]:
        """Every symbol touched since the portfolio was opened, the flat ones too."""
        return list(self._positions.values())

    def touched(self) -> list[Position]:
        """Every symbol with an entry in the ledger that stands."""
        return [p for p in self._positions.values() if self._entries.get(p.symbol)]

    def open_positions(self) -> list[Position]:
        """What is held now."""
        return [p for p in self._positions.values() if not p.flat]

    @property
    def unrealised(self) -> float:
        """Open profit of all positions at their marks, gross."""
        return self._unrealised.net

    @property
    def day_realised(self) -> Decimal:
        """What was realised today, gross of fees."""
        return self.realised - self._before.realised

    @property
    def day_fees(self) -> Decimal:
        """Fees paid today."""
        return self.fees - self._before.fees

    @property
    def carried(self) -> float:
        """The open profit that the day began with; it was earned before."""
        return self._before.unrealised

    @property
    def day_pnl(self) -> float:
        """Realised + unrealised - fees of today, less what was carried over."""
        return float(self.realised - self.fees) + self.unrealised - self._net_before

    def open_at(self, equity: Decimal, *, charges_told: bool = True) -> None:
        """Begin the day with what the broker's equity of now was before today's result.

        When the broker has not `charges_told` yet, it may have taken some out of that equity.
        """
        self._charged_at_opening = None if charges_told else self._charged
        self.start_equity = equity - to_decimal(round(self.day_pnl, 4))
        self._peak.begin(max(0.0, self.day_pnl))  # not of prices before this run
        # What was restored has no price of today yet: its first one is where the day begins.
        self._unmarked = {p.symbol for p in self.open_positions()} - self._quoted_ns.keys()

    def charges_told(self) -> None:
        """What was charged since an opening without them was in its equity: it counts once."""
        before, start = self._charged_at_opening, self.start_equity
        if before is None or start is None:
            return
        self.start_equity, self._charged_at_opening = start + self._charged - before, None
        self.on_opening()

    def opening(self, day: str) -> DayOpening | None:
        """How the day began, to be kept; None before it did."""
        if self.start_equity is None:
            return None
        carried = {s: r.unrealised for s, r in sorted(self._before_of.items()) if r.unrealised}
        unmarked = tuple(sorted(self._unmarked))
        charged = self._charged_at_opening
        return DayOpening(day, self.start_equity, carried, self.peak, unmarked, charged)

    def go_on_from(self, opening: DayOpening) -> None:
        """Go on with a day that an earlier run has begun."""
        self.start_equity, self._charged_at_opening = opening.equity, opening.charged
        for symbol in {*self._before_of, *opening.carried}:
            before = self._before_of.get(symbol, NOTHING)
            self._carry(symbol, opening.carried.get(symbol, 0.0) - before.unrealised)
        for position in self.open_positions():
            if position.symbol not in self._quoted_ns:
                self._mark_as_carried(position, opening.carried.get(position.symbol, 0.0))
        held = {position.symbol for position in self.open_positions()}
        self._unmarked = (held & set(opening.unmarked)) - self._quoted_ns.keys()
        self._peak.begin(max(0.0, opening.peak))

    def _mark_as_carried(self, position: Position, carried: float) -> None:
        """What was not traded today stands where the day began, until it has a price."""
        symbol = position.symbol
        traded = (entry for entry in reversed(self._entries[symbol]) if not _is_split(entry))
        last = next(traded, None)
        if last is not None and day_end_ns(last.ts_init) == self._day_ends_ns:
            return
        size = float(position.quantity * position.multiplier)
        self._marks[symbol] = float(position.average_cost) + carried / size
        self._value(symbol)

    def _carry(self, symbol: str, more: float) -> None:
        """Let the day begin with so much more open profit of `symbol`."""
        of_symbol = self._before_of.get(symbol, NOTHING)
        self._before_of[symbol] = of_symbol._replace(unrealised=of_symbol.unrealised + more)
        self._before = self._before._replace(unrealised=self._before.unrealised + more)
        self._net_before = self._before.net

    @property
    def equity(self) -> float | None:
        """Start equity + day P&L; None until the day was opened."""
        return None if self.start_equity is None else float(self.start_equity) + self.day_pnl

    @property
    def peak(self) -> float:
        """The highest day P&L so far, never below zero."""
        return self._peak.value

    @property
    def drawdown(self) -> float:
        """How far day P&L is below its peak of the day; zero or negative money."""
        fall = self.day_pnl - self.peak
        return 0.0 if fall >= 0 else fall  # this way round NaN stays NaN

    @property
    def drawdown_fraction(self) -> float:
        """`drawdown` as a fraction of the equity at the peak; NaN when that was none."""
        fall, peak_equity = self.drawdown, float(self.start_equity or 0) + self.peak
        if fall == 0:
            return 0.0
        return fall / peak_equity if peak_equity > 0 else math.nan

    @property
    def fall_percent(self) -> float:
        """`drawdown_fraction` in percent above zero, rounded for gate and monitor alike."""
        return round(-100.0 * self.drawdown_fraction, 6)

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
        """Realised + unrealised - fees of `symbol` today."""
        return self._result_of(symbol).net - self._before_of.get(symbol, NOTHING).net

    def roll_to(self, now_ns: int) -> None:
        """Begin a new day if `now_ns` is of one; what is held is carried over at its mark."""
        if now_ns < self._day_ends_ns:
            return
        first, self._day_ends_ns = self._day_ends_ns == 0, day_end_ns(now_ns)
        if first:
            return
        if self.start_equity is not None:
            self.start_equity += to_decimal(round(self.day_pnl, 4))
        self._before = Result(self.realised, self.fees, self.unrealised)
        self._net_before = self._before.net
        self._before_of = {symbol: self._result_of(symbol) for symbol in self._positions}
        self._peak.begin(0.0)
        self.curve = PnlCurve()
        self.on_new_day()

    def _result_of(self, symbol: str) -> Result:
        position = self.position(symbol)
        return Result(position.realised, position.fees, self.unrealised_of(symbol))

    def book(self, fill: Fill, now_ns: int) -> Position:
        """Fold one fill in and mark its symbol; the caller has stored it already."""
        self.roll_to(now_ns)
        self._entries[fill.symbol].append(fill)
        if fill.symbol not in self._quoted_ns:
            self._marks[fill.symbol] = float(fill.price)
        return self._became(self.position(fill.symbol).with_fill(fill), now_ns)

    def take_back(self, fill: Fill, now_ns: int) -> Position:
        """Fold the symbol anew without a fill that was busted."""
        self._entries[fill.symbol].remove(fill)
        position = self._flat(fill.symbol, self.position(fill.symbol).multiplier)
        for entry in self._entries[fill.symbol]:
            position = position.with_entry(entry)
        return self._became(position, now_ns)

    def adjust(self, adjustment: Adjustment, now_ns: int) -> Position:
        """Set a position, which is no result of the day; the caller has stored it already."""
        self.roll_to(now_ns)
        self._entries[adjustment.symbol].append(adjustment)
        self._marks.setdefault(adjustment.symbol, float(adjustment.average_cost))
        if adjustment.kind is AdjustmentKind.CHARGE:  # a result of the day, unlike the others
            self._charged += adjustment.fee
            return self._became(self.position(adjustment.symbol).adjusted(adjustment), now_ns)
        if _is_split(adjustment):
            return self._split(adjustment, now_ns)
        before = self.unrealised_of(adjustment.symbol)
        after = self.position(adjustment.symbol).adjusted(adjustment)
        self._positions[after.symbol] = after
        self._unrealised.put(after.symbol, after.unrealised(self._marks[after.symbol]))
        self._carry(after.symbol, self.unrealised_of(after.symbol) - before)
        if after.symbol not in self._quoted_ns:
            self._unmarked.add(after.symbol)  # its first price is where its day begins
        became = self._became(after, now_ns)
        self.on_opening()
        return became

    def _split(self, to: Adjustment, now_ns: int) -> Position:
        """Other units of the same worth; the mark may be of the old ones still, or of the new.

        Of the new it has shown a loss, or gain, that there never was: it goes with the split.
        The one that is nearer to how the day began is believed.
        """
        before = self.position(to.symbol)
        after, mark = before.adjusted(to), self._marks[to.symbol]
        began = self._before_of.get(to.symbol, NOTHING).unrealised
        marks = (mark, mark * float(before.quantity / to.quantity)) if to.quantity else (mark,)
        believed = min(marks, key=lambda m: abs(after.unrealised(m) - began))
        seemed = before.unrealised(mark) - after.unrealised(believed)
        self._marks[to.symbol] = believed
        became = self._became(after, now_ns)
        if self._peak.lower(to.symbol, seemed, self.day_pnl):
            self.on_opening()
        return became

    def adjusted_last(self, symbol: str) -> Adjustment | None:
        """The last entry that set the position of `symbol` by other means than a trade."""
        entries = reversed(self._entries.get(symbol, ()))
        return next((entry for entry in entries if isinstance(entry, Adjustment)), None)

    def restore(self, ledger: Iterable[Fill | Adjustment], now_ns: int) -> None:
        """Fold what an earlier run has booked, in its order."""
        for entry in ledger:
            if isinstance(entry, Fill):
                self.book(entry, entry.ts_init)
            else:
                self.adjust(entry, entry.ts_init)
        self.roll_to(now_ns)

    def _became(self, after: Position, now_ns: int) -> Position:
        before = self.position(after.symbol)
        self._positions[after.symbol] = after
        self.realised += after.realised - before.realised
        self.fees += after.fees - before.fees
        self._remark(after.symbol, now_ns)
        return after

    def _on_fill_booked(self, event: FillBooked) -> None:
        self._publish(self.book(event.fill, event.ts_init), event)

    def _on_fill_busted(self, event: FillBusted) -> None:
        self._publish(self.take_back(event.fill, event.ts_init), event)

    def _on_adjusted(self, event: PositionAdjusted) -> None:
        self._publish(self.adjust(event.adjustment, event.ts_init), event)

    def _publish(
        self, position: Position, cause: FillBooked | FillBusted | PositionAdjusted
    ) -> None:
        self._bus.publish(
            PositionChanged(position=position, ts_event=cause.ts_event, ts_init=cause.ts_init)
        )

    def _on_quote(self, quote: Quote) -> None:
        self._on_quotes((quote,))

    def _on_quotes(self, quotes: Sequence[Quote]) -> None:
        """Mark each symbol, then see what all is worth: quotes that came together are one step."""
        now = quotes[-1].ts_init
        self.roll_to(now)  # before the new price: yesterday ends at the old one
        held = False
        for quote in quotes:
            symbol, mid = quote.symbol, (quote.bid + quote.ask) / 2
            if symbol in self._unmarked:
                self._begin_at(symbol, mid)
            before = self._marks.get(symbol, mid)
            self._marks[symbol] = mid
            self._quoted_ns[symbol] = quote.ts_init
            if symbol in self._positions:
                self._peak.step(symbol, before, mid)
                self._value(symbol)
                held = True
        if held:
            self._add_to_curve(now)

    def _begin_at(self, symbol: str, mark: float) -> None:
        """Let the day of a restored position begin at its first price."""
        self._unmarked.discard(symbol)
        position = self._positions[symbol]
        self._carry(symbol, position.unrealised(mark) - self.unrealised_of(symbol))
        self.on_opening()

    def _on_print(self, trade: TradePrint) -> None:
        quoted = self._quoted_ns.get(trade.symbol)
        if quoted is not None and trade.ts_init - quoted <= QUOTE_LASTS_NS:
            return
        self.roll_to(trade.ts_init)
        if trade.symbol in self._unmarked:
            self._begin_at(trade.symbol, trade.price)
        self._marks[trade.symbol] = trade.price
        if trade.symbol in self._positions:
            self._remark(trade.symbol, trade.ts_init)

    def _remark(self, symbol: str, now_ns: int) -> None:
        self._value(symbol)
        self._add_to_curve(now_ns)

    def _add_to_curve(self, now_ns: int) -> None:
        day_pnl = self.day_pnl
        self.curve.add(now_ns, day_pnl)
        if self._peak.rise(day_pnl, float(self.start_equity or 0)):
            self.on_opening()

    def _value(self, symbol: str) -> None:
        position, mark = self._positions[symbol], self._marks[symbol]
        self._unrealised.put(symbol, position.unrealised(mark))
        self._exposure.put(symbol, mark * float(position.quantity * position.multiplier))


def _is_split(entry: Fill | Adjustment) -> bool:
    return isinstance(entry, Adjustment) and entry.kind is AdjustmentKind.SPLIT
