"""The `synthetic` feed: a believable market that never was."""

from __future__ import annotations

from cockpit.adapters.feeds.synthetic.feed import SyntheticFeed
from cockpit.adapters.feeds.synthetic.settings import SyntheticSettings
from cockpit.domain.account import Mode
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.plugin import Plugin

__all__ = ["SyntheticFeed", "SyntheticSettings", "plugin"]


def build(settings: SyntheticSettings, clock: VirtualClock) -> SyntheticFeed:
    """A simulated session; nothing is drawn before `prepare`."""
    return SyntheticFeed(settings, clock)


plugin = Plugin(name="synthetic", settings=SyntheticSettings, build=build, mode=Mode.DEMO)
