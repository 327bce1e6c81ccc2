"""The settings as a person looks for them: sections with titles, and a search over all words."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.app.configuring.desk import Setting
from cockpit.app.configuring.kinds import Kind
from cockpit.app.configuring.layers import Layer

EVERYTHING = "All settings"
_TITLES = {
    "": "General",
    "limits": "Limits",
    "quality": "Doubtful prices",
    "journal": "Journal",
    "tape": "Recording",
    "data": "Research data",
    "vault": "Vault",
}
_KINDS = {
    "brokers": "Broker",
    "feeds": "Feed",
    "sources": "Source",
    "writers": "Writer",
    "strategies": "Strategy",
}
_NAMES = {"alpha_vantage": "Alpha Vantage", "alpha-vantage": "Alpha Vantage"}
"""Names that a first letter alone doesn't make."""
_FROM = {
    Layer.DEFAULT: "default",
    Layer.FILE: "settings file",
    Layer.ENVIRONMENT: "environment",
    Layer.COMMAND: "command line",
    Layer.SESSION: "this session",
}


def title_of(section: str) -> str:
    """What a section is called on screen."""
    kind, _, name = section.partition(".")
    if name in _NAMES:
        return f"{_KINDS.get(kind, kind.capitalize())}: {_NAMES[name]}"
    if name:
        words = name.replace("_", " ").replace("-", " ")
        return f"{_KINDS.get(kind, kind.capitalize())}: {words[:1].upper()}{words[1:]}"
    return _TITLES.get(section, section.capitalize())


def sections_of(settings: Sequence[Setting]) -> list[str]:
    """Each section once, in order."""
    return list(dict.fromkeys(setting.known.section for setting in settings))


def found(settings: Sequence[Setting], words: str, section: str | None = None) -> list[Setting]:
    """Those whose name, section, meaning or value hold every one of the words.

    With `section` only those of it; a name that begins with a word comes first.
    """
    wanted = words.lower().split()
    of_section = [s for s in settings if section is None or s.known.section == section]
    hits = [s for s in of_section if all(word in _haystack(s) for word in wanted)]
    if not wanted:
        return hits
    return sorted(hits, key=lambda s: not any(_key(s).startswith(word) for word in wanted))


def _key(setting: Setting) -> str:
    return setting.known.key.rpartition(".")[2].lower()


def _haystack(setting: Setting) -> str:
    known = setting.known
    said = (known.dotted, known.dotted.replace("_", " "), title_of(known.section), known.meaning)
    return " ".join((*said, setting.value)).lower()


def in_a_line(setting: Setting, text: str) -> str:
    """A value on one line; a list that has nothing in it says so."""
    if setting.known.shape.kind is Kind.LINES:
        return ", ".join(text.splitlines()) or "none"
    return text or "not set"


def from_words(setting: Setting) -> str:
    """Where the value comes from, and whether another one waits for the next start."""
    text = _FROM[setting.layer]
    return f"{text}; {in_a_line(setting, setting.next)} at the next start" * setting.waits or text


def effect_words(setting: Setting) -> str:
    """When a change of it takes effect."""
    if setting.at_once:
        return "A change holds at once, and stays for the next start."
    return "A change holds from the next start on."


def about(setting: Setting) -> str:
    """Default, range and origin in a few short sentences."""
    known = setting.known
    said = [f"Default: {in_a_line(setting, known.default)}."]
    if known.shape.choices:
        said.append(f"One of: {', '.join(known.shape.choices)}.")
    elif known.shape.range:
        said.append(f"Allowed: {known.shape.range}.")
    said.append(f"Now: {in_a_line(setting, setting.value)} ({_FROM[setting.layer]}).")
    if setting.waits:
        said.append(f"At the next start: {in_a_line(setting, setting.next)}.")
    return " ".join((*said, effect_words(setting)))
