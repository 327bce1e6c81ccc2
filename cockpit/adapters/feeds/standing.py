"""Which of some feeds is to serve, by how each has been doing: without going to and fro."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.domain.connection import Connection, Health


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Seconds. One that is down for `down_s` is left, one that still signs in after `connect_s`.

    So is one that fell `falls` times within `falls_within_s`, or was found stale, up or not. A
    better one serves again once it has been up for `steady_s`; twice as long each time it did not
    last, `most_steady_s` at the most.
    """

    down_s: float = 2.0
    connect_s: float = 10.0
    falls: int = 3
    falls_within_s: float = 60.0
    steady_s: float = 30.0
    most_steady_s: float = 600.0


class Standing:
    """How one feed is doing, by its lamp."""

    def __init__(self, patience: Patience, now_s: float) -> None:
        self._patience = patience
        self._falls: deque[float] = deque(maxlen=patience.falls)
        self._up_since: float | None = None
        self._down_since = now_s
        self._runs = self._was_up = self._over = False
        self.lamp: Connection | None = None

    @property
    def up(self) -> bool:
        """Whether it delivers now, as far as it knows."""
        return self._up_since is not None

    def begins(self, now_s: float) -> None:
        """It starts to sign in, anew or for the first time."""
        self._runs, self._was_up, self._up_since, self._down_since = True, False, None, now_s

    def rests(self) -> None:
        """It is not needed any more: that it goes down now is no fall."""
        self._runs, self._up_since = False, None

    def ends(self) -> None:
        """It has ended for good."""
        self._over, self._up_since = True, None

    def take(self, lamp: Connection, now_s: float) -> None:
        """What its lamp says."""
        self.lamp = lamp
        if not self._runs:
            return
        if lamp.health is Health.UP:
            self._was_up = True
            self._up_since = now_s if self._up_since is None else self._up_since
        elif self._up_since is not None:
            self._up_since, self._down_since = None, now_s
            stale = lamp.health is Health.STALE  # it may look up again, and be as mute as before
            self._falls.extend([now_s] * (self._patience.falls if stale else 1))

    def forgive(self) -> None:
        """It has been up for long enough: what was before counts no more."""
        self._falls.clear()

    def flaps(self, now_s: float) -> bool:
        """Whether it fell too often of late."""
        own = self._patience
        return len(self._falls) == own.falls and now_s - self._falls[0] <= own.falls_within_s

    def lost(self, now_s: float) -> bool:
        """Whether it has been waited for long enough."""
        if self._over or not self._runs:
            return self._over
        own = self._patience
        most = own.down_s if self._was_up else own.connect_s
        return self.flaps(now_s) or (not self.up and now_s - self._down_since >= most)

    def steady_s(self, now_s: float) -> float:
        """How long it has been up without a break; 0 while it is not."""
        return 0.0 if self._up_since is None else now_s - self._up_since


class Turns:
    """Who serves: the first, unless it is lost; then the next one that is up."""

    def __init__(self, standings: Sequence[Standing], patience: Patience) -> None:
        self._standings = standings
        self._patience = patience
        self._hold_s = patience.steady_s
        self._back_at = -math.inf
        self.serving = 0

    def look(self, now_s: float) -> bool:
        """Decide anew; True when another one serves from now on."""
        before, self.serving = self.serving, self._chosen(now_s)
        own = self._patience
        if self.serving > before:
            lasted = now_s - self._back_at >= own.most_steady_s
            self._hold_s = own.steady_s if lasted else min(2 * self._hold_s, own.most_steady_s)
        elif self.serving < before:
            self._back_at = now_s
            self._standings[self.serving].forgive()
        return self.serving != before

    def wanted(self, now_s: float) -> int:
        """How many of them have to run: up to the one that serves, and on while one is lost."""
        at = self.serving
        while at + 1 < len(self._standings) and self._standings[at].lost(now_s):
            at += 1
        return at + 1

    def _chosen(self, now_s: float) -> int:
        all_of = self._standings
        for at in range(self.serving):
            if all_of[at].steady_s(now_s) >= self._hold_s:
                return at
        if all_of[self.serving].lost(now_s):
            others = (at for at, one in enumerate(all_of) if one.up and not one.flaps(now_s))
            return next((at for at in others if at != self.serving), self.serving)
        return self.serving
