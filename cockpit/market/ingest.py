"""Where a feed's rows enter: check, stamp, store, then publish. The hottest path of all."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence

from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.market import Quote
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import Timer
from cockpit.market import rules
from cockpit.market.bars import NEVER, BarBook
from cockpit.market.book import Book
from cockpit.market.history import is_bar
from cockpit.market.prints import Replaced
from cockpit.market.quality import Quality
from cockpit.ports.clock import Clock
from cockpit.ports.feed import RawBar, RawCorrection, RawQuote, RawRow, RawStatus, RawTrade

_NS = 1_000_000_000


class Ingest:
    """The one `FeedSink`: every row goes quality -> book -> bars -> bus, in that order.

    Bars close on the clock's own timers, so a bar ends on time though nothing trades.
    `on_replaced` is called with each print that a correction has found.

    `latest_only` is for a live market: every quote is checked, counted and recorded, but of those
    that came in one batch only the newest of each symbol is stored and published, all together.
    Symbols that somebody watches closely (`watch_closely`) are told of quote by quote.
    """

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        book: Book,
        quality: Quality,
        bars: BarBook,
        *,
        latest_only: bool = False,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._book = book
        self._quality = quality
        self._bars = bars
        self._check_quote = quality.check_quote
        self._store_quote = book.on_quote
        self._publish = bus.publish
        self._latest_only = latest_only
        self._latest: dict[str, RawQuote] = {}
        self._closely: list[Container[str]] = []
        self._due = NEVER
        self._timer: Timer | None = None
        self._connections: dict[str, Connection] = {}
        self.rows = 0
        self.unknown_corrections = 0
        self.on_replaced: Callable[[Replaced], None] = lambda _: None
        self.last_row_ns = 0

    @property
    def quality(self) -> Quality:
        """The door's counts, for the report and the Health panel."""
        return self._quality

    @property
    def connections(self) -> Sequence[Connection]:
        """The latest lamp of each feed."""
        return tuple(self._connections.values())

    def watch_closely(self, symbols: Container[str]) -> None:
        """Publish every quote of what is in `symbols` at its time; it may change at any time."""
        self._closely.append(symbols)

    def on_rows(self, rows: Sequence[RawRow]) -> None:
        """Take a batch in time order."""
        now = self._clock.now_ns()
        if self._latest_only:
            self._take_latest(rows, now)
        else:
            for row in rows:
                self._take(row, now)
        self.rows += len(rows)
        self.last_row_ns = now

    def on_bars(self, bars: Sequence[RawBar]) -> None:
        """Fill what has no bar, or none of all its prints; a revised one goes over what is here."""
        now = self._clock.now_ns()
        for bar in bars:
            if is_bar(bar):
                self._bars.take_told(bar, now)
            else:
                self.on_quarantined(rules.UNREADABLE, repr(bar))

    def on_quarantined(self, reason: str, detail: str) -> None:
        """Count a row that its reader could not make out."""
        self.rows += 1
        self._quality.quarantine(reason, detail, self._clock.now_ns())

    def on_connection(self, connection: Connection) -> None:
        """Publish the feed's lamp; with the end of the feed the live bars close."""
        now = self._clock.now_ns()
        before = self._connections.get(connection.name)
        self._connections[connection.name] = connection
        if before is None or before.health is not connection.health:
            self._bars.flows(now if connection.health is Health.UP else None)
        if connection.health is Health.ENDED:
            self._bars.close_all(now)
        self._bus.publish(ConnectionChanged(connection=connection, ts_event=now, ts_init=now))

    def close(self) -> None:
        """Call off the timer that closes bars."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _take_latest(self, rows: Sequence[RawRow], now: int) -> None:
        latest = self._latest

        def other(row: RawRow) -> None:
            before = latest.pop(row.symbol, None)
            if before is not None:  # a symbol's rows stay in their order
                self._tell([before], now)
            self._take(row, now)

        try:
            self._quality.sift(rows, now, latest=latest, apart=self._is_watched, other=other)
        finally:  # what was accepted is told, whatever became of the rest
            good, self._latest = latest.values(), {}
            self._tell(good, now)

    def _is_watched(self, symbol: str) -> bool:
        for symbols in self._closely:  # noqa: SIM110 -- asked of each symbol of a batch
            if symbol in symbols:
                return True
        return False

    def _tell(self, good: Iterable[RawQuote], now: int) -> None:
        """Store quotes that were checked, one a symbol, then publish them together."""
        source = self._quality.source
        quotes = [
            Quote(
                symbol=raw.symbol,
                bid=raw.bid,
                ask=raw.ask,
                bid_size=raw.bid_size,
                ask_size=raw.ask_size,
                ts_event=raw.ts_event,
                ts_init=now,
                source=source,
            )
            for raw in good
        ]
        for quote in quotes:
            self._store_quote(quote)
        self._bus.publish_all(quotes)

    def _take(self, row: RawRow, now: int) -> None:
        if isinstance(row, RawQuote):
            quote = self._check_quote(row, now)
            if quote is not None:
                self._store_quote(quote)
                self._publish(quote)
        elif isinstance(row, RawTrade):
            self._on_trade(row, now)
        elif isinstance(row, RawStatus):
            self._on_status(row, now)
        else:
            self._on_correction(row, now)

    def _on_trade(self, raw: RawTrade, now: int) -> None:
        trade = self._quality.check_trade(raw, now)
        if trade is not None:
            bars = self._bars
            self._book.on_trade(trade)
            bars.on_print(trade)
            if bars.next_due_ns != self._due:
                self._schedule()
            self._publish(trade)

    def _on_status(self, raw: RawStatus, now: int) -> None:
        status = self._quality.check_status(raw, now)
        if status is not None:
            self._book.on_status(status)
            self._bus.publish(status)

    def _on_correction(self, raw: RawCorrection, now: int) -> None:
        """Put the past right: the bar it was in, then the day's figures."""
        correction = self._quality.check_correction(raw, now)
        if correction is None:
            return
        replaced = self._bars.on_correction(correction)
        if replaced is None:
            self.unknown_corrections += 1
        else:
            symbol = correction.symbol
            day_range = self._bars.series(symbol).range_since(self._book.day_start_ns / _NS)
            self._book.on_correction(replaced, self._bars.last_print(symbol), day_range)
            self.on_replaced(replaced)
        self._bus.publish(correction)

    def _schedule(self) -> None:
        self.close()
        self._due = self._bars.next_due_ns
        if self._due != NEVER:
            self._timer = self._clock.call_at(self._due, self._close_bars)

    def _close_bars(self) -> None:
        self._timer = None
        self._bars.close_due(self._clock.now_ns())
        self._schedule()
