"""The page of the journal's JSON names every key that is printed, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cockpit.app.bookkeeping.telling import positions_told, trades_told
from cockpit.cli.main import app
from cockpit.journal.statistics import Statistic
from tests.unit.docs.pages import page, rows, section

PAGE = page("docs/journal-json.md")
TABLE = """Date,Time,Symbol,Side,Qty,Price,Fees,Currency
2023-01-05,09:31:22,XMPL,buy,100,50.10,1.00,USD
2023-01-05,10:15:00,XMPL,sell,100,51.20,1.05,USD
2023-01-06,10:00:00,OTHR,buy,50,20,0,USD
2023-01-06,10:00:01,GONE,sell to close,5,20,0,USD
"""
POUNDS = TABLE.replace("USD", "GBP").replace("XMPL", "BRIT")


def keys(name: str, *, table: int = 0) -> list[str]:
    return [row[0] for row in rows(section(PAGE, f"## {name}"), table=table)]


class Journal:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *words: object) -> dict[str, Any]:
        told = ["journal", *map(str, words), "--json", "--data-dir", str(self.folder / "data")]
        result = CliRunner().invoke(app, told)
        assert result.exit_code == 0, result.output
        printed: dict[str, Any] = json.loads(result.stdout)
        return printed

    def imported(self, text: str, account: str) -> dict[str, Any]:
        file = self.folder / f"{account}.csv"
        file.write_text(text)
        return self("import", file, "--account", account)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def test_every_key_is_told(journal: Journal) -> None:
    report = journal.imported(TABLE, "mine")
    assert list(report) == keys("import")
    assert set(report["rows"][0]) == {"line", "verdict", "reason", "account", "text"}
    trades = journal("trades")
    [trade] = trades["trades"]
    assert list(trade) == keys("trades")
    assert list(trade["lots"][0]) == keys("trades", table=1)
    [held] = journal("positions")["positions"]
    assert list(held) == keys("positions")
    assert list(held["lots"][0]) == ["quantity", "price", "opened", "opened_timed"]
    assert list(trades["unmatched"][0]) == keys("unmatched")
    told = journal("stats")
    assert list(told) == ["period", "key", "statistics", "r_distribution"]
    assert list(told["statistics"]["net"]) == keys("stats")
    assert list(told["r_distribution"][0]) == ["from", "below", "trades"]
    assert list(journal("stats", "--by", "symbol")) == ["period", "by", "groups"]


def test_the_keys_of_lists_are_told(journal: Journal) -> None:
    journal.imported(TABLE, "mine")
    for command, name in (("calendar", "days"), ("accounts", "accounts"), ("imports", "imports")):
        told = journal(command)
        assert list(told) == [name]
        assert list(told[name][0]) == keys(command)
    assert journal("matching") == {"matching": {"mine": "fifo"}}


def test_keys_of_plans_and_excursions_are_told() -> None:
    source = Path(trades_told.__code__.co_filename).read_text(encoding="utf-8")
    for function, table in (("_excursion", 2), ("_plan", 3)):
        body = source.split(f"def {function}(")[1].split("\ndef ")[0]
        assert re.findall(r'^        "(\w+)":', body, re.MULTILINE) == keys("trades", table=table)
    assert positions_told([]) == []


def decimals(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from decimals(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from decimals(each, key)
    else:
        yield key, value


def test_figures_are_text_and_times_are_utc(journal: Journal) -> None:
    journal.imported(TABLE, "mine")
    for command in ("trades", "positions"):
        for key, value in decimals(journal(command)):
            assert not isinstance(value, float), key
            if key in ("opened", "closed", "at"):
                assert str(value).endswith("+00:00")
            if key in ("quantity", "gross", "fees", "net", "price", "average_cost", "multiplier"):
                assert re.fullmatch(r"-?\d+(\.\d+)?", str(value)), (key, value)


def test_an_account_without_trades_gives_empty_lists(journal: Journal) -> None:
    journal.imported(TABLE, "mine")
    late = journal("trades", "--from", "2024-01-01")
    assert late["trades"] == []
    told = journal("stats", "--from", "2024-01-01")["statistics"]
    assert (told["win_rate"]["value"], bool(told["win_rate"]["undefined"])) == (None, True)


def test_money_is_in_its_own_currency_and_never_added_to_another(journal: Journal) -> None:
    journal.imported(TABLE, "mine")
    journal.imported(POUNDS, "theirs")
    assert {t["symbol"]: t["currency"] for t in journal("trades")["trades"]} == {
        "XMPL": "USD", "BRIT": "GBP",
    }  # fmt: skip
    assert [p["currency"] for p in journal("positions", "--account", "theirs")["positions"]] == [
        "GBP"
    ]
    pounds = journal("stats", "--account", "theirs")["statistics"]
    assert [pounds["net"][name] for name in ("value", "unit", "currency")] == [
        "107.95", "GBP", "GBP",
    ]  # fmt: skip
    both = journal("stats")["statistics"]
    assert both["net"]["value"] is None
    assert both["net"]["undefined"] == "trades in GBP and USD can't be added up"
    assert (both["trades"]["value"], both["win_rate"]["value"]) == ("2", "1")
    groups = {
        g["key"]: g["statistics"]["net"] for g in journal("stats", "--by", "symbol")["groups"]
    }
    assert {key: (net["value"], net["unit"]) for key, net in groups.items()} == {
        "XMPL": ("107.95", "USD"), "BRIT": ("107.95", "GBP"),
    }  # fmt: skip
    assert set(pounds["net"]) == {f for f in Statistic.__struct_fields__ if f != "id"}
