"""Alpha Vantage as a source of research data."""

from __future__ import annotations

from cockpit.adapters.sources.alpha_vantage.settings import AlphaVantageSettings
from cockpit.adapters.sources.alpha_vantage.source import AlphaVantageSource
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Credential, Plugin
from cockpit.ports.source import Source
from cockpit.ports.vault import Vault

__all__ = ["AlphaVantageSettings", "AlphaVantageSource", "build", "plugin"]


def build(
    settings: AlphaVantageSettings, *, clock: Clock, vault: Vault | None = None
) -> AlphaVantageSource:
    """A source that has not asked yet."""
    return AlphaVantageSource(settings, clock=clock, vault=vault)


_source: type[Source] = AlphaVantageSource

plugin = Plugin(
    name="alpha_vantage",
    settings=AlphaVantageSettings,
    build=build,
    credentials=(Credential("key", "API key"),),
)
