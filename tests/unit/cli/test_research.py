"""`cockpit data get`, `cache` and `budget`, with a vendor of a package of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cockpit.cli.exits import Exit
from cockpit.cli.main import app
from tests.support.plugins import install

VENDOR = """
from decimal import Decimal
from cockpit.kernel.settings import SettingsModel
from cockpit.ports.feed import RawBar
from cockpit.ports.plugin import Plugin
from cockpit.ports.source import *
from cockpit.ports.source import Kind

DAY = 86_400 * 10**9


class Settings(SettingsModel):
    per_day: int = 9


class Vendor:
    name = "tidemark"

    def __init__(self, settings, *, clock):
        self.clock = clock
        self.profile = Profile(
            kinds=frozenset(Kind),
            budget=Budget(per_minute=5, per_day=settings.per_day),
            bars=(BarOffer((60, 86_400)),),
            plan="free",
        )

    async def fetch(self, ask, meter):
        async with meter.request():
            now = self.clock.now_ns()
            if ask.symbol == "NOPE":
                raise UnknownSymbolError("tidemark", "it knows no NOPE")
            if ask.symbol == "DOWN":
                raise DownError("tidemark", "HTTP 503")
            rows = {
                QuoteAsk: lambda: [LatestQuote(symbol=ask.symbol, ts_event=now, bid=9.5, ask=9.75)],
                BarsAsk: lambda: [
                    RawBar(ask.symbol, 9.0, 9.5, 8.5, 9.25, 1000.0, 0.0, 0, ask.interval_s,
                           ask.start_ns)
                ],
                FundamentalsAsk: lambda: [
                    Fundamentals(symbol=ask.symbol, name="Abc Inc", sector="Tech",
                                 figures={Figure.MARKET_CAP: Decimal("1234567")})
                ],
                NewsAsk: lambda: [
                    NewsItem(news_id="1", headline="Up it goes", url="https://n/1",
                             ts_event=now, publisher="Wire", symbols=(ask.symbol,))
                ],
                ActionsAsk: lambda: [
                    CorporateAction(symbol=ask.symbol, kind=ActionKind.SPLIT, ex_day="2024-06-10",
                                    shares_after=Decimal(10)),
                    CorporateAction(symbol=ask.symbol, kind=ActionKind.DIVIDEND,
                                    ex_day="2024-06-11", amount=Decimal("0.01")),
                ],
            }[type(ask)]()
            return Answer(source="tidemark", fetched_ns=now, rows=tuple(rows))

    async def close(self):
        pass


plugin = Plugin(name="tidemark", settings=Settings, build=Vendor)
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    points = {"cockpit.sources": {"tidemark": "tidemark_source:plugin"}}
    install(monkeypatch, tmp_path / "site", "tidemark_source", VENDOR, points)
    kinds = ("quote", "bars", "fundamentals", "news", "actions")
    lines = [f'{kind} = ["tidemark"]' for kind in kinds]
    config = tmp_path / "cockpit.toml"
    config.write_text("\n".join(["[data.sources]", *lines, ""]), encoding="utf-8")
    monkeypatch.setenv("COCKPIT_CONFIG", str(config))
    monkeypatch.setenv("COCKPIT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["data", *words])


def as_json(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.usefixtures("desk")
def test_a_quote_says_its_price_its_source_and_its_age() -> None:
    result = run("get", "abc")
    assert result.exit_code == 0
    assert "ABC  bid 9.5 x ?  ask 9.75 x ?" in result.stdout
    assert "tidemark, real time, fetched now" in result.stderr
    assert "kept, fetched" in run("get", "ABC", "--max-age", "60").stderr


@pytest.mark.usefixtures("desk")
def test_bars_are_csv_and_nothing_else_on_stdout() -> None:
    result = run("get", "ABC", "--kind", "bars", "--from", "2024-01-01", "--to", "2024-03-01")
    assert result.stdout.splitlines() == [
        "ts,open,high,low,close,volume,trades,vwap",
        "2024-01-01T05:00:00Z,9.0,9.5,8.5,9.25,1000,,",
    ]
    assert "adjusted: raw" in result.stderr


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("fundamentals", "market_cap           1,234,567"),
        ("news", "Up it goes (Wire)  https://n/1"),
        ("actions", "2024-06-10  ABC  split 10 for 1\n2024-06-11  ABC  dividend 0.01 USD"),
    ],
)
def test_other_kinds(kind: str, text: str) -> None:
    assert text in run("get", "ABC", "--kind", kind).stdout


@pytest.mark.usefixtures("desk")
def test_json_holds_all_that_is_known() -> None:
    told = as_json("get", "ABC")
    assert told["source"] == "tidemark"
    assert (told["kept"], told["stale"], told["delay_s"], told["passed_over"]) == (
        False, False, 0, [],
    )  # fmt: skip
    assert told["rows"][0]["bid"] == 9.5
    assert told["rows"][0]["ts_event"] > 0


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["NOPE"], Exit.NOTHING_THERE, "no source knows the symbol (tidemark: it knows no NOPE)"),
        (["DOWN"], Exit.FAILED, "(tidemark: HTTP 503)"),
        (["a b"], Exit.USAGE, "is no symbol"),
        (["ABC", "--kind", "bars", "--interval", "7x"], Exit.USAGE, "no length of bars"),
        (["ABC", "--kind", "bars", "--interval", "5m"], Exit.FAILED, "no bars of 300 s"),
        (["ABC", "--from", "2024-02-01", "--to", "2024-01-01"], Exit.USAGE, "before its start"),
        (["ABC", "--source", "other"], Exit.SETTINGS, "no source called 'other'"),
        (["ABC", "--kind", "colours"], Exit.USAGE, "colours"),
    ],
)
def test_what_goes_wrong_is_said(words: list[str], code: Exit, text: str) -> None:
    result = run("get", *words)
    assert result.exit_code == code
    assert text in result.stderr
    assert result.stdout == ""


@pytest.mark.usefixtures("desk")
def test_the_budget_counts_over_commands_and_holds() -> None:
    for symbol in ("AA", "BB", "CC", "DD", "EE"):
        assert run("get", symbol).exit_code == 0
    refused = run("get", "FF")
    assert refused.exit_code == Exit.FAILED
    assert "5 requests a minute are used up" in refused.stderr
    (line,) = [s for s in as_json("budget")["sources"] if s["source"] == "tidemark"]
    assert line["spans"] == {"minute": {"used": 5, "most": 5}, "day": {"used": 5, "most": 9}}
    assert "tidemark (free): used 5 of 5 this minute, 5 of 9 this day" in run("budget").stdout


@pytest.mark.usefixtures("desk")
def test_the_cache_is_shown_and_forgotten() -> None:
    assert run("cache").stdout == "0 answers, 0.0 MB\n"
    run("get", "ABC")
    run("get", "ABC", "--kind", "news")
    assert [line["kind"] for line in as_json("cache")["kept"]] == ["news", "quote"]
    assert [line["kind"] for line in as_json("cache", "--kind", "news")["kept"]] == ["news"]
    assert as_json("cache", "--clear", "--kind", "news", "--symbol", "abc") == {"forgotten": 1}
    assert run("cache", "--clear").stdout == "1 answers are forgotten.\n"
    assert run("cache", "--symbol", "ABC").exit_code == Exit.USAGE


def test_a_source_that_has_no_such_kind_is_no_setting(desk: Path) -> None:
    (desk / "cockpit.toml").write_text('[data.sources]\nfundamentals = ["alpaca"]\n', "utf-8")
    result = run("get", "ABC", "--kind", "fundamentals")
    assert result.exit_code == Exit.SETTINGS
    assert "has no fundamentals" in result.stderr


def test_a_damaged_store_is_said_and_nobody_is_asked(desk: Path) -> None:
    (desk / "data").mkdir(mode=0o700)
    (desk / "data" / "research.sqlite").write_bytes(b"no database" * 999)
    result = run("get", "ABC")
    assert result.exit_code == Exit.DATA_FOLDER
    assert "no vendor is asked" in result.stderr
