"""Finnhub's stream of trades. Socket and REST libraries are loaded when it runs."""

from __future__ import annotations

from cockpit.adapters.feeds.finnhub.feed import FinnhubFeed
from cockpit.adapters.feeds.finnhub.settings import FinnhubFeedSettings
from cockpit.adapters.feeds.today import only_today
from cockpit.adapters.sources.finnhub import FinnhubSettings
from cockpit.adapters.sources.pacing import Meters
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed
from cockpit.ports.plugin import Plugin
from cockpit.ports.vault import Vault

__all__ = ["FinnhubFeed", "FinnhubFeedSettings", "build", "plugin"]


def build(
    settings: FinnhubFeedSettings,
    *,
    clock: Clock,
    beside: FinnhubSettings | None = None,
    vault: Vault | None = None,
    meters: Meters | None = None,
) -> FinnhubFeed:
    """A feed that has not signed in yet. Raises FeedError on a virtual clock."""
    only_today(clock, "Finnhub")
    return FinnhubFeed(
        settings, beside or FinnhubSettings(), clock=clock, vault=vault, meters=meters
    )


_feed: type[Feed] = FinnhubFeed

plugin = Plugin(name="finnhub", settings=FinnhubFeedSettings, build=build, beside="sources.finnhub")
