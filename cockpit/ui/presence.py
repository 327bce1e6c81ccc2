"""Notices that somebody is at the window: a key, a click, a wheel. Nothing else is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cockpit.app.arming import Armed

_SIGNS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.TouchBegin,
        QEvent.Type.Wheel,
    }
)


class Presence(QObject):
    """Tells arming of each sign. Watches the window's own surface, never all events of Qt."""

    def __init__(self, window: QWidget, arming: Armed) -> None:
        super().__init__(window)
        self._arming = arming
        surface = window.windowHandle()
        (surface or window).installEventFilter(self)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self._on_focus)  # dialogs and panels that float

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Hear of it, and let it pass."""
        if event.type() in _SIGNS:
            self._arming.touch()
        return False

    def _on_focus(self, window: object) -> None:
        if window is not None:
            self._arming.touch()
