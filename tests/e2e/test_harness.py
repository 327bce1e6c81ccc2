"""The harness itself, on a small window: what the other real-window tests rely on."""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.program import Program, running
from tests.support.screen import Screen
from tests.support.waiting import wait_until

SAMPLE = Path(__file__).with_name("sample_window.py")


@pytest.fixture
def sample(screen: Screen, tmp_path: Path) -> Generator[Program, None, None]:
    with running(screen, tmp_path / "sample", [sys.executable, str(SAMPLE)]) as program:
        program.wait_for_window("Cockpit sample")
        yield program


def test_keys_and_clicks_arrive_and_are_seen(sample: Program) -> None:
    sample.find("Symbol", kind="QLineEdit")
    wait_until(lambda: sample.find("Symbol")["focused"], what="the focus in the entry")
    sample.screen.type("ABC")
    wait_until(lambda: sample.text("Symbol") == "ABC", what="the typed text")
    sample.click("Approve")
    wait_until(lambda: sample.text("Approve") == "Approved ABC", what="the click")
    assert not sample.shows("Never seen")


def test_rows_of_a_table_are_read_and_clicked(sample: Program) -> None:
    assert sample.rows("Prices") == [["AAA", "1.00"], ["BBB", "2.00"]]
    sample.click_row("Prices", lambda cells: cells[0] == "BBB")
    wait_until(lambda: sample.text("Approve") == "Picked BBB", what="the picked row")


@pytest.mark.screen_size(1366, 768)
def test_the_picture_shows_the_window(sample: Program, tmp_path: Path) -> None:
    x, y, *_ = sample.find("Cockpit sample")["rect"]
    picture = sample.screen.picture()
    assert (picture.width(), picture.height()) == (1366, 768)
    wait_until(
        lambda: sample.screen.picture().pixelColor(x + 3, y + 3).name() == "#0000ff",
        what="the window's own blue in its corner",
    )
    assert sample.screen.save(tmp_path / "picture.png").stat().st_size > 1000


def test_closing_the_window_ends_the_program(sample: Program) -> None:
    sample.key("alt+F4")
    assert sample.wait_for_end() == 0


def test_a_program_that_ended_is_reported_with_its_words(screen: Screen, tmp_path: Path) -> None:
    script = "import sys; sys.exit('the disk is full')"
    with running(screen, tmp_path / "broken", [sys.executable, "-c", script]) as program:
        assert program.wait_for_end() == 1
        with pytest.raises(pytest.fail.Exception, match="ended with 1:\nthe disk is full"):
            program.wait_for_window()
