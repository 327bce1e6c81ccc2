#!/usr/bin/env python3
"""Find what no linter looks for: house rules about size, words and silenced checks.

python3 packaging/neat.py        every tracked file; one line a finding, exit code 1 if any
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 400
MAX_BYTES = 2_000_000
TEXT = {".md", ".py", ".toml", ".lock", ".txt", ".qss", ".html", ".j2", ".ini", ".mako", ".json"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that no line of the files it applies to may hold."""

    pattern: re.Pattern[str]
    applies: Callable[[str], bool]
    message: str
    reason_above: bool = False  # a comment on the line before is the reason asked for


def _python(path: str) -> bool:
    return path.endswith(".py")


def _below(*folders: str) -> Callable[[str], bool]:
    return lambda path: _python(path) and path.startswith(folders)


def _sleepless(path: str) -> bool:
    return _below("tests/")(path) and not path.startswith(("tests/support/", "tests/bench/"))


RULES = (
    Rule(
        re.compile(r"\b(TODO|FIXME)\b|raise NotImplementedError"),
        _below("cockpit/"),
        "unfinished: finish it, or leave it out",
    ),
    Rule(
        re.compile(r"(type|pyright): ignore(?!\[)|#\s*noqa(?!: [A-Z])"),
        _below("cockpit/", "tests/", "packaging/"),
        "a silenced check names its code",
    ),
    Rule(
        re.compile(r"(type|pyright): ignore(?!\[[\w, -]+\]\s+\S.{5})"),
        _below("cockpit/", "packaging/"),
        "a silenced type check needs its [code] and its reason",
        reason_above=True,
    ),
    Rule(
        re.compile(r"#\s*noqa(?!: [A-Z]+\d+(, ?[A-Z]+\d+)*\s+\S.{5})"),
        _below("cockpit/", "tests/", "packaging/"),
        "a silenced lint rule needs its code and its reason",
        reason_above=True,
    ),
    Rule(
        re.compile(r"(?<!`)\b(dialog|menu|box|drag|self)\.exec\("),
        _below("cockpit/ui/"),
        "exec() holds the loop: open() the dialog and await its answer",
    ),
    Rule(re.compile(r"\btime\.sleep\("), _sleepless, "wait for a condition: eventually()"),
    Rule(
        re.compile("[\u2013\u2014]"),
        lambda path: not path.startswith("resources/fonts/"),
        "no em or en dash: a comma, a colon or two sentences",
    ),
    Rule(
        re.compile(r"(?<![\w.~])/(home|root|Users)/\w"),
        lambda _path: True,
        "a path of somebody's machine",
    ),
    Rule(
        re.compile(r"://|^--?(extra-)?index-url|^--find-links| @ "),
        lambda path: path.endswith(".lock"),
        "a lock holds no address",
    ),
)


def problems(root: Path, names: Sequence[str]) -> Iterator[str]:
    """Check the files `names` below `root`; yields `path:line: what is wrong`."""
    for name in names:
        path = root / name
        if path.stat().st_size > MAX_BYTES:
            yield f"{name}: larger than {MAX_BYTES // 1_000_000} MB"
        if path.suffix in TEXT or name.startswith(".ci/"):
            yield from _in_text(name, path.read_bytes().decode("utf-8"))


def _in_text(name: str, text: str) -> Iterator[str]:
    lines = text.split("\n")
    if _below("cockpit/")(name) and len(lines) - 1 > MAX_LINES:
        yield f"{name}: {len(lines) - 1} lines; two files would read better above {MAX_LINES}"
    if text and (not text.endswith("\n") or "\r" in text):
        yield f"{name}: lines end in a bare newline, the last one too"
    rules = [rule for rule in RULES if rule.applies(name)]
    for number, (above, line) in enumerate(zip(["", *lines], lines, strict=False), 1):
        reasoned = above.lstrip().startswith("# ")
        for rule in rules:
            if rule.pattern.search(line) and not (rule.reason_above and reasoned):
                yield f"{name}:{number}: {rule.message}"


def tracked(root: Path) -> list[str]:
    """The files git knows, without those deleted from the folder."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, encoding="utf-8"
    )
    return [name for name in done.stdout.split("\0") if name and (root / name).is_file()]


def main() -> int:
    """Print every finding."""
    found = list(problems(ROOT, tracked(ROOT)))
    print("\n".join([*found, f"neat: {len(found)} findings"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
