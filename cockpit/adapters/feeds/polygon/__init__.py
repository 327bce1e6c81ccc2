"""Polygon's stream of quotes and trades. Socket and REST libraries are loaded when it runs."""

from __future__ import annotations

from cockpit.adapters.feeds.polygon.feed import PolygonFeed
from cockpit.adapters.feeds.polygon.settings import PolygonFeedSettings
from cockpit.adapters.feeds.today import only_today
from cockpit.adapters.sources.pacing import Meters
from cockpit.adapters.sources.polygon import PolygonSettings
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed
from cockpit.ports.plugin import Plugin
from cockpit.ports.vault import Vault

__all__ = ["PolygonFeed", "PolygonFeedSettings", "build", "plugin"]


def build(
    settings: PolygonFeedSettings,
    *,
    clock: Clock,
    beside: PolygonSettings | None = None,
    vault: Vault | None = None,
    meters: Meters | None = None,
) -> PolygonFeed:
    """A feed that has not signed in yet. Raises FeedError on a virtual clock."""
    only_today(clock, "Polygon")
    return PolygonFeed(
        settings, beside or PolygonSettings(), clock=clock, vault=vault, meters=meters
    )


_feed: type[Feed] = PolygonFeed

plugin = Plugin(name="polygon", settings=PolygonFeedSettings, build=build, beside="sources.polygon")
