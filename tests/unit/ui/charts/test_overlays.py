from __future__ import annotations

import numpy as np
import pytest

from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.look import ChartLook
from cockpit.ui.charts.overlays import PROFILE_ROWS, Overlays, volume_profile
from cockpit.ui.charts.readout import told
from cockpit.ui.charts.viewport import PriceScale
from cockpit.ui.theme.format import MISSING

OPEN = 1_514_903_400


def candles(closes: list[float]) -> Candles:
    close = np.array(closes)
    ts = OPEN + np.arange(float(len(closes))) * 60
    return Candles(ts, close, close + 0.1, close - 0.1, close, np.ones(len(close)), close)


def ema(closes: list[float], period: int) -> list[float]:
    """By the definition, bar by bar: the mean of the first n, then alpha = 2 / (n + 1)."""
    out: list[float] = []
    for at in range(len(closes)):
        if at + 1 < period:
            out.append(float("nan"))
        elif at + 1 == period:
            out.append(sum(closes[:period]) / period)
        else:
            out.append(out[-1] + (closes[at] - out[-1]) * 2 / (period + 1))
    return out


CLOSES = [100 + ((at * 37) % 11) / 3 for at in range(60)]


def test_it_grows_bar_by_bar_to_what_it_is_made_at_once():
    growing = Overlays()
    for end in range(1, len(CLOSES) + 1):
        (line,) = growing.of(candles(CLOSES[:end]), 60, ("ema:9",))
    assert line.values == pytest.approx(ema(CLOSES, 9), nan_ok=True)
    assert (line.name, len(line.values)) == ("EMA 9", len(CLOSES))


def test_the_live_bar_moves_only_its_own_value():
    growing = Overlays()
    (before,) = growing.of(candles(CLOSES), 60, ("ema:9",))
    moved = [*CLOSES[:-1], CLOSES[-1] + 5]
    (after,) = growing.of(candles(moved), 60, ("ema:9",))
    assert after.values[:-1] == pytest.approx(before.values[:-1], nan_ok=True)
    assert after.values[-1] == pytest.approx(ema(moved, 9)[-1])


def test_a_revised_bar_is_taken_into_all_that_come_after_it():
    growing = Overlays()
    growing.of(candles(CLOSES), 60, ("ema:9",))
    revised = [*CLOSES[:20], CLOSES[20] + 3, *CLOSES[21:]]
    (line,) = growing.of(candles(revised), 60, ("ema:9",))
    assert line.values == pytest.approx(ema(revised, 9), nan_ok=True)


def test_the_same_candles_are_not_reckoned_again():
    growing, same = Overlays(), candles(CLOSES)
    assert growing.of(same, 60, ("ema:9", "ema:20")) is growing.of(same, 60, ("ema:9", "ema:20"))


def test_the_profile_holds_all_volume_of_the_view_and_no_other():
    edges, shares = volume_profile(candles(CLOSES), 10, 30)
    assert len(shares) == PROFILE_ROWS == len(edges) - 1
    assert shares.sum() == pytest.approx(20)


def test_a_profile_of_one_price_is_no_division_by_zero():
    made, price = candles([5.0]), np.array([5.0])
    flat = Candles(made.ts, price, price, price, price, made.volume, price)
    _, shares = volume_profile(flat, 0, 1)
    assert shares.sum() == pytest.approx(1)


@pytest.mark.parametrize("price", [50.0, 99.0, 200.0])
def test_a_logarithmic_scale_is_its_own_inverse(price):
    scale = PriceScale.fitting(40, 220, 10, 300, 0.01, log=True)
    assert scale.price(scale.y(price)) == pytest.approx(price)
    assert scale.ys(np.array([price]))[0] == pytest.approx(scale.y(price))


def test_equal_ratios_are_equally_far_apart():
    scale = PriceScale.fitting(40, 220, 10, 300, 0.01, log=True)
    assert scale.y(50) - scale.y(100) == pytest.approx(scale.y(100) - scale.y(200))


def test_without_a_price_above_zero_there_is_no_logarithm():
    assert not PriceScale.fitting(0, 10, 0, 100, 0.01, log=True).log


def test_an_average_is_chosen_once():
    look = ChartLook().with_ema(20, shown=True).with_ema(9, shown=True).with_ema(20, shown=True)
    assert look.emas == (9, 20)
    assert look.with_ema(9, shown=False).emas == (20,)


def test_the_lines_of_a_look_grow_with_the_live_bar_as_made_at_once():
    look = ChartLook(bands=True).with_sma(20, shown=True).with_ema(9, shown=True)
    assert look.lines == ("ema:9", "sma:20", "bbupper:20", "bblower:20")
    assert look.with_sma(20, shown=False).smas == ()
    growing = Overlays()
    for end in range(1, len(CLOSES) + 1):
        lines = growing.of(candles(CLOSES[:end]), 60, look.lines)
    at_once = Overlays().of(candles(CLOSES), 60, look.lines)
    assert [line.name for line in lines] == ["EMA 9", "SMA 20", "BB upper", "BB lower"]
    for grown, made in zip(lines, at_once, strict=True):
        assert grown.values == pytest.approx(made.values, nan_ok=True)
    middle = (lines[2].values + lines[3].values) / 2
    assert lines[1].values == pytest.approx(middle, nan_ok=True)


def two_days(live_volume: float = 50.0, bars: int = 90) -> Candles:
    """An hour of a day, 100 shares a minute, and half an hour of the next one with 150."""
    ts = OPEN + np.concatenate((np.arange(60.0), 1440 + np.arange(30.0))) * 60
    volume = np.array([100.0] * 60 + [150.0] * 29 + [live_volume])
    close = np.full(90, 10.0)
    every = (ts, close, close + 0.2, close - 0.2, close, volume, close)
    return Candles(*(column[:bars] for column in every))


def test_what_is_told_in_figures_is_a_range_and_how_much_of_the_usual_was_traded():
    look = ChartLook(figures=True)
    assert ChartLook().told == ()
    growing = Overlays()
    for end in range(1, 91):
        growing.of(two_days(bars=end), 60, look.told)
    for live in (10.0, 50.0):  # the bar that grows is looked at again and again
        atr, ratio = growing.of(two_days(live), 60, look.told)
    assert (atr.name, ratio.name) == ("ATR 14", "RVol")
    assert atr.values[-1] == pytest.approx(0.4)
    assert np.isnan(ratio.values[59])
    assert ratio.values[88] == pytest.approx(1.5)
    assert ratio.values[-1] == pytest.approx((29 * 150 + 50) / (30 * 100))


def test_a_bar_whose_volume_was_put_right_is_looked_at_again():
    growing, made = Overlays(), two_days()
    growing.of(made, 60, ("rvol:20",))
    made = two_days()
    made.volume[:60] = 300.0
    (ratio,) = growing.of(made, 60, ("rvol:20",))
    assert ratio.values[88] == pytest.approx(0.5)


def test_the_readout_tells_them_beside_the_bar():
    made = two_days()
    content = ChartContent(candles=made, told=Overlays().of(made, 60, ("atr:14", "rvol:20")))
    assert told(content, 88, 2) == [("ATR 14", "0.40", "text"), ("RVol", "1.5x", "text")]
    assert told(content, 5, 2) == [("ATR 14", MISSING, "text"), ("RVol", MISSING, "text")]
