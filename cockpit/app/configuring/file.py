"""The settings file, changed one key at a time: everything else stays as a person wrote it."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any, cast

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, Item

from cockpit.domain.limit_rules import SPECS
from cockpit.kernel.private_files import write_private
from cockpit.kernel.settings import SettingsError, read_toml

_NOT_WRITTEN = "Nothing was changed."
_LINE = 80


def changed_text(text: str, path: Sequence[str], value: Any) -> str:
    """`text` with `value` at `path`; None takes the key out, and leaves its section.

    A comment behind the value stays. Raises SettingsError when the text is no TOML, a part of
    the path is no section, or the result would hold anything else than that one change.
    """
    try:
        document = tomlkit.parse(text)
        _put(document, path, value)
        after = document.as_string()
        _compare(tomllib.loads(after), with_value(tomllib.loads(text), path, value))
    except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise SettingsError(
            f"{'.'.join(path)}: {error}",
            user_text=f"The settings file can't be changed: {error}. {_NOT_WRITTEN} Change it by "
            "hand.",
        ) from error
    return after


def _compare(read: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """What the next start reads must be that one change. Raises ValueError."""
    if _filled(read) != _filled(wanted):
        raise ValueError("it is written in a way that can't be changed safely")


def _filled(toml: Mapping[str, Any]) -> dict[str, Any]:
    """Without the sections that hold nothing."""
    tables = {
        key: _filled(cast("Mapping[str, Any]", value))
        for key, value in toml.items()
        if isinstance(value, Mapping)
    }
    return {
        key: tables.get(key, value)
        for key, value in toml.items()
        if key not in tables or tables[key]
    }


def with_value(toml: Mapping[str, Any], path: Sequence[str], value: Any) -> dict[str, Any]:
    """A copy of the tables with another value at `path`; None takes it out."""
    head, *rest = path
    copy = dict(toml)
    if not rest:
        if value is None:
            copy.pop(head, None)
        else:
            copy[head] = value
        return copy
    below = copy.get(head)
    if below is None and value is None:
        return copy
    if below is not None and not isinstance(below, Mapping):
        raise ValueError(f"{head} is no section")
    copy[head] = with_value(cast("Mapping[str, Any]", below or {}), rest, value)
    if _narrow(path) and not copy[head]:
        del copy[head]
    return copy


def _narrow(path: Sequence[str]) -> bool:
    """True for a section of one account, strategy or symbol: an empty one is refused at a start."""
    return len(path) == 2 and path[1] in SPECS


def _put(document: MutableMapping[str, Any], path: Sequence[str], value: Any) -> None:
    *sections, key = path
    above = [document]
    for depth, name in enumerate(sections, start=1):
        if name not in above[-1]:
            if value is None:
                return
            above[-1][name] = tomlkit.table(is_super_table=depth < len(sections))
        above.append(_section(above[-1][name], name))
    if value is not None:
        _set(above[-1], key, value)
    elif key in above[-1]:
        del above[-1][key]
        if len(sections) > 1 and _narrow(path[-2:]) and not above[-1]:
            del above[-2][sections[-1]]


def _section(below: object, name: str) -> MutableMapping[str, Any]:
    if not isinstance(below, MutableMapping):
        raise ValueError(f"{name} is no section")  # noqa: TRY004 -- a fault of the file, not ours
    return cast("MutableMapping[str, Any]", below)


def _set(section: MutableMapping[str, Any], key: str, value: Any) -> None:
    """A new value, with the comment that stood behind the old one."""
    after = _item(value)
    if key in section:
        before = cast("Item", section[key])
        after.trivia.comment_ws = before.trivia.comment_ws
        after.trivia.comment = before.trivia.comment
    section[key] = after


def _item(value: Any) -> Item:
    item = cast("Item", tomlkit.item(value))
    if isinstance(item, Array) and len(item.as_string()) > _LINE:
        item.multiline(multiline=True)
    return item


def text_of(path: Path) -> str:
    """The file as it is, empty when there is none. Raises SettingsError."""
    read_toml(path)  # its words for what can't be read
    try:
        return path.read_bytes().decode() if path.exists() else ""  # with its own line ends
    except OSError as error:
        raise _unwritten(path, error) from error


def write_text(path: Path, text: str, before: str) -> None:
    """Put `text` there, whole or not at all, if the file still is `before`.

    A link is followed and its target keeps who may read it. Raises SettingsError.
    """
    target = path.resolve()
    if text_of(target) != before:
        raise SettingsError(
            f"{path} was changed meanwhile",
            user_text=f"The settings file {path} was changed by something else meanwhile. "
            f"{_NOT_WRITTEN} Look at it again and repeat your change.",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        write_private(target, text.encode())
        if mode is not None:
            target.chmod(mode)
    except OSError as error:
        raise _unwritten(path, error) from error


def _unwritten(path: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"{path}: {error}",
        user_text=f"The settings file {path} can't be written: {error.strerror or error}. "
        f"{_NOT_WRITTEN} Free the disk or the folder, then try again.",
    )
