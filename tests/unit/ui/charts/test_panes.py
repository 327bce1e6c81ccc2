"""RSI and MACD below the volume: their room, their figures, and the bars they stand under."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPointF

from cockpit.domain.market import Bar
from cockpit.market.indicators import columns_of
from cockpit.ui.charts.candle_chart import CandleChart
from cockpit.ui.charts.candles import Candles
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.look import ChartLook
from cockpit.ui.charts.overlays import Overlays
from cockpit.ui.charts.viewport import PANE_LEAST, Areas
from cockpit.ui.panels.chart_tools import ChartTools
from cockpit.ui.theme import Theme

OPEN = 1_514_903_400
BOTH = ChartLook(rsi=True, macd=True)


def candles(count: int = 120) -> Candles:
    close = 100 + np.sin(np.arange(count) / 7) * 3 + np.arange(count) * 0.02
    start = np.roll(close, 1)
    start[0] = 100.0
    high, low = np.maximum(start, close) + 0.3, np.minimum(start, close) - 0.3
    volume, ts = np.full(count, 50.0), OPEN + np.arange(float(count)) * 60
    return Candles(ts, start, high, low, close, volume, (high + low) / 2)


def bar(made: Candles, at: int) -> Bar:
    high, low, close = float(made.high[at]), float(made.low[at]), float(made.close[at])
    ts = int(made.ts[at]) * 10**9
    return Bar(
        symbol="A", open=close, high=high, low=low, close=close, volume=50.0, vwap=close,
        trades=1, interval_s=60, ts_event=ts, ts_init=ts,
    )  # fmt: skip


def content(look: ChartLook, count: int = 120) -> ChartContent:
    made = candles(count)
    return ChartContent(made, look=look, studies=Overlays().of(made, 60, look.studies))


@pytest.fixture
def chart(qtbot, qapp) -> CandleChart:
    theme = Theme()
    theme.dress(qapp)
    made = CandleChart(theme)
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show_content(content(BOTH))
    made.show()
    made.grab()
    return made


def heights(chart: CandleChart) -> list[float]:
    chart.grab()
    return [pane.strip.view.size().height() for pane in chart._panes.all]


def test_the_values_are_those_of_the_indicators_over_the_same_bars():
    made = candles()
    bars = [bar(made, at) for at in range(len(made))]
    rows = np.array(columns_of(bars, BOTH.studies), dtype=float)
    for place, study in enumerate(Overlays().of(made, 60, BOTH.studies)):
        assert study.values == pytest.approx(rows[:, place], nan_ok=True)


def test_each_has_room_when_it_is_chosen_and_none_when_it_is_not(chart):
    with_both, price = heights(chart), chart.geometry_of_plot
    assert min(with_both) >= PANE_LEAST
    chart.show_content(content(ChartLook(macd=True)))
    assert heights(chart)[0] == 0
    assert heights(chart)[1] >= PANE_LEAST
    chart.show_content(content(ChartLook()))
    assert heights(chart) == [0, 0]
    assert chart.geometry_of_plot.height > price.height


@pytest.mark.parametrize("height", [160, 240, 388, 900])
def test_prices_keep_the_larger_part_of_any_height(height):
    areas = Areas.of(700, height, 60, (True, True))
    assert areas.price >= areas.volume + sum(areas.panes) - 2
    assert areas.price + areas.volume + sum(areas.panes) == height - 24
    assert min(areas.panes) > 0


def test_they_stand_under_the_bars_of_the_chart_whatever_moves(chart):
    def same_bars() -> bool:
        shown = chart.geometry_of_plot
        return all(
            (pane.readout.geometry.first, pane.readout.geometry.last) == (shown.first, shown.last)
            and pane.readout.geometry.window == shown.window
            for pane in chart._panes.all
        )

    assert same_bars()
    chart.pan(300.0)
    assert same_bars()
    chart._panes.all[0].strip.view.zoom_asked.emit(1.5, 200.0)
    assert same_bars()
    assert chart.window_of_time.px_per_bar == pytest.approx(9.0 * 1.5)


def test_the_figures_are_those_of_the_bar_under_the_pointer_else_of_the_newest(chart):
    rsi, macd = (pane.readout for pane in chart._panes.all)
    studies = chart.content.studies
    [(name, figure, _)] = rsi.figures()
    assert (name, figure) == ("RSI 14", f"{studies[0].values[-1]:.1f}")
    assert [name for name, _, _ in macd.figures()] == ["MACD 12, 26", "Signal 9", "Histogram"]
    bar = chart.geometry_of_plot.first + 40
    areas = chart._areas
    in_rsi = areas.price + areas.volume + 10.0
    chart.pointer = QPointF(chart.geometry_of_plot.x(bar), in_rsi)
    chart.pointed()
    assert rsi.figures()[0][1] == f"{studies[0].values[bar]:.1f}"
    assert rsi._at is not None
    assert rsi._at.y() == pytest.approx(10.0)
    apart = studies[1].values[bar] - studies[2].values[bar]
    assert macd.figures()[2][1].endswith(f"{abs(apart):.3f}")
    assert chart.price_at(in_rsi) is None


def test_the_scale_holds_every_value_in_view(chart):
    rsi, macd = (pane.readout.geometry for pane in chart._panes.all)
    assert (rsi.scale.low, rsi.scale.high) == (0.0, 100.0)
    for study in chart.content.studies[1:]:
        known = study.values[macd.first : macd.last]
        assert all(macd.scale.holds(float(value)) for value in known[np.isfinite(known)])
    assert macd.scale.holds(0.0)


def test_too_few_bars_for_a_value_say_so_and_draw_nothing(chart):
    chart.show_content(content(BOTH, 3))
    chart.grab()
    assert [figure for _, figure, _ in chart._panes.all[0].readout.figures()] == ["-"]


def test_they_are_chosen_in_the_menu_and_kept(qtbot, qapp):
    tools = ChartTools(Theme(), ChartLook())
    qtbot.addWidget(tools)
    told: list[ChartLook] = []
    tools.look_changed.connect(told.append)
    for name in ("rsi", "macd"):
        tools.choices[name].trigger()
    assert told[-1].studies == ("rsi:14", "macd", "macdsignal")
    kept = msgspec.json.decode(msgspec.json.encode(told[-1]), type=ChartLook)
    assert kept == told[-1]
    tools.choices["rsi"].trigger()
    assert told[-1].studies == ("macd", "macdsignal")
