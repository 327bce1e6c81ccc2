"""Finnhub as a source of research data."""

from __future__ import annotations

from cockpit.adapters.sources.finnhub.settings import FinnhubSettings
from cockpit.adapters.sources.finnhub.source import FinnhubSource
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Credential, Plugin
from cockpit.ports.source import Source
from cockpit.ports.vault import Vault

__all__ = ["FinnhubSettings", "FinnhubSource", "build", "plugin"]


def build(settings: FinnhubSettings, *, clock: Clock, vault: Vault | None = None) -> FinnhubSource:
    """A source that has not asked yet."""
    return FinnhubSource(settings, clock=clock, vault=vault)


_source: type[Source] = FinnhubSource

plugin = Plugin(
    name="finnhub",
    settings=FinnhubSettings,
    build=build,
    credentials=(Credential("key", "API key"),),
)
