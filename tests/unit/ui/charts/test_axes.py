from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cockpit.ui.charts.sessions import clock_text, day_text, local_days, local_seconds
from cockpit.ui.charts.ticks import decimals_for, price_ticks, round_step, time_ticks
from cockpit.ui.charts.viewport import LIVE_MARGIN_BARS, PriceScale, TimeWindow

OPEN = 1_514_903_400.0  # 2018-01-02 09:30 New York
JULY = 1_530_624_600.0  # 2018-07-03 09:30 New York, summer time


def test_new_york_time_knows_summer():
    assert clock_text(OPEN) == clock_text(JULY) == "09:30"
    seconds = local_seconds(np.array([OPEN, JULY])) % 86_400
    assert list(seconds) == [34_200, 34_200]


def test_days_are_new_york_days():
    evening = OPEN + 14 * 3600  # 23:30 in New York, already tomorrow in UTC
    assert len(set(local_days(np.array([OPEN, evening])))) == 1


@given(st.floats(0.01, 5000), st.floats(0.01, 500), st.integers(2, 12))
def test_price_ticks_are_round_inside_and_few(low, span, count):
    ticks = price_ticks(low, low + span, count)
    step = round_step(span, count)
    assert len(ticks) <= count + 1
    assert all(low - 1e-6 <= tick <= low + span + 1e-6 for tick in ticks)
    assert all(tick / step == pytest.approx(round(tick / step), abs=1e-4) for tick in ticks)


@pytest.mark.parametrize(("step", "places"), [(1.0, 2), (0.05, 2), (0.005, 3), (0.0025, 4)])
def test_neighbouring_ticks_read_differently(step, places):
    assert decimals_for(step) == places


def test_time_ticks_stand_on_round_minutes_and_name_a_new_day():
    first_day = OPEN + 60 * np.arange(390)
    ts = np.concatenate([first_day, first_day + 86_400])
    ticks = time_ticks(ts, 300, 500, bars_apart=25)
    assert [t.text for t in ticks if t.day] == [day_text(OPEN + 86_400)] == ["Jan 3"]
    others = [t.text for t in ticks if not t.day]
    assert others[:2] == ["15:00", "15:30"]
    assert all(b.bar - a.bar >= 25 for a, b in pairwise(ticks))


def test_the_window_follows_new_bars_until_it_is_panned():
    window = TimeWindow().followed(100)
    assert window.followed(101).right == window.right + 1
    away = window.panned(80, 100)
    assert not away.following
    assert away.followed(101) == away
    assert away.live(101).right == 100 + LIVE_MARGIN_BARS


def test_panning_back_to_the_newest_follows_again():
    away = TimeWindow().followed(100).panned(80, 100)
    assert away.panned(-500, 100).following


def test_zooming_keeps_the_bar_under_the_pointer():
    window = TimeWindow().followed(500).panned(400, 500)
    before = window.index_at(200, 800)
    assert window.zoomed(1.5, 200, 800).index_at(200, 800) == pytest.approx(before)


def test_visible_bars_cover_the_width():
    first, last = TimeWindow(px_per_bar=8).followed(500).visible(500, 800)
    assert last == 500
    assert 500 - 100 <= first <= 500 - 100 + LIVE_MARGIN_BARS + 1


@given(st.floats(1, 1000), st.floats(0, 50), st.floats(0, 1))
def test_the_price_scale_is_its_own_inverse(low, span, share):
    scale = PriceScale.fitting(low, low + span, 10, 300, 0.01)
    price = low + span * share
    assume(scale.high > scale.low)
    assert scale.price(scale.y(price)) == pytest.approx(price, abs=1e-6)
    assert 10 < scale.y(price) < 310


def test_few_bars_fill_the_chart_from_the_left_until_they_need_all_of_it():
    window = TimeWindow(px_per_bar=10)
    few = window.anchored(5, 800)
    assert few.x(0, 800) == pytest.approx(15)
    assert window.anchored(500, 800) == window.followed(500)
    panned = window.followed(500).panned(400, 500)
    assert panned.anchored(500, 8000) == panned
