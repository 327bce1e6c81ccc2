"""Positions on the axis of bars: closed hours take no room, on no timeframe."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from cockpit.market.errors import MarketError
from cockpit.market.session import Session, SessionCalendar
from cockpit.ui.charts.hours import BarAxis, Hours

NEW_YORK = ZoneInfo("America/New_York")
CALENDAR = SessionCalendar()


def at(day: int, clock: str, month: int = 1) -> float:
    hour, minute = map(int, clock.split(":"))
    return datetime(2018, month, day, hour, minute, tzinfo=NEW_YORK).timestamp()


def bars(day: int, minutes: int = 390) -> np.ndarray:
    return at(day, "9:30") + 60.0 * np.arange(minutes)


TWO_DAYS = np.concatenate((bars(4), bars(5)))  # a Thursday and a Friday
HOURS = Hours(CALENDAR.session)


@pytest.mark.parametrize("index", [0.0, 17.25, 389.0, 390.0, 779.0, 779.49, 800.0, 1300.0, -40.0])
def test_a_position_and_its_moment_are_one(index):
    axis = BarAxis(TWO_DAYS, 60, HOURS)
    assert axis.index_of(axis.moment_at(index)) == pytest.approx(index, abs=1e-6)


def test_a_night_between_two_bars_takes_no_room():
    axis = BarAxis(TWO_DAYS, 60, HOURS)
    assert axis.index_of(at(4, "16:00")) == axis.index_of(at(4, "23:00")) == 389.5
    assert axis.index_of(at(5, "9:30")) == 389.5


def test_beyond_the_last_bar_a_weekend_takes_no_room_and_a_holiday_neither():
    axis = BarAxis(TWO_DAYS, 60, HOURS)
    assert axis.index_of(at(8, "9:31")) == pytest.approx(779.5 + 1)  # Monday
    assert axis.moment_at(779.5 + 30) == pytest.approx(at(8, "10:00"))
    before_a_holiday = BarAxis(bars(12), 60, HOURS)  # Monday the 15th: Martin Luther King
    assert before_a_holiday.moment_at(389.5 + 30) == pytest.approx(at(16, "10:00"))


def test_yesterday_s_moment_is_open_hours_away_when_only_today_has_bars():
    axis = BarAxis(bars(8), 60, HOURS)
    assert axis.index_of(at(5, "15:30")) == pytest.approx(-0.5 - 30)
    assert axis.moment_at(-0.5 - 30) == pytest.approx(at(5, "15:30"))


def test_the_same_moment_is_the_same_share_of_the_session_on_each_timeframe():
    minute, quarter = BarAxis(TWO_DAYS, 60, HOURS), BarAxis(TWO_DAYS[::15], 900, HOURS)
    for moment in (at(4, "9:37"), at(4, "15:59"), at(5, "12:00"), at(8, "11:15")):
        in_minutes, in_quarters = minute.index_of(moment) + 0.5, quarter.index_of(moment) + 0.5
        assert in_minutes / 15 == pytest.approx(in_quarters)


def test_without_a_calendar_and_far_away_every_second_counts():
    assert Hours().between(100.0, 160.0) == 60.0
    assert Hours().after(100.0, -60.0) == 40.0
    assert HOURS.between(at(4, "9:30"), at(4, "9:30") + 4e8) == pytest.approx(4e8)


def test_a_year_the_calendar_does_not_know_stops_nothing():
    def unknown(day: date) -> Session | None:
        raise MarketError(f"none for {day}", user_text="There is no calendar.")

    hours = Hours(unknown)
    axis = BarAxis(bars(4), 60, hours)
    assert axis.index_of(at(9, "12:00")) == 389.5
    assert axis.moment_at(800.0) > at(4, "16:00")
