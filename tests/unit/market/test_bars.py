import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.market import Bar, TradePrint
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND
from cockpit.market.bars import NEVER, BarBook
from cockpit.market.errors import MarketError

T0 = 1_514_903_400 * SECOND


def printed(at_s: float, price: float, size: float = 100.0, symbol: str = "ABC") -> TradePrint:
    ts = T0 + round(at_s * SECOND)
    return TradePrint(symbol=symbol, price=price, size=size, ts_event=ts, ts_init=ts)


def listening(interval_s: int = 60) -> tuple[BarBook, list[Bar]]:
    bus, closed = Bus(), list[Bar]()
    bus.subscribe(Bar, closed.append)
    return BarBook(bus, interval_s), closed


def test_the_live_bar_is_the_last_row() -> None:
    bars, closed = listening()
    for at, price, size in ((1, 10.0, 100.0), (2, 12.0, 300.0), (3, 9.0, 100.0), (59, 11.0, 500.0)):
        bars.on_print(printed(at, price, size))
    series = bars.series("ABC")
    assert (len(series), series.closed, closed) == (1, 0, [])
    assert series.live
    columns = (series.ts, series.open, series.high, series.low, series.close, series.volume)
    assert [c[0] for c in columns] == [T0 / SECOND, 10.0, 12.0, 9.0, 11.0, 1000.0]
    assert series.vwap[0] == pytest.approx((1000 + 3600 + 900 + 5500) / 1000)


def test_the_first_print_of_the_next_interval_closes_the_bar() -> None:
    bars, closed = listening()
    bars.on_print(printed(1, 10.0))
    bars.on_print(printed(59, 11.0))
    bars.on_print(printed(60, 12.0))
    [bar] = closed
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (10.0, 11.0, 10.0, 11.0, 200.0)
    assert (bar.ts_event, bar.interval_s, bar.trades) == (T0, 60, 2)
    series = bars.series("ABC")
    assert (len(series), series.closed) == (2, 1)
    assert series.close.tolist() == [11.0, 12.0]


def test_time_alone_closes_a_bar() -> None:
    bars, closed = listening()
    bars.on_print(printed(1, 10.0))
    bars.on_print(printed(2, 20.0, symbol="XYZ"))
    assert bars.next_due_ns == T0 + 60 * SECOND
    bars.close_due(T0 + 60 * SECOND - 1)
    assert closed == []
    bars.close_due(T0 + 60 * SECOND)
    assert [bar.symbol for bar in closed] == ["ABC", "XYZ"]
    assert bars.next_due_ns == NEVER
    assert not bars.series("ABC").live


def test_a_print_of_a_closed_interval_changes_no_bar() -> None:
    bars, closed = listening()
    bars.on_print(printed(1, 10.0))
    bars.close_due(T0 + 60 * SECOND)
    bars.on_print(printed(30, 99.0))
    assert bars.late_prints == 1
    assert len(bars.series("ABC")) == 1
    bars.on_print(printed(61, 10.0))
    bars.on_print(printed(59, 99.0))
    assert bars.late_prints == 2
    assert bars.series("ABC").high.tolist() == [10.0, 10.0]
    assert len(closed) == 1


def test_the_end_of_the_feed_closes_what_is_open() -> None:
    bars, closed = listening()
    bars.on_print(printed(1, 10.0))
    bars.close_all(T0 + 2 * SECOND)
    assert len(closed) == 1
    assert closed[0].ts_init == T0 + 2 * SECOND


def test_an_interval_without_prints_has_no_bar() -> None:
    bars, _ = listening()
    bars.on_print(printed(1, 10.0))
    bars.on_print(printed(601, 10.0))
    assert np.diff(bars.series("ABC").ts).tolist() == [600.0]


def test_the_series_outgrows_its_first_table() -> None:
    bars, closed = listening()
    for minute in range(2000):
        bars.on_print(printed(60 * minute, 10.0 + minute))
    series = bars.series("ABC")
    assert len(series) == 2000
    assert series.open.tolist() == [10.0 + minute for minute in range(2000)]
    assert len(closed) == 1999


def test_every_change_raises_the_version_and_looking_does_not() -> None:
    bars, _ = listening()
    series = bars.series("ABC")
    bars.on_print(printed(1, 10.0))
    first = series.version
    bars.on_print(printed(2, 10.0))
    second = series.version
    assert (series.close.tolist(), series.version) == ([10.0], second)
    assert second > first > 0


def test_a_bar_must_last() -> None:
    with pytest.raises(MarketError):
        BarBook(Bus(), 0)


ticks = st.lists(
    st.tuples(st.integers(0, 600), st.integers(1, 10_000), st.integers(1, 1000)), min_size=1
)


@given(ticks)
def test_bars_hold_every_print_once(made: list[tuple[int, int, int]]) -> None:
    bars, closed = listening()
    for at, price, size in sorted(made):
        bars.on_print(printed(at, price / 100, float(size)))
    bars.close_all(T0 + 700 * SECOND)
    expected: dict[int, list[tuple[int, int, int]]] = {}
    for row in sorted(made):
        expected.setdefault(row[0] // 60, []).append(row)
    assert [(bar.ts_event - T0) // SECOND for bar in closed] == [60 * m for m in expected]
    for bar, rows in zip(closed, expected.values(), strict=True):
        prices = [price / 100 for _, price, _ in rows]
        assert (bar.open, bar.close) == (prices[0], prices[-1])
        assert (bar.high, bar.low) == (max(prices), min(prices))
        assert bar.volume == sum(size for _, _, size in rows)
        assert bar.low - 1e-9 <= bar.vwap <= bar.high + 1e-9
