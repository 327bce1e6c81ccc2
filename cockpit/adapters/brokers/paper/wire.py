"""The way back from the venue: delayed, in order, never an event before its own answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from cockpit.kernel.clock import Timer

Delivery = Callable[[], None]


class WireClock(Protocol):
    """What the wire needs of a clock."""

    def now_ns(self) -> int:
        """Nanoseconds UTC."""
        ...

    def elapsed_ns(self) -> int:
        """Nanoseconds that have passed, whatever the clock is set to."""
        ...

    def call_at(self, when_ns: int, callback: Callable[[], None]) -> Timer:
        """Call `callback` at `when_ns`."""
        ...


class Answer:
    """An answer's place in the queue: nothing behind it is delivered until it was taken."""

    __slots__ = ("due_ns", "taken")

    def __init__(self, due_ns: int) -> None:
        self.due_ns = due_ns
        self.taken = False


class Wire:
    """First in, first out; `latency_ns` draws the delay of each message.

    What is due is so by `elapsed_ns`: a clock that is set back holds up no answer. Nothing is
    delivered while `held()`; call `go` when that is over.
    """

    def __init__(
        self,
        clock: WireClock,
        latency_ns: Callable[[], int],
        held: Callable[[], bool] = lambda: False,
    ) -> None:
        self._clock = clock
        self._latency = latency_ns
        self._held = held
        self._queue: deque[tuple[int, Delivery | Answer]] = deque()
        self._last_due = 0
        self._timer: Timer | None = None

    def send(self, delivery: Delivery) -> None:
        """Deliver behind everything that was sent before."""
        self._queue.append((self._next_due(0), delivery))
        self._arm()

    def answer(self, extra_ns: int = 0) -> Answer:
        """Keep a place for an answer, due after the latency and `extra_ns`."""
        answer = Answer(self._next_due(extra_ns))
        self._queue.append((answer.due_ns, answer))
        return answer

    def take(self, answer: Answer) -> None:
        """Note that the asker has its answer; what was ahead of it is delivered first."""
        answer.taken = True
        while self._ready() and self._queue[0][0] < answer.due_ns:
            self._deliver_first()
        self._arm()

    def go(self) -> None:
        """Deliver what was held up, and on."""
        self._arm()

    def clear(self) -> None:
        """Lose what is on its way, as a broken connection does."""
        self._queue.clear()
        self._disarm()

    def _next_due(self, extra_ns: int) -> int:
        due = self._clock.elapsed_ns() + self._latency() + extra_ns
        self._last_due = max(due, self._last_due + 1)  # never two at once: order is kept
        return self._last_due

    def _ready(self) -> bool:
        """Drop answers that were taken; True when the first in line may be delivered."""
        if self._held():
            return False
        while self._queue:
            item = self._queue[0][1]
            if not isinstance(item, Answer):
                return True
            if not item.taken:
                return False
            self._queue.popleft()
        return False

    def _deliver_first(self) -> None:
        item = self._queue.popleft()[1]
        if not isinstance(item, Answer):
            item()

    def _arm(self) -> None:
        if self._timer is None and self._ready():
            wait_ns = self._queue[0][0] - self._clock.elapsed_ns()
            self._timer = self._clock.call_at(self._clock.now_ns() + wait_ns, self._pump)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _pump(self) -> None:
        self._timer = None
        try:
            if self._ready() and self._queue[0][0] <= self._clock.elapsed_ns():
                self._deliver_first()
        finally:
            self._arm()
