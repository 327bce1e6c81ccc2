"""Which layer a setting's value comes from: default, file, environment or command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from cockpit.app.configuring.catalogue import LIMITS, Known
from cockpit.app.launch import Launch
from cockpit.kernel.settings import ENV_PREFIX


class Layer(StrEnum):
    """Where a value comes from; a later one wins."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    COMMAND = "command line"
    SESSION = "this session"


def written_at(toml: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What the file holds there, None for nothing."""
    here: Any = toml
    for part in path:
        if not isinstance(here, Mapping) or part not in here:
            return None
        here = here[part]  # pyright: ignore[reportUnknownVariableType] -- what a TOML file holds
    return here  # pyright: ignore[reportUnknownVariableType] -- what a TOML file holds


def variable_of(known: Known) -> str:
    """The environment variable that sets it; empty for a limit, which none may widen."""
    if known.section == LIMITS:
        return ""
    words = "_".join((*known.section.split("."), known.path[-1] if known.section else known.key))
    table = known.key.split(".", 1)
    if len(table) == 2:
        words = "_".join(filter(None, (known.section, table[0])))
    return ENV_PREFIX + words.strip("_").replace(".", "_").replace("-", "_").upper()


def in_environment(known: Known) -> str:
    """The variable that decides it now; empty when none is set."""
    name = variable_of(known)
    there = {key.upper() for key in os.environ}
    return name if name and name in there else ""


def given_by_command(launch: Launch, broker: str) -> dict[str, Any]:
    """What the command line decided for this session, by dotted name."""
    given: dict[str, Any] = {"feed": launch.feed, "mode": launch.mode.value}
    given |= {"broker": launch.broker or None, "account": launch.account or None}
    if launch.strategies is not None:
        given["active_strategies"] = launch.strategies
    given |= {f"feeds.{launch.feed}.{key}": value for key, value in launch.options.items()}
    given |= {f"brokers.{broker}.{key}": value for key, value in launch.broker_options.items()}
    if launch.speed is not None:
        given[f"feeds.{launch.feed}.speed"] = launch.speed
    return {key: value for key, value in given.items() if value is not None}
