from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from cockpit.app.launch import Launch
from cockpit.app.lifecycle import Session
from cockpit.app.trigger_desk import FILE, load_triggers, mark_spoken
from cockpit.cli.main import app
from cockpit.domain.account import Mode
from cockpit.domain.alert import Alert
from cockpit.market.triggers import Trigger
from tests.support.recordings import write_recording


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["triggers", *map(str, arguments)])


def good(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


def test_added_listed_changed_and_removed(tmp_path: Path) -> None:
    there = ("--data-dir", tmp_path)
    good("add", "break", "xxx", "--when", "crosses up 160", *there)
    good("add", "wide", "ABC", "--when", "spread 1%", "--again", "--rest", 5, *there)
    assert good("list", *there).splitlines() == [
        "break: XXX crosses up 160 (once)", "wide: ABC spread 1% (again and again)",
    ]  # fmt: skip
    good("add", "break", "XXX", "--when", "crosses 161", *there)
    told = json.loads(good("list", "--json", *there))
    assert [(each["name"], each["when"]) for each in told] == [
        ("break", "crosses 161"), ("wide", "spread 1%"),
    ]  # fmt: skip
    good("remove", "wide", *there)
    missing = run("remove", "wide", *there)
    assert missing.exit_code != 0
    assert "There are: break" in missing.stderr


def test_what_is_no_condition_changes_nothing(tmp_path: Path) -> None:
    result = run("add", "a", "ABC", "--when", "price > 5", "--data-dir", tmp_path)
    assert result.exit_code != 0
    assert "is no condition" in result.stderr
    assert not (tmp_path / FILE).exists()


def test_only_its_own_mark_is_made_when_one_is_spent(tmp_path: Path) -> None:
    """A command may have changed the file since the session has read it."""
    for name in ("a", "b"):
        good("add", name, "ABC", "--when", "crosses 5", "--data-dir", tmp_path)
    for name in ("a", "gone"):
        mark_spoken(tmp_path, Trigger(name=name, symbol="ABC", when="crosses 9", fired_ns=7))
    assert [(t.name, t.when, t.spent, t.fired_ns) for t in load_triggers(tmp_path)] == [
        ("a", "crosses 5", True, 7), ("b", "crosses 5", False, 0),
    ]  # fmt: skip


def play(folder: Path, files: tuple[str, ...]) -> list[Alert]:
    async def day() -> list[Alert]:
        session = Session(
            Launch(
                mode=Mode.REPLAY,
                data_dir=folder,
                feed="replay",
                options={"files": tuple(map(Path, files))},
                interactive=False,
                speed="max",
            )
        )
        core = await session.start()
        try:
            await core.finished.wait()
        finally:
            await session.stop()
        return core.alerts.all()

    return asyncio.run(day())


def test_a_session_speaks_and_a_replay_spends_nothing(tmp_path: Path) -> None:
    (tmp_path / "rec").mkdir()
    files = write_recording(tmp_path / "rec").files
    data = tmp_path / "data"
    good("add", "opens", "ACME", "--when", "touches 50 1", "--data-dir", data)
    alerts = {alert.key: alert for alert in play(data, files)}
    assert alerts["trigger.opens"].title == "ACME: opens"
    assert "REPLAY 2018-01-02" in alerts["trigger.opens"].text
    assert not load_triggers(data)[0].spent


def test_a_damaged_file_is_told_and_the_day_goes_on(tmp_path: Path) -> None:
    (tmp_path / "rec").mkdir()
    files = write_recording(tmp_path / "rec").files
    data = tmp_path / "data"
    data.mkdir()
    (data / FILE).write_text("[{]", encoding="utf-8")
    alerts = {alert.key: alert for alert in play(data, files)}
    assert "can't be read" in alerts["triggers"].text
    assert run("list", "--data-dir", data).exit_code != 0
    assert (data / FILE).read_text(encoding="utf-8") == "[{]"
