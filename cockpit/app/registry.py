"""Finds installed plug-ins by entry point and builds them from their settings."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from typing import Any

from cockpit.app.errors import PluginError
from cockpit.kernel import settings
from cockpit.ports.plugin import Plugin

_ONE = {
    "brokers": "broker",
    "feeds": "feed",
    "sources": "source",
    "writers": "writer",
    "strategies": "strategy",
}
KINDS = tuple(_ONE)


def names(kind: str) -> tuple[str, ...]:
    """The installed plug-ins of a kind, sorted."""
    return tuple(sorted(point.name for point in _points(kind, tuple(sys.path))))


@lru_cache
def _points(kind: str, path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """The entry points of a kind; every installed package is opened for them, so once a path."""
    del path  # it is what `entry_points` looks along
    return tuple(entry_points(group=f"cockpit.{kind}"))


def find(kind: str, name: str) -> Plugin:
    """The plug-in called `name`.

    Raises PluginError when it isn't installed, can't be imported or isn't a Plugin.
    """
    for point in (p for p in _points(kind, tuple(sys.path)) if p.name == name):
        try:
            plugin = point.load()
        except Exception as error:
            raise _broken(kind, name, repr(error)) from error
        if not isinstance(plugin, Plugin):
            raise _broken(kind, name, "it does not give a Plugin")
        return plugin
    raise PluginError(
        f"no {kind} plug-in {name}",
        user_text=f"There is no {_ONE[kind]} called {name!r}. "
        f"Installed: {', '.join(names(kind)) or 'none'}.",
    )


def build(
    kind: str,
    name: str,
    toml: Mapping[str, Any],
    overrides: Mapping[str, Any] | None = None,
    *,
    offered: Mapping[str, Any] | None = None,
    **needs: Any,
) -> Any:
    """Load the settings section `[kind.name]` and build the plug-in from it.

    A factory that names something of `offered` is given it, `needs` every one gets. Raises
    PluginError, SettingsError, and whatever CockpitError the plug-in raises.
    """
    plugin = find(kind, name)
    make = plugin.build
    if plugin.beside:
        other_kind, _, other = plugin.beside.partition(".")
        needs["beside"] = chosen(other_kind, other, toml)
    wanted = {key: value for key, value in (offered or {}).items() if key in _parameters(make)}
    return make(chosen(kind, name, toml, overrides), **wanted, **needs)


def _parameters(make: Callable[..., Any]) -> Collection[str]:
    try:
        return signature(make).parameters.keys()
    except (TypeError, ValueError):  # a callable that can't be looked into gets no more
        return ()


def chosen(
    kind: str, name: str, toml: Mapping[str, Any], overrides: Mapping[str, Any] | None = None
) -> settings.SettingsModel:
    """The settings of the plug-in called `name`. Raises PluginError and SettingsError."""
    model = find(kind, name).settings
    return settings.load(model, section=f"{kind}.{name}", toml=toml, overrides=overrides)


def _broken(kind: str, name: str, why: str) -> PluginError:
    return PluginError(
        f"{kind} plug-in {name}: {why}",
        user_text=f"The {_ONE[kind]} {name!r} is installed but can't be loaded: {why}.",
    )
