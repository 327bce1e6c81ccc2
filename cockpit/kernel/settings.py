"""Layered settings: defaults < TOML file < environment < command line.

A plug-in declares a frozen subclass of `SettingsModel`; `load` fills it from the
section of that name, e.g. `[brokers.paper]` or `COCKPIT_BROKERS_PAPER_LATENCY_MS`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableVariableError

from cockpit.kernel.errors import KernelError

ENV_PREFIX = "COCKPIT_"

T = TypeVar("T", bound="SettingsModel")


class SettingsError(KernelError):
    """A settings file can't be read or holds a value that can't be used."""


class SettingsModel(BaseSettings):
    """Base of all settings classes: frozen, unknown keys refused, no reading of its own."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` passes in: it has merged the layers already."""
        return (init_settings,)


def read_toml(path: Path | None) -> dict[str, Any]:
    """The whole settings file as nested dicts; empty when there is none.

    Raises SettingsError when it can't be read or isn't TOML.
    """
    if path is None or not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path}: {error}",
            user_text=f"The settings file {path} can't be read: {error}. "
            "Nothing was changed; mend or move the file, then start again.",
        ) from error


def load(
    model: type[T],
    *,
    section: str = "",
    toml: Mapping[str, Any] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> T:
    """Build `model` from the layers; `section` is dotted, e.g. `brokers.paper`.

    Overrides that are None count as not given. Raises SettingsError naming each bad key.
    """
    prefix = ENV_PREFIX + (section.replace(".", "_").replace("-", "_").upper() + "_") * bool(
        section
    )
    env = _environment(model, prefix)
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    known = _section(toml or {}, section)
    if not section:  # the root shares its file with the plug-ins' sections
        known = {
            key: value
            for key, value in known.items()
            if key in model.model_fields or not isinstance(value, Mapping)
        }
    try:
        return model(**_merged(_merged(known, env), given))
    except ValidationError as error:
        raise _explained(error, section) from error


def _environment(model: type[SettingsModel], prefix: str) -> dict[str, Any]:
    try:
        return EnvSettingsSource(model, env_prefix=prefix, env_nested_delimiter="__")()
    except UnreadableVariableError as error:  # a list or table that isn't JSON
        raise SettingsError(
            f"{prefix}*: {error}",
            user_text=f"An environment variable can't be used: {error} ({prefix}...). A list or "
            "a table must be written as JSON. Nothing was changed; correct it.",
        ) from error


def _section(toml: Mapping[str, Any], dotted: str) -> dict[str, Any]:
    here: Mapping[str, Any] = toml
    for part in filter(None, dotted.split(".")):
        below = here.get(part, {})
        if not isinstance(below, Mapping):
            raise SettingsError(
                f"{dotted}: {part} is no table",
                user_text=f"A setting can't be used: [{dotted}] must be a table, but "
                f"{part} is {below!r}. Nothing was changed; correct it.",
            )
        here = cast("Mapping[str, Any]", below)
    return dict(here)


def _merged(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    return {**low, **{key: _over(low.get(key), value) for key, value in high.items()}}


def _over(below: Any, above: Any) -> Any:
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return _merged(cast("Mapping[str, Any]", below), cast("Mapping[str, Any]", above))
    return above


_UNKNOWN = {"extra_forbidden": "there is no such setting"}


def _explained(error: ValidationError, section: str) -> SettingsError:
    prefix = f"{section}." if section else ""
    faults = "; ".join(
        f"{prefix}{'.'.join(map(str, e['loc']))}: {_UNKNOWN.get(e['type'], e['msg'])}"
        for e in error.errors(include_url=False, include_input=False)
    )
    return SettingsError(
        faults, user_text=f"A setting can't be used: {faults}. Nothing was changed; correct it."
    )
