"""A live feed is of today's market, and can't be played."""

from __future__ import annotations

from cockpit.kernel.clock import VirtualClock
from cockpit.ports.clock import Clock
from cockpit.ports.feed import FeedError


def only_today(clock: Clock, vendor: str) -> None:
    """Raise FeedError on a virtual clock."""
    if isinstance(clock, VirtualClock):
        raise FeedError(
            f"{vendor} asked for on {type(clock).__name__}",
            user_text=f"{vendor}'s prices are today's, and can't be played. Choose the synthetic "
            "or the replay feed for this.",
            code="FEED_ENVIRONMENT",
        )
