"""Bars of prints, built live; closed by time, or by what is in them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice

from cockpit.domain.market import Bar, BarRevised, BarUnit, TradeCorrected, TradePrint
from cockpit.kernel.bus import Bus
from cockpit.market.grid import NEVER, BarRule, Grid, PlainGrid, SessionGrid
from cockpit.market.history import Past, folded
from cockpit.market.past import PastBook
from cockpit.market.prints import Replaced, adjusted, corrected, find, values_of
from cockpit.market.series import BarSeries, Values
from cockpit.market.session import SessionCalendar
from cockpit.ports.feed import RawBar

__all__ = ["NEVER", "BarBook"]

_KEPT = 2048


class _Line:
    """One symbol's series, where its live bar ends, and its latest prints.

    `firsts` and `starts` are the number of each bar's first print and its time, `seen` is the
    number of the next print. Of the bars in `torn` prints are missing, those in `given` are of
    a source, not of prints. `breaks` is how often prints had ceased to come when the newest began.
    """

    __slots__ = (
        "breaks",
        "end",
        "firsts",
        "floor",
        "given",
        "prints",
        "seen",
        "series",
        "starts",
        "torn",
    )

    def __init__(self, symbol: str) -> None:
        self.series = BarSeries(symbol)
        self.end = self.floor = self.breaks = 0
        self.prints: deque[TradePrint] = deque(maxlen=_KEPT)
        self.seen = 0
        self.firsts: list[int] = []
        self.starts: list[int] = []
        self.torn: set[int] = set()
        self.given: set[int] = set()


class BarBook:
    """One growing series of bars for each symbol, labelled with the START of the interval.

    Bars of time lie on the grid of the sessions where a `calendar` is given, else on
    multiples of the interval since the epoch. Whoever drives the clock calls `close_due`
    when `next_due_ns` is reached. Publishes `Bar` for each bar that closes and
    `BarRevised` for a closed one that a correction touched. `rule` goes over `interval_s`.
    `past` says where bars are from that are not made of prints of ours.
    Raises MarketError for an interval that isn't positive.
    """

    MOST_CLOSED = 3_000

    def __init__(
        self,
        bus: Bus,
        interval_s: int = 60,
        *,
        rule: BarRule | None = None,
        calendar: SessionCalendar | None = None,
    ) -> None:
        self.rule = rule or BarRule(BarUnit.TIME, interval_s)
        self.interval_s = self.rule.step if self.rule.unit is BarUnit.TIME else 0
        self._bus = bus
        self._grid: Grid = (
            PlainGrid(self.rule) if calendar is None else SessionGrid(self.rule, calendar)
        )
        self._most_shares = self.rule.step if self.rule.unit is BarUnit.VOLUME else float("inf")
        self._most_prints = self.rule.step if self.rule.unit is BarUnit.TICK else NEVER
        self._filled = self.rule.unit is not BarUnit.TIME
        self._lines: dict[str, _Line] = {}
        self.next_due_ns = NEVER
        self.late_prints = 0
        self.unrepaired = 0
        self._whole_from = NEVER
        self._breaks = 0
        self.past = PastBook()

    @property
    def symbols(self) -> Sequence[str]:
        """Symbols that have a series."""
        return tuple(self._lines)

    def series(self, symbol: str) -> BarSeries:
        """The symbol's bars, empty before its first print; always the same object."""
        return self._line(symbol).series

    def on_print(self, trade: TradePrint) -> None:
        """Add a print. One that is older than the newest bar is counted in `late_prints`."""
        line = self._lines.get(trade.symbol) or self._line(trade.symbol)
        ts, series = trade.ts_event, line.series
        if series.start_ns <= ts < line.end and series.live:
            series.extend(trade.price, trade.size)
        elif ts < line.floor:
            self.late_prints += 1
            return
        else:
            self._begin(line, trade)
        line.prints.append(trade)
        line.seen += 1
        if self._filled:
            self._close_filled(line, trade)

    def last_print(self, symbol: str) -> TradePrint | None:
        """The newest print that stands, as far as prints are kept."""
        prints = self._line(symbol).prints
        return prints[-1] if prints else None

    def prints_since(self, symbol: str, since_ns: int) -> list[TradePrint] | None:
        """The prints from a time on; None when some of them are older than what is kept."""
        line = self._line(symbol)
        prints = line.prints
        if line.seen > len(prints) and (not prints or prints[0].ts_event > since_ns):
            return None
        return [trade for trade in prints if trade.ts_event >= since_ns]

    def on_correction(self, correction: TradeCorrected) -> Replaced | None:
        """Put the touched bar right; None when the print that is meant isn't known.

        The bar is derived anew from its prints. Where some of them are older than what is kept
        (2,048 a symbol) only its volume and vwap are put right, counted in `unrepaired` if the
        print may have been its open, high, low or close.
        """
        line = self._line(correction.symbol)
        at = find(line.prints, correction)
        if at is None:
            return None
        old = line.prints[at]
        number = line.seen - len(line.prints) + at
        row = bisect_right(line.firsts, number) - 1
        new = corrected(old, correction)
        if new is None:
            del line.prints[at]
            line.seen -= 1
            line.firsts[row + 1 :] = [first - 1 for first in line.firsts[row + 1 :]]
        else:
            line.prints[at] = new
        self._derive(line, row, old, new, correction.ts_init)
        return Replaced(old, new)

    def flows(self, since_ns: int | None) -> None:
        """Prints come without a gap since `since_ns`; None while they don't.

        A bar that began before that, or was under way when it ended, may lack some; before the
        first one that follows whole bars may be missing.
        """
        if since_ns is None:
            self._breaks += 1
            for line in self._lines.values():
                if line.series.live:
                    line.torn.add(line.starts[-1])
        self._whole_from = NEVER if since_ns is None else since_ns

    def before(self, symbol: str, start_ns: int) -> int:
        """START of the bar before the one that starts at `start_ns`; that one's own without any."""
        starts = self._line(symbol).starts
        at = bisect_left(starts, start_ns)
        return starts[at - 1] if at else start_ns

    def closed(self, symbol: str) -> Sequence[Bar]:
        """Its closed bars, the newest `MOST_CLOSED` of them, oldest first."""
        line = self._line(symbol)
        series = line.series
        first = max(0, series.closed - self.MOST_CLOSED)
        return [
            self._bar(symbol, line.starts[row], series.row(row), line.starts[row])
            for row in range(first, series.closed)
        ]

    def torn(self, symbol: str) -> Sequence[int]:
        """START of each closed bar that lacks prints and that no source has made whole yet.

        Between it and the one before it bars may be missing.
        """
        line = self._line(symbol)
        live = line.starts[-1] if line.series.live else NEVER
        return sorted(start for start in line.torn - line.given if start != live)

    def join(self, symbol: str, bars: Iterable[RawBar], now_ns: int) -> int:
        """Put bars of a source where there are none, or none that is whole; how many changed.

        A bar that was made of all its prints stays as it is, and so does the one under way. Of
        the newest that changed `BarRevised` is published; the others are the past.
        """
        line = self._line(symbol)
        series, starts = line.series, line.starts
        live = starts[-1] if series.live else NEVER
        rows, new, changed = list[int](), list[Past](), list[int]()
        for past in folded(bars, self._grid) if not self._filled else ():
            if past.start >= live or past.end > now_ns:
                continue
            row = bisect_left(starts, past.start)
            if row == len(starts) or starts[row] != past.start:
                rows.append(row)
                new.append(past)
            elif past.start in line.torn | line.given and series.row(row) != past.values:
                series.revise(row, past.values)
                line.given.add(past.start)
                changed.append(past.start)
            else:
                line.given |= line.torn & {past.start}
        _insert(line, rows, new)
        changed += [past.start for past in new]
        if changed:
            newest = max(changed)
            values = series.row(bisect_left(line.starts, newest))
            bar = self._bar(symbol, newest, values, now_ns)
            self._bus.publish(BarRevised(symbol=symbol, bar=bar, ts_event=newest, ts_init=now_ns))
        return len(changed)

    def take_told(self, told: RawBar, now_ns: int) -> bool:
        """Join a bar that the source has just closed; True when that changed anything.

        A revised one goes over what is here, also over a bar of all prints: some came late.
        """
        if self._filled or told.interval_s != self.interval_s:
            return False
        if told.revised:
            self._line(told.symbol).given.add(told.ts_event)
        return bool(self.join(told.symbol, (told,), now_ns))

    def close_due(self, now_ns: int) -> None:
        """Close and publish every bar whose interval has ended at `now_ns`."""
        if now_ns < self.next_due_ns:
            return
        due = NEVER
        for line in self._lines.values():
            if not line.series.live:
                continue
            if line.end <= now_ns:
                self._close(line, now_ns)
            else:
                due = min(due, line.end)
        self.next_due_ns = due

    def close_all(self, now_ns: int) -> None:
        """Close and publish every live bar: the feed has ended."""
        for line in self._lines.values():
            if line.series.live:
                self._close(line, now_ns)
        self.next_due_ns = NEVER

    def _line(self, symbol: str) -> _Line:
        line = self._lines.get(symbol)
        if line is None:
            line = self._lines[symbol] = _Line(symbol)
        return line

    def _begin(self, line: _Line, trade: TradePrint) -> None:
        if line.series.live:
            self._close(line, trade.ts_init)
        start, end = self._grid.span(trade.ts_event)
        line.series.begin(trade.ts_event if self._filled else start, trade.price, trade.size)
        line.end = end
        line.floor = trade.ts_event if self._filled else end
        unbroken, line.breaks = line.breaks == self._breaks, self._breaks
        if not (line.starts and unbroken and line.series.start_ns >= self._whole_from):
            line.torn.add(line.series.start_ns)
        line.firsts.append(line.seen)
        line.starts.append(line.series.start_ns)
        self.next_due_ns = min(self.next_due_ns, end)

    def _close_filled(self, line: _Line, trade: TradePrint) -> None:
        volume, prints = line.series.filled
        if volume >= self._most_shares or prints >= self._most_prints:
            self._close(line, trade.ts_init)
        line.floor = trade.ts_event

    def _derive(
        self, line: _Line, row: int, old: TradePrint, new: TradePrint | None, now_ns: int
    ) -> None:
        series, start = line.series, line.starts[row]
        live, values = row == series.closed, self._values(line, row, old, new)
        if values is None:
            series.remove(row)
            del line.firsts[row], line.starts[row]
            line.floor = start if live else line.floor
        elif live:
            series.revise_live(values)
        else:
            series.revise(row, values)
        if not live:
            bar = None if values is None else self._bar(series.symbol, start, values, now_ns)
            self._bus.publish(
                BarRevised(symbol=series.symbol, bar=bar, ts_event=start, ts_init=now_ns)
            )

    def _values(
        self, line: _Line, row: int, old: TradePrint, new: TradePrint | None
    ) -> Values | None:
        """What bar `row` is worth now, from its prints if all of them are here."""
        oldest = line.seen - len(line.prints)
        first = line.firsts[row] - oldest
        if first >= 0 and line.starts[row] not in line.given:
            after = line.firsts[row + 1] - oldest if row + 1 < len(line.firsts) else None
            return values_of(list(islice(line.prints, first, after)))
        was = line.series.row(row)
        if old.price in was[:4]:
            self.unrepaired += 1
        return adjusted(was, old, new)

    def _close(self, line: _Line, now_ns: int) -> None:
        values = line.series.close_live()
        self._bus.publish(self._bar(line.series.symbol, line.starts[-1], values, now_ns))

    def _bar(self, symbol: str, start: int, values: Values, now_ns: int) -> Bar:
        first, high, low, last, volume, vwap, trades = values
        return Bar(
            symbol=symbol,
            open=first,
            high=high,
            low=low,
            close=last,
            volume=volume,
            vwap=vwap,
            trades=round(trades),
            interval_s=self.interval_s,
            unit=self.rule.unit,
            ts_event=start,
            ts_init=now_ns,
        )


def _insert(line: _Line, rows: Sequence[int], new: Sequence[Past]) -> None:
    """Put bars in that have no print of ours; `rows` are their places among those there now."""
    line.series.insert(rows, [past.start for past in new], [past.values for past in new])
    for more, (row, past) in enumerate(zip(rows, new, strict=True)):
        at = row + more
        line.firsts.insert(at, line.firsts[at] if at < len(line.firsts) else line.seen)
        line.starts.insert(at, past.start)
        line.given.add(past.start)
        line.floor = max(line.floor, past.end)
