from __future__ import annotations

from cockpit.ui.charts.contributions import ROW, Contributions, ranked
from cockpit.ui.theme import Theme


def test_the_largest_movers_come_first_whatever_their_sign():
    assert ranked({"A": 5.0, "B": -90.0, "C": 40.0}, 3)[0] == [
        ("B", -90.0),
        ("C", 40.0),
        ("A", 5.0),
    ]


def test_what_has_no_room_is_summed_and_nothing_is_lost():
    day = {"A": 5.0, "B": -90.0, "C": 40.0, "D": 1.0}
    rows, rest = ranked(day, 2)
    assert rows == [("B", -90.0)]
    assert sum(value for _, value in rows) + rest == sum(day.values())


def test_the_last_row_says_how_many_more_there_are(qtbot):
    bars = Contributions(Theme())
    qtbot.addWidget(bars)
    bars.resize(200, 2 * ROW)
    bars.show_pnl({"A": 5.0, "B": -90.0, "C": 40.0})
    assert bars.shown() == [("B", -90.0), ("2 more", 45.0)]
    assert "B \u2212$90.00" in bars.accessibleDescription()
    assert not bars.grab().isNull()
