"""The bar of work without a known end: it moves, and stands still where nothing shall move."""

from __future__ import annotations

from cockpit.ui.theme import Theme
from cockpit.ui.widgets.busy import BusyBar


def moves(bar: BusyBar) -> bool:
    """Qt's own sign of a bar that runs to and fro."""
    return bar.minimum() == bar.maximum()


def test_reduced_motion_stops_it_at_once_and_lets_it_go_on(qtbot):
    theme = Theme()
    bar = BusyBar(theme, "Starting")
    qtbot.addWidget(bar)
    assert moves(bar)
    theme.set(reduced_motion=True)
    assert not moves(bar)
    assert 0 < bar.value() < bar.maximum(), "neither nothing nor done"
    theme.set(reduced_motion=False)
    assert moves(bar)


def test_what_is_counted_is_left_alone(qtbot):
    theme = Theme(reduced_motion=True)
    bar = BusyBar(theme, "Importing")
    qtbot.addWidget(bar)
    bar.count(3, 10)
    theme.set(reduced_motion=False)
    assert (bar.value(), bar.maximum()) == (3, 10)
    bar.wait()
    assert moves(bar)
    bar.count(0, 0)
    assert not moves(bar)
