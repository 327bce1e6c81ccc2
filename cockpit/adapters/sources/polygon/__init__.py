"""Polygon, which calls itself Massive by now, as a source of research data."""

from __future__ import annotations

from cockpit.adapters.sources.polygon.settings import PolygonSettings
from cockpit.adapters.sources.polygon.source import PolygonSource
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Credential, Plugin
from cockpit.ports.source import Source
from cockpit.ports.vault import Vault

__all__ = ["PolygonSettings", "PolygonSource", "build", "plugin"]


def build(settings: PolygonSettings, *, clock: Clock, vault: Vault | None = None) -> PolygonSource:
    """A source that has not asked yet."""
    return PolygonSource(settings, clock=clock, vault=vault)


_source: type[Source] = PolygonSource

plugin = Plugin(
    name="polygon",
    settings=PolygonSettings,
    build=build,
    credentials=(Credential("key", "API key"),),
)
