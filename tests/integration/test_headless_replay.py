"""A whole day through the real program: replay, report, recap, and all of it again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.figures import figures, figures_of, visible
from tests.support.headless import Outcome, cockpit, replay, report_of, rows
from tests.support.recordings import DAY, quote_rows, trade_rows, write_recording

FORMATS = ("md", "html")


@dataclass(frozen=True)
class Day:
    """One run: how it ended, its report, and its recap in each format."""

    folder: Path
    outcome: Outcome
    report: dict[str, Any]
    recaps: dict[str, str]

    @property
    def less_timings(self) -> str:
        """The report's text without the part that may differ."""
        kept = {key: value for key, value in self.report.items() if key != "timings"}
        return json.dumps(kept, indent=2, sort_keys=True, ensure_ascii=False)


def play(
    folder: Path,
    files: tuple[str, ...],
    *options: object,
    name: str = "day",
    formats: tuple[str, ...] = FORMATS,
) -> Day:
    """Replay into `folder`/data and export the recap of what was just played."""
    folder.mkdir(exist_ok=True)
    report = folder / f"{name}.json"
    outcome = replay(folder, files, "--report", report, *options)
    assert outcome.code == 0, outcome
    assert outcome.err == ""
    recaps: dict[str, str] = {}
    for fmt in formats:
        out = folder / f"{name}.{fmt}"
        done = cockpit(
            folder, "recap", "--date", DAY, "--kind", "daily", "--format", fmt,
            "--out", out, "--data-dir", folder / "data",
        )  # fmt: skip
        assert (done.code, done.err) == (0, ""), done
        recaps[fmt] = out.read_text(encoding="utf-8")
    return Day(folder, outcome, report_of(report), recaps)


def recorded_files(folder: Path) -> tuple[str, ...]:
    day = folder / "intraday_us"
    return tuple(str(day / f"XXX_{DAY}_{kind}.csv.gz") for kind in ("quotes", "trades"))


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    return write_recording(tmp_path_factory.mktemp("recording")).files


@pytest.fixture(scope="module")
def mini_day(mini: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Day:
    return play(tmp_path_factory.mktemp("mini"), mini)


@pytest.fixture(scope="module")
def real_day(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Day:
    return play(tmp_path_factory.mktemp("real"), recorded_files(shared_data))


@pytest.fixture(scope="module", params=["mini", pytest.param("real", marks=pytest.mark.data)])
def day(request: pytest.FixtureRequest) -> Day:
    """The small session of our own, and the recorded one where it is at hand."""
    played: Day = request.getfixturevalue(f"{request.param}_day")
    return played


@pytest.fixture
def files(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The recording that `day` played."""
    if request.node.callspec.params["day"] == "mini":
        mini: tuple[str, ...] = request.getfixturevalue("mini")
        return mini
    return recorded_files(request.getfixturevalue("shared_data"))


def money(value: str) -> Decimal:
    return Decimal(value)


# the report


def test_the_report_holds_what_a_script_needs(day: Day) -> None:
    report = day.report
    assert set(report["events"]) == {"read", "accepted", "quarantined", "skipped"}
    assert report["events"]["read"] == report["events"]["accepted"] + sum(
        report["events"]["quarantined"].values()
    )
    assert sum(report["orders"]["by_state"].values()) == report["orders"]["count"] > 0
    assert report["fills"]["count"] == len(report["fills"]["all"]) > 0
    assert set(report["pnl"]) == {"realised", "unrealised", "fees", "net"}
    assert isinstance(report["positions"], list)
    assert report["timings"]["wall_seconds"] > 0
    assert report["timings"]["peak_memory_mb"] > 10
    assert len(report["journal"]["trades"]) >= 1


def test_the_money_is_the_sum_of_the_fills(day: Day) -> None:
    """Counted anew from nothing but the fills; both sessions end flat."""
    fills = day.report["fills"]["all"]
    sign = {"buy": -1, "sell": 1}
    cash = sum(sign[f["side"]] * money(f["quantity"]) * money(f["price"]) for f in fills)
    held = sum(sign[f["side"]] * money(f["quantity"]) for f in fills)
    fees = sum(money(f["fee"]) for f in fills)
    pnl = {key: money(value) for key, value in day.report["pnl"].items()}

    assert held == 0
    assert day.report["positions"] == []
    assert pnl == {"realised": cash, "unrealised": 0, "fees": fees, "net": cash - fees}
    assert sum(money(t["net"]) for t in day.report["journal"]["trades"]) == cash - fees
    facts = {fact["id"]: fact for fact in day.report["recap"]["facts"]}
    assert money(facts["net"]["value"]) == cash - fees


def test_the_ledger_holds_what_the_report_says(day: Day) -> None:
    data = day.folder / "data"
    stored = rows(data, "select side, quantity, price, fee from fill order by ts_event, id")
    told = [
        (f["side"], f["quantity"], f["price"], f["fee"])
        for f in sorted(day.report["fills"]["all"], key=lambda f: f["time"])
    ]
    assert [tuple(map(str, row)) for row in stored][: len(told)] == told
    assert rows(data, "select count(*) from run")[0][0] >= 1


def test_the_summary_names_the_day_and_the_way_to_the_recap(day: Day) -> None:
    out = day.outcome.out
    assert f"REPLAY {DAY}" in out
    assert f"Net {day.report['pnl']['net']} USD" in out
    assert f"cockpit recap --date {DAY}" in out
    assert f"--data-dir {day.folder / 'data'}" in out


def test_every_row_of_our_own_session_is_counted(mini_day: Day) -> None:
    quotes, trades = list(quote_rows()), list(trade_rows())
    seldom = [row for row in quotes if row[-1] == "P"]
    assert mini_day.report["events"] == {
        "read": len(quotes) - len(seldom) + len(trades),
        "accepted": len(quotes) - len(seldom) + len(trades),
        "quarantined": {},
        "skipped": {"other_exchange": len(seldom)},
    }


def test_our_own_session_wins_on_one_stock_and_loses_on_the_other(mini_day: Day) -> None:
    trades = {t["symbol"]: t for t in mini_day.report["journal"]["trades"]}
    assert {s: t["direction"] for s, t in trades.items()} == {"ACME": "long", "BOLT": "short"}
    assert money(trades["ACME"]["net"]) > 0 > money(trades["BOLT"]["net"])
    assert mini_day.report["orders"]["by_state"] == {"canceled": 1, "filled": 4}


def test_the_recorded_session_plays_whole(real_day: Day) -> None:
    events = real_day.report["events"]
    assert events["read"] == 49_536 + 39_470
    assert events["skipped"] == {"other_exchange": 66_695 - 49_536}
    assert len(real_day.report["journal"]["trades"]) >= 1


# the recap


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_figure_of_the_recap_stands_in_the_report(day: Day, fmt: str) -> None:
    text = day.recaps[fmt] if fmt == "md" else visible(day.recaps[fmt])
    shown = figures(text)
    assert len(shown) >= 10
    assert shown - figures_of(day.report) == set()
    facts = {fact["id"]: fact["text"] for fact in day.report["recap"]["facts"]}
    for required in ("net", "fees", "trades", "losses"):
        assert facts[required] in text


def test_a_changed_figure_would_be_seen(mini_day: Day) -> None:
    """The check above can fail: each kind of figure, altered by one, is not in the report."""
    known = figures_of(mini_day.report)
    for fact in ("net", "mean_r", "shares", "first_fill", "win_rate"):
        text = next(f["text"] for f in mini_day.report["recap"]["facts"] if f["id"] == fact)
        at = max(i for i, letter in enumerate(text) if letter.isdigit())
        wrong = f"{text[:at]}{(int(text[at]) + 7) % 10}{text[at + 1 :]}"
        assert figures(wrong) - known, wrong


# again


def test_the_same_again_gives_the_same_bytes(
    day: Day, files: tuple[str, ...], tmp_path: Path
) -> None:
    """In the same folder, where it is the second account, and in a fresh one."""
    in_place = play(day.folder, files, name="again", formats=("md",))
    elsewhere = play(tmp_path / "elsewhere", files, formats=("html",))
    for other in (in_place, elsewhere):
        assert other.less_timings == day.less_timings
        assert other.recaps == {fmt: day.recaps[fmt] for fmt in other.recaps}
    accounts = rows(day.folder / "data", "select account_id from run order by number")
    assert accounts == [("REPLAY-1",), ("REPLAY-2",)]


def test_another_seed_is_another_day_at_the_broker(
    mini_day: Day, mini: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "other.json"
    assert replay(tmp_path, mini, "--seed", 2, "--report", out).code == 0
    assert {f["time"] for f in report_of(out)["fills"]["all"]} != {
        f["time"] for f in mini_day.report["fills"]["all"]
    }


def test_a_paced_day_fills_the_same(mini_day: Day, mini: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "paced.json"
    assert replay(tmp_path, mini, "--speed", 1000, "--report", out).code == 0
    assert report_of(out)["fills"] == mini_day.report["fills"]


# nothing traded


def assert_quiet(played: Day) -> None:
    assert played.report["fills"] == {"count": 0, "all": []}
    assert set(played.report["pnl"].values()) == {"0.00"}
    for fmt in played.recaps:
        text = played.recaps[fmt] if fmt == "md" else visible(played.recaps[fmt])
        assert "0 trades" in text
        assert figures(text) <= figures_of(played.report)


def test_what_nobody_approves_is_never_sent(mini: tuple[str, ...], tmp_path: Path) -> None:
    played = play(tmp_path, mini, "--approve", "none", "--exchange", "P")
    assert_quiet(played)
    assert played.report["orders"]["by_state"] == {"denied": 2}
    assert played.report["orders"]["by_reason"] == {"APPROVAL_KILLED": 2}
    bad = {"crossed": 10, "zero_ask": 11, "zero_bid": 11}
    assert played.report["events"]["quarantined"] == bad
    assert rows(tmp_path / "data", "select count(*) from fill") == [(0,)]


def test_a_book_with_holes_is_counted_by_reason(shared_data: Path, tmp_path: Path) -> None:
    """Exchange M quotes 33 times that day, 32 times with a side missing."""
    played = play(tmp_path, recorded_files(shared_data), "--exchange", "M", formats=("md",))
    assert_quiet(played)
    assert played.report["events"]["quarantined"] == {"zero_ask": 7, "zero_bid": 25}
    assert played.report["events"]["read"] == 33 + 39_470


def test_without_a_strategy_nothing_is_proposed(mini: tuple[str, ...], tmp_path: Path) -> None:
    played = play(tmp_path, mini, "--strategy", "none", formats=())
    assert_quiet(played)
    assert played.report["orders"] == {"count": 0, "by_state": {}, "by_reason": {}}
