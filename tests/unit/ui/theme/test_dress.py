"""A change of the look reaches the application, and costs it no second new style."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget

from cockpit.ui.theme import Motion, Scheme, Theme
from cockpit.ui.theme.tokens import LIGHT


class Heard(QObject):
    """Counts how often a widget was told of a new style."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.times += event.type() is QEvent.Type.StyleChange
        return super().eventFilter(watched, event)


def test_the_look_changes_with_one_new_style(qtbot, qapp):
    theme = Theme()
    theme.dress(qapp)
    widget, heard = QWidget(), Heard()
    qtbot.addWidget(widget)
    widget.show()
    widget.installEventFilter(heard)
    theme.set(scheme=Scheme.LIGHT)
    theme.dress(qapp)
    assert heard.times == 1
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == LIGHT.canvas
    assert LIGHT.surface in qapp.styleSheet()
    qapp.setStyleSheet("")


def test_reduced_motion_stills_what_moves_and_keeps_what_is_held_or_read(qapp):
    theme = Theme()
    told: list[int] = []
    theme.changed.connect(lambda: told.append(1))
    theme.set(reduced_motion=True)
    assert told
    assert [theme.motion(m) for m in (Motion.QUICK, Motion.FLASH)] == [0, 0]
    assert theme.motion(Motion.HOLD) == int(Motion.HOLD)
    assert theme.motion(Motion.TOAST) == int(Motion.TOAST)
