"""What each symbol gave or took today: bars from a common zero."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.theme.format import signed_money

ROW = 22
_GAP = 10.0
_BAR = 10.0


def ranked(day_pnl: Mapping[str, float], rows: int) -> tuple[list[tuple[str, float]], float]:
    """The `rows` symbols that moved the day most, largest first, and the sum of the rest."""
    order = sorted(day_pnl.items(), key=lambda item: (-abs(item[1]), item[0]))
    if len(order) <= rows:
        return order, 0.0
    kept = order[: max(0, rows - 1)]
    return kept, sum(value for _, value in order[len(kept) :])


class Contributions(QWidget):
    """Rows of symbol, bar and money; what has no room is summed in the last row."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._day_pnl: dict[str, float] = {}
        self.setAccessibleName("Day P&L by symbol")
        self.setMinimumSize(150, ROW)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Room for what there is."""
        return QSize(190, ROW * max(1, len(self._day_pnl)))

    def show_pnl(self, day_pnl: Mapping[str, float]) -> None:
        """Take each symbol's day P&L in money."""
        if len(day_pnl) != len(self._day_pnl):
            self.updateGeometry()
        self._day_pnl = dict(day_pnl)
        said = ", ".join(f"{symbol} {signed_money(v)}" for symbol, v in day_pnl.items())
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)
        self.update()

    def shown(self) -> list[tuple[str, float]]:
        """The rows that fit, the rest summed."""
        room = max(1, self.height() // ROW)
        rows, rest = ranked(self._day_pnl, room)
        hidden = len(self._day_pnl) - len(rows)
        return [*rows, (f"{hidden} more", rest)] if hidden else rows

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the rows from the top."""
        with QPainter(self) as painter:
            self._paint(painter, self.shown())

    def _paint(self, painter: QPainter, rows: list[tuple[str, float]]) -> None:
        font = self._theme.font(FontRole.CAPTION)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        names = max((metrics.horizontalAdvance(n) for n, _ in rows), default=0.0)
        texts = [signed_money(value) for _, value in rows]
        figures = max(map(metrics.horizontalAdvance, texts), default=0.0)
        area = QRectF(names + _GAP, 0, self.width() - names - figures - 2 * _GAP, ROW)
        largest = max((abs(value) for _, value in rows), default=0.0) or 1.0
        for place, ((name, value), text) in enumerate(zip(rows, texts, strict=True)):
            y = float(place * ROW)
            line = QRectF(0, y, self.width(), ROW)
            painter.setPen(self._theme.colour("text"))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(self._theme.colour(_role(value)))
            painter.drawText(
                line, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), text
            )
            self._bar(painter, area.translated(0, y), value / largest)

    def _bar(self, painter: QPainter, area: QRectF, share: float) -> None:
        middle, half = area.center().x(), area.width() / 2
        if half < 8:
            return
        length = max(1.0, abs(share) * half)
        left = middle if share >= 0 else middle - length
        top = area.center().y() - _BAR / 2
        painter.fillRect(QRectF(left, top, length, _BAR), self._theme.colour(_role(share)))
        axis = self._theme.colour("line_strong")
        painter.fillRect(QRectF(round(middle), area.top() + 2, 1, ROW - 4), axis)


def _role(value: float) -> str:
    return "up" if value > 0 else "down" if value < 0 else "muted"
