"""How a broker session or a feed is doing: the lamps of the header."""

from __future__ import annotations

from enum import StrEnum

import msgspec

JOURNAL_LAMP = "journal"
"""The kind of the lamp that says how far the journal is read; seen while a session starts."""


class Health(StrEnum):
    """States of a connection; each has its own word and shape on screen."""

    CONNECTING = "connecting"
    UP = "up"
    STALE = "stale"
    PAUSED = "paused"
    ENDED = "ended"
    DOWN = "down"
    AUTH_FAILED = "auth_failed"


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """One lamp. `label` is what must stand beside data from it, e.g. SIMULATED.

    `clock_skew_s` is how far the other side's clock is ahead of ours; None when it doesn't tell.
    `read_only` sends no order, ever. `act_by_ns` is until when a person must do what `detail`
    asks for; 0 when nobody has to.
    """

    name: str
    kind: str
    health: Health
    label: str = ""
    detail: str = ""
    ts_ns: int = 0
    clock_skew_s: float | None = None
    read_only: bool = False
    act_by_ns: int = 0

    def time_left(self, now_ns: int) -> str:
        """How long a person has, like 1:42; empty when nobody is asked for anything."""
        if not self.act_by_ns:
            return ""
        seconds = max(0, -((now_ns - self.act_by_ns) // 1_000_000_000))
        return f"{seconds // 60}:{seconds % 60:02d}"
