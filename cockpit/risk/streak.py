"""Losses in a row, and the pause that follows them."""

from __future__ import annotations

from cockpit.domain.trade import Trade
from cockpit.domain.values import NEW_YORK, day_end_ns, utc
from cockpit.ports.clock import Clock
from cockpit.risk.limit_book import LimitBook

SECOND_NS = 1_000_000_000


class LossStreak:
    """Counts round trips that lost money after fees, one after the other.

    A gain ends the streak, a trade that came out even leaves it, New York midnight begins
    a new one. From
    `max_consecutive_losses` on, each loss begins a pause of `loss_cooldown_s` from the
    time it was closed; until `blocked_until_ns` openings wait.
    """

    def __init__(self, limits: LimitBook, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._losses = 0
        self._day_ends_ns = 0
        self.blocked_until_ns = 0

    @property
    def losses(self) -> int:
        """Losses in a row, today."""
        return self._losses if self._clock.now_ns() < self._day_ends_ns else 0

    def take(self, trade: Trade) -> None:
        """Count a closed round trip."""
        if trade.closed_ns >= self._day_ends_ns:
            self._losses, self._day_ends_ns = 0, day_end_ns(trade.closed_ns)
        if trade.net > 0:
            self._losses = 0
        elif trade.net < 0:
            self._losses += 1
            if self._losses >= self._limits.account.max_consecutive_losses:
                self._pause(trade.closed_ns)

    def why_not(self) -> str:
        """Why openings must wait; empty when they need not."""
        if self._clock.now_ns() >= self.blocked_until_ns:
            return ""
        until = utc(self.blocked_until_ns).astimezone(NEW_YORK)
        return f"{self._losses} losses in a row: openings wait until {until:%H:%M:%S} New York."

    def _pause(self, closed_ns: int) -> None:
        pause_ns = int(self._limits.account.loss_cooldown_s * SECOND_NS)
        self.blocked_until_ns = max(self.blocked_until_ns, closed_ns + pause_ns)
