"""Everything that can be set: each section with its settings class, each key with its meaning."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from enum import Enum
from functools import lru_cache
from typing import Any, get_args, get_origin

import msgspec
from pydantic.fields import FieldInfo

from cockpit.adapters.secrets import VaultSettings
from cockpit.app import registry
from cockpit.app.configuring.kinds import Kind, Shape, as_text, shape_of, shape_of_type
from cockpit.app.data.research import DataSettings
from cockpit.app.settings import AppSettings, JournalSettings, QualitySettings, TapeSettings
from cockpit.domain.errors import CockpitError
from cockpit.domain.limit_rules import PERMITTED, RESTRICTED, SPECS, Place, Stricter
from cockpit.domain.limits import WHOLE_LIMITS, Limits
from cockpit.kernel.resources import resource
from cockpit.kernel.settings import SettingsModel

LIMITS = "limits"
TOP = ""

_OWN: Mapping[str, type[SettingsModel]] = {
    TOP: AppSettings,
    "quality": QualitySettings,
    "journal": JournalSettings,
    "tape": TapeSettings,
    "data": DataSettings,
    "vault": VaultSettings,
}
_NAMED = {"broker": "brokers", "feed": "feeds", "writer": "writers"}
_STRICTER = {Stricter.HIGHER: "a higher one is stricter", Stricter.LOWER: "a lower one is stricter"}


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that there is, whether anybody set it or not.

    `section` is dotted as in the file, empty for the top; `key` may be dotted, too, where the
    section holds tables. `default` is as a person reads it, empty for none.
    """

    section: str
    key: str
    shape: Shape
    default: str
    meaning: str

    @property
    def path(self) -> tuple[str, ...]:
        """Where it stands in the file."""
        if self.section == LIMITS:
            place = Place.of(self.key)
            return (LIMITS, *filter(None, (place.scope.value, place.key, place.name)))
        head = tuple(filter(None, self.section.split("."))) if self.section else ()
        return (*head, *self.key.split(".", 1))

    @property
    def dotted(self) -> str:
        """As people and messages write it."""
        return ".".join(filter(None, (self.section, self.key)))


def models() -> dict[str, type[SettingsModel]]:
    """The settings class of each section, the cockpit's own first; plug-ins that load."""
    found = dict(_OWN)
    for kind in registry.KINDS:
        for name in registry.names(kind):
            with suppress(CockpitError):  # one that can't be loaded is told by the doctor
                found[f"{kind}.{name}"] = registry.find(kind, name).settings
    return found


def known_settings(limits: tuple[Place, ...] = ()) -> list[Known]:
    """All of them in the order of the documentation; `limits` are narrower ones that are set."""
    found = [*_of_section(TOP, AppSettings)]
    found += _limits(limits)
    for section, model in models().items():
        if section != TOP:
            found += _of_section(section, model)
    return found


def _of_section(section: str, model: type[SettingsModel]) -> Iterator[Known]:
    for key, field in model.model_fields.items():
        if get_origin(field.annotation) is dict:
            yield from _of_table(section, key, field)
            continue
        default = as_text(field.get_default(call_default_factory=True))
        yield Known(
            section=section,
            key=key,
            shape=_named(key) if section == TOP and key in _NAMED else shape_of(field),
            default=default,
            meaning=_meaning(section, key, field.description or ""),
        )


def _named(key: str) -> Shape:
    """One of the plug-ins that are installed."""
    return Shape(kind=Kind.CHOICE, choices=registry.names(_NAMED[key]))


def _of_table(section: str, table: str, field: FieldInfo) -> Iterator[Known]:
    """A table's keys: those that its type names, or the strategies that there are."""
    key_type, value_type = get_args(field.annotation)
    keys = registry.names("strategies")
    if isinstance(key_type, type) and issubclass(key_type, Enum):
        keys = tuple(str(member.value) for member in key_type)
    defaults: Mapping[Any, Any] = field.get_default(call_default_factory=True) or {}
    inner = ".".join(filter(None, (section, table)))
    for key in keys:
        default = as_text(defaults.get(key))
        if not default and table == "autonomy":
            default = as_text(AppSettings().autonomy_of(key))
        yield Known(
            section=section,
            key=f"{table}.{key}",
            shape=shape_of_type(value_type),
            default=default,
            meaning=_meaning(inner, key, field.description or ""),
        )


def _limits(narrower: tuple[Place, ...]) -> Iterator[Known]:
    house = Limits()
    everywhere = [Place(name) for name in SPECS]
    for place in (*everywhere, *(p for p in narrower if p.key)):
        spec, name = SPECS[place.name], place.name
        of_symbols = name in (PERMITTED, RESTRICTED)
        kind = Kind.WHOLE if name in WHOLE_LIMITS else Kind.NUMBER
        more = "" if of_symbols else f"more than 0; {_STRICTER[spec.stricter]}"
        yield Known(
            section=LIMITS,
            key=str(place),
            shape=Shape(kind=Kind.LINES if of_symbols else kind, range=more or "one a line"),
            default="" if of_symbols or place.key else as_text(getattr(house, name)),
            meaning=_meaning(LIMITS, name, "") + ("" if of_symbols else f" Unit: {spec.unit}."),
        )


def _meaning(section: str, key: str, described: str) -> str:
    told = _meanings()
    of_section = told.get(section or "top", {})
    found = of_section.get(key) or of_section.get("*") or described
    return found or told["*"].get(key, "") or key.replace("_", " ").capitalize() + "."


@lru_cache
def _meanings() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(resource("settings/meanings.toml").read_text(encoding="utf-8"))
