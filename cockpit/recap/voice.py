"""The owner's voice as rules, and a linter for the final bytes of every output.

The linter flags; it replaces nothing. What it flags goes back to the writer, or the
export is refused.
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import msgspec

from cockpit.kernel.resources import resource
from cockpit.recap.errors import VoiceError

OWNER = "voice/owner.toml"
VERSION = 1


class Flaw(msgspec.Struct, frozen=True):
    """What breaks a rule, and where: lines and columns from 1, columns in characters."""

    line: int
    column: int
    words: str


class Ends(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Openings and closings of a kind of recap, by mood."""

    intro: Mapping[str, tuple[str, ...]] = {}
    closing: Mapping[str, tuple[str, ...]] = {}


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """One voice: characters by name that must not appear, phrases likewise, and a tone.

    `ends` has the openings and closings by kind of recap. `revision` names the owner's rules, as
    each recap made with them does; it is empty for the voice that ships.
    """

    name: str
    tone: str
    characters: Mapping[str, str]
    phrases: tuple[str, ...]
    ends: Mapping[str, Ends] = {}
    revision: str = ""

    def ends_of(self, kind: str) -> Ends:
        """What a kind opens and closes with: nothing that the voice itself forbids."""
        ends = self.ends.get(kind, Ends())
        return Ends(intro=self._fit(ends.intro), closing=self._fit(ends.closing))

    def _fit(self, by_mood: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        return {
            mood: tuple(text for text in texts if not self.flaws(text))
            for mood, texts in by_mood.items()
        }

    def as_words(self) -> str:
        """The voice as instructions for a writer; it doesn't repeat what it forbids."""
        return (
            f"{self.tone.strip()} Use commas, colons or full stops where a dash would stand. "
            "A pause is three dots. Plain words, no slogans."
        )

    def flaws(self, text: str) -> tuple[str, ...]:
        """What the voice forbids in plain text or Markdown, character entities included."""
        return tuple(dict.fromkeys(self._flaws(text)))

    def found_in(self, text: str) -> Iterable[Flaw]:
        """The same as `flaws` with their places, as often as they come, in order."""
        for number, line in enumerate(text.splitlines(), 1):
            plain = html.unescape(line)
            here = [
                (plain.index(character), f"the voice uses no {name}")
                for character, name in self.characters.items()
                if character in plain
            ]
            for phrase in self.phrases:
                said = re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", plain, re.IGNORECASE)
                here += [(match.start(), f'the voice never says "{phrase}"') for match in said]
            yield from (Flaw(number, column + 1, words) for column, words in sorted(here))

    def flaws_of_html(self, page: str) -> tuple[str, ...]:
        """The same for every text and attribute of an HTML page."""
        collector = _Collector()
        collector.feed(page)
        collector.close()
        found = [flaw for text in collector.texts for flaw in self._flaws(text)]
        # a comment or a style may not hold a forbidden character either
        return tuple(dict.fromkeys([*found, *self._characters_in(page)]))

    def _flaws(self, text: str) -> Iterable[str]:
        plain = html.unescape(text)
        yield from self._characters_in(plain)
        for phrase in self.phrases:
            if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", plain, re.IGNORECASE):
                yield f'the voice never says "{phrase}"'

    def _characters_in(self, text: str) -> Iterable[str]:
        for character, name in self.characters.items():
            if character in text:
                yield f"the voice uses no {name}"


class _Collector(HTMLParser):
    """All text and attribute values of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value for _, value in attrs if value]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def load_voice(path: Path | None = None) -> Voice:
    """The voice in a TOML file, the owner's own by default. Raises VoiceError."""
    source = path or resource(OWNER)
    try:
        rules = tomllib.loads(source.read_text(encoding="utf-8"))
        return _voice(rules)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise VoiceError(
            f"{source}: {error!r}",
            user_text=f"The voice rules in {source} can't be used: {error}. "
            "No recap was changed; mend the file, then try again.",
        ) from error


def _voice(rules: Mapping[str, Any]) -> Voice:
    if rules["version"] != VERSION:
        raise ValueError(f"version {rules['version']} is not {VERSION}")
    characters = cast("Mapping[str, str]", rules["forbidden"]["characters"])
    phrases = cast("list[str]", rules["forbidden"]["phrases"])
    return Voice(
        name=str(rules["name"]),
        tone=str(rules["tone"]),
        characters={chr(int(code, 16)): name for code, name in characters.items()},
        phrases=tuple(phrases),
        ends={"daily": _ends(rules), **{k: _ends(v) for k, v in rules.get("kinds", {}).items()}},
    )


def _ends(rules: Mapping[str, Any]) -> Ends:
    ends = {key: rules[key] for key in ("intro", "closing") if key in rules}
    return msgspec.convert(ends, Ends)
