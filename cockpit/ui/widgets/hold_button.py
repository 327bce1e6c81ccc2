"""A button that fires only when it is held: nothing happens by a slip."""

from __future__ import annotations

from PySide6.QtCore import QAbstractAnimation, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from cockpit.ui.theme import FontRole, Motion, Radius, Theme


class HoldButton(QAbstractButton):
    """Hold with mouse or Space until the ground is filled; letting go earlier cancels.

    `fired` when held long enough, `released_early` when not.
    """

    fired = Signal()
    released_early = Signal()

    def __init__(self, theme: Theme, text: str, hint: str) -> None:
        super().__init__()
        self._theme = theme
        self._hint = hint
        self.setText(text)
        self.setAccessibleName(f"{text}, {hint}")
        self.setFont(theme.font(FontRole.STRONG))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._progress = QVariantAnimation(self)
        self._progress.setStartValue(0.0)
        self._progress.setEndValue(1.0)
        self._progress.setDuration(theme.motion(Motion.HOLD))
        self._progress.valueChanged.connect(self._on_progress)
        self._progress.finished.connect(self._finish)

    @property
    def progress(self) -> float:
        """0 to 1 while held."""
        at_rest = self._progress.state() is QAbstractAnimation.State.Stopped
        return 0.0 if at_rest else float(self._progress.currentValue())

    def stand_at(self, fraction: float) -> None:
        """Show it held so far, for a picture; nothing fires."""
        self._progress.start()
        self._progress.pause()
        self._progress.setCurrentTime(round(fraction * self._progress.duration()))

    def sizeHint(self) -> QSize:
        """Room for word and hint."""
        small = self._theme.font(FontRole.MICRO)
        from_hint = self.fontMetrics().horizontalAdvance(self._hint) * small.pixelSize() // 11
        from_text = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(max(from_hint, from_text) + 28, 40)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start to count."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._begin()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._let_go()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space holds as the mouse does."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._begin()
        elif event.key() != Qt.Key.Key_Space:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._let_go()

    def _on_progress(self, _value: object) -> None:
        self.update()

    def _begin(self) -> None:
        if self.isEnabled():
            self.setDown(True)
            self._progress.start()

    def _let_go(self) -> None:
        running = self._progress.state() is QAbstractAnimation.State.Running
        self._progress.stop()
        self.setDown(False)
        self.update()
        if running:
            self.released_early.emit()

    def _finish(self) -> None:
        if self.isDown():
            self.setDown(False)
            self.update()
            self.fired.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame, the filled part and two lines of text."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            self._draw_ground(painter, area)
            held = self.progress > 0  # what fills it then is too near to the colours of its words
            live = self.isEnabled()
            colour = "text" if held else "critical" if live else "off"
            painter.setPen(self._theme.colour(colour))
            painter.setFont(self.font())
            top = area.adjusted(0, 5, 0, -area.height() / 2 + 3)
            painter.drawText(top, Qt.AlignmentFlag.AlignCenter, self.text())
            painter.setPen(self._theme.colour("text" if held else "muted" if live else "off"))
            painter.setFont(self._theme.font(FontRole.MICRO))
            bottom = area.adjusted(0, area.height() / 2, 0, -4)
            painter.drawText(bottom, Qt.AlignmentFlag.AlignCenter, self._hint)

    def _draw_ground(self, painter: QPainter, area: QRectF) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(area, Radius.PANEL, Radius.PANEL)
        live = self.isEnabled()
        ground = "surface" if not live else "critical_soft" if self.underMouse() else "raised"
        painter.fillPath(shape, self._theme.colour(ground))
        if self.progress > 0:
            painter.save()
            painter.setClipPath(shape)
            filled = QRectF(area.x(), area.y(), area.width() * self.progress, area.height())
            filling = self._theme.colour("critical")
            filling.setAlphaF(0.35)
            painter.fillRect(filled, filling)
            painter.restore()
        edge = "text" if self.hasFocus() else "critical" if live else "line_strong"
        painter.setPen(QPen(self._theme.colour(edge), 2 if self.hasFocus() else 1))
        painter.drawPath(shape)
