import re
import shutil
import subprocess

import pytest
import typer

from cockpit.cli.main import app
from cockpit.cli.windowed import START_AT
from tests.unit.docs.pages import ROOT, blocks, page, rows

README = page("README.md")
PAGES = sorted(
    path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
)
LINK = re.compile(r"!?\[[^\]]*\]\((?!https?://)([^)#]+)(?:#[^)]*)?\)")
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # it is a group


def test_the_two_commands_stand_alone_in_a_block() -> None:
    assert blocks(README, "sh")[0].splitlines() == [
        "python3 packaging/go.py demo",
        "python3 packaging/go.py test",
    ]


@pytest.mark.skipif(shutil.which("sh") is None, reason="the checks are a shell script")
def test_the_checks_find_the_test_command() -> None:
    script = page(".ci/run")
    (found,) = re.findall(r"^readme_test\(\) \{ (.*); \}$", script, re.MULTILINE)
    result = subprocess.run(["sh", "-c", found], cwd=ROOT, capture_output=True, check=True)
    assert result.stdout.decode().strip() == "python3 packaging/go.py test"


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    here = (ROOT / name).parent
    missing = [target for target in LINK.findall(page(name)) if not (here / target).exists()]
    assert missing == []


@pytest.mark.parametrize("name", PAGES)
def test_commands_shown_are_commands(name: str) -> None:
    shown = re.findall(r"(?m)^(?:\$ )?(?:\.venv/bin/)?cockpit (\w+)", "\n".join(_shell(name)))
    assert set(shown) <= COMMANDS


def _shell(name: str) -> list[str]:
    return blocks(page(name), "sh")


def test_every_page_is_listed() -> None:
    linked = set(LINK.findall(README))
    own = {name for name in PAGES if not name.startswith("docs/adr/0") and name != "README.md"}
    assert own <= linked


def test_the_demo_opens_when_it_says() -> None:
    assert f"opens at {START_AT} New York time" in README


def test_decisions_are_all_listed_in_order() -> None:
    index = page("docs/adr/README.md")
    files = sorted(path.name for path in (ROOT / "docs" / "adr").glob("0*.md"))
    listed = rows(index)
    assert [LINK.findall(row[0])[0] for row in listed] == files
    assert [int(name[:4]) for name in files] == list(range(1, len(files) + 1))
    for row, name in zip(listed, files, strict=True):
        first = page(f"docs/adr/{name}").partition("\n")[0]
        assert first.lstrip("# 0123456789.") == row[1], name
        assert int(re.findall(r"\d+", first)[0]) == int(name[:4]), name
