"""From bus to screen: events only mark what changed, and once a frame the panels pull.

A Qt signal per quote carries some 20,000 a second on this stack, marks in a set over a
million. So a market event adds its symbol to a set, any other event its class, and a
single timer, armed only while something is marked, tells the panels at most once in
`FRAME_MS`, counted from the frame before. A slower heartbeat keeps ages, countdowns and greying
alive when nothing moves.
Nobody reads a curve sixty times a second: a panel may ask for every n-th frame of a moving
market, and such panels take turns, so that one of them at most is drawn in a frame.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import structlog
from PySide6.QtCore import QObject, Qt, QTimer

from cockpit.app.health.findings import HealthChanged
from cockpit.domain.events import (
    AccountChanged,
    AlertChanged,
    ApprovalRequested,
    ApprovalResolved,
    ArmingChanged,
    ConnectionChanged,
    FillBooked,
    FillBusted,
    JournalEntryWritten,
    OrderChanged,
    PlaybackChanged,
    PositionAdjusted,
    PositionChanged,
    RecoveryChanged,
    TradeClosed,
    TradingStateChanged,
    TriggersChanged,
)
from cockpit.domain.market import (
    Bar,
    BarRevised,
    Quote,
    TradeCorrected,
    TradePrint,
    TradingStatus,
)
from cockpit.kernel.bus import Bus, Unsubscribe

_log = structlog.get_logger(__name__)

FRAME_MS = 16
LEAST_MS = 4  # from the first mark to its frame: others, and more marks, have that time
HEARTBEAT_MS = 250
_KEPT = 1024

TOPICS: tuple[type, ...] = (
    AccountChanged,
    AlertChanged,
    ApprovalRequested,
    ApprovalResolved,
    ArmingChanged,
    ConnectionChanged,
    FillBooked,
    FillBusted,
    HealthChanged,
    JournalEntryWritten,
    OrderChanged,
    PlaybackChanged,
    PositionAdjusted,
    PositionChanged,
    RecoveryChanged,
    TradeClosed,
    TradingStateChanged,
    TriggersChanged,
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What changed since the last frame.

    `symbols` had a quote, print or status; `bars` had a bar closed; `topics` are the
    classes of all other events that came. `heartbeat` is True about four times a second:
    then ages and countdowns are due. `everything` asks for a full redraw.
    """

    symbols: AbstractSet[str]
    bars: AbstractSet[str]
    topics: AbstractSet[type]
    heartbeat: bool
    everything: bool = False

    def touched(self, *topics: type) -> bool:
        """True when one of the topics came, or everything is to be drawn."""
        return self.everything or not self.topics.isdisjoint(topics)

    def after(self, earlier: Frame | None) -> Frame:
        """Both in one."""
        if earlier is None:
            return self
        return Frame(
            self.symbols | earlier.symbols,
            self.bars | earlier.bars,
            self.topics | earlier.topics,
            self.heartbeat or earlier.heartbeat,
            self.everything or earlier.everything,
        )


MONEY = "money"
"""The turn of all that shows the day's profit: on one screen it is one figure."""

OnFrame = Callable[[Frame], None]


class _Listener:
    """Who is told, how seldom, and what it was not told yet."""

    __slots__ = ("callback", "every", "missed", "name", "told", "turn")

    def __init__(self, callback: OnFrame, every: int, turn: str) -> None:
        self.callback, self.every, self.turn = callback, every, turn
        self.name = f"{callback.__module__}.{getattr(callback, '__qualname__', repr(callback))}"
        self.missed: Frame | None = None
        self.told = 0  # number of the frame

    def due(self, number: int) -> int:
        """By how many frames its turn has come or passed; below 0 before, or without need."""
        return -1 if self.missed is None else number - self.told - self.every


class Bridge(QObject):
    """Collects marks from the bus and hands one `Frame` at a time to the panels."""

    def __init__(self, bus: Bus, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = bus
        self._symbols: set[str] = set()
        self._bars: set[str] = set()
        self._topics: set[type] = set()
        self._everything = True
        self._armed = False
        self._listeners: list[_Listener] = []
        self._before: list[Callable[[], None]] = []
        self._failed: set[str] = set()
        self._durations: deque[float] = deque(maxlen=_KEPT)
        self._started = 0
        self.frames = 0
        self._frame_timer = self._timer(FRAME_MS, self._on_timer, single=True)
        self._heartbeat = self._timer(HEARTBEAT_MS, self._on_heartbeat, single=False)
        self._painted = self._timer(0, self._on_painted, single=True)
        self._unsubscribe = [*self._watch_market(), *self._watch_facts()]
        self._heartbeat.start()

    def _timer(self, interval: int, slot: Callable[[], None], *, single: bool) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval)
        timer.setSingleShot(single)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(slot)
        return timer

    def _watch_market(self) -> list[Unsubscribe]:
        def mark(event: Quote | TradePrint | TradeCorrected | TradingStatus) -> None:
            self._symbols.add(event.symbol)
            if not self._armed:
                self._arm()

        def mark_bar(event: Bar | BarRevised) -> None:
            self._bars.add(event.symbol)
            self._arm()

        def mark_all(events: Sequence[Quote]) -> None:
            self._symbols.update([event.symbol for event in events])
            if not self._armed:
                self._arm()

        ticks = (TradePrint, TradeCorrected, TradingStatus)
        marks = [self._bus.subscribe(t, mark) for t in ticks]
        marks.append(self._bus.subscribe(Quote, mark, many=mark_all))
        return [*marks, *(self._bus.subscribe(t, mark_bar) for t in (Bar, BarRevised))]

    def _watch_facts(self) -> list[Unsubscribe]:
        return [self._bus.subscribe(topic, self._on_fact) for topic in TOPICS]

    def _on_fact(self, event: object) -> None:
        self._topics.add(type(event))
        self._arm()

    def on_frame(self, callback: OnFrame, *, every: int = 1, turn: str = "") -> Unsubscribe:
        """Call `callback` once a frame while anything changes; the result ends that.

        With `every` above 1 what the market does waits for that many frames, then for the turn
        of the panel; what happened to an order or an account comes at once. One that raises is
        logged once and does not keep the others from their frame. Those of one `turn` are told
        in one frame: what they show of the same figure is of the same moment.
        """
        entry = _Listener(callback, every, turn)
        self._listeners.append(entry)
        self.redraw()

        def unsubscribe() -> None:
            if entry in self._listeners:
                self._listeners.remove(entry)

        return unsubscribe

    def before_frame(self, callback: Callable[[], None]) -> None:
        """Call `callback` before each frame is made up: what it brings is drawn with it."""
        self._before.append(callback)

    def redraw(self) -> None:
        """Ask for a frame that draws everything, after a change of theme for example."""
        self._everything = True
        self._arm()

    def p99_ms(self) -> float:
        """The 99th percentile of recent frames, from first callback to after the paint."""
        if not self._durations:
            return 0.0
        ordered = sorted(self._durations)
        return ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]

    def close(self) -> None:
        """End all subscriptions and timers."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        for timer in (self._frame_timer, self._heartbeat, self._painted):
            timer.stop()
        self._listeners.clear()
        self._before.clear()

    def flush(self, *, heartbeat: bool = False) -> None:
        """Hand out what is marked now, at once."""
        self._started = time.perf_counter_ns()
        for callback in self._before:
            self._call(callback)
        frame = Frame(self._symbols, self._bars, self._topics, heartbeat, self._everything)
        self._symbols, self._bars, self._topics = set(), set(), set()
        self._everything = self._armed = False
        self._frame_timer.stop()
        self.frames += 1
        for listener in tuple(self._listeners):
            if listener.every == 1 or frame.topics or frame.everything:
                self._tell(listener, frame)
            elif frame.symbols or frame.bars or heartbeat:
                listener.missed = frame.after(listener.missed)
        self._give_a_turn()
        self._painted.start()  # a zero timer fires after the paint that was asked for

    def _give_a_turn(self) -> None:
        """One of those that waited long enough is told what it has missed."""
        waiting = [each for each in self._listeners if each.missed is not None]
        if not waiting:
            return
        number = self.frames
        chosen = max(waiting, key=lambda each: each.due(number))
        if chosen.due(number) >= 0 and chosen.missed is not None:
            self._tell(chosen, chosen.missed)
            for each in waiting:
                if chosen.turn and each.turn == chosen.turn and each.missed is not None:
                    self._tell(each, each.missed)
        if any(each.missed is not None for each in waiting):
            self._arm()

    def _tell(self, listener: _Listener, frame: Frame) -> None:
        frame, listener.missed, listener.told = frame.after(listener.missed), None, self.frames
        self._call(listener.callback, frame, name=listener.name)

    def _call(
        self, callback: Callable[..., None], *args: Frame, name: str = "before_frame"
    ) -> None:
        try:
            callback(*args)
        except Exception as error:  # noqa: BLE001 (a broken panel must not darken the others)
            if name not in self._failed:
                self._failed.add(name)
                _log.error("panel_failed", panel=name, exc_info=error)

    def _arm(self) -> None:
        if not self._armed:
            self._armed = True
            since_ms = (time.perf_counter_ns() - self._started) // 1_000_000
            self._frame_timer.start(max(LEAST_MS, FRAME_MS - since_ms))

    def _on_timer(self) -> None:
        self.flush()

    def _on_heartbeat(self) -> None:
        self.flush(heartbeat=True)

    def _on_painted(self) -> None:
        self._durations.append((time.perf_counter_ns() - self._started) / 1e6)
