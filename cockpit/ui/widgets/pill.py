"""A short word on a tinted, rounded ground: modes, states, counts."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cockpit.ui.models.columns import Mark
from cockpit.ui.theme import FontRole, Inset, Theme
from cockpit.ui.widgets.blotter_marks import MARK_SIZE, draw_mark

_PAD_X, _PAD_Y = int(Inset.PILL_X), int(Inset.PILL_Y)
_MARK_ROOM = round(MARK_SIZE) + 5  # the shape and its distance from the word


class Pill(QWidget):
    """Painted, so that colour and width follow the word; the word always says it too."""

    def __init__(self, theme: Theme, text: str = "", role: str = "accent", *, solid: bool = False):
        super().__init__()
        self._theme = theme
        self._text, self._role, self._solid = text, role, solid
        self._mark: Mark | None = None
        self.setFont(theme.font(FontRole.CAPTION))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    @property
    def text(self) -> str:
        """The word shown."""
        return self._text

    @property
    def role(self) -> str:
        """Its colour's role."""
        return self._role

    @property
    def solid(self) -> bool:
        """True while its ground is filled."""
        return self._solid

    def show_text(
        self, text: str, role: str, *, solid: bool = False, mark: Mark | None = None
    ) -> None:
        """Change word and colour role; `solid` fills the ground for what must not be missed.

        `mark` is a shape before the word.
        """
        if (text, role, solid, mark) == (self._text, self._role, self._solid, self._mark):
            return
        self._text, self._role, self._solid, self._mark = text, role, solid, mark
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the word."""
        metrics = self.fontMetrics()
        return QSize(
            metrics.horizontalAdvance(self._text) + 2 * _PAD_X + self._mark_room,
            metrics.height() + 2 * _PAD_Y,
        )

    @property
    def _mark_room(self) -> int:
        return 0 if self._mark is None else _MARK_ROOM

    def minimumSizeHint(self) -> QSize:
        """Never clip the word."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground and word."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = self._theme.colour(self._role)
            ground = QColor(colour)
            ground.setAlphaF(1.0 if self._solid else 0.14)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            area = QRectF(self.rect())
            painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
            ink = self._theme.colour("on_critical") if self._solid else colour
            if self._mark is not None:
                draw_mark(painter, self._mark, _PAD_X, area.center().y(), ink)
            painter.setPen(ink)
            painter.setFont(self.font())
            words = area.adjusted(self._mark_room, 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self._text)


class ClickablePill(Pill):
    """A pill that leads somewhere, by click, Enter or Space."""

    clicked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click, if it ends where it began."""
        inside = self.rect().contains(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and inside:
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As a pill, with a ring while it has the focus."""
        super().paintEvent(event)
        if self.hasFocus():
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(self._theme.colour("focus"), 1))
                ring = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
                painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
