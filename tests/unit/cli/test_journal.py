"""`cockpit journal`: a statement in, trades, positions and statistics out."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cockpit.adapters.storage import open_store
from cockpit.app.launch import STORE_NAME
from cockpit.cli.exits import Exit
from cockpit.cli.main import app
from cockpit.domain.account import Mode

TABLE = """Date,Time,Symbol,Side,Qty,Price,Fees
2023-01-05,09:31:22,XMPL,buy,100,50.10,1.00
2023-01-05,10:15:00,XMPL,sell,100,51.20,1.05
2023-01-06,10:00:00,OTHR,short,50,20,0
2023-01-06,10:00:01,OTHR,teleport,50,20,0
"""


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "trades.csv"
        self.file.write_text(TABLE)

    def run(self, *arguments: object) -> Result:
        words = ["journal", *map(str, arguments), "--data-dir", str(self.folder / "data")]
        return CliRunner().invoke(app, words)

    def json(self, *arguments: object) -> dict[str, Any]:
        result = self.run(*arguments, "--json")
        assert result.exit_code == Exit.OK, result.output
        told: dict[str, Any] = json.loads(result.stdout)
        return told


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_each_line_has_a_verdict(desk: Desk) -> None:
    told = desk.json("import", desk.file)
    verdicts = [(row["line"], row["verdict"]) for row in told["rows"]]
    assert verdicts == [
        (1, "ignored"), (2, "booked"), (3, "booked"), (4, "booked"), (5, "unknown"),
    ]  # fmt: skip
    assert (told["booked"], told["unknown"], told["accounts"]) == (3, 1, ["table"])


def test_a_second_import_changes_nothing(desk: Desk) -> None:
    desk.json("import", desk.file)
    before = desk.json("trades")
    again = desk.json("import", desk.file)
    assert (again["booked"], again["known"], again["batch_id"]) == (0, 3, "")
    assert desk.json("trades") == before


def test_the_same_file_for_another_account_asks_first(desk: Desk) -> None:
    desk.run("import", desk.file, "--account", "mine")
    refused = desk.run("import", desk.file, "--account", "theirs")
    assert refused.exit_code == Exit.NOT_CONFIRMED
    assert "3 lines say what another import has booked: line 2, for one: mine has" in refused.stderr
    assert "--doubles leave" in refused.stderr
    preview = desk.run("import", desk.file, "--account", "theirs", "--preview").stdout
    assert "0 lines would be booked, 0 known already, 3 booked by another import" in preview
    assert "note: This very file was imported on" in preview
    told = desk.json("import", desk.file, "--account", "theirs", "--doubles", "book")
    assert (told["booked"], told["doubles"]) == (3, 0)


@pytest.mark.parametrize("command", ["trades", "stats", "calendar"])
def test_a_period_that_ends_before_it_begins_is_no_period(desk: Desk, command: str) -> None:
    desk.run("import", desk.file)
    refused = desk.run(command, "--from", "2023-02-01", "--to", "2023-01-31", "--json")
    assert (refused.exit_code, refused.stdout) == (Exit.USAGE, "")
    assert "2023-02-01 is after --to 2023-01-31" in " ".join(refused.stderr.split())
    assert desk.run(command, "--from", "2023-01-31", "--to", "2023-01-31").exit_code == Exit.OK


def test_a_preview_books_nothing(desk: Desk) -> None:
    told = desk.json("import", desk.file, "--preview")
    assert (told["booked"], told["batch_id"]) == (3, "")
    assert desk.json("trades") == {"trades": [], "unmatched": []}


def test_trades_carry_what_a_trader_asks_for(desk: Desk) -> None:
    desk.run("import", desk.file, "--account", "mine")
    [trade] = desk.json("trades", "--account", "mine")["trades"]
    told = {name: trade[name] for name in ("symbol", "direction", "gross", "fees", "net")}
    assert told == {"symbol": "XMPL", "direction": "long", "gross": "110", "fees": "2.05",
                    "net": "107.95"}  # fmt: skip
    assert trade["opened"] == "2023-01-05T14:31:22+00:00"
    assert [lot["quantity"] for lot in trade["lots"]] == ["100"]
    [held] = desk.json("positions")["positions"]
    assert (held["symbol"], held["direction"], held["average_cost"]) == ("OTHR", "short", "20")


def test_statistics_by_what_trades_have_in_common(desk: Desk) -> None:
    desk.run("import", desk.file)
    told = desk.json("stats")
    assert told["statistics"]["net"]["value"] == "107.95"
    assert told["statistics"]["profit_factor"]["undefined"] == "no trade lost"
    keys = {by: [g["key"] for g in desk.json("stats", "--by", by)["groups"]]
            for by in ("symbol", "hour", "weekday", "tag", "setup", "strategy")}  # fmt: skip
    assert keys == {"symbol": ["XMPL"], "hour": ["09:00"], "weekday": ["Thursday"],
                    "tag": ["(none)"], "setup": ["(none)"], "strategy": ["imported"]}  # fmt: skip
    assert desk.json("stats", "--from", "2023-01-06")["statistics"]["trades"]["value"] == "0"


def test_returns_need_the_equity_that_is_told(desk: Desk) -> None:
    later = "2023-01-06,11:00:00,XMPL,buy,1,50,0\n2023-01-06,11:05:00,XMPL,sell,1,49,0\n"
    desk.file.write_text(TABLE + later)
    desk.run("import", desk.file)
    assert desk.json("stats")["statistics"]["sharpe"]["undefined"] == (
        "the starting equity is not known"
    )
    told = desk.json("stats", "--equity", "10000")
    assert float(told["statistics"]["sharpe"]["value"]) > 0
    assert told["statistics"]["sharpe"]["definition"].startswith("mean / standard deviation")
    assert sum(bucket["trades"] for bucket in told["r_distribution"]) == 0  # no stop is known
    assert desk.run("stats", "--equity", "lots").exit_code == Exit.USAGE


def test_an_import_is_taken_back(desk: Desk) -> None:
    batch = desk.json("import", desk.file)["batch_id"]
    assert desk.run("undo", batch).exit_code == Exit.OK
    assert desk.json("trades")["trades"] == []
    [told] = desk.json("imports")["imports"]
    assert told["withdrawn_ns"] is not None
    assert desk.run("undo", batch).exit_code == Exit.NOTHING_THERE
    assert desk.json("import", desk.file)["booked"] == 3


def test_columns_told_once_are_remembered_for_the_same_headings(desk: Desk) -> None:
    desk.file.write_text(TABLE.replace("Price", "What it cost"))
    refused = desk.run("import", desk.file)
    assert refused.exit_code == Exit.INPUT
    assert "--map" in refused.stderr
    assert desk.json("import", desk.file, "--map", "price=What it cost")["booked"] == 3
    desk.file.write_text(TABLE.replace("Price", "What it cost").replace("51.20", "52.20"))
    assert desk.json("import", desk.file)["booked"] == 1


def test_no_column_may_be_wanted_for_a_meaning(desk: Desk) -> None:
    desk.json("import", desk.file, "--account", "mine", "--map", "fees=")
    [trade] = desk.json("trades")["trades"]
    assert trade["fees"] == "0"
    assert desk.json("import", desk.file, "--account", "mine")["known"] == 3


def test_lines_above_unusual_headings_don_t_hide_what_is_remembered(desk: Desk) -> None:
    own = "My export\nof March\n" + TABLE.replace("Price", "What it cost").replace("Qty", "Many")
    desk.file.write_text(own)
    told = ("--map", "price=What it cost", "--map", "quantity=Many")
    assert desk.json("import", desk.file, *told)["booked"] == 3
    desk.file.write_text(own.replace("51.20", "52.20"))
    assert desk.json("import", desk.file)["booked"] == 1


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("price=Nowhere", Exit.INPUT),
        ("colour=Price", Exit.INPUT),
        ("price", Exit.USAGE),
    ],
)
def test_a_wrong_mapping_is_explained(desk: Desk, told: str, code: Exit) -> None:
    result = desk.run("import", desk.file, "--map", told)
    assert result.exit_code == code
    assert told.partition("=")[2] in result.stderr


def test_a_file_that_is_not_there_or_no_statement(desk: Desk) -> None:
    missing = desk.run("import", desk.folder / "no.csv")
    assert missing.exit_code == Exit.INPUT
    assert "Nothing was imported" in missing.stderr
    desk.file.write_bytes(b"%PDF-1.7")
    assert desk.run("import", desk.file).exit_code == Exit.INPUT


def test_a_sessions_account_takes_no_statement(desk: Desk) -> None:
    async def open_session() -> None:
        (desk.folder / "data").mkdir()
        store = await open_store(desk.folder / "data" / STORE_NAME)
        await store.open_run(Mode.PAPER, label="l", source="s", now_ns=1)
        await store.close()

    asyncio.run(open_session())
    refused = desk.run("import", desk.file, "--account", "PAPER-1")
    assert refused.exit_code == Exit.INPUT
    assert "PAPER-1" in refused.stderr


def test_an_unknown_account_or_an_empty_folder_says_what_to_do(desk: Desk) -> None:
    assert desk.run("trades").exit_code == Exit.NOTHING_THERE
    desk.run("import", desk.file)
    result = desk.run("trades", "--account", "nobody")
    assert result.exit_code == Exit.NOTHING_THERE
    assert "journal accounts" in result.stderr


def test_people_get_lines(desk: Desk) -> None:
    text = desk.run("import", desk.file).stdout
    assert "3 lines booked" in text
    assert "line 5: the action 'teleport' is not known" in text
    assert "+$107.95" in desk.run("trades").stdout
    assert "OTHR" in desk.run("positions").stdout
    assert "no trade lost" in desk.run("stats").stdout
    assert "trades.csv" in desk.run("imports").stdout
    assert "table" in desk.run("accounts").stdout


def test_a_note_is_written_read_found_and_brought_back(desk: Desk) -> None:
    desk.run("import", desk.file)
    [trade] = desk.json("trades")["trades"]
    about = ("--trade", trade["trade_id"])
    assert "Nothing is written" in desk.run("note", *about).stdout
    first = desk.json("note", "Waited for the retest", "--rating", 4, "--kept", "Stop", *about)
    assert (first["entry"]["day"], first["entry"]["rating"]) == ("2023-01-05", 4)
    desk.run("note", "then added", "--append", "--mistake", "Late", *about)
    desk.run("tag", "setup/orb", "#patience", *about)
    entry = desk.json("note", *about)["entry"]
    assert entry["note"] == "Waited for the retest\n\nthen added"
    assert (entry["tags"], entry["mistakes"]) == (["setup/orb", "patience"], ["Late"])
    assert entry["rules"] == [{"text": "Stop", "done": True}]
    for words in (["retest"], ["#setup"], ["late"], ["then added"]):
        assert len(desk.json("search", *words)["found"]) == 1, words
    assert desk.json("search", "nowhere")["found"] == []
    assert desk.json("tag")["tags"] == {"patience": 1, "setup": 1, "setup/orb": 1}
    [group] = [g for g in desk.json("stats", "--by", "tag")["groups"] if g["key"] == "setup"]
    assert group["statistics"]["net"]["value"] == "107.95"
    [setup] = desk.json("stats", "--by", "setup")["groups"]
    assert setup["key"] == "orb"
    told = desk.json("history", *about)["versions"]
    assert [v["version"] for v in told] == [3, 2, 1]
    assert "+ Tags: setup/orb, patience" in told[0]["changes"]
    assert desk.run("restore", *about).exit_code == Exit.OK
    assert desk.json("note", *about)["entry"]["tags"] == []


def test_an_entry_of_a_day_and_a_file_beside_it(desk: Desk) -> None:
    desk.run("import", desk.file)
    day = ("--day", "2023-01-05")
    assert desk.run("attach", desk.file, *day).stdout == "Attached: trades.csv\n"
    told = desk.json("note", "-", *day)
    assert told["entry"]["drafted"].startswith(
        "**Imported statement.** 1 trade closed on Thursday, 5 January 2023"
    )
    assert [file["name"] for file in told["attachments"]] == ["trades.csv"]
    assert "File: trades.csv" in desk.run("note", *day).stdout
    refused = desk.run("attach", desk.folder / "none.png", *day)
    assert refused.exit_code == Exit.INPUT
    assert "The entry is as it was." in refused.stderr


def test_what_an_entry_cannot_be_about_is_said(desk: Desk) -> None:
    assert desk.run("note", "x").exit_code == Exit.NOTHING_THERE  # no ledger yet
    desk.run("import", desk.file)
    desk.file.write_text(TABLE.replace("50.10", "50.20"))
    desk.run("import", desk.file, "--account", "second", "--doubles", "book")
    assert "--account" in desk.run("note", "x").stderr
    mine = ("--account", "second")
    assert desk.run("note", "x", "--trade", "no-1", *mine).exit_code == Exit.NOTHING_THERE
    assert desk.run("note", "x", "--trade", "a", "--day", "2023-01-05").exit_code == Exit.USAGE
    assert desk.run("restore", "--day", "2023-01-05", *mine).exit_code == Exit.NOTHING_THERE
    assert desk.run("note", "x", "--account", "third").exit_code == Exit.NOTHING_THERE


def test_a_calendar_of_the_days(desk: Desk) -> None:
    desk.run("import", desk.file)
    assert desk.json("calendar")["days"] == [
        {
            "day": "2023-01-05", "net": "107.95", "undefined": "", "currency": "USD", "trades": 1,
            "wins": 1, "losses": 0,
        }
    ]  # fmt: skip
    text = desk.run("calendar").stdout.splitlines()
    assert text[1].split() == ["2023-01-02", ".", ".", ".", "+$107.95", ".", ".", ".", "+$107.95"]
    assert "No trade" in desk.run("calendar", "--from", "2024-01-01").stdout


def test_an_account_is_matched_as_was_chosen_for_it(desk: Desk) -> None:
    text = "Date,Symbol,Side,Qty,Price\n2023-01-05,XMPL,buy,10,10\n2023-01-06,XMPL,buy,10,20\n"
    desk.file.write_text(f"{text}2023-01-07,XMPL,sell,10,30\n")
    desk.run("import", desk.file, "--account", "mine")
    desk.run("import", desk.file, "--account", "theirs", "--doubles", "book")

    def costs() -> dict[str, str]:
        return {p["account"]: p["average_cost"] for p in desk.json("positions")["positions"]}

    assert costs() == {"mine": "20", "theirs": "20"}
    told = desk.json("matching", "mine", "average")
    assert told == {"matching": {"mine": "average"}}
    assert costs() == {"mine": "15", "theirs": "20"}
    assert desk.json("matching")["matching"] == {"mine": "average", "theirs": "fifo"}
    assert "average" in desk.run("matching", "mine").stdout
    desk.run("matching", "mine", "fifo")
    assert costs() == {"mine": "20", "theirs": "20"}
    assert desk.run("matching", "nobody", "average").exit_code == Exit.NOTHING_THERE
    (desk.folder / "data" / "lot-matching.json").write_text("{")
    broken = desk.run("positions")
    assert broken.exit_code != Exit.OK
    assert "lot-matching.json" in broken.stderr
