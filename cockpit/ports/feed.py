"""Market data from anywhere: raw rows in batches, checked later by `market/quality`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from cockpit.domain.connection import Connection
from cockpit.domain.errors import CockpitError
from cockpit.domain.instrument import Instrument


class RawQuote(msgspec.Struct, gc=False):
    """A quote as the source sent it, unchecked. Times in ns UTC, sizes in shares."""

    symbol: str
    bid: float
    ask: float
    bid_size: float
    ask_size: float
    ts_event: int


class RawTrade(msgspec.Struct, gc=False):
    """A trade print as the source sent it, unchecked.

    `cancelled` marks a row that its own source says is void. `trade_id` names the print among
    those of its symbol, empty when the source has no ids; a later correction names it so.
    """

    symbol: str
    price: float
    size: float
    ts_event: int
    conditions: str = ""
    cancelled: bool = False
    trade_id: str = ""


class RawCorrection(msgspec.Struct, gc=False):
    """The source takes a print back (`price` and `size` 0), or puts it right.

    `trade_id` is the id of the print meant, with the price and size it came with; `new_id`
    that of what takes its place.
    """

    symbol: str
    trade_id: str
    old_price: float
    old_size: float
    ts_event: int
    price: float = 0.0
    size: float = 0.0
    new_id: str = ""


class RawStatus(msgspec.Struct, gc=False):
    """A halt (`halted`) or resumption as the source sent it."""

    symbol: str
    halted: bool
    reason: str
    ts_event: int


class RawBar(msgspec.Struct, gc=False):
    """A closed bar as the source made it, unchecked. `ts_event` is the START of its interval.

    A `revised` one takes the place of one that was told before, after late prints.
    """

    symbol: str
    open: float
    high: float
    low: float
    close: float
    volume: float
    vwap: float
    trades: int
    interval_s: int
    ts_event: int
    revised: bool = False


RawRow = RawQuote | RawTrade | RawStatus | RawCorrection


class FeedError(CockpitError):
    """A source can't be read; `user_text` says what to do."""

    code = "FEED_ERROR"


class FeedSink(Protocol):
    """Where a feed delivers; called in the loop's thread, in time order."""

    def on_rows(self, rows: Sequence[RawRow]) -> None:
        """Take a batch; raises nothing.

        List and rows are the sink's from then on: a tape may still be writing them. A feed
        makes new ones for each batch and changes none that it has handed over.
        """
        ...

    def on_bars(self, bars: Sequence[RawBar]) -> None:
        """Take bars that the source made itself, beside the prints; raises nothing."""
        ...

    def on_quarantined(self, reason: str, detail: str) -> None:
        """Count a row that could not even be read into a RawRow."""
        ...

    def on_connection(self, connection: Connection) -> None:
        """Take a change of the feed's lamp."""
        ...


class Feed(Protocol):
    """One source of market data. What it says of itself holds once `prepare` returned."""

    @property
    def name(self) -> str:
        """The plug-in's name, e.g. "replay"."""
        ...

    @property
    def label(self) -> str:
        """What must stand beside its data: "SIMULATED", "REPLAY 2018-01-02", or empty if live."""
        ...

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What it delivers."""
        ...

    @property
    def reference_prices(self) -> Mapping[str, float]:
        """Previous close by symbol, as far as the source knows it."""
        ...

    @property
    def skipped(self) -> Mapping[str, int]:
        """Good rows left out on purpose so far, by reason, e.g. `other_exchange`."""
        ...

    @property
    def playback(self) -> Playback | None:
        """The transport of a recorded or simulated session; None when the feed is live."""
        ...

    async def prepare(self) -> None:
        """Learn what must be known before the session starts; a second call does nothing.

        A played feed also moves its virtual clock to the session's start. Raises
        FeedError when the source can't be used.
        """
        ...

    async def run(self, sink: FeedSink) -> None:
        """Deliver until the end of the source or cancellation.

        Raises FeedError when the source fails.
        """
        ...


@runtime_checkable
class Watching(Protocol):
    """A live feed that can be asked for more symbols while it runs."""

    def watch(self, symbols: Sequence[str]) -> None:
        """Deliver these, too, from now on; those that it delivers already change nothing."""
        ...


@runtime_checkable
class Historical(Protocol):
    """A feed that knows the past: what was missed, and what came before the start."""

    async def bars(
        self, symbols: Sequence[str], start_ns: int, end_ns: int, interval_s: int
    ) -> Sequence[RawBar]:
        """Bars that begin in `start_ns` to `end_ns`, each symbol's in time order.

        Raises FeedError when the source could not be asked: that is never an empty answer.
        """
        ...


@runtime_checkable
class Gathering(Protocol):
    """A live feed whose rows wait for their turn in the loop."""

    def catch_up(self) -> None:
        """Deliver at once what waits; called in the loop, raises nothing."""
        ...


class Playback(Protocol):
    """The transport of a recorded or simulated session. Drives the virtual clock."""

    MIN_SPEED: float
    MAX_SPEED: float
    on_change: list[Callable[[], None]]  # each is called after pace, pause or end changed

    @property
    def speed(self) -> float | None:
        """Session seconds a real second; None is as fast as possible."""
        ...

    @property
    def paused(self) -> bool:
        """True while time stands still on request."""
        ...

    @property
    def finished(self) -> bool:
        """True once the last row was delivered."""
        ...

    @property
    def start_ns(self) -> int:
        """Time of the first row."""
        ...

    @property
    def end_ns(self) -> int:
        """Time of the last row."""
        ...

    @property
    def position_ns(self) -> int:
        """How far it has come."""
        ...

    def set_speed(self, speed: float | None) -> None:
        """Change the pace. Raises FeedError outside MIN_SPEED..MAX_SPEED."""
        ...

    def pause(self) -> None:
        """Let time stand still."""
        ...

    def resume(self) -> None:
        """Let time go on."""
        ...

    def seek(self, to_ns: int) -> None:
        """Go to `to_ns`.

        Forward plays everything in between as fast as possible, so that no bar, stop
        or alert is skipped. Raises FeedError for a time behind the position.
        """
        ...
