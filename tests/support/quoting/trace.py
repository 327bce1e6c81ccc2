"""Who had the window's thread while a frame was late, and whether it worked or waited there.

Qt is loaded with this module: import it in the window's own process.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from cockpit.kernel.bus import Bus
from cockpit.ui import bridge
from cockpit.ui.loop import CockpitLoop

_SLOWEST = 0.02
_QT = "Qt: events, layout, C++ paint, rest"


@dataclass(frozen=True)
class Part:
    """What one kind of step took, in milliseconds a frame: by the clock, and of the processor."""

    name: str
    steps: float
    wall_ms: float
    cpu_ms: float
    longest_ms: float


@dataclass(frozen=True)
class Traced:
    """Parts of usual frames, of the slowest, and of the longest steps of the loop.

    `threads` tells of each thread what part of the time it ran, and waited for a core.
    """

    usual: tuple[Part, ...]
    slowest: tuple[Part, ...]
    steps: tuple[Part, ...]
    threads: tuple[tuple[str, float, float], ...]

    def lines(self) -> list[str]:
        """For a person."""
        found: list[str] = []
        for title, parts in (
            ("middle half of frames, a frame", self.usual),
            ("slowest frames, a frame", self.slowest),
            ("longest steps, all of them", self.steps),
        ):
            found.append(f"{title:<64}{'steps':>8}{'ms':>9}{'CPU ms':>9}{'longest':>9}")
            found += [
                f"  {part.name:<62}{part.steps:>8.1f}{part.wall_ms:>9.2f}{part.cpu_ms:>9.2f}"
                f"{part.longest_ms:>9.2f}"
                for part in parts
            ]
        return found + [
            f"  thread {name:<55} ran {ran:.3f}, waited for a core {waited:.3f} of the time"
            for name, ran, waited in self.threads
        ]


@dataclass(slots=True)
class _Step:
    name: str
    begin: float
    end: float
    wall: float
    cpu: float


class Trace:
    """Put in place before the window is made; it costs a few microseconds a step."""

    def __init__(self) -> None:
        self._steps: list[_Step] = []
        self._frames: list[tuple[float, float]] = []
        self._stack: list[list[float]] = []
        self._left = (0.0, 0.0)
        self._main = threading.get_ident()
        self._threads: dict[int, tuple[str, int, int]] = {}
        self._began = 0.0

    def put_in_place(self) -> None:
        """Time the loop's callbacks, the panels, what is painted in Python, the collector."""
        self._time_loop()
        self._time_panels()
        self._time_bus()
        for kind in _subclasses(QWidget):
            if "paintEvent" in vars(kind):
                kind.paintEvent = self._timed(f"paint {kind.__name__}", vars(kind)["paintEvent"])
        gc.callbacks.append(self._on_collection)

    def _time_loop(self) -> None:
        own = CockpitLoop._run

        def run(loop: CockpitLoop, handle: asyncio.Handle) -> None:
            self._enter()
            try:
                own(loop, handle)
            finally:
                self._leave(_name_of_handle(handle))

        CockpitLoop._run = run  # type: ignore[method-assign]

    def _time_panels(self) -> None:
        own = bridge.Bridge._tell

        def tell(this: bridge.Bridge, listener: Any, frame: bridge.Frame) -> None:
            self._enter()
            try:
                own(this, listener, frame)
            finally:
                self._leave(f"panel {listener.name.removeprefix('cockpit.ui.')}")

        bridge.Bridge._tell = tell  # type: ignore[method-assign]

    def _time_bus(self) -> None:
        own = Bus.subscribe

        @functools.wraps(own)
        def subscribe(
            bus: Bus, topic: Any, handler: Any, *, many: Any = None, name: str | None = None
        ) -> Any:
            told = name or getattr(handler, "__qualname__", "?")
            if many is not None:
                many = self._timed(f"bus {told}", many)
            return own(bus, topic, handler, many=many, name=told)

        Bus.subscribe = subscribe  # type: ignore[method-assign]

    def _timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def timed(*args: Any) -> Any:
            self._enter()
            try:
                return call(*args)
            finally:
                self._leave(name)

        return timed

    def begin(self) -> None:
        """A burst begins."""
        self._steps, self._frames = [], []
        self._threads, self._began = _threads(), time.perf_counter()

    def frame(self, due: float, painted: float) -> None:
        """A frame was due, and was painted."""
        self._frames.append((due, painted))

    def end(self) -> Traced:
        """It is over."""
        took = time.perf_counter() - self._began
        ordered = sorted(self._frames, key=lambda frame: frame[0] - frame[1])
        most = max(2, round(len(ordered) * _SLOWEST))
        by_length = sorted(self._steps, key=lambda step: -step.wall)[:most]
        return Traced(
            self._parts(ordered[len(ordered) // 4 : -len(ordered) // 4]),
            self._parts(ordered[:most]),
            _summed(by_length, 1),
            tuple(_used(self._threads, _threads(), took)),
        )

    def _parts(self, frames: list[tuple[float, float]]) -> tuple[Part, ...]:
        within = [
            step
            for begin, end in frames
            for step in self._steps
            if step.end > begin and step.begin < end
        ]
        total = sum(end - begin for begin, end in frames)
        whole = Part("whole", 1, 1e3 * total / max(1, len(frames)), 0, 0)
        return (whole, *_summed(within, max(1, len(frames))))

    def _enter(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        if not self._stack and threading.get_ident() == self._main:
            before, cpu_before = self._left
            wall = now - before
            self._steps.append(_Step(_QT, before, now, wall, cpu - cpu_before))
        self._stack.append([now, cpu, 0.0, 0.0])

    def _leave(self, name: str) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        began, cpu_began, inner, cpu_inner = self._stack.pop()
        wall, used = now - began, cpu - cpu_began
        self._steps.append(_Step(name, began, now, wall - inner, used - cpu_inner))
        if self._stack:
            self._stack[-1][2] += wall
            self._stack[-1][3] += used
        else:
            self._left = now, cpu

    def _on_collection(self, phase: str, _info: dict[str, int]) -> None:
        if threading.get_ident() == self._main:
            self._enter() if phase == "start" else self._leave("collector")


def _summed(steps: list[_Step], frames: int) -> tuple[Part, ...]:
    by_name: defaultdict[str, list[_Step]] = defaultdict(list)
    for step in steps:
        by_name[step.name].append(step)
    parts = [
        Part(
            name,
            len(found) / frames,
            1e3 * sum(step.wall for step in found) / frames,
            1e3 * sum(step.cpu for step in found) / frames,
            1e3 * max(step.wall for step in found),
        )
        for name, found in by_name.items()
    ]
    return tuple(sorted(parts, key=lambda part: -part.wall_ms)[:25])


def _subclasses(kind: type) -> set[Any]:
    below = set(kind.__subclasses__())
    return below.union(*(_subclasses(each) for each in below))


def _name_of_handle(handle: Any) -> str:
    call = handle._callback
    owner = getattr(call, "__self__", None)
    if isinstance(owner, asyncio.Task):
        return f"task {owner.get_name()}"
    return f"call {getattr(call, '__qualname__', repr(call))}"


def _threads() -> dict[int, tuple[str, int, int]]:
    """By thread: its name, how long it ran and how long it waited for a core, in ns (Linux)."""
    names = {each.native_id: each.name for each in threading.enumerate()}
    found: dict[int, tuple[str, int, int]] = {}
    for told in Path("/proc/self/task").glob("*/schedstat"):
        ran, waited, _ = map(int, told.read_text(encoding="ascii").split())
        number = int(told.parent.name)
        found[number] = names.get(number, "not Python's"), ran, waited
    return found


def _used(
    before: dict[int, tuple[str, int, int]], after: dict[int, tuple[str, int, int]], took_s: float
) -> list[tuple[str, float, float]]:
    told = [
        (name, (ran - before[n][1]) / 1e9 / took_s, (waited - before[n][2]) / 1e9 / took_s)
        for n, (name, ran, waited) in after.items()
        if n in before
    ]
    return sorted((each for each in told if each[1] > 0.005), key=lambda each: -each[1])
