from __future__ import annotations

import gzip
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cockpit.cli import data
from cockpit.cli.exits import Exit
from cockpit.cli.main import app
from tests.support.recordings import write_recording

DAY = "intraday_us"


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["data", *map(str, arguments)])


def good(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return str(result.stdout)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    return write_recording(tmp_path_factory.mktemp("recording")).files


def test_bad_rows_are_counted_by_rule_and_listed(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(
        "ts,symbol,bid,bid_size,ask,ask_size,exchange\n"
        "2018-01-02T14:30:00Z,ABC,10.0,1,10.1,1,N\n"
        "2018-01-02T14:30:01Z,ABC,0,0,0,0,N\n"
        "2018-01-02T14:30:02Z,ABC,10.2,1,10.1,1,P\n"
        "2018-01-02T14:30:03Z,ABC,ten,1,10.1,1,P\n",
        encoding="utf-8",
    )
    told = json.loads(good("quality", path, "--json"))
    assert told["rules"] == {
        "zero_bid": 1, "zero_ask": 1, "crossed": 1, "no_size": 1, "locked": 1, "unreadable": 1,
        "unproven": 1,
    }  # fmt: skip
    assert told["refused"] == {"zero_bid": 1, "crossed": 1, "unreadable": 1}
    assert (told["rows"], told["accepted"], told["exchanges"]) == (4, 1, {"N": 2, "P": 2})
    assert "crossed" in good("quality", path)
    shown = good("quality", path, "--show", "crossed")
    assert shown.startswith("2018-01-02T14:30:02+00:00 P quote ABC bid 10.2 x 100.0 ask 10.1")
    assert shown.count("\n") == 1
    assert "line 5" in good("quality", path, "--show", "unreadable")


@pytest.mark.parametrize(
    "words", [("bars", "--every", "3x"), ("bars", "--with", "foo"), ("profile", "--step", "0")]
)
def test_words_that_can_not_be_read_are_a_usage_error(
    files: tuple[str, ...], words: tuple[str, ...]
) -> None:
    command, option, value = words
    result = run(command, *files, option, value)
    assert result.exit_code == Exit.USAGE
    assert "Traceback" not in result.output


def test_rows_of_a_rule_are_listed_as_one_object(files: tuple[str, ...]) -> None:
    told = json.loads(good("quality", *files, "--show", "locked", "--json"))
    assert told["rule"] == "locked"
    assert all(set(row) == {"ts_ns", "exchange", "row"} for row in told["rows"])


def test_without_a_file_and_a_session_it_says_what_to_name(tmp_path: Path) -> None:
    result = run("quality", "--data-dir", tmp_path)
    assert result.exit_code == Exit.NOTHING_THERE
    assert "Name the files" in result.stderr


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_bad_day_is_told_by_its_own_option(option: str, tmp_path: Path) -> None:
    result = run("get", "ABC", option, "2024-13-01", "--data-dir", tmp_path)
    assert result.exit_code == Exit.USAGE
    assert f"'{option}'" in result.stderr


def test_a_recording_that_is_called_off_leaves_no_tape(
    tmp_path: Path, files: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_rows: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "working", lambda _words: nullcontext(stop))
    result = run("record", *files, "--out", tmp_path / "half.tape")
    assert result.exit_code == Exit.INTERRUPTED
    assert list(tmp_path.iterdir()) == []


def test_a_rule_that_is_none_is_refused(files: tuple[str, ...]) -> None:
    result = run("quality", *files, "--show", "ugly")
    assert result.exit_code == Exit.USAGE
    assert "zero_bid" in result.stderr


def test_a_tape_counts_and_plays_as_its_files(tmp_path: Path, files: tuple[str, ...]) -> None:
    tape, again = tmp_path / "day.tape", tmp_path / "again.tape"
    line = good("record", *files, "--out", tape)
    assert "DEFECT" not in line
    assert "2018-01-02" in line
    good("record", tape, "--out", again)
    assert again.read_bytes() == tape.read_bytes()
    assert good("bars", tape) == good("bars", *files)
    played, from_tape = (json.loads(good("replay", *f, "--json")) for f in (files, (tape,)))
    assert played.pop("seconds") > 0
    assert from_tape.pop("seconds") > 0
    assert from_tape == played
    assert played["quotes"] > 0 < played["bars"]
    assert "rows/s" in good("replay", tape)
    assert json.loads(good("quality", tape, "--json"))["rows"] == played["rows"]
    (told,) = json.loads(good("tapes", tape, "--json"))
    assert (told["rows"], told["defect"]) == (played["rows"], "")


def test_a_tape_is_never_written_over(tmp_path: Path, files: tuple[str, ...]) -> None:
    out = tmp_path / "day.tape"
    out.write_bytes(b"mine")
    result = run("record", *files, "--out", out)
    assert result.exit_code == Exit.OUTPUT
    assert out.read_bytes() == b"mine"
    assert run("record", *files, "--out", tmp_path / "no" / "x.tape").exit_code == Exit.OUTPUT


def test_tapes_of_the_data_folder(tmp_path: Path, files: tuple[str, ...]) -> None:
    nothing = run("tapes", "--data-dir", tmp_path)
    assert nothing.exit_code == Exit.NOTHING_THERE
    (tmp_path / "tapes").mkdir()
    good("record", *files, "--out", tmp_path / "tapes" / "a.tape")
    whole = (tmp_path / "tapes" / "a.tape").read_bytes()
    (tmp_path / "tapes" / "b.tape").write_bytes(whole[:-5])
    result = run("tapes", "--data-dir", tmp_path)
    assert result.exit_code == Exit.FAILED
    first, second = result.stdout.splitlines()
    assert "DEFECT" not in first
    assert "DEFECT: its end is torn" in second


def test_tapes_and_files_do_not_mix_and_a_tape_has_no_exchange(
    tmp_path: Path, files: tuple[str, ...]
) -> None:
    tape = tmp_path / "day.tape"
    good("record", *files, "--out", tape)
    for arguments in ((tape, *files), (tape, "--exchange", "N"), (tape, tape.parent)):
        result = run("replay", *arguments)
        assert result.exit_code == Exit.INPUT, arguments
        assert result.stderr.startswith("cockpit: ")


def test_tapes_of_one_time_can_not_follow_each_other(
    tmp_path: Path, files: tuple[str, ...]
) -> None:
    first, second = tmp_path / "a.tape", tmp_path / "b.tape"
    good("record", *files, "--out", first)
    second.write_bytes(first.read_bytes())
    result = run("replay", first, second)
    assert result.exit_code == Exit.INPUT
    assert "before a.tape has ended" in result.stderr


def test_indicators_are_columns_beside_the_bars(files: tuple[str, ...]) -> None:
    plain, more = (
        good("bars", *files, *w).splitlines() for w in ((), ("--with", "ema:2", "--with", "vwap"))
    )
    assert more[0] == f"{plain[0]},ema:2,vwap"
    assert [line.rsplit(",", 2)[0] for line in more] == plain
    assert more[1].split(",")[-2] == ""
    assert run("bars", *files, "--with", "magic").exit_code != 0


def test_the_profile_holds_all_shares_of_the_prints(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "ts,symbol,price,size\n"
        "2018-01-02T14:30:00Z,ABC,10.00,10\n"
        "2018-01-02T14:30:01Z,ABC,10.14,90\n",
        encoding="utf-8",
    )
    assert good("profile", path).splitlines() == [
        "symbol,price,volume,area", "ABC,10.0,10,", "ABC,10.1,90,poc",
    ]  # fmt: skip
    assert run("profile", path, "--step", 0).exit_code != 0


@pytest.mark.parametrize("step", ["", "5", "0m", "1d", "-1m"])
def test_a_bar_of_no_kind_is_refused(files: tuple[str, ...], step: str) -> None:
    assert run("bars", *files, "--every", step).exit_code != 0


@pytest.mark.data
def test_minute_bars_of_the_recorded_sessions_are_the_known_ones(shared_data: Path) -> None:
    """Every column of every bar, and no bar more or less."""
    folder = shared_data / DAY
    etf = good("bars", folder / "ETF_AAA_BBB_2014-09-17_trades.csv.gz")
    xxx = good("bars", folder / "XXX_2018-01-02_trades.csv.gz")
    known = gzip.decompress((folder / "derived_1min_bars.csv.gz").read_bytes()).decode()
    assert etf + xxx.partition("\n")[2] == known


@pytest.mark.data
def test_quality_of_the_recorded_session_is_the_known_one(shared_data: Path) -> None:
    told = json.loads(good("quality", shared_data / DAY / "XXX_2018-01-02_quotes.csv.gz", "--json"))
    known = {"zero_bid": 27, "zero_ask": 45, "locked": 21, "crossed": 24}
    assert {name: told["rules"][name] for name in known} == known
    assert told["rows"] == 66_695
