"""The limits from the command line, read without a session or a lock."""

from __future__ import annotations

from pathlib import Path

import msgspec

from cockpit.app import registry
from cockpit.app.audit import stored_rows
from cockpit.app.limits.desk import LIMITS, decoded_limits, waiting_of
from cockpit.app.limits.file import load_limits
from cockpit.app.settings import settings_file
from cockpit.app.standing import shown
from cockpit.domain.limit_rules import SPECS, LimitRules, Place


class ShownLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One limit; `written` in the file, `in_force` last, each empty where there is none."""

    limit: str
    written: str
    unit: str
    in_force: str
    waits: bool


class ShownLimits(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, for `account` when one was named."""

    account: str
    limits: tuple[ShownLimit, ...]


def limits_shown(config: Path | None, data_dir: Path, account: str) -> ShownLimits:
    """What the settings file says, and what `account` was last held to.

    Raises SettingsError, NothingThereError and StoreError.
    """
    written = load_limits(settings_file(config), registry.names("strategies"))
    held = _held(data_dir, account) if account else None
    waits = {w.place for w in waiting_of(written, held or written)}
    places = dict.fromkeys((*written.values, *(held.values if held else ())))
    return ShownLimits(
        account=account,
        limits=tuple(
            ShownLimit(
                limit=str(place),
                written=_text(written, place),
                unit=SPECS[place.name].unit,
                in_force="" if held is None else _text(held, place),
                waits=place in waits,
            )
            for place in places
        ),
    )


def _text(rules: LimitRules, place: Place) -> str:
    value = rules.values.get(place)
    return "" if value is None else shown(value)


def _held(data_dir: Path, account: str) -> LimitRules | None:
    held = [row.payload for row in stored_rows(data_dir, account) if row.kind == LIMITS]
    return decoded_limits(held[-1]) if held else None
