"""`cockpit limits show` prints what is written and what was in force."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cockpit.adapters.storage import open_store
from cockpit.app.launch import STORE_NAME
from cockpit.app.limits.desk import settle_limits
from cockpit.cli.main import app
from cockpit.domain.account import Mode
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "cockpit.toml"
    path.write_text(
        '[limits]\nmax_order_value = 50000\nrestricted_symbols = ["GME"]\n'
        "[limits.symbols.ACME]\nmax_order_value = 7\n",
        encoding="utf-8",
    )
    return path


def shown(*more: str):
    return CliRunner().invoke(app, ["limits", "show", *more])


def test_the_file_as_it_counts(config) -> None:
    result = shown("--config", str(config))
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["max_order_value", "50000", "money"] in lines
    assert ["symbols.ACME.max_order_value", "7", "money"] in lines
    assert ["restricted_symbols", "GME", "symbols"] in lines


async def test_what_waits_on_a_live_account(config, tmp_path) -> None:
    store = await open_store(tmp_path / STORE_NAME)
    run = await store.open_run(Mode.LIVE, label="", source="", now_ns=1)
    await settle_limits(store, run, LimitRules.of(Limits()), 1)
    await store.close()
    named = ("--config", str(config), "--data-dir", str(tmp_path), "--account", run.account_id)
    told = json.loads(shown(*named, "--json").stdout)
    assert told["account"] == run.account_id
    rows = {row["limit"]: row for row in told["limits"]}
    assert rows["max_order_value"] == {
        "limit": "max_order_value",
        "written": "50000",
        "unit": "money",
        "in_force": "10000",
        "waits": True,
    }
    assert not rows["symbols.ACME.max_order_value"]["waits"]
    line = next(n for n in shown(*named).stdout.splitlines() if n.startswith("max_order_value"))
    assert line.endswith("in force 10000  waits for your word")


def test_a_file_that_can_not_be_used_is_told(tmp_path) -> None:
    path = tmp_path / "cockpit.toml"
    path.write_text("[limits]\nmax_lunch = 1\n", encoding="utf-8")
    result = shown("--config", str(path))
    assert result.exit_code != 0
    assert "max_lunch is not a limit" in result.output
