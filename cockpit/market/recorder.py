"""Lets a session's rows onto a tape on their way in, before anybody judges them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cockpit.domain.connection import Connection
from cockpit.ports.feed import FeedSink, RawBar, RawRow
from cockpit.ports.tape import Tape


class Recorder:
    """A `FeedSink` before the real one. What the tape does never holds up a row.

    `now` gives the time, in ns, at which what is handed over comes in.
    """

    def __init__(self, now: Callable[[], int], sink: FeedSink, tape: Tape) -> None:
        self._now = now
        self._sink = sink
        self.tape = tape

    def on_rows(self, rows: Sequence[RawRow]) -> None:
        """Record a batch, then hand it on."""
        self.tape.write(self._now(), rows)
        self._sink.on_rows(rows)

    def on_bars(self, bars: Sequence[RawBar]) -> None:
        """Record those that the source made itself, then hand them on."""
        self.tape.tell(self._now(), bars)
        self._sink.on_bars(bars)

    def on_quarantined(self, reason: str, detail: str) -> None:
        """Record what its reader could not make out, then hand it on."""
        self.tape.note(self._now(), reason, detail)
        self._sink.on_quarantined(reason, detail)

    def on_connection(self, connection: Connection) -> None:
        """Hand it on: a lamp is of the day it shone, and is not recorded."""
        self._sink.on_connection(connection)
