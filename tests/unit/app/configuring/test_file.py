"""The settings file, changed one key at a time."""

from __future__ import annotations

import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cockpit.app.configuring.file import changed_text, text_of, with_value, write_text
from cockpit.kernel.settings import SettingsError

MINE = """# what I changed, and why
broker = "paper"   # practice first
[limits] # money
max_order_value = 5000 # small
[limits.symbols.AAPL]
max_order_value = 100
"""


@pytest.mark.parametrize(
    ("path", "value", "after"),
    [
        (("broker",), "alpaca", MINE.replace('"paper"', '"alpaca"')),
        (("limits", "max_order_value"), 4000.5, MINE.replace("5000", "4000.5")),
        (("limits", "max_order_value"), None, MINE.replace("max_order_value = 5000 # small\n", "")),
        (
            ("limits", "symbols", "AAPL", "max_order_value"),
            None,
            MINE.replace("[limits.symbols.AAPL]\nmax_order_value = 100\n", ""),
        ),
        (
            ("brokers", "paper", "seed"),
            3,
            MINE + "\n[brokers.paper]\nseed = 3\n",
        ),
    ],
)
def test_one_key_changes_and_the_rest_stays_as_written(
    path: tuple[str, ...], value: Any, after: str
) -> None:
    assert changed_text(MINE, path, value) == after


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a = 1\r\n[limits]\r\nmax_order_value = 1 # x\r\n",
        "limits = {max_order_value = 3, symbols = {AAPL = {max_order_value = 1}}} # inline\n",
        "limits.max_order_value = 4\n[brokers.alpaca]\nquiet_s = 3\n",
        "[limits.symbols.AAPL]\nmax_order_value = 1\n[tape]\n[limits]\nmax_order_value = 2\n",
    ],
)
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("limits", "max_order_value"), 7),
        (("limits", "max_order_value"), None),
        (("bar_seconds",), 30),
        (("data", "sources", "quote"), ["polygon"]),
        (("limits", "symbols", "AAPL", "max_order_value"), 2.5),
        (("limits", "symbols", "AAPL", "max_order_value"), None),
    ],
)
def test_whatever_way_it_is_written_only_that_is_read_otherwise(
    text: str, path: tuple[str, ...], value: Any
) -> None:
    read = tomllib.loads(changed_text(text, path, value))
    assert full(read) == full(with_value(tomllib.loads(text), path, value))


def full(toml: dict[str, Any]) -> dict[str, Any]:
    """Without empty sections."""
    made = {key: full(v) if isinstance(v, dict) else v for key, v in toml.items()}
    return {key: value for key, value in made.items() if value != {}}


@pytest.mark.parametrize("text", ["broker = ", "limits = 3\n"])
def test_what_can_not_be_changed_is_said(text: str) -> None:
    with pytest.raises(SettingsError, match=r"limits\.max_order_value") as refused:
        changed_text(text, ("limits", "max_order_value"), 1)
    assert "Nothing was changed" in refused.value.user_text


def test_a_file_changed_by_somebody_else_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "cockpit.toml"
    file.write_text("broker = 'paper'\n", encoding="utf-8")
    before = text_of(file)
    file.write_text("broker = 'alpaca'\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="changed meanwhile"):
        write_text(file, "", before)
    assert file.read_text(encoding="utf-8") == "broker = 'alpaca'\n"


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links of a Unix file")
def test_a_link_is_followed_and_who_may_read_stays(tmp_path: Path) -> None:
    file, link = tmp_path / "real.toml", tmp_path / "cockpit.toml"
    file.write_text("a = 1\n", encoding="utf-8")
    file.chmod(0o640)
    link.symlink_to(file)
    write_text(link, "a = 2\n", "a = 1\n")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "a = 2\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cockpit.toml", "real.toml"]


def test_the_first_change_makes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "cockpit" / "cockpit.toml"
    assert text_of(file) == ""
    write_text(file, "a = 1\n", "")
    assert text_of(file) == "a = 1\n"
