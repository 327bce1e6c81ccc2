"""When a connection last said something, and how long its word was on the way."""

from __future__ import annotations

from typing import NamedTuple

from cockpit.market.book import Book
from cockpit.ui.theme import format as fmt

_SECOND = 1_000_000_000


class Pulse(NamedTuple):
    """Age of the last message and its way here, both in seconds; None when nobody knows."""

    age_s: float | None = None
    latency_s: float | None = None

    @property
    def text(self) -> str:
        """Beside the lamp's word: `12 ms, 0.3 s ago`; empty when nothing came yet."""
        parts = [] if self.latency_s is None else [f"{self.latency_s * 1000:,.0f} ms"]
        if self.age_s is not None:
            parts.append(f"{fmt.age(self.age_s)} ago")
        return ", ".join(parts)


def feed_pulse(book: Book, now_ns: int, *, live: bool) -> Pulse:
    """That of the newest quote or print of any symbol; a played market has no way to measure."""
    newest, sent = 0, 0
    for symbol in book.symbols:
        for row in (book.quote(symbol), book.last(symbol)):
            if row is not None and row.ts_init > newest:
                newest, sent = row.ts_init, row.ts_event
    if not newest:
        return Pulse()
    latency = max(0, newest - sent) / _SECOND if live and sent else None
    return Pulse(max(0, now_ns - newest) / _SECOND, latency)


def broker_pulse(said_ns: int, now_ns: int) -> Pulse:
    """That of the account's last word."""
    return Pulse(max(0, now_ns - said_ns) / _SECOND) if said_ns else Pulse()
