"""The owner's own rules: a TOML file that adds to the voice that ships, or stands for parts of it.

Each fault is named by its line and its field; a file with one is used not at all.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from cockpit.ports.writer import Draft
from cockpit.recap.check import faults_in
from cockpit.recap.voice import VERSION, Ends, Voice

MOST_TEXTS = 500
MOST_CHARACTERS = 4000
_BODY_MOODS = ("win", "loss", "level", "none", "carried", "several")
MOODS: Mapping[str, tuple[str, ...]] = {
    "daily": _BODY_MOODS,
    "weekly": _BODY_MOODS,
    "post-mortem": ("win", "loss", "level"),
    "devlog": ("smooth", "rough", "none"),
    "digest": ("up", "down", "mixed"),
}
"""What a kind of recap can sound like; openings and closings are written for each."""

_TELLING = {"a page that can't be read", "a slot without a fact", "a figure of its own"}
_LINE = re.compile(r"\(at line (\d+)")
_FIELD = re.compile(r" - at `\$\.?([^`]*)`")
_HEAD = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w.-]+)\s*=")


class Forbidden(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must not appear besides what the voice that ships forbids; characters by code point."""

    phrases: tuple[str, ...] = ()
    characters: Mapping[str, str] = {}


class Allowed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases that the voice that ships forbids and the owner says."""

    phrases: tuple[str, ...] = ()


class OwnRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an owner's file may hold. `version` is that of the format, `revision` the owner's.

    A tone, and each list of openings or closings, stands for the one that ships; phrases and
    characters add to it.
    """

    version: int = VERSION
    revision: int = 1
    name: str = ""
    tone: str = ""
    forbidden: Forbidden = Forbidden()
    allowed: Allowed = Allowed()
    intro: Mapping[str, tuple[str, ...]] = {}
    closing: Mapping[str, tuple[str, ...]] = {}
    kinds: Mapping[str, Ends] = {}

    def ends(self) -> Iterator[tuple[str, str, Mapping[str, tuple[str, ...]]]]:
        """Kind, field, and texts by mood, of openings and closings."""
        yield "daily", "intro", self.intro
        yield "daily", "closing", self.closing
        for kind, ends in self.kinds.items():
            yield kind, f"kinds.{kind}.intro", ends.intro
            yield kind, f"kinds.{kind}.closing", ends.closing


class Fault(NamedTuple):
    """What is wrong in a file of rules. The line is 0 where there is none to name.

    `said` is the text of the rule that it is wrong in, empty where it is in no text of its own.
    """

    line: int
    field: str
    words: str
    said: str = ""

    def __str__(self) -> str:
        """`line 4, forbidden.phrases: what`."""
        place = ", ".join(filter(None, (f"line {self.line}" if self.line else "", self.field)))
        return f"{place}: {self.words}" if place else self.words


def read_rules(text: str, shipped: Voice) -> tuple[OwnRules, tuple[Fault, ...]]:
    """The rules of a file's text, and what is wrong with them; empty rules where it can't be read.

    Rules with a fault must not be used.
    """
    try:
        rules = msgspec.convert(tomllib.loads(text), OwnRules)
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        words = str(error).split(" (at ", 1)[0]
        return OwnRules(), (Fault(int(line[1]) if line else 0, "", f"it is no TOML: {words}"),)
    except msgspec.ValidationError as error:
        found = _FIELD.search(str(error))
        field = re.sub(r"\[(?:\d+|\.\.\.)\]", "", found[1]) if found else ""
        words = _FIELD.sub("", str(error)).replace("`", '"')
        unknown = re.search(r'unknown field "([^"]+)"', words)
        if unknown:
            field = f"{field}.{unknown[1]}".strip(".")
            words = "there is no such rule"
        return OwnRules(), (Fault(_line_of(text, field), field, words),)
    found = dict.fromkeys(_faults(rules, shipped))
    return rules, tuple(
        Fault(_line_of(text, field, said), field, words, said) for field, words, said in found
    )


def faults_of(rules: OwnRules, shipped: Voice) -> tuple[Fault, ...]:
    """What is wrong with rules that are in no file yet; empty when they can be used."""
    found = dict.fromkeys(_faults(rules, shipped))
    return tuple(Fault(0, field, words, said) for field, words, said in found)


def joined(shipped: Voice, own: OwnRules, revision: str = "") -> Voice:
    """The voice that ships with the owner's rules over it, named by its revision."""
    said = {phrase.casefold() for phrase in own.allowed.phrases}
    kept = [phrase for phrase in shipped.phrases if phrase.casefold() not in said]
    ends = dict(shipped.ends)
    for kind, field, texts in own.ends():
        below = ends.get(kind, Ends())
        if field.endswith("intro"):
            ends[kind] = Ends(intro={**below.intro, **texts}, closing=below.closing)
        else:
            ends[kind] = Ends(intro=below.intro, closing={**below.closing, **texts})
    more = {chr(int(code, 16)): name for code, name in own.forbidden.characters.items()}
    return Voice(
        name=own.name or shipped.name,
        tone=own.tone.strip() or shipped.tone,
        characters={**shipped.characters, **more},
        phrases=tuple(dict.fromkeys([*kept, *own.forbidden.phrases])),
        ends=ends,
        revision=revision or str(own.revision),
    )


_Found = tuple[str, str, str]
"""A field, what is wrong, and the text that it is wrong in."""


def _faults(rules: OwnRules, shipped: Voice) -> Iterator[_Found]:
    if rules.version != VERSION:
        yield "version", f"the format is {VERSION}, not {rules.version}", ""
    if rules.revision < 1:
        yield "revision", "revisions are counted from 1", ""
    if len(rules.tone) > MOST_CHARACTERS:
        yield "tone", f"it has more than {MOST_CHARACTERS:,} characters", ""
    characters = list(_character_faults(rules))
    yield from characters
    for field, phrases in (
        ("forbidden.phrases", rules.forbidden.phrases),
        ("allowed.phrases", rules.allowed.phrases),
    ):
        yield from _list_faults(field, phrases)
    if not characters:
        yield from _prose_faults(rules, joined(shipped, rules))


def _character_faults(rules: OwnRules) -> Iterator[_Found]:
    for code, name in rules.forbidden.characters.items():
        field = f"forbidden.characters.{code}"
        if not re.fullmatch(r"[0-9A-Fa-f]{2,6}", code) or int(code, 16) > 0x10FFFF:
            yield field, "a character is named by its code point, such as 2014", code
        elif chr(int(code, 16)).isalnum() or chr(int(code, 16)).isspace():
            yield field, "letters, digits and spaces can't be forbidden", code
        elif not name.strip():
            yield field, "the character needs a name", code


def _list_faults(field: str, texts: tuple[str, ...]) -> Iterator[_Found]:
    if len(texts) > MOST_TEXTS:
        yield field, f"there are more than {MOST_TEXTS}", ""
    for text in texts:
        if not text.strip():
            yield field, "an empty text says nothing", ""
        elif len(text) > MOST_CHARACTERS or "\n" in text.strip():
            yield field, f'"{text.strip()[:40]}" must be one line, not too long', text


def _prose_faults(rules: OwnRules, voice: Voice) -> Iterator[_Found]:
    for flaw in voice.flaws(rules.tone):
        yield "tone", f"{flaw}, so the tone must not either", ""
    for kind, field, by_mood in rules.ends():
        moods = MOODS.get(kind)
        if moods is None:
            yield f"kinds.{kind}", f"the kinds are {', '.join(list(MOODS)[1:])}", ""
            continue
        for mood, texts in by_mood.items():
            if mood not in moods:
                yield f"{field}.{mood}", f"the moods of a {kind} recap are {', '.join(moods)}", ""
            yield from _list_faults(f"{field}.{mood}", texts)
            for text in texts:
                yield from _text_faults(f"{field}.{mood}", text, voice)


def _text_faults(field: str, text: str, voice: Voice) -> Iterator[_Found]:
    """An opening may reflect; it may not report, and it keeps to its own rules."""
    if not text.strip():
        return
    told = faults_in(Draft(title="A page", body=text, writer=""), {}, own=True)
    for words in [*(fault.text for fault in told if fault.kind in _TELLING), *voice.flaws(text)]:
        yield field, f'"{text.strip()[:40]}": {words}', text


def _line_of(text: str, field: str, said: str = "") -> int:
    """The line where a field stands, or the text in it, or the nearest section above; 0 for none.

    TOML's own reader tells no places, so the lines are looked through.
    """
    table, best, depth = "", 0, 0
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if head := _HEAD.match(line):
            table = here = head[1].replace('"', "").replace(" ", "")
        elif key := _KEY.match(line):
            here = f"{table}.{key[1]}".strip(".")
        else:
            continue
        if f"{field}.".startswith(f"{here}.") and len(here) > depth:
            best, depth = number, len(here)
        elif f"{here}.".startswith(f"{field}.") and field and not best:
            best, depth = number, len(field)
    wanted = said.strip()[:30]
    if best and wanted:
        inside = (n for n in range(best, len(lines) + 1) if wanted in lines[n - 1])
        return next(inside, best)
    return best
