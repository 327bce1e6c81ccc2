"""Where bars begin and end: by time within the exchange's day, by shares, by prints."""

from __future__ import annotations

from datetime import datetime

import pytest

from cockpit.domain.market import Bar, BarUnit, TradePrint
from cockpit.domain.values import NEW_YORK, to_ns
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND
from cockpit.market.bars import BarBook
from cockpit.market.errors import MarketError
from cockpit.market.grid import BarRule, SessionGrid
from cockpit.market.session import SessionCalendar

T0 = 1_514_903_400 * SECOND  # 2018-01-02 09:30 New York


@pytest.fixture(scope="module")
def calendar() -> SessionCalendar:
    return SessionCalendar()


def new_york(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK))


def made(rule: str, prints: list[tuple[int, float, float]]) -> list[Bar]:
    """The bars that (second, price, shares) make, the one under way too."""
    bus, found = Bus(), list[Bar]()
    bus.subscribe(Bar, found.append)
    bars = BarBook(bus, rule=BarRule.parse(rule))
    for second, price, size in prints:
        ts = T0 + second * SECOND
        bars.on_print(TradePrint(symbol="ABC", price=price, size=size, ts_event=ts, ts_init=ts))
    bars.close_all(T0 + 3_600 * SECOND)
    return found


def told(bars: list[Bar]) -> list[tuple[float, float, float, int]]:
    return [(bar.open, bar.close, bar.volume, bar.trades) for bar in bars]


def test_a_bar_of_shares_ends_with_the_print_that_fills_it() -> None:
    prints = [(0, 10.0, 60.0), (1, 11.0, 50.0), (9, 12.0, 30.0), (10, 13.0, 200.0), (11, 9.0, 1.0)]
    bars = made("100sh", prints)
    assert told(bars) == [(10.0, 11.0, 110.0, 2), (12.0, 13.0, 230.0, 2), (9.0, 9.0, 1.0, 1)]
    assert {bar.unit for bar in bars} == {BarUnit.VOLUME}
    assert bars[1].ts_event == T0 + 9 * SECOND, "it is labelled with the time of its first print"


def test_a_bar_of_prints_holds_so_many() -> None:
    prints = [(n, 10.0 + n, 1.0) for n in range(7)]
    bars = made("3t", prints)
    assert told(bars) == [(10.0, 12.0, 3.0, 3), (13.0, 15.0, 3.0, 3), (16.0, 16.0, 1.0, 1)]


@pytest.mark.parametrize(
    ("day", "last", "closes"),
    [("2018-01-02", "15:30", "16:00"), ("2018-07-03", "12:30", "13:00")],
)
def test_the_last_hour_of_a_session_ends_with_it(
    calendar: SessionCalendar, day: str, last: str, closes: str
) -> None:
    grid = SessionGrid(BarRule.parse("1h"), calendar)
    start, end = new_york(f"{day}T{last}"), new_york(f"{day}T{closes}")
    assert grid.span(start + 60 * SECOND) == (start, end)
    assert grid.span(end)[0] == end, "what comes after is of the next phase"


@pytest.mark.parametrize("day", ["2018-03-09", "2018-03-12", "2018-11-02", "2018-11-05"])
def test_daylight_saving_moves_no_bar(calendar: SessionCalendar, day: str) -> None:
    grid = SessionGrid(BarRule.parse("1h"), calendar)
    for hour in ("09:30", "12:30", "15:30"):
        start = new_york(f"{day}T{hour}")
        assert grid.span(start)[0] == start
    before = new_york(f"{day}T09:00")
    assert grid.span(before) == (before, new_york(f"{day}T09:30")), "cut where the session begins"


@pytest.mark.parametrize("text", ["", "5", "0m", "1d", "-5m", "1.5h", "10 t"])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(MarketError):
        BarRule.parse(text)
