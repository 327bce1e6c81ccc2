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


class Blocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body's blocks; titles by mood."""

    version: int
    title: Mapping[str, tuple[str, ...]]
    paragraph: tuple[Paragraph, ...]


class Frame(msgspec.Struct, frozen=True):
    """The voice's openings and closings by mood; its other rules are not the writer's."""

    version: int
    intro: Mapping[str, tuple[str, ...]]
    closing: Mapping[str, tuple[str, ...]]


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
