"""A watching window's bars, when the cockpit puts one right."""

from __future__ import annotations

import msgspec

from cockpit.app.viewer.prices import MirrorBars
from cockpit.domain.market import Bar, BarRevised
from cockpit.kernel.clock import SECOND

T0 = 1_514_903_400 * SECOND


def bar(n: int, close: float) -> Bar:
    ts = T0 + 60 * n * SECOND
    return Bar(
        symbol="ABC", open=10.0, high=11.0, low=9.0, close=close, volume=100.0, vwap=10.0,
        trades=3, interval_s=60, ts_event=ts, ts_init=ts,
    )  # fmt: skip


def revised(n: int, close: float | None) -> BarRevised:
    new = None if close is None else bar(n, close)
    ts = T0 + 60 * n * SECOND
    return BarRevised(symbol="ABC", bar=new, ts_event=ts, ts_init=ts)


def test_a_revised_bar_replaces_the_one_of_its_time_and_no_other() -> None:
    bars = MirrorBars(60)
    for n in range(3):
        bars.close_with(bar(n, 10.0))
    bars.grow(bar(3, 10.5))
    bars.revise(revised(1, 9.5))
    series = bars.series("ABC")
    assert series.close.tolist() == [10.0, 9.5, 10.0, 10.5]
    bars.revise(revised(0, None))
    assert (series.close.tolist(), series.live) == ([9.5, 10.0, 10.5], True)
    version = series.version
    bars.revise(revised(0, None))
    bars.revise(revised(9, 9.0))
    bars.revise(msgspec.structs.replace(revised(1, 9.0), symbol="XYZ"))
    assert series.version == version
