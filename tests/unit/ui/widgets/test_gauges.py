from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from cockpit.ui.models.risk import HeaderGauge
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.gauges import GaugeRow
from tests.support.painted import painted_words

QUIET = HeaderGauge("Gross", 0.0, True, "Gross: nothing used yet")
FULL = HeaderGauge("Position", 0.92, True, "Position BBB: 92%, $92 of $100")
CROSSED = HeaderGauge("Day loss", 1.2, False, "Day loss: 120%, crossed and not acknowledged")


@pytest.fixture
def row(qtbot, qapp) -> GaugeRow:
    theme = Theme()
    theme.dress(qapp)
    made = GaugeRow(theme)
    qtbot.addWidget(made)
    return made


def painted(row: GaugeRow) -> set[str]:
    image = row.grab().toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_it_names_the_most_used_limit_and_tells_a_screen_reader_of_all(row):
    row.show_gauges([QUIET, FULL])
    assert row.accessibleName() == "Risk used: 92% Position"
    assert "Gross: nothing used yet" in row.accessibleDescription()


def test_a_full_bar_is_amber_and_a_crossed_one_red(row, qtbot):
    row.show()
    row.show_gauges([FULL])
    assert Theme().colours.warning in painted(row)
    row.show_gauges([CROSSED])
    assert Theme().colours.critical in painted(row)


def test_click_and_space_lead_on(row, qtbot):
    row.show_gauges([FULL])
    row.show()
    for act in (
        lambda: qtbot.mouseClick(row, Qt.MouseButton.LeftButton),
        lambda: qtbot.keyClick(row, Qt.Key.Key_Space),
    ):
        with qtbot.waitSignal(row.clicked, timeout=500):
            act()


def test_its_width_does_not_jump_with_its_words(row):
    row.show_gauges([QUIET])
    before = row.sizeHint()
    row.show_gauges([CROSSED])
    assert row.sizeHint() == before


def test_the_frame_of_the_focus_hides_no_bar(row, monkeypatch):
    row.show()
    row.show_gauges([FULL, CROSSED])
    monkeypatch.setattr(row, "hasFocus", lambda: True)
    colours = painted(row)
    assert {Theme().colours.warning, Theme().colours.critical, Theme().colours.focus} <= colours


def test_what_a_viewer_is_not_told_does_not_look_unused(qtbot):
    row = GaugeRow(Theme())
    qtbot.addWidget(row)
    row.show()
    row.show_elsewhere()
    assert [word.text for word in painted_words(row)[0]] == ["Risk: not told"]
    assert "the cockpit you view" in row.accessibleName()
