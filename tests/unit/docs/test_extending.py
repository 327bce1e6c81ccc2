"""The documented strategy, taken from the page, installed as a package and traded."""

import gzip
import importlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cockpit.adapters.brokers import paper
from cockpit.app import registry
from cockpit.cli.main import app
from tests.unit.docs.pages import ROOT, blocks, page, rows, section

PAGE = page("docs/extending.md")
COMPLETE = section(PAGE, "## A strategy, complete")
OPENS = datetime(2018, 1, 2, 14, 30, tzinfo=UTC)
MINUTES = 12


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The package of the page, installed as an installer leaves it; its strategy's name."""
    (project,) = map(tomllib.loads, blocks(COMPLETE, "toml"))
    (source,) = blocks(COMPLETE, "python")
    place, about = tmp_path / "site", project["project"]
    info = place / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
    info.mkdir(parents=True)
    ((group, points),) = about["entry-points"].items()
    ((name, target),) = points.items()
    metadata = f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n", encoding="utf-8")
    module = target.partition(":")[0]
    (place / f"{module}.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(place)
    importlib.invalidate_caches()
    yield name
    sys.modules.pop(module, None)


@pytest.fixture
def recorded(tmp_path: Path) -> list[str]:
    """Twelve minutes in which ABC rises, quoted each second and traded each tenth."""
    quotes, trades = ["ts,symbol,bid,bid_size,ask,ask_size"], ["ts,symbol,price,size"]
    for second in range(MINUTES * 60):
        at = (OPENS + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        price = 100 + second // 10 / 100
        quotes.append(f"{at},ABC,{price:.2f},10,{price + 0.02:.2f},10")
        if second % 10 == 0:
            trades.append(f"{at},ABC,{price + 0.01:.2f},100")
    files = {"quotes": quotes, "trades": trades}
    for name, lines in files.items():
        with gzip.open(tmp_path / f"{name}.csv.gz", "wt", encoding="utf-8", newline="\n") as file:
            file.write("\n".join([*lines, ""]))
    return [str(tmp_path / f"{name}.csv.gz") for name in files]


def documented(names: dict[str, str], last: list[str]) -> list[str]:
    """The arguments of the page's replay, with the files and folders of this test."""
    (shell,) = blocks(COMPLETE, "sh")
    command = next(line for line in shell.splitlines() if " replay " in line)
    words = command.split()[1:]
    return [names.get(word, word) for word in words] + last


def played(recorded: list[str], folder: Path, report: Path) -> Result:
    names = {Path(file).name: file for file in recorded}
    arguments = documented(names, ["--data-dir", str(folder), "--report", str(report)])
    plain = report.with_name("empty.toml")
    plain.touch()
    return CliRunner().invoke(app, arguments, env={"COCKPIT_CONFIG": str(plain)})


def test_it_trades_as_documented(installed: str, recorded: list[str], tmp_path: Path) -> None:
    result = played(recorded, tmp_path / "data", tmp_path / "out.json")
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    fills = report["fills"]["all"]
    assert [fill["side"] for fill in fills[:2]] == ["buy", "sell"]
    assert {fill["strategy"] for fill in fills} == {installed}
    minutes = [datetime.fromisoformat(fill["time"]).minute for fill in fills[:2]]
    assert minutes == [34, 37]  # three bars above the one before them, and three bars later
    assert report["journal"]["trades"]
    assert set(report["orders"]["by_reason"]) == {"READINESS_NOT_READY"}  # after the last row


def test_the_report_holds_the_documented_keys(
    installed: str, recorded: list[str], tmp_path: Path
) -> None:
    assert played(recorded, tmp_path / "data", tmp_path / "out.json").exit_code == 0
    report = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    table = section(page("docs/command-line.md"), "## cockpit replay").rpartition("| key of")
    told = {word for cell, _ in rows(table[1] + table[2]) for word in re.findall(r"\w+", cell)}
    assert set(report) == told
    assert set(report["timings"]) == {"wall_seconds", "peak_memory_mb"}


def test_it_is_found_by_name(installed: str) -> None:
    assert installed in registry.names("strategies")
    plugin = registry.find("strategies", installed)
    assert plugin.build(plugin.settings()).name == plugin.name == installed


def test_kinds_and_what_they_are_built_with() -> None:
    table = rows(PAGE)
    assert {row[1].removeprefix("cockpit.") for row in table} == set(registry.KINDS)
    broker = next(row for row in table if row[0] == "broker")
    told = set(re.findall(r"\w+", broker[4]))
    assert told == set(paper.build.__annotations__) - {"settings", "return"}


def test_every_file_named_is_there() -> None:
    named = set(re.findall(r"`(cockpit/[\w/.]+)`", PAGE))
    assert len(named) >= 10
    assert all((ROOT / name).exists() for name in named)
