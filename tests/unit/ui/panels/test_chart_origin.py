"""The chart names the source of bars that are not of our own prints."""

from __future__ import annotations

import pytest

from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND
from cockpit.market.bars import BarBook
from cockpit.market.past import Origin
from cockpit.ui.charts.look import ChartLook
from cockpit.ui.panels.chart_tools import ChartTools, origin_words
from cockpit.ui.theme import Theme

TEN = 1_514_905_200 * SECOND  # 10:00 New York
PLAIN = Origin(source="polygon", fetched_ns=TEN, adjusted="raw")


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (PLAIN, "past from polygon, 10:00:00 NY"),
        (
            Origin(source="alpaca", fetched_ns=TEN, adjusted="splits", delay_s=900),
            "past from alpaca, 10:00:00 NY, put right for splits, 15 min late",
        ),
        (
            Origin(source="alpaca", fetched_ns=TEN, adjusted="raw", stale=True),
            "past from alpaca, 10:00:00 NY, nobody has newer ones now",
        ),
    ],
)
def test_words_of_an_origin(origin: Origin, words: str) -> None:
    assert origin_words(origin) == words


def test_it_stands_beside_the_symbol(qtbot) -> None:
    tools = ChartTools(Theme(), ChartLook())
    qtbot.addWidget(tools)
    tools.resize(900, 40)
    tools.show()
    tools.tell_origin(PLAIN)
    assert tools.origin.accessibleName() == tools.origin.toolTip() == origin_words(PLAIN)
    tools.tell_origin(None)
    assert tools.origin.text() == ""


def test_what_a_chart_shows_is_wanted_at_once_and_only_once() -> None:
    bars, heard = BarBook(Bus(), 60), list[str]()
    bars.past.on_chart = heard.append
    assert bars.past.chart("ABC") is None
    bars.past.list("XYZ")
    bars.past.chart("ABC")
    assert heard == ["ABC"]
    assert bars.past.wanted == ("ABC", "XYZ")
    bars.past.came("ABC", PLAIN)
    assert bars.past.chart("ABC") == PLAIN
