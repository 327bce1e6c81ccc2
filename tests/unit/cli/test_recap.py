"""`cockpit recap` and `cockpit voice` on what no session wrote: a statement's account, a PDF."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cockpit.cli.exits import Exit
from cockpit.cli.main import app

TABLE = """Date,Time,Symbol,Side,Qty,Price,Fees
2023-01-05,09:31:22,XMPL,buy,100,50.10,1.00
2023-01-05,10:15:00,XMPL,sell,100,51.20,1.05
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "trades.csv").write_text(TABLE)
    folder = tmp_path / "data"
    done = run("journal", "import", tmp_path / "trades.csv", "--account", "mine", folder=folder)
    assert done.exit_code == Exit.OK, done.output
    return folder


def run(*words: object, folder: Path) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--data-dir", str(folder)])


def test_a_digest_asks_with_no_keys_of_a_statements_account(data: Path, tmp_path: Path) -> None:
    asked = ("recap", "--kind", "digest", "--date", "2023-01-05", "--account", "mine")
    done = run(*asked, "--out", tmp_path / "x.md", folder=data)
    assert done.exit_code != Exit.OK
    assert "No prices of that day are known here" in done.output
    assert "no account called" not in done.output


def test_a_statements_day_becomes_a_file_of_the_wanted_form(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.html"
    asked = ("recap", "--date", "2023-01-05", "--format", "html", "--out", out)
    assert run(*asked, folder=data).exit_code == Exit.OK
    assert "+$107.95" in out.read_text(encoding="utf-8")
    assert run(*asked, folder=data).exit_code != Exit.OK, "never over another file unasked"
    assert run(*asked, "--overwrite", folder=data).exit_code == Exit.OK


def test_of_several_accounts_the_page_and_the_terminal_say_which_was_taken(
    data: Path, tmp_path: Path
) -> None:
    asked = ("recap", "--date", "2023-01-05", "--out", tmp_path / "x.md", "--overwrite")
    alone = run(*asked, folder=data)
    assert "--account" not in alone.output
    assert 'account: "mine"' in (tmp_path / "x.md").read_text(encoding="utf-8")
    table = tmp_path / "other.csv"
    table.write_text(TABLE.replace("XMPL", "OTHR"))
    done = run("journal", "import", table, "--account", "yours", folder=data)
    assert done.exit_code == Exit.OK, done.output
    said = run(*asked, folder=data).output
    page = (tmp_path / "x.md").read_text(encoding="utf-8")
    [taken] = [name for name in ("mine", "yours") if f'account: "{name}"' in page]
    other = "yours" if taken == "mine" else "mine"
    assert f"It is of the account {taken}. Others traded then, too: {other}." in said
    chosen = run(*asked, "--account", other, folder=data)
    assert "Others" not in chosen.output
    assert f'account: "{other}"' in (tmp_path / "x.md").read_text(encoding="utf-8")
    assert run(*asked, "--private", folder=data).exit_code == Exit.OK
    assert "account:" not in (tmp_path / "x.md").read_text(encoding="utf-8")


def test_what_is_no_text_is_not_checked_and_says_so(tmp_path: Path) -> None:
    page = tmp_path / "k.pdf"
    page.write_bytes(b"%PDF-1.7\n\x93\xff")
    done = CliRunner().invoke(app, ["voice", "check", str(page)])
    assert done.exit_code == Exit.FAILED
    assert "is no text" in done.output
    assert "codec" not in done.output
