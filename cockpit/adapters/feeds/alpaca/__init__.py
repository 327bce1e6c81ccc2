"""Alpaca's market data. Socket and REST libraries are loaded by the feed's own threads."""

from __future__ import annotations

from cockpit.adapters.brokers.alpaca.keys import Keys, keys_of
from cockpit.adapters.brokers.alpaca.settings import AlpacaSettings
from cockpit.adapters.feeds.alpaca.feed import AlpacaFeed
from cockpit.adapters.feeds.alpaca.settings import AlpacaFeedSettings
from cockpit.adapters.feeds.today import only_today
from cockpit.adapters.sources.pacing import Meters
from cockpit.domain.account import Mode
from cockpit.domain.errors import CockpitError
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed, FeedError
from cockpit.ports.plugin import Plugin
from cockpit.ports.vault import Vault

__all__ = ["AlpacaFeed", "AlpacaFeedSettings", "build", "plugin"]


def build(
    settings: AlpacaFeedSettings,
    *,
    clock: Clock,
    beside: AlpacaSettings | None = None,
    vault: Vault | None = None,
    account: str = "",
    mode: Mode = Mode.PAPER,
    meters: Meters | None = None,
) -> AlpacaFeed:
    """A feed that has not signed in yet; `beside` are the settings of the broker.

    Raises FeedError on a virtual clock: it is today's market.
    """
    only_today(clock, "Alpaca")
    shared = beside or AlpacaSettings()

    async def keys() -> Keys:
        try:
            return await keys_of(vault, account, mode)
        except CockpitError as error:
            raise FeedError(str(error), user_text=error.user_text, code=error.code) from error

    return AlpacaFeed(settings, shared, clock=clock, keys=keys, mode=mode, meters=meters)


_feed: type[Feed] = AlpacaFeed

plugin = Plugin(name="alpaca", settings=AlpacaFeedSettings, build=build, beside="brokers.alpaca")
