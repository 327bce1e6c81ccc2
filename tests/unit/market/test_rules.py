"""The rules over more than one row: what is believed depends on what was true before."""

from __future__ import annotations

import csv
import gzip
import itertools
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from cockpit.kernel.clock import SECOND
from cockpit.market import rules
from cockpit.market.levels import Level
from cockpit.market.quality import Quality
from cockpit.market.rules import RULES, Action
from cockpit.ports.feed import RawCorrection, RawQuote, RawTrade

T0 = 1_514_903_400 * SECOND


def quoted(second: float, mid: float, size: float = 100.0) -> RawQuote:
    return RawQuote("ABC", mid - 0.01, mid + 0.01, size, size, T0 + round(second * SECOND))


def calm(quality: Quality, mid: float = 100.0, rows: int = 40) -> int:
    """A quiet market up to the second that is returned."""
    for n in range(rows):
        assert quality.check_quote(quoted(3 * n, mid + 0.01 * (n % 3)), T0 + 3 * n * SECOND)
    return 3 * rows


def check(quality: Quality, second: float, mid: float) -> bool:
    return quality.check_quote(quoted(second, mid), T0 + round(second * SECOND)) is not None


def test_every_rule_has_a_name_and_says_what_it_means() -> None:
    assert all(name.replace("_", "").isalpha() and text for name, text in RULES.items())
    tables = (rules.QUOTE_FATAL, rules.QUOTE_HARD, rules.QUOTE_SOFT, rules.TRADE_HARD)
    assert {rule.name for table in tables for rule in table} <= set(RULES)


def test_one_wild_quote_is_set_aside_and_the_next_true_one_passes() -> None:
    quality = Quality()
    now = calm(quality)
    assert not check(quality, now, 80.0)
    assert check(quality, now + 1, 100.0)
    assert quality.counts == {"outlier": 1}
    assert "79.99" in quality.recent[-1].detail


def test_a_real_move_is_believed_once_three_agree() -> None:
    quality = Quality()
    now = calm(quality)
    assert [check(quality, now + n, 80.0 + n / 100) for n in range(4)] == [False, False, True, True]
    assert not check(quality, now + 5, 100.0) or len(quality._slots["ABC"].mid.recent) < 9


def test_wild_quotes_that_do_not_agree_are_never_believed() -> None:
    quality = Quality()
    now = calm(quality)
    assert not any(check(quality, now + n, price) for n, price in enumerate((80.0, 60.0, 80.0)))


def test_a_small_move_is_never_an_outlier_however_quiet_it_was() -> None:
    quality = Quality()
    now = calm(quality)
    assert check(quality, now, 100.0 * (1 + Level.FLOOR) - 0.05)


def test_in_the_first_seconds_a_jump_is_believed_once_three_agree_and_a_small_one_at_once() -> None:
    quality = Quality()
    assert check(quality, 0, 100.0)
    assert not check(quality, 1, 550.0)  # of another symbol, say
    assert check(quality, 2, 109.0)
    assert [check(quality, n, 80.0) for n in (3, 4, 5)] == [False, False, True]
    assert check(quality, 6, 80.5)


def test_after_a_long_silence_a_large_jump_is_believed_once_three_agree() -> None:
    quality = Quality()
    now = calm(quality)
    assert check(quality, now + 700, 109.0), "nobody knows what is usual after so long"
    assert [check(quality, now + 1400 + n, 80.0) for n in range(3)] == [False, False, True]


def test_a_second_source_decides() -> None:
    quality = Quality()
    now = calm(quality)
    quality.second_source("ABC", 80.1, T0 + now * SECOND)
    assert check(quality, now, 80.0), "both say so"
    assert not check(quality, now + 1, 100.0), "the first alone"
    for n in range(4):
        assert not check(quality, now + 2 + n, 100.0), "however often"


def test_prints_are_held_to_the_same() -> None:
    quality = Quality()
    for n in range(40):
        ts = T0 + 3 * n * SECOND
        assert quality.check_trade(RawTrade("ABC", 100 + n % 2 / 100, 10.0, ts), ts)
    ts = T0 + 125 * SECOND
    assert quality.check_trade(RawTrade("ABC", 10.0, 10.0, ts), ts) is None
    assert quality.counts == {"outlier": 1}


def test_a_print_that_comes_twice_is_dropped_by_its_id() -> None:
    quality = Quality()
    row = RawTrade("ABC", 10.0, 1.0, T0, trade_id="7")
    assert quality.check_trade(row, T0)
    assert quality.check_trade(row, T0) is None
    assert quality.check_trade(RawTrade("ABC", 10.0, 1.0, T0, trade_id="8"), T0)
    assert quality.check_trade(RawTrade("ABC", 10.0, 1.0, T0), T0), "without ids nobody knows"
    assert quality.check_trade(RawTrade("ABC", 10.0, 1.0, T0), T0)
    assert (quality.counts, quality.recent) == ({"duplicate": 1}, ())


def test_ids_are_forgotten_some_thousand_prints_later_and_not_before() -> None:
    quality = Quality()
    for n in range(2 * rules.Slot.MOST_IDS):
        assert quality.check_trade(RawTrade("ABC", 10.0, 1.0, T0 + n, trade_id=str(n)), T0 + n)
    slot = quality._slots["ABC"]
    assert len(slot.ids) + len(slot.older_ids) <= 2 * slot.MOST_IDS
    assert slot.knows(str(rules.Slot.MOST_IDS))


def test_a_repeated_quote_is_flagged_or_dropped_as_chosen() -> None:
    row = quoted(0, 100.0)
    quality = Quality()
    assert quality.check_quote(row, T0)
    assert quality.check_quote(quoted(0, 100.0), T0)
    assert quality.flagged == quality.hits == {"duplicate": 1, "unproven": 1}
    strict = Quality({"duplicate": Action.DROP})
    strict.expect("ABC", 100.0)
    assert strict.check_quote(row, T0)
    assert strict.check_quote(quoted(0, 100.0), T0) is None
    assert (strict.counts, strict.hits, strict.accepted) == ({"duplicate": 1},) * 2 + (1,)


def test_late_and_wide_rows_pass_with_a_flag() -> None:
    quality = Quality()
    quality.expect("ABC", 100.0)
    assert quality.check_quote(quoted(0, 100.0), T0 + 11 * SECOND)
    assert quality.check_quote(RawQuote("ABC", 90.0, 120.0, 1.0, 1.0, T0 + SECOND), T0 + SECOND)
    assert quality.flagged == {"stale": 1, "wide": 1}


def test_a_wide_quote_says_nothing_of_the_price() -> None:
    quality = Quality()
    now = calm(quality)
    ts = T0 + now * SECOND
    assert quality.check_quote(RawQuote("ABC", 60.0, 100.02, 1.0, 1.0, ts), ts)
    assert check(quality, now + 1, 100.0)
    assert "outlier" not in quality.hits


def test_a_row_counts_under_every_rule_it_breaks_and_is_set_aside_once() -> None:
    quality = Quality()
    assert quality.check_quote(RawQuote("ABC", 0.0, 0.0, 0.0, 0.0, T0), T0) is None
    assert quality.counts == {"zero_bid": 1}
    assert quality.hits == {"zero_bid": 1, "zero_ask": 1, "no_size": 1, "locked": 1}


def test_a_first_price_far_from_the_previous_close_is_believed_once_three_agree() -> None:
    quality = Quality()
    quality.expect("ABC", 200.0)
    assert not check(quality, 0, 20.0), "of another symbol, say"
    assert [check(quality, n, 100.0) for n in (1, 2, 3)] == [False, False, True]
    assert quality.flagged == {"split_like": 1}
    assert quality.counts == {"outlier": 3}


def test_a_first_print_is_held_to_the_previous_close_too() -> None:
    quality = Quality()
    quality.expect("ABC", 200.0)
    assert quality.check_trade(RawTrade("ABC", 100.0, 1.0, T0), T0) is None
    assert quality.check_trade(RawTrade("ABC", 205.0, 1.0, T0), T0)
    assert (quality.counts, quality.flagged) == ({"outlier": 1}, {})


def test_a_print_that_agrees_with_the_quote_is_believed_at_once() -> None:
    """After a gap the quotes agree first; no print of the opening may be lost for it."""
    quality = Quality()
    quality.expect("ABC", 200.0)
    assert [check(quality, n, 100.0) for n in range(3)] == [False, False, True]
    ts = T0 + 3 * SECOND
    assert quality.check_trade(RawTrade("ABC", 150.0, 1.0, ts), ts) is None
    assert quality.check_trade(RawTrade("ABC", 100.5, 1.0, ts), ts)


def test_a_print_beside_an_old_quote_is_held_to_the_close() -> None:
    quality = Quality()
    quality.expect("ABC", 200.0)
    assert [check(quality, n, 100.0) for n in range(3)] == [False, False, True]
    ts = T0 + 60 * SECOND
    assert quality.check_trade(RawTrade("ABC", 100.5, 1.0, ts), ts) is None


def test_a_quote_that_a_second_source_denies_proves_no_print() -> None:
    quality = Quality()
    for second in range(3):
        assert check(quality, second, 100.0)
    assert quality.check_trade(RawTrade("ABC", 100.0, 1.0, T0 + 3 * SECOND), T0 + 3 * SECOND)
    for _ in range(Level.DOUBTS):
        quality.second_source("ABC", 80.0, T0 + 3 * SECOND)
    ts = T0 + 4 * SECOND
    assert quality.check_trade(RawTrade("ABC", 100.0, 1.0, ts), ts) is None


def test_a_usual_gap_over_night_is_believed_at_once() -> None:
    quality = Quality()
    quality.expect("ABC", 100.0)
    assert check(quality, 0, 109.0)
    assert (quality.counts, quality.flagged) == ({}, {})


def test_a_first_price_with_nothing_beside_it_is_flagged_once() -> None:
    quality = Quality()
    assert check(quality, 0, 100.0)
    assert check(quality, 1, 100.0)
    assert quality.check_trade(RawTrade("ABC", 100.0, 1.0, T0), T0)
    assert quality.flagged == {"unproven": 2}, "a quote and a print"


def test_a_wide_first_quote_is_no_price_yet() -> None:
    quality = Quality()
    assert quality.check_quote(RawQuote("ABC", 90.0, 120.0, 1.0, 1.0, T0), T0)
    assert quality.flagged == {"wide": 1}
    assert check(quality, 1, 100.0)
    assert quality.flagged == {"wide": 1, "unproven": 1}


def test_of_a_first_price_a_second_source_decides_where_there_is_one() -> None:
    quality = Quality()
    quality.second_source("ABC", 50.0, T0)
    assert not check(quality, 0, 100.0)
    assert check(quality, 1, 50.01)
    assert (quality.counts, quality.flagged) == ({"outlier": 1}, {})


def test_a_correction_without_a_print_is_refused() -> None:
    quality = Quality()
    assert quality.check_correction(RawCorrection("ABC", "", 0.0, 0.0, T0), T0) is None
    assert quality.check_correction(RawCorrection("", "1", 1.0, 1.0, T0), T0) is None
    assert quality.check_correction(RawCorrection("ABC", "1", 1.0, 1.0, T0, -1.0, 1.0), T0) is None
    assert quality.counts == {"unreadable": 2, "no_symbol": 1}


@pytest.mark.data
def test_split_like_jumps_of_real_years_are_the_splits(shared_data: Path) -> None:
    """Raw opens and closes of five stocks: the jumps like a split are the two that were one."""
    quality = Quality()
    found, real = list[tuple[str, str]](), set[tuple[str, str]]()
    rows = _daily(shared_data)
    for symbol, group in itertools.groupby(rows, key=lambda row: row["symbol"]):
        before = quality.flagged.get("split_like", 0)
        for row in group:
            if float(row["split_ratio"]) != 1:
                real.add((symbol, row["date"]))
            for column, clock in (("open", "14:30"), ("close", "21:00")):
                moment = datetime.fromisoformat(f"{row['date']}T{clock}:00+00:00")
                ts = round(moment.timestamp()) * SECOND
                print_ = RawTrade(symbol, float(row[column]), 1.0, ts)
                assert any(quality.check_trade(print_, ts) for _ in range(Level.CONFIRMATIONS))
            flagged = quality.flagged.get("split_like", 0)
            if flagged > before:
                found.append((symbol, row["date"]))
            before = flagged
    assert real == {("ORCL", "2000-01-19"), ("ORCL", "2000-10-13")}
    assert real <= set(found)
    assert not [jump for jump in found if jump not in real and _same_year_before(rows, jump)]


def _daily(shared_data: Path) -> list[dict[str, str]]:
    path = shared_data / "daily" / "wiki_daily.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return sorted(csv.DictReader(text), key=lambda row: (row["symbol"], row["date"]))


def _same_year_before(rows: list[dict[str, str]], jump: tuple[str, str]) -> bool:
    """Whether the row before it is of the same year; the years on file are not contiguous."""
    days = [row["date"] for row in rows if row["symbol"] == jump[0]]
    at = days.index(jump[1])
    return at > 0 and days[at - 1][:4] == jump[1][:4]


@pytest.mark.data
def test_counts_of_the_recorded_session_are_the_known_ones(shared_data: Path) -> None:
    """Over all exchanges, each a book of its own; a row is counted under all it breaks."""
    path = shared_data / "intraday_us" / "XXX_2018-01-02_quotes.csv.gz"
    books: dict[str, Quality] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            ts = round(datetime.fromisoformat(row["ts"]).timestamp() * 1e6) * 1000
            numbers = [float(row[name]) for name in ("bid", "ask", "bid_size", "ask_size")]
            quality = books.setdefault(row["exchange"], Quality())
            quality.check_quote(RawQuote(row["symbol"], *numbers, ts), ts)
    hits, counts = Counter[str](), Counter[str]()
    for quality in books.values():
        hits.update(quality.hits)
        counts.update(quality.counts)
    known = {"zero_bid": 27, "zero_ask": 45, "locked": 21, "crossed": 24}
    assert {name: hits[name] for name in known} == known
    assert (counts["zero_bid"], counts["zero_ask"]) == (27, 24), "21 rows have neither side"
    assert books["N"].counts == {}
