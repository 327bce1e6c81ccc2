"""The feed of a session, with those that stand by; and what follows when another one serves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cockpit.adapters.feeds.relay import Relay
from cockpit.app import registry
from cockpit.app.core import Core
from cockpit.app.errors import PluginError
from cockpit.app.launch import Launch
from cockpit.app.settings import AppSettings
from cockpit.domain.alert import Severity
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed

_KEY = "feed.standby"


async def open_feed(
    launch: Launch,
    own: AppSettings,
    toml: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    offered: Mapping[str, Any],
    clock: Clock,
) -> Feed:
    """The launch's feed, prepared; `options` go over its settings.

    Raises FeedError when it can't be used, and PluginError for one that can't stand by.
    """
    feed: Feed = registry.build("feeds", launch.feed, toml, options, offered=offered, clock=clock)
    names = [name for name in dict.fromkeys(own.standby_feeds) if name != launch.feed]
    if names and not registry.find("feeds", launch.feed).mode.simulated:
        for name in names:
            _check(name)
        others = [
            registry.build("feeds", name, toml, offered=offered, clock=clock) for name in names
        ]
        feed = Relay((feed, *others), clock=clock)
    await feed.prepare()
    return feed


def follow_serving(core: Core) -> None:
    """Name the feed that serves in each price, make the minute of a change whole, and tell it."""
    if not isinstance(core.feed, Relay):
        return

    def serves(name: str, why: str) -> None:
        core.ingest.quality.source = name
        core.bars.flows(None)  # prints may lack, or have come twice
        core.bars.flows(core.clock.now_ns())
        if why:
            text = f"{why} Nothing is to be done; the other one is taken again when it stays up."
            core.alerts.raise_(_KEY, Severity.WARNING, f"{name} serves prices", text, "feed")
        else:
            core.alerts.clear(_KEY)

    core.feed.on_serving = serves


def _check(name: str) -> None:
    if registry.find("feeds", name).mode.simulated:
        raise PluginError(
            f"{name} can't stand by",
            user_text=f"The feed {name!r} is simulated and can't stand in for a live one. Nothing "
            "was started. Take it out of standby_feeds in the settings.",
        )
