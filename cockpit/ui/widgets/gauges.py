"""How much of each limit is used, as a row of small upright bars."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cockpit.ui.models.risk import NEAR, HeaderGauge, worst
from cockpit.ui.theme import FontRole, Theme

_BAR, _GAP, _HEIGHT = 7, 5, 22
_LEAST = 2.0


class GaugeRow(QWidget):
    """One bar a limit, filled as far as it is used; the most used one is named beside them.

    A bar that is near its limit is amber, one that has reached it red and crossed out, so
    that colour is not the only sign. `clicked` by mouse, Enter or Space.
    """

    clicked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._gauges: Sequence[HeaderGauge] = ()
        self._elsewhere = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Risk used")

    def show_gauges(self, gauges: Sequence[HeaderGauge]) -> None:
        """Show these; unchanged ones cost nothing."""
        if gauges == self._gauges:
            return
        count = len(self._gauges)
        self._gauges = gauges
        self.setAccessibleName(f"Risk used: {self.caption}")
        self.setAccessibleDescription("\n".join(gauge.said for gauge in gauges))
        if count != len(gauges):
            self.updateGeometry()
        self.update()

    def show_elsewhere(self) -> None:
        """This window is not told: it must not look as if nothing were used."""
        self._elsewhere = True
        self.setAccessibleName("Risk used: shown in the cockpit you view")
        self.update()

    @property
    def caption(self) -> str:
        """The most used limit in two words."""
        top = worst(self._gauges)
        return "none" if top is None else top.caption

    def sizeHint(self) -> QSize:
        """Room for the bars and the longest caption."""
        widest = self.fontMetrics().horizontalAdvance("100% Messages")
        bars = len(self._gauges) * (_BAR + _GAP) - _GAP
        return QSize(max(bars, widest) + 2, _HEIGHT + self._line() + 4)

    def minimumSizeHint(self) -> QSize:
        """Never cut."""
        return self.sizeHint()

    def _line(self) -> int:
        return self._theme.font(FontRole.CAPTION).pixelSize() + 4

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bars on a common ground, the caption below."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place, gauge in enumerate(self._gauges):
                self._bar(painter, QRectF(place * (_BAR + _GAP) + 1, 1, _BAR, _HEIGHT), gauge)
            top = worst(self._gauges)
            painter.setFont(self._theme.font(FontRole.CAPTION))
            painter.setPen(self._theme.colour("muted" if top is None else _ink(top)))
            below = QRectF(1, _HEIGHT + 3, self.width(), self._line())
            text = "Risk: none used" if top is None else self.caption
            text = "Risk: not told" if self._elsewhere else text
            painter.drawText(
                below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text
            )
            if self.hasFocus():
                painter.setPen(QPen(self._theme.colour("focus"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                # Around the bars: around the whole it would cut through the words.
                painter.drawRect(QRectF(0.5, 0.5, self.width() - 1, _HEIGHT + 1.5))

    def _bar(self, painter: QPainter, box: QRectF, gauge: HeaderGauge) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("line_strong"))
        painter.drawRoundedRect(box, 2, 2)
        role = _role(gauge)
        if gauge.used > 0:
            height = max(_LEAST, box.height() * min(1.0, gauge.used))
            painter.setBrush(self._theme.colour(role))
            filled = QRectF(box.x(), box.bottom() - height, box.width(), height)
            painter.drawRoundedRect(filled, 2, 2)
        if role == "critical":
            painter.setPen(QPen(self._theme.colour("on_critical"), 1.4))
            middle = box.center()
            for sign in (-1, 1):
                step = QPointF(2.2, 2.2 * sign)
                painter.drawLine(middle - step, middle + step)

    def event(self, event: QEvent) -> bool:
        """Tell about the bar under the pointer, else about all."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            place = int(event.pos().x() // (_BAR + _GAP))
            over_bar = event.pos().y() <= _HEIGHT and place < len(self._gauges)
            said = self._gauges[place].said if over_bar else self.accessibleDescription()
            QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click, if it ends where it began."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


def _role(gauge: HeaderGauge) -> str:
    if gauge.used >= 1 or not gauge.armed:
        return "critical"
    return "warning" if gauge.used > NEAR else "accent"


def _ink(gauge: HeaderGauge) -> str:
    """Colour of the caption: quiet while there is room."""
    role = _role(gauge)
    return "text" if role == "accent" else role
