"""The `replay` feed: a recorded session, played at any pace."""

from __future__ import annotations

from cockpit.adapters.feeds.replay.feed import ReplayFeed
from cockpit.adapters.feeds.replay.settings import ReplaySettings
from cockpit.domain.account import Mode
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.plugin import Plugin

__all__ = ["ReplayFeed", "ReplaySettings", "plugin"]


def build(settings: ReplaySettings, clock: VirtualClock) -> ReplayFeed:
    """A replay of `settings.files`; nothing is read before `prepare`."""
    return ReplayFeed(settings, clock)


plugin = Plugin(name="replay", settings=ReplaySettings, build=build, mode=Mode.REPLAY)
