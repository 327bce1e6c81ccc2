"""The cockpit's own settings; plug-ins bring theirs in sections of their own."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, cast

import msgspec
from pydantic import Field

from cockpit.domain.approval import Autonomy
from cockpit.domain.errors import DomainError
from cockpit.domain.limits import Limits
from cockpit.kernel.folders import config_file
from cockpit.kernel.settings import SettingsError, SettingsModel, read_toml


class AppSettings(SettingsModel):
    """Top level of `cockpit.toml`. `autonomy` maps a strategy to how far it may go alone."""

    broker: str = "paper"
    feed: str = "synthetic"
    writer: str = "template"
    active_strategies: tuple[str, ...] = ("opening-range-breakout",)
    autonomy: dict[str, Autonomy] = Field(default_factory=dict)
    bar_seconds: int = Field(default=60, ge=1, le=3600)

    def autonomy_of(self, strategy: str) -> Autonomy:
        """What `strategy` may do; asking a person first unless set otherwise."""
        return self.autonomy.get(strategy, Autonomy.APPROVE)


def settings_file(named: Path | None) -> dict[str, Any]:
    """The settings file as nested dicts: the one named, else the usual one if there is one.

    Raises SettingsError when it can't be read, and when a named one is missing: to go on
    without it would be to trade with other limits than asked for.
    """
    if named is not None and not named.is_file():
        raise SettingsError(
            f"{named} is no file",
            user_text=f"There is no settings file {named}. Nothing was started; correct --config.",
        )
    return read_toml(named or config_file())


def load_limits(toml: Mapping[str, Any]) -> Limits:
    """The `[limits]` section over the defaults. Raises SettingsError naming a bad limit."""
    section = toml.get("limits", {})
    if not isinstance(section, Mapping):
        raise _refused("[limits] must be a section")
    known = {field.name: field.type for field in msgspec.structs.fields(Limits)}
    values: dict[str, Any] = {}
    for name, value in cast("Mapping[str, Any]", section).items():
        if name not in known:
            raise _refused(f"limits.{name} is not a limit")
        values[name] = _number(name, value, whole=known[name] is int)
    try:
        return Limits(**values)
    except DomainError as error:
        raise _refused(str(error)) from error


def _number(name: str, value: object, *, whole: bool) -> Decimal | int:
    try:
        number = Decimal(str(value))
        fits = number.is_finite() and (not whole or number == int(number))
    except InvalidOperation:
        fits, number = False, Decimal(0)
    if not fits or isinstance(value, bool):
        raise _refused(f"limits.{name} is not a number that can be used: {value}")
    return int(number) if whole else number


def _refused(why: str) -> SettingsError:
    return SettingsError(why, user_text=f"A limit can't be used: {why}. Trading was not started.")
