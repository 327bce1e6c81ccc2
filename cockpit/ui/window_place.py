"""Where the window stands: remembered, and brought onto the screens there are now."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

TITLE_BAR = 32
"""So much stays free above the window's contents, in logical pixels: there it is taken hold of."""


class WindowPlace(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of a window that is not maximised, on the desktop, and whether it was."""

    x: int
    y: int
    width: int
    height: int
    maximised: bool = False


def place_of(window: QWidget) -> WindowPlace:
    """Where it stands now."""
    area = window.normalGeometry()
    if area.isEmpty():  # never shown: there is no other place than this
        area = window.geometry()
    return WindowPlace(
        x=area.x(),
        y=area.y(),
        width=area.width(),
        height=area.height(),
        maximised=window.isMaximized(),
    )


def take_place(window: QWidget, kept: WindowPlace | None, least: QSize) -> None:
    """Put it back, as far as it fits; the first time it is maximised.

    It is never smaller than `least`, nor than the screen when that is smaller.
    """
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    first = window.screen().availableGeometry()
    wanted = first if kept is None else QRect(kept.x, kept.y, kept.width, kept.height)
    area = fitted(wanted, [first, *screens], least)
    window.setMinimumSize(least.boundedTo(area.size()))
    window.setGeometry(area)
    if kept is None or kept.maximised:
        window.setWindowState(Qt.WindowState.WindowMaximized)


def fitted(wanted: QRect, screens: Sequence[QRect], least: QSize) -> QRect:
    """`wanted` wholly on the screen that has most of it; on the first one where none has any."""
    screen = max(screens, key=lambda each: _shared(each, wanted))
    room = screen.adjusted(0, TITLE_BAR, 0, 0)
    area = QRect(wanted.topLeft(), wanted.size().expandedTo(least).boundedTo(room.size()))
    area.moveLeft(max(room.left(), min(area.left(), room.right() + 1 - area.width())))
    area.moveTop(max(room.top(), min(area.top(), room.bottom() + 1 - area.height())))
    return area


def _shared(one: QRect, other: QRect) -> int:
    both = one.intersected(other)
    return both.width() * both.height() if not both.isEmpty() else 0
