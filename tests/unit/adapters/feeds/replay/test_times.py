from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.adapters.feeds.replay.times import TimeParser
from cockpit.domain.values import to_ns

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
moments = st.integers(0, 4_000_000_000_000_000).map(lambda us: EPOCH + timedelta(microseconds=us))


@given(st.lists(moments, min_size=1))
def test_microseconds_are_exact(times: list[datetime]) -> None:
    parser = TimeParser()
    for moment in times:
        assert parser.parse(f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}") == to_ns(moment)


@given(moments, st.integers(0, 999_999_999), st.integers(-14 * 60, 14 * 60))
def test_nanoseconds_and_zones_are_exact(moment: datetime, nanos: int, minutes: int) -> None:
    moment = moment.replace(microsecond=0)
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    text = f"{local:%Y-%m-%dT%H:%M:%S}.{nanos:09d}{local.isoformat()[-6:]}"
    assert TimeParser().parse(text) == to_ns(moment) + nanos


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2018-01-02",
        "2018-01-02T14:30:00.000000",  # no zone
        "2018-01-02T14:30:60.000000Z",
        "2018-01-02T24:30:00.000000Z",
        "2018-13-02T14:30:00.000000Z",
        "2018-01-02T14:30:00.0000+1Z",
        "2018-01-02T14:30: 0.000000Z",
        "2018-01-02T14:30:00.00000\u0664Z",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    parser = TimeParser()
    parser.parse("2018-01-02T14:30:00.000000Z")
    with pytest.raises(ValueError, match=r".+"):
        parser.parse(text)
