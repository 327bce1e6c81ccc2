"""Every option and setting that can't be used: one sentence, its exit code, nothing made.

In this process, for there are many; tests/integration/test_bad_input.py starts the program.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.cli.exits import Exit
from cockpit.cli.main import app
from tests.support.headless import Outcome, environ_of, refused
from tests.support.recordings import DAY, Recording, write_recording

HEADLESS = ("--headless", "--speed", "max", "--approve", "all", "--data-dir", "data")
Run = Callable[..., Outcome]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return write_recording(tmp_path_factory.mktemp("recording"))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line, called: an exception that it does not turn into words fails the test."""
    monkeypatch.chdir(tmp_path)
    for name, value in environ_of(tmp_path).items():
        monkeypatch.setenv(name, value)

    def call(*arguments: object) -> Outcome:
        with pytest.raises(SystemExit) as left:
            app([str(each) for each in arguments], prog_name="cockpit")
        said = capsys.readouterr()
        return Outcome(int(left.value.code or 0), said.out, said.err)

    return call


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--exchange", "ZZ"), Exit.INPUT, "No quote of exchange ZZ is in these files"),
        (("--speed", "0"), Exit.USAGE, "'--speed': '0' is neither a number from 0.1 to 1000"),
        (("--speed", "5000"), Exit.USAGE, "'5000'"),
        (("--speed", "nan"), Exit.USAGE, "'nan'"),
        (("--speed", "fast"), Exit.USAGE, "nor 'max'"),
        (("--seed", "x"), Exit.USAGE, "'--seed'"),
        (("--approve", "some"), Exit.USAGE, "'--approve'"),
        (("--strategy", "nope"), Exit.SETTINGS, "no strategy called 'nope'"),
        (("--report", "not/there/r.json"), Exit.OUTPUT, "there is no folder"),
        (("--report", "."), Exit.OUTPUT, "that is a folder"),
        (("--config", "not-there.toml"), Exit.SETTINGS, "no settings file not-there.toml"),
    ],
)
def test_an_option_that_cannot_be_used(  # noqa: PLR0917 -- a table and three fixtures
    options: tuple[str, str], code: Exit, words: str, recording: Recording, run: Run, tmp_path: Path
) -> None:
    refused(run("replay", *recording.files, *HEADLESS, *options), code, words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("feed = [", "can't be read"),
        ("colour = 1", "colour: there is no such setting"),
        ("bar_seconds = 0", "bar_seconds"),
        ("[limits]\nmax_order_value = nan", "max_order_value"),
        ("[limits]\nmax_order_value = 0", "max_order_value"),
        ("[limits]\nmax_orders = 5", "limits.max_orders is not a limit"),
        ("[brokers.paper]\nluck = 1", "brokers.paper.luck"),
        ('strategies = ["x"]', "strategies"),
        ("[strategies.opening-range-breakout]\nrisk_per_trade = -1", "risk_per_trade"),
        ("[brokers.paper]\nlatency_ms = -1", "brokers.paper.latency_ms"),
        ('writer = "poet"', "no writer called 'poet'"),
    ],
)
def test_settings_that_cannot_be_used(
    text: str, words: str, recording: Recording, run: Run, tmp_path: Path
) -> None:
    settings = tmp_path / "cockpit.toml"
    settings.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    refused(run("replay", *recording.files, *HEADLESS, "--config", settings), Exit.SETTINGS, words)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("replay",), "Missing argument 'FILE"),
        (("replay", "a.csv", "--report", "r.json"), "--headless only"),
        (("recap", "--date", "2018-13-02", "--out", "r.md"), "'2018-13-02' is not a date"),
        (("recap", "--date", DAY), "Missing option '--out'"),
        (("recap", "--date", DAY, "--out", "r.docx", "--format", "docx"), "'--format'"),
        (("recap", "--date", DAY, "--out", "r.md", "--kind", "yearly"), "'--kind'"),
        (("demo", "--date", "tomorrow"), "'tomorrow' is not a date"),
        (("demo", "--speed", "-1"), "'--speed'"),
        (("demo", "--start", "25:00"), "'25:00' is not a time of day"),
        (("rerun",), "No such command 'rerun'"),
        (("--loud",), "No such option"),
    ],
)
def test_a_command_line_that_cannot_be_understood(
    arguments: tuple[str, ...], words: str, run: Run, tmp_path: Path
) -> None:
    refused(run(*arguments), Exit.USAGE, words)


def test_the_gallery_needs_a_screen_and_a_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("", encoding="utf-8")
    refusal = run("gallery", "--shots", taken)
    assert (refusal.code, "Choose another folder." in refusal.err) == (Exit.FAILED, True)
    if sys.platform == "linux":
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            monkeypatch.delenv(name, raising=False)
        assert "no screen" in run("gallery").err
