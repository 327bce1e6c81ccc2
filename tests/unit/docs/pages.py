"""Reads the pages under docs/ so that tests can hold them to the code."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def page(name: str) -> str:
    """A page by its path from the root, e.g. `docs/limits.md`."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of one language, in order, with the indentation of a list item removed."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"(?m)^{indent}", "", body) for indent, body in found]


def section(text: str, heading: str) -> str:
    """What stands below a heading of any level, up to the next one of that level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    start = re.search(rf"^{re.escape(heading)}$", text, re.MULTILINE)
    assert start is not None, f"no heading {heading!r}"
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{level}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str, *, table: int = 0) -> list[list[str]]:
    """The cells of a table, without its head; backticks around a cell are removed."""
    tables = re.findall(r"^(?:\|.*\|\n)+", text, re.MULTILINE)
    lines = tables[table].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line[1:-1].split("|")] for line in lines]
