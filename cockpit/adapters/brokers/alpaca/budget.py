"""How many requests are left this minute, and who may have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from threading import Lock

from cockpit.adapters.brokers.alpaca.faults import HeldBackError

_WINDOW_S = 60.0


class Purpose(Enum):
    """What a request is for; the earlier ones may use what the later ones may not."""

    CANCEL = "a cancel"
    COMPARE = "comparing the books"
    ORDER = "an order"
    RESEARCH = "research"


class RateBudget:
    """Counts down itself and believes the venue's own count when that is lower.

    Cancels are never held back. Comparing stops at a quarter of the reserve, orders at the
    reserve, research at half of everything. Called from all worker threads.
    """

    def __init__(self, per_minute: int, reserve: int, now_s: Callable[[], float]) -> None:
        self._limit = per_minute
        self._reserve = reserve
        self._now = now_s
        self._left = per_minute
        self._seen = now_s()
        self._reset = self._seen + _WINDOW_S
        self._lock = Lock()

    @property
    def left(self) -> int:
        """Requests left until the count begins anew."""
        with self._lock:
            self._roll()
            return self._left

    def take(self, purpose: Purpose) -> None:
        """Use one request up. Raises HeldBackError when the rest is not for this purpose."""
        with self._lock:
            self._roll()
            if purpose is not Purpose.CANCEL and not self._left > self._floor(purpose):
                wait = max(1, round(self._reset - self._now()))
                raise HeldBackError(
                    f"{self._left} of {self._limit} requests are left for {wait} s, too few for "
                    f"{purpose.value}"
                )
            self._left = max(0, self._left - 1)

    def note(self, headers: Mapping[str, str], status: int, retry_after_s: float = 0.0) -> None:
        """Take in what an answer says of the count."""
        limit, left, reset = (
            _whole(headers.get(f"X-RateLimit-{name}")) for name in ("Limit", "Remaining", "Reset")
        )
        with self._lock:
            self._roll()
            if limit:
                self._left += max(0, limit - self._limit)  # a larger plan than was thought
                self._limit = limit
            if reset and self._now() < reset <= self._now() + 2 * _WINDOW_S:
                self._reset = float(reset)
            if left is not None:
                self._left = min(self._left, left)
            if status == 429:
                self._left = 0
                if retry_after_s > 0:
                    self._reset = self._now() + retry_after_s

    def _roll(self) -> None:
        now = self._now()
        self._reset -= max(0.0, self._seen - now)  # set back, a clock must not hold all up
        self._seen = now
        if now >= self._reset:
            self._left, self._reset = self._limit, now + _WINDOW_S

    def _floor(self, purpose: Purpose) -> int:
        if purpose is Purpose.COMPARE:
            return self._reserve // 4
        return self._reserve if purpose is Purpose.ORDER else max(self._reserve, self._limit // 2)


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
