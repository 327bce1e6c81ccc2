"""Keys of the window: those it came with, those a person chose, and where two actions share one."""

from __future__ import annotations

from collections.abc import Mapping

FIXED = frozenset({"A", "E", "K"})
"""They stand on the buttons of a proposal."""


def in_force(defaults: Mapping[str, str], chosen: Mapping[str, str]) -> dict[str, str]:
    """The key of each action; what was chosen for one that is gone is left out."""
    return {name: chosen.get(name, key) for name, key in defaults.items()}


def conflicts(keys: Mapping[str, str]) -> dict[str, list[str]]:
    """Keys that more than one action would answer to, with those actions."""
    users: dict[str, list[str]] = {}
    for name, key in keys.items():
        if key:
            users.setdefault(key, []).append(name)
    shared = {key: names for key, names in users.items() if len(names) > 1}
    for key in FIXED & set(users):  # a proposal's own key
        shared.setdefault(key, [*users[key], "a proposal"])
    return shared


def chosen_of(defaults: Mapping[str, str], keys: Mapping[str, str]) -> dict[str, str]:
    """What differs from the defaults: all that has to be kept."""
    return {name: key for name, key in keys.items() if name in defaults and key != defaults[name]}
