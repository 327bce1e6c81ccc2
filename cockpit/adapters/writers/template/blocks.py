"""The blocks as data: titles, openings, paragraphs of sentences, closings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from cockpit.ports.writer import WriterError

VERSION = 1


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to say, in a few ways, when all its flags hold."""

    when: tuple[str, ...]
    text: tuple[str, ...]


class Paragraph(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sentences that belong together."""

    name: str
    sentence: tuple[Sentence, ...]


class Lines(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A list with a line for each thing of a sort: `of` = "day" is day.2018-01-02 and so on.

    Things are told by the fact that names them, whose id ends with `name` and whose unit is `unit`;
    ROOT stands for the thing's id in `text`. No list below `least` things.
    """

    of: str
    text: str
    name: str = ""
    unit: str = "text"
    heading: str = ""
    least: int = 1


class Blocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body's blocks; titles by mood; lists after the paragraphs."""

    version: int
    title: Mapping[str, tuple[str, ...]]
    paragraph: tuple[Paragraph, ...]
    list: tuple[Lines, ...] = ()


class Ends(msgspec.Struct, frozen=True):
    """Openings and closings by mood."""

    intro: Mapping[str, tuple[str, ...]]
    closing: Mapping[str, tuple[str, ...]]


class Frame(Ends, frozen=True):
    """The voice's openings and closings; its other rules are not the writer's.

    `kinds` has those of other recaps than the daily one.
    """

    version: int = 0
    kinds: Mapping[str, Ends] = {}

    def of(self, kind: str) -> Ends:
        """What a kind opens and closes with; none where nothing is written for it."""
        if kind == "daily":
            return self
        return self.kinds.get(kind, Ends(intro={}, closing={}))


T = TypeVar("T", Blocks, Frame)


def load_blocks(path: Path) -> Blocks:
    """The blocks in a TOML file. Raises WriterError."""
    return _load(path, Blocks)


def load_frame(path: Path) -> Frame:
    """Openings and closings of a voice file. Raises WriterError."""
    return _load(path, Frame)


def _load(path: Path, kind: type[T]) -> T:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        loaded = msgspec.convert(data, kind)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.MsgspecError) as error:
        raise _unusable(path, str(error)) from error
    if loaded.version != VERSION:
        raise _unusable(path, f"version {loaded.version} is not {VERSION}")
    return loaded


def _unusable(path: Path, reason: str) -> WriterError:
    return WriterError(
        f"{path}: {reason}",
        user_text=f"The text blocks in {path} can't be used: {reason}. "
        "Nothing was written; mend the file, then try again.",
    )
