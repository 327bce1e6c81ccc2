"""A figure that changes many times a second leaves the layout around it alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.widgets.labels import Figure, Pair


class Arranged(QObject):
    """Counts how often a widget is asked to arrange its parts."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.times = 0
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.times += event.type() == QEvent.Type.LayoutRequest
        return False


@pytest.fixture
def theme(qapp) -> Theme:
    theme = Theme()
    theme.dress(qapp)
    return theme


@pytest.fixture
def pair(qtbot, theme) -> Iterator[Pair]:
    box = QWidget()
    qtbot.addWidget(box)
    made = Pair(theme, "Open", "", 140)
    QVBoxLayout(box).addWidget(made)
    made.show_value("$123.45")
    box.show()
    qtbot.waitExposed(box)
    QApplication.processEvents()
    yield made
    box.close()


def test_only_a_wider_figure_moves_anything(pair):
    arranged = Arranged(pair)
    for text in ("$123.46", "$999.99", "-$3.20", ""):
        pair.show_value(text)
        QApplication.processEvents()
        assert pair.value.text() == text
    assert arranged.times == 0
    pair.show_value("+$12,345.67")
    QApplication.processEvents()
    assert arranged.times > 0


def test_no_digit_is_cut(pair):
    for text in ("$1.00", "+$1,234,567.89", "$0.10"):
        pair.show_value(text)
        QApplication.processEvents()
        assert pair.value.width() >= pair.value.fontMetrics().horizontalAdvance(text)


def test_a_figure_has_the_room_it_is_promised(theme):
    figure = Figure(theme, FontRole.FIGURE, least=128)
    figure.setText("$1")
    assert figure.width() == 128
    figure.setText("+$123,456,789.00")
    wide = figure.width()
    assert wide > 128
    figure.setText("$1")
    assert figure.width() == wide
