"""The file of the owner's rules: read at each use, saved whole, every earlier revision kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import msgspec
import tomlkit

from cockpit.kernel.private_files import write_private
from cockpit.recap.errors import VoiceError
from cockpit.recap.own_rules import OwnRules, faults_of, joined, read_rules
from cockpit.recap.voice import VERSION, Voice, load_voice

FILE = "voice.toml"
KEPT = "voice-revisions"
_KEPT_NAME = re.compile(r"(\d+)\.toml")
_SHIPPED_HOLD = "The rules that ship hold until it is mended."


class Held(NamedTuple):
    """The voice that holds now, the owner's rules in it, and why they are not used, if so."""

    voice: Voice
    own: OwnRules
    trouble: str = ""

    @property
    def note(self) -> str:
        """What a recap says of its rules: nothing of those that ship."""
        if self.trouble:
            return "Your voice rules could not be used, so those that ship were."
        return f"Voice rules: revision {self.voice.revision}." if self.voice.revision else ""


class RuleBook:
    """The rules at `path`, which need not exist; without a path those that ship.

    All calls block for the disk: off the loop with them.
    """

    def __init__(self, path: Path | None, shipped: Callable[[], Voice] = load_voice) -> None:
        self.path = path
        self._load = shipped
        self._shipped: Voice | None = None

    @property
    def shipped(self) -> Voice:
        """The voice that ships. Raises VoiceError: the installation is damaged."""
        if self._shipped is None:
            self._shipped = self._load()
        return self._shipped

    def read(self) -> Held:
        """The voice of now; a file that can't be used is named and left out."""
        shipped = self.shipped
        try:
            text = self._text()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            return Held(shipped, OwnRules(), self._trouble(f"it can't be read: {why}"))
        if text is None:
            return Held(shipped, OwnRules())
        own, faults = read_rules(text, shipped)
        if faults:
            return Held(shipped, own, self._trouble("; ".join(map(str, faults[:3]))))
        return Held(joined(shipped, own, self._called(own, text)), own)

    def strict(self) -> Voice:
        """The voice with the file, which must be there and whole. Raises VoiceError."""
        held = self.read()
        if self.path is not None and not self.path.exists():
            raise _unusable(self.path, "there is no such file")
        if held.trouble:
            raise VoiceError(held.trouble, user_text=held.trouble)
        return held.voice

    def revisions(self) -> tuple[int, ...]:
        """Those that are kept, newest first."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except OSError:
            return ()
        found = [_KEPT_NAME.fullmatch(name) for name in names]
        return tuple(sorted((int(match[1]) for match in found if match), reverse=True))

    def kept(self, revision: int) -> OwnRules:
        """An earlier revision. Raises VoiceError when it is gone or can't be used."""
        path = self._folder / f"{revision}.toml"
        try:
            own, faults = read_rules(path.read_text(encoding="utf-8"), self.shipped)
        except (OSError, UnicodeDecodeError) as error:
            raise _unusable(path, str(error)) from error
        if faults:
            raise _unusable(path, "; ".join(map(str, faults[:3])))
        return own

    def save(self, rules: OwnRules) -> OwnRules:
        """Write rules as a new revision, keep what stood there before; the file as saved.

        Raises VoiceError for rules with a fault and for a folder that takes none; the file is
        then as it was.
        """
        path = self._place
        if faults := faults_of(rules, self.shipped):
            words = "; ".join(map(str, faults[:3]))
            raise VoiceError(words, user_text=f"{words}. Nothing was saved.")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            last = self._keep(self._text_or_empty())
            new = msgspec.structs.replace(rules, revision=last + 1, version=VERSION)
            content = as_toml(new).encode()
            write_private(self._folder / f"{new.revision}.toml", content)
            write_private(path, content)
        except OSError as error:
            raise _unusable(path, f"it can't be written: {error.strerror or error}") from error
        return new

    def _keep(self, before: str) -> int:
        """The last number that is taken, once what was written by hand is kept, too."""
        last = max(self.revisions(), default=0)
        if not before:
            return last
        own, faults = read_rules(before, self.shipped)
        under = self._folder / f"{own.revision}.toml"
        if not faults and under.exists() and under.read_text(encoding="utf-8") == before:
            return last
        if faults:
            write_private(self._folder / f"faulty-before-{last + 1}.toml", before.encode())
            return last
        number = last + 1 if under.exists() else own.revision
        write_private(self._folder / f"{number}.toml", before.encode())
        return max(last, number)

    def _called(self, own: OwnRules, text: str) -> str:
        """The revision's name; it says when the file is not what was saved under its number."""
        try:
            same = (self._folder / f"{own.revision}.toml").read_text(encoding="utf-8") == text
        except (OSError, UnicodeDecodeError):
            same = True
        return str(own.revision) if same else f"{own.revision}, changed by hand"

    @property
    def _place(self) -> Path:
        if self.path is None:
            raise VoiceError("no path", user_text="These rules have no file, so none was saved.")
        return self.path

    @property
    def _folder(self) -> Path:
        return self._place.parent / KEPT

    def _text(self) -> str | None:
        if self.path is None or not self.path.exists():
            return None
        return self.path.read_text(encoding="utf-8")

    def _text_or_empty(self) -> str:
        try:
            return self._text() or ""
        except UnicodeDecodeError:
            return self._place.read_text(encoding="utf-8", errors="replace")

    def _trouble(self, why: str) -> str:
        return f"The voice rules in {self.path} can't be used: {why}. {_SHIPPED_HOLD}"


def as_toml(rules: OwnRules) -> str:
    """Rules as their file: only what they say, one text a line."""
    tables = cast("dict[str, Any]", msgspec.to_builtins(rules))
    tables["tone"] = rules.tone.strip() and f"{rules.tone.strip()}\n"
    document = tomlkit.document()
    document.add(tomlkit.comment("Your voice, over the one that ships; see docs/recaps.md."))
    for key, value in _said(tables).items():
        document[key] = _item(value)
    return tomlkit.dumps(document)


def _said(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty; an empty list of openings stands, it means none."""
    cut = {key: _said(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else value
           for key, value in tables.items()}  # fmt: skip
    return {key: value for key, value in cut.items() if value not in ("", {})
            and not (key == "phrases" and not value)}  # fmt: skip


def _item(value: Any) -> Any:
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value)
        table = tomlkit.table()
        for key, below in pairs.items():
            table[key] = _item(below)
        return table
    if isinstance(value, (list, tuple)):
        array = tomlkit.array()
        for text in cast("Sequence[str]", value):
            array.append(text)  # pyright: ignore[reportUnknownMemberType] -- tomlkit types no items
        return array.multiline(multiline=True)
    return tomlkit.string(value, multiline=True) if "\n" in str(value) else value


def _unusable(path: Path, why: str) -> VoiceError:
    return VoiceError(
        f"{path}: {why}",
        user_text=f"The voice rules in {path} can't be used: {why}. Nothing was changed; mend the "
        "file or its folder, then try again.",
    )
