from pathlib import Path

import neat
import pytest

FINDINGS = [
    ("cockpit/a.py", "x = 1  # TO" + "DO later\n", "unfinished"),
    ("cockpit/a.py", "raise NotImplemented" + "Error\n", "unfinished"),
    ("cockpit/a.py", "x = 1\n" * 401, "401 lines"),
    ("cockpit/a.py", "x = y  # type: " + "ignore\n", "its [code] and its reason"),
    ("cockpit/a.py", "# why\nx = y  # type: " + "ignore\n", "names its code"),
    ("tests/a.py", "# why\nx = y  # no" + "qa\n", "names its code"),
    ("cockpit/a.py", "x = y  # pyright: " + "ignore[reportAny]\n", "its [code] and its reason"),
    ("tests/a.py", "x = y  # no" + "qa\n", "its code and its reason"),
    ("tests/a.py", "x = y  # no" + "qa: F401\n", "its code and its reason"),
    ("cockpit/ui/a.py", "dialog.exec" + "()\n", "holds the loop"),
    ("tests/unit/a.py", "time.sleep" + "(1)\n", "wait for a condition"),
    ("README.md", "fast \N{EM DASH} and safe\n", "no em or en dash"),
    ("docs/a.md", "pages 1\N{EN DASH}2\n", "no em or en dash"),
    ("docs/a.md", "see /ho" + "me/me/cockpit\n", "somebody's machine"),
    ("packaging/a.lock", "a @ https" + "://example.org/a.whl\n", "no address"),
    ("packaging/a.lock", "--index" + "-url x\n", "no address"),
    ("docs/a.md", "no end of line", "bare newline"),
    ("docs/a.md", "of another system\r\n", "bare newline"),
]


def check(root: Path, name: str, text: str) -> list[str]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return list(neat.problems(root, [name]))


@pytest.mark.parametrize(("name", "text", "message"), FINDINGS)
def test_a_rule_bites(tmp_path: Path, name: str, text: str, message: str) -> None:
    assert any(message in finding for finding in check(tmp_path, name, text))


def test_a_finding_names_its_line(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, "cockpit/a.py", "x = 1\ny = 2  # FIX" + "ME\n")
    assert finding.startswith("cockpit/a.py:2: ")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cockpit/a.py", "x = y  # type: " + "ignore[assignment]  # the stub lacks None\n"),
        ("cockpit/a.py", "x = y  # no" + "qa: F401  kept for plug-ins\n"),
        ("cockpit/a.py", "# the stub lacks None\nx = y  # type: " + "ignore[assignment]\n"),
        ("cockpit/a.py", "x = 1\n" * 400),
        ("cockpit/ui/a.py", '"""Never `dialog.exec' + '()`."""\n'),
        ("tests/support/a.py", "time.sleep" + "(0.02)\n"),
        ("README.md", "fast, and safe: see https://example.org\n"),
    ],
)
def test_what_is_neat_passes(tmp_path: Path, name: str, text: str) -> None:
    assert check(tmp_path, name, text) == []


def test_a_large_file_is_found(tmp_path: Path) -> None:
    (finding,) = check(tmp_path, "resources/film.png", "x" * (neat.MAX_BYTES + 1))
    assert "larger than 2 MB" in finding
