"""Quotes by asking: Robinhood has no stream. Slow, and for looking only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import structlog
from pydantic import Field, StringConstraints

from cockpit.adapters.brokers.asking import FAILURES
from cockpit.adapters.brokers.bodies import UnreadableError
from cockpit.adapters.brokers.robinhood import reading
from cockpit.adapters.brokers.robinhood.lines import Lines, lines_of
from cockpit.domain.connection import Connection, Health
from cockpit.domain.errors import CockpitError
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Bar
from cockpit.kernel.clock import SECOND
from cockpit.kernel.settings import SettingsModel
from cockpit.ports.clock import Clock
from cockpit.ports.feed import FeedError, FeedSink, RawBar, RawQuote, RawStatus

_log = structlog.get_logger(__name__)
Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z.]{0,9}$")]
_LIQUID = ("SPY", "QQQ", "AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "TSLA", "AMD")
_AT_ONCE = 50
_DAY_S = 86_400
_HOUR_S = 3_600
_INTERVALS = {300: "5minute", 600: "10minute", _HOUR_S: "hour", _DAY_S: "day", 604_800: "week"}
_SPANS = ((_DAY_S, "day"), (7 * _DAY_S, "week"), (30 * _DAY_S, "month"), (365 * _DAY_S, "year"))


class RobinhoodFeedSettings(SettingsModel):
    """Which symbols, and how often; the account and the addresses are the broker's."""

    symbols: tuple[Symbol, ...] = Field(default=_LIQUID, min_length=1)
    every_s: float = Field(default=3.0, gt=0)


class RobinhoodFeed:
    """Implements `Feed`, `Watching` and `Historical` over the lines of the signed-in broker."""

    name = "robinhood"
    label = ""
    playback = None

    def __init__(self, settings: RobinhoodFeedSettings, *, clock: Clock, account: str) -> None:
        self._settings = settings
        self._clock = clock
        self._account = account
        self._symbols = dict.fromkeys(settings.symbols)
        self._told: dict[str, int] = {}  # symbol -> time of the newest quote that was delivered
        self._halted: set[str] = set()
        self._health: Health | None = None

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """A plain US stock for each symbol that is asked for."""
        return tuple(Instrument(symbol=symbol) for symbol in self._symbols)

    @property
    def reference_prices(self) -> Mapping[str, float]:
        """None: nothing is asked before the broker has signed in."""
        return {}

    @property
    def skipped(self) -> Mapping[str, int]:
        """None are left out on purpose."""
        return {}

    async def prepare(self) -> None:
        """Nothing is to be learnt before the start."""

    async def run(self, sink: FeedSink) -> None:
        """Ask and deliver until cancelled. Raises FeedError where there is no such broker."""
        lines = self._lines()
        self._show(sink, Health.CONNECTING)
        try:
            while True:
                await self._look(lines, sink)
                await self._clock.sleep(self._settings.every_s)
        finally:
            self._show(sink, Health.ENDED)

    def watch(self, symbols: Sequence[str]) -> None:
        """Ask for these, too."""
        self._symbols.update(dict.fromkeys(symbols))

    async def bars(
        self, symbols: Sequence[str], start_ns: int, end_ns: int, interval_s: int
    ) -> Sequence[RawBar]:
        """Bars of a length that Robinhood has: 300, 600, 3600, 86400 or 604800 s."""
        interval = _INTERVALS.get(interval_s)
        if interval is None:
            raise _failed(UnreadableError(f"there are no bars of {interval_s} s"), "bars")
        lines, now = self._lines(), self._clock.now_ns()
        back_s = (now - start_ns) / SECOND
        span = next((name for seconds, name in _SPANS if back_s <= seconds), "5year")
        found: list[RawBar] = []
        for symbol in symbols:
            try:
                told = await lines.history(symbol, interval, span)
                wires = [] if told is None else told.historicals
                traded = [w for w in wires if w.volume > 0 and not w.interpolated]
                bars = [reading.bar(wire, symbol, interval_s, now) for wire in traded]
            except (*FAILURES, CockpitError) as error:
                raise _failed(error, "bars") from error
            found += [_raw(bar) for bar in bars if start_ns <= bar.ts_event < end_ns]
        return found

    async def _look(self, lines: Lines, sink: FeedSink) -> None:
        try:
            symbols = list(self._symbols)
            for begin in range(0, len(symbols), _AT_ONCE):
                await self._deliver(lines, symbols[begin : begin + _AT_ONCE], sink)
        except (*FAILURES, CockpitError) as error:
            _log.warning("quotes_not_read", error=str(error))
            self._show(sink, Health.DOWN, _failed(error, "quotes").user_text)
        else:
            self._show(sink, Health.UP)

    async def _deliver(self, lines: Lines, symbols: list[str], sink: FeedSink) -> None:
        rows: list[RawQuote | RawStatus] = []
        for wire in await lines.quotes(symbols):
            try:
                quote = reading.quote(wire, self._clock.now_ns())
            except UnreadableError as error:
                sink.on_quarantined("unreadable", str(error))
                continue
            if quote is None or not quote.ts_event > self._told.get(wire.symbol, 0):
                continue
            self._told[wire.symbol] = quote.ts_event
            if wire.trading_halted is not (wire.symbol in self._halted):
                self._halted ^= {wire.symbol}
                rows.append(RawStatus(wire.symbol, wire.trading_halted, "", quote.ts_event))
            rows.append(
                RawQuote(
                    wire.symbol, quote.bid, quote.ask, quote.bid_size, quote.ask_size,
                    quote.ts_event,
                )
            )  # fmt: skip
        sink.on_rows(sorted(rows, key=lambda row: row.ts_event))

    def _lines(self) -> Lines:
        lines = lines_of(self._account)
        if lines is None:
            raise FeedError(
                "no signed-in broker",
                user_text="Robinhood's prices come over the sign-in of the Robinhood broker, and "
                "there is none. Choose the broker robinhood, or another feed.",
                code="FEED_NO_BROKER",
            )
        return lines

    def _show(self, sink: FeedSink, health: Health, detail: str = "") -> None:
        if health is self._health:
            return
        self._health = health
        sink.on_connection(
            Connection(
                name="robinhood",
                kind="feed",
                health=health,
                detail=detail,
                ts_ns=self._clock.now_ns(),
            )
        )


def _raw(bar: Bar) -> RawBar:
    return RawBar(
        symbol=bar.symbol,
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        volume=bar.volume,
        vwap=bar.vwap,
        trades=0,
        interval_s=bar.interval_s,
        ts_event=bar.ts_event,
    )


def _failed(error: Exception, what: str) -> FeedError:
    return FeedError(
        f"{what}: {error}",
        user_text=f"Robinhood could not be asked about {what}: {error}. Prices stay as they are "
        "and grow old; it is asked again.",
        code="FEED_NO_ANSWER",
    )
