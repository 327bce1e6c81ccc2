"""Robinhood's quotes, asked for every few seconds over the read-only broker's own sign-in."""

from __future__ import annotations

from cockpit.adapters.feeds.robinhood.feed import RobinhoodFeed, RobinhoodFeedSettings
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed, FeedError
from cockpit.ports.plugin import Plugin

__all__ = ["RobinhoodFeed", "RobinhoodFeedSettings", "build", "plugin"]


def build(settings: RobinhoodFeedSettings, *, clock: Clock, account: str = "") -> RobinhoodFeed:
    """A feed that asks once its broker has signed in.

    Raises FeedError on a virtual clock: it is today's market.
    """
    if isinstance(clock, VirtualClock):
        raise FeedError(
            f"robinhood asked for on {type(clock).__name__}",
            user_text="Robinhood's prices are today's, and can't be played. Choose the synthetic "
            "or the replay feed for this.",
            code="FEED_ENVIRONMENT",
        )
    return RobinhoodFeed(settings, clock=clock, account=account)


_feed: type[Feed] = RobinhoodFeed

plugin = Plugin(name="robinhood", settings=RobinhoodFeedSettings, build=build)
