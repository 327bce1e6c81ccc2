import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.market.quality import Quality
from cockpit.ports.feed import RawQuote, RawStatus, RawTrade

NAN, INF = math.nan, math.inf


def raw_quote(
    bid: Any = 10.0, ask: Any = 10.02, sizes: Any = (100.0, 200.0), ts: int = 5
) -> RawQuote:
    return RawQuote("ABC", bid, ask, sizes[0], sizes[1], ts)


def test_a_good_quote_passes_with_both_times() -> None:
    quality = Quality()
    quote = quality.check_quote(raw_quote(), 9)
    assert quote is not None
    assert (quote.bid, quote.ask, quote.bid_size, quote.ask_size) == (10.0, 10.02, 100.0, 200.0)
    assert (quote.ts_event, quote.ts_init) == (5, 9)
    assert (quality.accepted, quality.quarantined, quality.counts) == (1, 0, {})


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (raw_quote(bid=0.0), "zero_bid"),
        (raw_quote(ask=0.0), "zero_ask"),
        (raw_quote(bid=10.03), "crossed"),
        (raw_quote(bid=-1.0), "negative"),
        (raw_quote(ask=-1.0), "negative"),
        (raw_quote(bid=NAN), "not_a_number"),
        (raw_quote(ask=INF), "not_a_number"),
        (raw_quote(bid=None), "null"),
        (raw_quote(sizes=(0.0, 1.0)), "no_size"),
        (raw_quote(sizes=(1.0, 0.0)), "no_size"),
        (raw_quote(sizes=(1.0, -3.0)), "negative"),
        (raw_quote(sizes=(NAN, 1.0)), "not_a_number"),
        (RawQuote("", 10.0, 10.1, 1.0, 1.0, 5), "no_symbol"),
    ],
)
def test_a_bad_quote_is_quarantined_under_its_reason(raw: RawQuote, reason: str) -> None:
    quality = Quality()
    assert quality.check_quote(raw, 9) is None
    assert quality.counts == {reason: 1}
    assert quality.accepted == 0
    assert quality.recent[-1].reason == reason
    assert quality.recent[-1].ts == 5


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (RawTrade("ABC", 0.0, 1.0, 5), "zero_price"),
        (RawTrade("ABC", 1.0, 0.0, 5), "no_size"),
        (RawTrade("ABC", -1.0, 1.0, 5), "negative"),
        (RawTrade("ABC", NAN, 1.0, 5), "not_a_number"),
        (RawTrade("ABC", 1.0, INF, 5), "not_a_number"),
        (RawTrade("ABC", 1.0, 1.0, 5, cancelled=True), "cancelled"),
        (RawTrade("", 1.0, 1.0, 5), "no_symbol"),
    ],
)
def test_a_bad_trade_is_quarantined_under_its_reason(raw: RawTrade, reason: str) -> None:
    quality = Quality()
    assert quality.check_trade(raw, 9) is None
    assert quality.counts == {reason: 1}


def test_a_locked_quote_passes_and_is_flagged() -> None:
    quality = Quality()
    assert quality.check_quote(raw_quote(bid=10.02), 9) is not None
    assert quality.flagged == {"locked": 1, "unproven": 1}
    assert quality.counts == {}


def test_time_goes_forward_for_each_symbol_and_kind_alone() -> None:
    quality = Quality()
    assert quality.check_quote(raw_quote(ts=5), 9)
    assert quality.check_quote(raw_quote(ts=5), 9), "the same instant is not out of order"
    assert quality.check_quote(raw_quote(ts=4), 9) is None
    assert quality.check_quote(RawQuote("XYZ", 1.0, 1.1, 1.0, 1.0, 4), 9)
    assert quality.check_trade(RawTrade("ABC", 1.0, 1.0, 4), 9)
    assert quality.check_trade(RawTrade("ABC", 1.0, 1.0, 3), 9) is None
    assert quality.counts == {"out_of_order": 2}


def test_a_row_from_the_future_is_not_fresh_and_does_not_make_true_ones_late() -> None:
    quality, second = Quality(), 1_000_000_000
    assert quality.check_quote(raw_quote(ts=86_400 * second), 9) is None
    assert quality.check_trade(RawTrade("ABC", 1.0, 1.0, 86_400 * second), 9) is None
    assert quality.counts == {"future": 2}
    assert quality.check_quote(raw_quote(ts=second), 9), "within the skew that is allowed"
    assert quality.check_quote(raw_quote(ts=second + 5), second + 5)


def test_a_quarantined_quote_does_not_move_time() -> None:
    quality = Quality()
    assert quality.check_quote(raw_quote(bid=NAN, ts=100), 9) is None
    assert quality.check_quote(raw_quote(ts=50), 9)


def test_a_status_needs_a_symbol() -> None:
    quality = Quality()
    status = quality.check_status(RawStatus("ABC", True, "LULD", 5), 9)
    assert status is not None
    assert status.halted
    assert quality.check_status(RawStatus(" ", True, "LULD", 5), 9) is None
    assert quality.counts == {"no_symbol": 1}


def test_recent_is_bounded_and_newest_last() -> None:
    quality = Quality()
    for ts in range(Quality.RECENT + 5):
        quality.quarantine("unreadable", f"line {ts}", ts)
    assert len(quality.recent) == Quality.RECENT
    assert quality.recent[-1].detail == f"line {Quality.RECENT + 4}"
    assert quality.quarantined == Quality.RECENT + 5


any_float = st.floats(allow_nan=True, allow_infinity=True)


@given(any_float, any_float, any_float, any_float)
def test_whatever_comes_is_either_a_market_or_counted(
    bid: float, ask: float, bid_size: float, ask_size: float
) -> None:
    quality = Quality()
    quote = quality.check_quote(RawQuote("ABC", bid, ask, bid_size, ask_size, 1), 2)
    assert quality.accepted + quality.quarantined == 1
    if quote is not None:
        assert 0 < quote.bid <= quote.ask < INF
        assert min(quote.bid_size, quote.ask_size) > 0


def test_what_passes_says_which_feed_it_is_from() -> None:
    quality = Quality(source="alpaca")
    quote = quality.check_quote(raw_quote(), 9)
    trade = quality.check_trade(RawTrade("ABC", 10.0, 5.0, 5), 9)
    status = quality.check_status(RawStatus("ABC", halted=True, reason="LULD", ts_event=5), 9)
    assert quote is not None
    assert trade is not None
    assert status is not None
    assert {quote.source, trade.source, status.source} == {"alpaca"}


# a second source


def told(quality: Quality, symbol_mid: float, at_s: float) -> None:
    quality.second_source("ABC", symbol_mid, round(at_s * NS))


def quoted(quality: Quality, mid: float, at_s: float) -> bool:
    """Whether a quote of that mid is believed at that second."""
    raw = raw_quote(mid - 0.01, mid + 0.01, ts=round(at_s * NS))
    return quality.check_quote(raw, round(at_s * NS)) is not None


NS = 1_000_000_000


def test_a_source_that_repeats_an_old_price_with_a_fresh_stamp_is_not_believed() -> None:
    quality = Quality()
    for second in range(20):
        assert quoted(quality, 10.0, second)
    told(quality, 11.0, 20)
    assert quoted(quality, 10.0, 20.5)  # once may be a slip of the other's
    told(quality, 11.0, 30)
    assert not quoted(quality, 10.0, 31)
    assert not quoted(quality, 10.0, 55)
    assert quoted(quality, 11.0, 56)
    assert quoted(quality, 11.01, 57)
    assert quality.counts == {"outlier": 2}


def test_a_second_source_that_falls_silent_decides_nothing_any_more() -> None:
    quality = Quality()
    quoted(quality, 10.0, 1)
    for second in (5, 15):
        told(quality, 11.0, second)
    assert not quoted(quality, 10.0, 16)
    quality.second_source("ABC", None)
    assert quoted(quality, 10.0, 17)


def test_a_jump_that_the_second_source_sees_as_well_is_believed_at_once() -> None:
    quality = Quality()
    for second in range(60):
        quoted(quality, 10.0 + second % 3 / 100, second)
    told(quality, 12.0, 60)
    assert quoted(quality, 12.0, 60.1)


def test_a_spike_that_it_does_not_see_is_not_however_often_it_comes() -> None:
    quality = Quality()
    for second in range(60):
        quoted(quality, 10.0 + second % 3 / 100, second)
    told(quality, 10.0, 60)
    assert [quoted(quality, 12.0, 60 + n / 10) for n in range(6)] == [False] * 6
    assert quoted(quality, 10.01, 61)


def test_a_fast_market_does_not_wait_for_an_old_second_opinion() -> None:
    quality = Quality()
    for second in range(60):
        quoted(quality, 10.0 + second % 3 / 100, second)
    told(quality, 10.0, 60)
    believed = [quoted(quality, 10.5, 66 + n / 10) for n in range(3)]
    assert believed[-1]  # three in a row agree


def test_a_second_source_that_always_differs_by_as_much_is_no_reason_to_doubt() -> None:
    """One of the two is delayed, or of another exchange: they are 2.9 % apart, then 3.5 %."""
    quality = Quality()
    for n in range(30):
        quoted(quality, 10.0, n * 3)
        told(quality, 10.0 / (1.025 + n % 5 / 1000), n * 3 + 1)
    told(quality, 10.0 / 1.035, 100)
    told(quality, 10.0 / 1.035, 110)
    assert quoted(quality, 10.0, 111)
