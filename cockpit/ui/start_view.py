"""What stands in the window before the core does: the shape of things to come, or why not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cockpit.domain.connection import JOURNAL_LAMP, Connection
from cockpit.kernel.clock import WallClock
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.busy import BusyBar
from cockpit.ui.widgets.labels import label, set_tone

LOOK_EVERY_MS = 250
_SKELETON = (
    (0.0, 0.0, 1.0, 0.075),
    (0.0, 0.085, 0.155, 0.565),
    (0.16, 0.085, 0.635, 0.565),
    (0.0, 0.66, 0.505, 0.34),
    (0.51, 0.66, 0.285, 0.34),
    (0.8, 0.085, 0.2, 0.585),
    (0.8, 0.68, 0.2, 0.32),
)
"""The default layout as x, y, width, height, fractions of the window."""


class StartView(QWidget):
    """Light to build: it is the first thing painted. `painted` is sent once."""

    painted = Signal()

    def __init__(self, theme: Theme, what: str) -> None:
        super().__init__()
        self._theme = theme
        self._was_painted = False
        self._looking: QTimer | None = None
        self.setAccessibleName("Starting")
        column = QVBoxLayout(self)
        column.setSpacing(Space.M)
        column.addStretch(1)
        self.title = label(theme, "Cockpit", FontRole.DISPLAY)
        self._usual = f"Starting {what}..."
        self.text = label(theme, self._usual, FontRole.BODY, "muted", wrap=True)
        self.text.setFixedWidth(520)
        self.busy = BusyBar(theme, "Starting")
        self.busy.setFixedWidth(220)
        for part in (self.title, self.text, self.busy):
            column.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (self.title, self.text):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def say(self, text: str) -> None:
        """Tell what is happening."""
        self._usual = text
        self.text.setText(text)
        self.busy.show()

    def rest(self) -> None:
        """Nothing happens while the person is asked."""
        self.say("")
        self.busy.hide()

    def follow(self, lamps: Sequence[Connection]) -> None:
        """Show what the newest of `lamps` asks a person to do, with the time left for it.

        While the journal is read, how far that is.
        """

        def look() -> None:
            lamp = lamps[-1] if lamps else None
            left = "" if lamp is None else lamp.time_left(WallClock().now_ns())
            asked = f"{lamp.detail}\n\n{left} left" if lamp is not None and left else ""
            reading = lamp.detail if lamp is not None and lamp.kind == JOURNAL_LAMP else ""
            self.text.setText(asked or reading or self._usual)

        self._looking = QTimer(self)
        self._looking.timeout.connect(look)
        self._looking.start(LOOK_EVERY_MS)

    def fail(self, text: str) -> None:
        """Tell why there is no cockpit."""
        if self._looking is not None:
            self._looking.stop()
        self.title.setText("Cockpit could not start")
        set_tone(self.title, "critical")
        self.text.setText(f"{text}\n\nClose the window to end the program.")
        set_tone(self.text, "")
        self.busy.hide()
        self.setAccessibleName("Could not start")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the panels' outlines."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._theme.colour("line"))
            painter.setBrush(self._theme.colour("surface"))
            width, height = self.width() - 8, self.height() - 8
            for x, y, w, h in _SKELETON:
                area = QRectF(4 + x * width, 4 + y * height, w * width, h * height)
                painter.drawRoundedRect(area, 6, 6)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()
