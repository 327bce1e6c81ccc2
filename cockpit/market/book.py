"""The latest of everything, by symbol: stored first, published second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote, TradePrint, TradingStatus
from cockpit.domain.values import NEW_YORK, positive_mark, session_date, to_ns
from cockpit.market.prints import Replaced
from cockpit.ports.clock import Clock

_NS = 1_000_000_000


class _Line:
    """One symbol's latest values; figures of the day start anew each New York day."""

    __slots__ = (
        "first",
        "halted",
        "high",
        "instrument",
        "last",
        "low",
        "quote",
        "reference",
        "volume",
    )

    def __init__(self, instrument: Instrument, reference: float | None) -> None:
        self.instrument = instrument
        self.reference = reference
        self.quote: Quote | None = None
        self.last: TradePrint | None = None
        self.halted = False
        self.new_day()

    def new_day(self) -> None:
        self.first: float | None = None
        self.volume = 0.0
        self.high: float | None = None
        self.low: float | None = None


class Book:
    """What the market looks like now. Times in ns UTC, prices per share, sizes in shares.

    A symbol that was never added gets a plain US stock's instrument with its first row.
    """

    FRESH_S = 10.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: dict[str, _Line] = {}
        self._day_starts = self._day_ends = 0
        self.version = 0

    @property
    def instruments(self) -> Sequence[Instrument]:
        """All instruments, in the order they came."""
        return tuple(line.instrument for line in self._lines.values())

    @property
    def day_start_ns(self) -> int:
        """Midnight in New York before the newest row, in ns UTC."""
        return self._day_starts

    @property
    def symbols(self) -> Sequence[str]:
        """All symbols, in the order they came."""
        return tuple(self._lines)

    def add(self, instrument: Instrument, previous_close: float | None = None) -> None:
        """Know `instrument`; `previous_close` becomes the reference of its change.

        Raises DomainError when `previous_close` isn't a positive number.
        """
        if previous_close is not None:
            positive_mark(previous_close, f"{instrument.symbol}'s previous close")
        line = self._lines.get(instrument.symbol)
        if line is None:
            self._lines[instrument.symbol] = _Line(instrument, previous_close)
        else:
            line.instrument = instrument
            line.reference = line.reference if previous_close is None else previous_close

    def on_quote(self, quote: Quote) -> None:
        """Store the latest quote."""
        line = self._lines.get(quote.symbol)
        if line is None or quote.ts_event >= self._day_ends:
            line = self._line(quote.symbol, quote.ts_event)
        line.quote = quote
        if line.first is None:
            line.first = quote.mid
        self.version += 1

    def on_trade(self, trade: TradePrint) -> None:
        """Store the latest print and add it to the day's volume and range."""
        line = self._lines.get(trade.symbol)
        if line is None or trade.ts_event >= self._day_ends:
            line = self._line(trade.symbol, trade.ts_event)
        price = trade.price
        line.last = trade
        line.volume += trade.size
        if line.high is None or price > line.high:
            line.high = price
        if line.low is None or price < line.low:
            line.low = price
        if line.first is None:
            line.first = price
        self.version += 1

    def on_correction(
        self, replaced: Replaced, last: TradePrint | None, day_range: tuple[float, float] | None
    ) -> None:
        """Take a corrected print out of the day: its volume, its range, and the last print.

        `last` is the newest print that still stands, `day_range` the highest and lowest price
        of those of the day; None leaves what is here.
        """
        old, new = replaced
        line = self._line(old.symbol, old.ts_event)
        if line.last == old:
            line.last = new or last
        if old.ts_event >= self.day_start_ns:
            line.volume += (0.0 if new is None else new.size) - old.size
            if day_range is not None:
                line.high, line.low = day_range
            elif line.volume <= 0:
                line.high = line.low = None
        self.version += 1

    def on_status(self, status: TradingStatus) -> None:
        """Store a halt or a resumption."""
        self._line(status.symbol, status.ts_event).halted = status.halted
        self.version += 1

    def instrument(self, symbol: str) -> Instrument | None:
        """The instrument; None when unknown."""
        line = self._lines.get(symbol)
        return None if line is None else line.instrument

    def quote(self, symbol: str) -> Quote | None:
        """The latest accepted quote, however old."""
        line = self._lines.get(symbol)
        return None if line is None else line.quote

    def last(self, symbol: str) -> TradePrint | None:
        """The latest accepted print."""
        line = self._lines.get(symbol)
        return None if line is None else line.last

    def age_s(self, symbol: str) -> float | None:
        """Seconds since the latest quote was made, or came in if that was earlier.

        A quote that was late on its way is as old as its source says. None without one.
        """
        quote = self.quote(symbol)
        return None if quote is None else self._age_ns(quote) / _NS

    def mark(self, symbol: str) -> float | None:
        """The price to value a position at.

        The mid of a quote not older than FRESH_S, else the last print, else the mid of
        whatever quote there is; None before any.
        """
        line = self._lines.get(symbol)
        if line is None:
            return None
        quote = line.quote
        if quote is None:
            return None if line.last is None else line.last.price
        if line.last is None or self._age_ns(quote) <= self.FRESH_S * _NS:
            return quote.mid
        return line.last.price

    def halted(self, symbol: str) -> bool:
        """True while the venue has halted the symbol."""
        line = self._lines.get(symbol)
        return line is not None and line.halted

    def previous_close(self, symbol: str) -> float | None:
        """The close of the session before; None when nobody told it."""
        line = self._lines.get(symbol)
        return None if line is None else line.reference

    def reference(self, symbol: str) -> float | None:
        """What triggers measure a move from: previous close if known, else the day's first mark."""
        line = self._lines.get(symbol)
        if line is None:
            return None
        return line.first if line.reference is None else line.reference

    def change_fraction(self, symbol: str) -> float | None:
        """Last trade / previous close - 1, as exchanges tell it; None before both are known."""
        last, close = self.last(symbol), self.previous_close(symbol)
        return None if last is None or close is None else last.price / close - 1.0

    def volume(self, symbol: str) -> float:
        """Shares printed this New York day."""
        line = self._lines.get(symbol)
        return 0.0 if line is None else line.volume

    def day_high(self, symbol: str) -> float | None:
        """Highest print of this New York day."""
        line = self._lines.get(symbol)
        return None if line is None else line.high

    def day_low(self, symbol: str) -> float | None:
        """Lowest print of this New York day."""
        line = self._lines.get(symbol)
        return None if line is None else line.low

    def _age_ns(self, quote: Quote) -> int:
        return self._clock.now_ns() - min(quote.ts_event, quote.ts_init)

    def _line(self, symbol: str, ts: int) -> _Line:
        if ts >= self._day_ends:
            self._roll(ts)
        line = self._lines.get(symbol)
        if line is None:
            line = self._lines[symbol] = _Line(Instrument(symbol=symbol), None)
        return line

    def _roll(self, ts: int) -> None:
        """Begin a New York day; where prints were seen, yesterday's last is the new reference."""
        first_day = self._day_ends == 0
        tomorrow = session_date(ts) + timedelta(days=1)
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=NEW_YORK)
        self._day_ends = to_ns(midnight)
        self._day_starts = to_ns(midnight - timedelta(days=1))
        if first_day:
            return
        for line in self._lines.values():
            if line.last is not None:
                line.reference = line.last.price
            line.new_day()
