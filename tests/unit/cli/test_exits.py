"""Which exit code stands for which error, and what a person reads."""

from __future__ import annotations

import pytest
import typer

from cockpit.adapters.feeds.settings import MAX_SPEED, MIN_SPEED
from cockpit.app.errors import (
    AppError,
    DataFolderError,
    NothingThereError,
    PluginError,
    ReportError,
)
from cockpit.cli.exits import EXIT_CODES, Exit, code_of, plain_errors
from cockpit.cli.options import FASTEST, SLOWEST, parse_day, parse_speed
from cockpit.domain.errors import DomainError
from cockpit.kernel.instance import InstanceError
from cockpit.kernel.settings import SettingsError
from cockpit.ports.feed import FeedError
from cockpit.ports.store import StoreError
from cockpit.recap.errors import ExportError, RecapError

TEXT = "The disk is full. Nothing was lost; make room."

CODES = {
    FeedError: Exit.INPUT,
    InstanceError: Exit.DATA_FOLDER,
    DataFolderError: Exit.DATA_FOLDER,
    StoreError: Exit.DATA_FOLDER,
    SettingsError: Exit.SETTINGS,
    PluginError: Exit.SETTINGS,
    NothingThereError: Exit.NOTHING_THERE,
    ReportError: Exit.OUTPUT,
    ExportError: Exit.OUTPUT,
    AppError: Exit.FAILED,
    RecapError: Exit.FAILED,
}


@pytest.mark.parametrize(("kind", "code"), CODES.items())
def test_every_error_has_its_code(
    kind: type[AppError], code: Exit, capsys: pytest.CaptureFixture[str]
) -> None:
    error = kind("internals for the log", user_text=TEXT)
    assert code_of(error) is code
    with pytest.raises(typer.Exit) as left, plain_errors():
        raise error
    assert left.value.exit_code == int(code)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"cockpit: {TEXT}\n")


def test_what_was_nobodys_fault_keeps_its_own_code() -> None:
    assert code_of(DomainError("quantity must be positive")) is Exit.FAILED


def test_an_interruption_says_what_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, plain_errors():
        raise KeyboardInterrupt
    assert left.value.exit_code == 130
    assert "What was stored is kept." in capsys.readouterr().err


def test_a_fault_of_the_program_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), plain_errors():
        raise ZeroDivisionError


def test_every_code_is_documented() -> None:
    documented = [int(line.split()[0]) for line in EXIT_CODES.splitlines()[2:]]
    assert documented == [int(code) for code in Exit]


@pytest.mark.parametrize(
    ("text", "speed"), [("", None), ("max", "max"), (" MAX ", "max"), ("0.1", 0.1), ("60", 60)]
)
def test_speeds(text: str, speed: float | str | None) -> None:
    assert parse_speed(text) == speed


@pytest.mark.parametrize("text", ["0", "0.09", "1001", "-1", "nan", "inf", "fast", " "])
def test_speeds_no_session_plays_at(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_speed(text)


def test_the_command_line_allows_what_the_feeds_allow() -> None:
    assert (SLOWEST, FASTEST) == (MIN_SPEED, MAX_SPEED)


@pytest.mark.parametrize("text", ["2018-13-02", "tomorrow", "", "02.01.2018", "1850-01-01"])
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_day(text)
