import subprocess
import sys
from datetime import date, datetime

import pytest

from cockpit.domain.values import NEW_YORK, to_ns
from cockpit.market.errors import MarketError
from cockpit.market.session import Phase, SessionCalendar


@pytest.fixture(scope="module")
def calendar() -> SessionCalendar:
    return SessionCalendar()


def new_york(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK))


def test_a_full_day(calendar: SessionCalendar) -> None:
    session = calendar.session(date(2018, 1, 2))
    assert session is not None
    assert session.open_ns == new_york("2018-01-02T09:30")
    assert session.close_ns == new_york("2018-01-02T16:00")
    assert not session.half_day


def test_a_half_day_closes_at_one(calendar: SessionCalendar) -> None:
    session = calendar.session(date(2018, 7, 3))
    assert session is not None
    assert session.half_day
    assert session.close_ns == new_york("2018-07-03T13:00")
    assert session.post_end_ns == new_york("2018-07-03T17:00")


@pytest.mark.parametrize("day", [date(2018, 1, 1), date(2018, 1, 6), date(2026, 12, 25)])
def test_no_session_on_holidays_and_weekends(calendar: SessionCalendar, day: date) -> None:
    assert calendar.session(day) is None


@pytest.mark.parametrize(
    ("at", "phase", "until"),
    [
        ("2018-01-02T03:59", Phase.CLOSED, "2018-01-02T04:00"),
        ("2018-01-02T04:00", Phase.PRE, "2018-01-02T09:30"),
        ("2018-01-02T09:29:59", Phase.PRE, "2018-01-02T09:30"),
        ("2018-01-02T09:30", Phase.OPEN, "2018-01-02T16:00"),
        ("2018-01-02T15:59:59", Phase.OPEN, "2018-01-02T16:00"),
        ("2018-01-02T16:00", Phase.POST, "2018-01-02T20:00"),
        ("2018-01-02T20:00", Phase.CLOSED, "2018-01-03T04:00"),
        ("2018-01-05T21:00", Phase.CLOSED, "2018-01-08T04:00"),  # over a weekend
        ("2018-01-01T12:00", Phase.CLOSED, "2018-01-02T04:00"),  # on a holiday
        ("2018-03-09T21:00", Phase.CLOSED, "2018-03-12T04:00"),  # over the change to summer time
        ("2018-07-03T12:59", Phase.OPEN, "2018-07-03T13:00"),
        ("2018-07-03T13:00", Phase.POST, "2018-07-03T17:00"),
    ],
)
def test_phases_and_their_ends(
    calendar: SessionCalendar, at: str, phase: Phase, until: str
) -> None:
    now = new_york(at)
    assert calendar.phase(now) is phase
    assert calendar.next_change(now) == new_york(until)


def test_going_back_in_time_is_answered_too(calendar: SessionCalendar) -> None:
    assert calendar.phase(new_york("2018-01-03T12:00")) is Phase.OPEN
    assert calendar.phase(new_york("2018-01-02T12:00")) is Phase.OPEN
    assert calendar.next_change(new_york("2018-01-02T12:00")) == new_york("2018-01-02T16:00")


def test_a_session_can_be_held_on_a_holiday() -> None:
    calendar, holiday = SessionCalendar(), date(2018, 1, 1)
    assert calendar.phase(new_york("2018-01-01T12:00")) is Phase.CLOSED
    calendar.hold(holiday)
    assert calendar.phase(new_york("2018-01-01T12:00")) is Phase.OPEN
    assert calendar.next_change(new_york("2018-01-01T12:00")) == new_york("2018-01-01T16:00")
    assert calendar.next_change(new_york("2018-01-01T20:00")) == new_york("2018-01-02T04:00")
    half = date(2018, 7, 3)
    calendar.hold(half)
    assert calendar.session(half).half_day  # a session of the exchange stays as it is


def test_a_year_without_calendar_is_said(calendar: SessionCalendar) -> None:
    with pytest.raises(MarketError) as caught:
        calendar.session(date(3000, 1, 2))
    assert "3000-01-02" in caught.value.user_text


def test_pandas_stays_out_until_the_first_question() -> None:
    code = (
        "import sys; from cockpit.market.session import SessionCalendar; SessionCalendar();"
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
