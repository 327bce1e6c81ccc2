"""A lamp asks for another place only when its words need more, or its state is another."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from cockpit.domain.connection import Health
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.lamp import Lamp


class Asked(QObject):
    """Counts how often the widget is asked to arrange its parts anew."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.times += event.type() is QEvent.Type.LayoutRequest
        return super().eventFilter(watched, event)


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_an_age_that_moves_arranges_nothing_anew(qtbot, qapp: QApplication):
    root, lamp, asked = QWidget(), Lamp(Theme(), "synthetic"), Asked()
    qtbot.addWidget(root)
    QVBoxLayout(root).addWidget(lamp)
    root.show()
    lamp.show_health(Health.UP, "88.8 s ago")
    qapp.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    wide = lamp.sizeHint().width()
    root.installEventFilter(asked)
    for tenth in range(60):
        lamp.show_health(Health.UP, f"{tenth / 10:.1f} s ago", f"last message {tenth}")
        qapp.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    assert asked.times == 0
    assert lamp.text == "up 5.9 s ago"
    assert lamp.accessibleName() == "synthetic: up 5.9 s ago"
    assert lamp.toolTip() == "last message 59"
    lamp.show_health(Health.UP, "1 min 20 s ago, and more")
    qapp.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    assert asked.times == 1
    assert lamp.sizeHint().width() > wide
    lamp.show_health(Health.DOWN, "")
    assert lamp.sizeHint().width() < wide, "another state has room of its own"
