"""Small painted bars: time that runs out, and a limit before and after an order."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cockpit.ui.theme import Theme


class CountdownBar(QWidget):
    """A hairline that shrinks from full to nothing and turns amber, then red, near the end."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._fraction = 1.0
        self.setFixedHeight(3)
        self.setAccessibleName("time left")

    def show_fraction(self, fraction: float) -> None:
        """1 is the whole time, 0 is over."""
        self._fraction = min(1.0, max(0.0, fraction))
        self.update()

    @property
    def role(self) -> str:
        """The colour's role: accent, then warning below a third, critical below a sixth."""
        return (
            "critical"
            if self._fraction < 1 / 6
            else "warning"
            if self._fraction < 1 / 3
            else "accent"
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the rest of the time."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), self._theme.colour("line"))
            left = QRectF(0, 0, self.width() * self._fraction, self.height())
            painter.fillRect(left, self._theme.colour(self.role))


class LimitBar(QWidget):
    """How much of a limit is used: solid before the order, lighter what the order adds."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._before = self._after = 0.0
        self._ok = True
        self.setFixedHeight(6)
        self.setMinimumWidth(48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(96, 6)

    def show_fractions(self, before: float, after: float, *, ok: bool) -> None:
        """Both as fractions of the limit; `ok` is False when the control denied or warns."""
        self._before, self._after, self._ok = before, after, ok
        self.setAccessibleName(f"{before:.0%} of the limit before, {after:.0%} after")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw track, addition, then what was used before."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            near = self._after > 0.8 or not self._ok
            colour = self._theme.colour(
                "critical" if self._after > 1 else "warning" if near else "accent"
            )
            self._draw(painter, 1.0, "line_strong", 1.0)
            painter.setBrush(colour)
            self._draw(painter, self._after, None, 0.45)
            self._draw(painter, self._before, None, 1.0)

    def _draw(self, painter: QPainter, fraction: float, role: str | None, strength: float) -> None:
        width = self.width() * min(1.0, max(0.0, fraction))
        if width < 1:
            return
        colour = self._theme.colour(role) if role else painter.brush().color()
        colour.setAlphaF(strength)
        painter.save()
        painter.setPen(colour)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, self.height() - 1), 2.5, 2.5)
        painter.restore()
