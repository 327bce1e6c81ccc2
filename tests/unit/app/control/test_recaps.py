"""Stored recaps from a second terminal: the cockpit that runs answers, and the store where none."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cockpit.app.core import Core
from cockpit.cli.exits import Exit
from cockpit.cli.main import app
from cockpit.ports.store import StoredRecap
from tests.unit.app.conftest import OpenSession

DAY = "2017-12-29"  # before the day that the session plays: nothing comes to it


class Terminal:
    """The command line of the same person, in a thread as in another process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def run(self, *words: object) -> Result:
        told = ["recap", *map(str, words), "--data-dir", str(self.folder / "data")]
        return await asyncio.to_thread(CliRunner().invoke, app, told)

    async def json(self, *words: object) -> dict[str, Any]:
        result = await self.run(*words, "--json")
        assert result.exit_code == Exit.OK, result.output
        told: dict[str, Any] = json.loads(result.stdout)
        return told


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


async def drafted(core: Core) -> StoredRecap:
    return await core.commands.draft_recap(DAY)


async def test_a_running_cockpit_lists_shows_and_approves(
    session: OpenSession, terminal: Terminal
) -> None:
    async with session() as core:
        recap = await drafted(core)
        (told,) = (await terminal.json("list"))["recaps"]
        assert told == {
            "number": recap.recap_id, "account": core.account_id, "period": DAY, "kind": "daily",
            "state": "draft", "approved": None, "writer": "template", "model": None,
            "title": recap.title,
        }  # fmt: skip
        shown = await terminal.run("show", recap.recap_id)
        assert shown.stdout.startswith("Draft: not approved by its owner.\n\n# ")
        assert shown.stdout.endswith(recap.markdown)
        approved = await terminal.run("approve", recap.recap_id)
        assert approved.exit_code == Exit.OK
        assert approved.stdout.startswith(f"daily, {DAY}: Approved on ")
        assert (await core.recaps.opened(recap.recap_id)).approved_ns is not None
        assert (await terminal.json("list"))["recaps"][0]["state"] == "approved"
        again = await terminal.run("approve", recap.recap_id)
        assert again.stdout == approved.stdout
        assert (await terminal.run("list", "--account", "NOBODY")).exit_code != Exit.OK


async def test_where_none_runs_the_store_tells_the_same(
    session: OpenSession, terminal: Terminal
) -> None:
    async with session() as core:
        recap = await drafted(core)
        while_it_ran = (await terminal.json("list"))["recaps"]
    assert (await terminal.json("list"))["recaps"] == while_it_ran
    shown = (await terminal.json("show", recap.recap_id))["recap"]
    assert (shown["markdown"], shown["state"]) == (recap.markdown, "draft")
    done = await terminal.run("approve", recap.recap_id)
    assert (done.exit_code, "Approved on" in done.stdout) == (Exit.OK, True)
    assert (await terminal.json("list"))["recaps"][0]["state"] == "approved"


async def test_what_is_not_there_is_said_with_the_next_step(
    session: OpenSession, terminal: Terminal
) -> None:
    async with session():
        for words in (("show", 99), ("approve", 99)):
            result = await terminal.run(*words)
            assert result.exit_code == Exit.NOTHING_THERE
            assert "There is no recap 99." in result.stderr
            assert "cockpit recap list" in result.stderr
        assert "No recap is stored yet" in (await terminal.run("list")).stdout


async def test_options_without_a_commands_name_write(
    session: OpenSession, terminal: Terminal
) -> None:
    async with session():
        pass
    out = terminal.folder / "recap.md"
    result = await terminal.run("--date", DAY)
    assert result.exit_code == Exit.USAGE
    assert "--out" in result.output
    assert not out.exists()
    helped = CliRunner().invoke(app, ["recap", "--help"])
    for command in ("write", "list", "show", "approve"):
        assert f"\n  {command} " in helped.output
