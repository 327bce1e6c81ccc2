"""What a person types to find entries, read."""

from __future__ import annotations

import re

from cockpit.ports.entries import EntryQuery

_PARTS = re.compile(r'(?P<minus>-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>\S+))')
_MEANS_SOMETHING = re.compile(r"\w")


def query_of(text: str) -> EntryQuery:
    """Words, "phrases", #tags (and all below them), -words that must not be there.

    What holds no letter and no digit is passed over: nothing could be found by it.
    """
    words: list[str] = []
    phrases: list[str] = []
    tags: list[str] = []
    without: list[str] = []
    for part in _PARTS.finditer(text.replace("\x00", " ")):
        phrase, word = part["phrase"], part["word"]
        told = phrase if phrase is not None else word
        if not _MEANS_SOMETHING.search(told):
            continue
        if part["minus"]:
            without.append(told)
        elif phrase is not None:
            phrases.append(phrase)
        elif word.startswith("#"):
            tags.append(word.strip("#/"))
        else:
            words.append(word)
    return EntryQuery(
        words=tuple(words), phrases=tuple(phrases), tags=tuple(tags), without=tuple(without)
    )
