"""A year of days as a heat map: a week a column, each day's result by colour, sign and number."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

import msgspec
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from cockpit.ui.theme import FontRole, Inset, Theme
from cockpit.ui.theme.format import MINUS, compact, signed_money

_GAP = int(Inset.TILE)
_LEFT, _TOP = 34, 20
_SMALLEST, _LARGEST = 13, 44
_AMOUNT_FROM = 40
_FAINT, _FULL = 0.18, 0.5
"""How much of its colour the ground of a small and of a large result has: words stay readable."""
SEVERAL = "?"
"""In the cell of a day whose trades are in several currencies."""
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_STEPS = {
    Qt.Key.Key_Left: -7,
    Qt.Key.Key_Right: 7,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
}


class DayResult(msgspec.Struct, frozen=True):
    """What the trades closed on a day made; no `net` where they are in several currencies."""

    net: float | None
    trades: int
    wins: int
    losses: int
    currencies: tuple[str, ...] = ("USD",)


class HeatCalendar(QWidget):
    """Shows `results` up to the week of `last`; arrows, a click or the wheel move through it.

    The stronger a day's colour, the more it made or lost against the median day. A sign stands
    in each, so that colour is never alone; a dot says that something is written about the day.
    """

    day_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._results: Mapping[str, DayResult] = {}
        self._written: AbstractSet[str] = frozenset()
        self._last = date(1970, 1, 1)
        self._back = 0  # weeks behind the newest
        self.chosen = ""
        self._usual = 1.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, _TOP + 7 * (_SMALLEST + _GAP))
        self.setAccessibleName("Calendar of results")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A year in small cells."""
        return QSize(_LEFT + 53 * (_SMALLEST + _GAP), _TOP + 7 * (_SMALLEST + _GAP))

    def show_days(
        self, results: Mapping[str, DayResult], written: AbstractSet[str], last: date, chosen: str
    ) -> None:
        """Show these days; `written` are those with an entry, `chosen` the one looked at."""
        self._results, self._written, self._last = results, written, last
        self._usual = _median([abs(r.net) for r in results.values() if r.net is not None]) or 1.0
        self._choose(chosen, tell=False)
        self.update()

    def cell_of(self, day: date) -> QRectF | None:
        """Where a day is drawn; None when it is out of sight."""
        size, weeks = self._size(), self._weeks()
        column = weeks - 1 - self._weeks_behind(day)
        if not 0 <= column < weeks or day > self._last:
            return None
        step = size + _GAP
        return QRectF(_LEFT + column * step, _TOP + day.weekday() * step, size, size)

    def day_at(self, at: QPoint) -> date | None:
        """The day under a point; None between and beyond the days."""
        step, weeks = self._size() + _GAP, self._weeks()
        column, row = (at.x() - _LEFT) // step, (at.y() - _TOP) // step
        if not (0 <= column < weeks and 0 <= row < 7):
            return None
        monday = self._first_monday() + timedelta(weeks=column)
        day = monday + timedelta(days=row)
        return day if day <= self._last else None

    def told(self, day: date) -> str:
        """A day in words."""
        named = f"{day:%a} {day.day} {day:%b %Y}"
        result = self._results.get(day.isoformat())
        if result is None:
            return f"{named}: no trade was closed"
        noun = "trade" if result.trades == 1 else "trades"
        note = ", with a note" if day.isoformat() in self._written else ""
        return (
            f"{named}: {_net(result)}, {result.trades} {noun}, {result.wins} won, "
            f"{result.losses} lost{note}"
        )

    # Drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Months above, weekdays beside, then the days."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(self._theme.font(FontRole.MICRO))
            size, step = self._size(), self._size() + _GAP
            self._label(painter, size, step)
            monday = self._first_monday()
            for number in range(7 * self._weeks()):
                day = monday + timedelta(days=number)
                cell = self.cell_of(day)
                if cell is not None:
                    self._draw(painter, day, cell)

    def _label(self, painter: QPainter, size: int, step: int) -> None:
        painter.setPen(self._theme.colour("muted"))
        for row, name in enumerate(_DAYS):
            if size >= 16 or row % 2 == 0:
                box = QRectF(0, _TOP + row * step, _LEFT - 6, size)
                painter.drawText(
                    box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, name
                )
        free_from = 0.0
        for column in range(self._weeks()):
            monday = self._first_monday() + timedelta(weeks=column)
            begins = [monday + timedelta(days=n) for n in range(7)]
            first = next((day for day in begins if day.day == 1), None)
            x = _LEFT + column * step
            if first is not None and x >= free_from:
                text = f"{first:%b}" if first.month > 1 else f"{first:%b %Y}"
                painter.drawText(QRectF(x, 0, 80, _TOP - 4), Qt.AlignmentFlag.AlignBottom, text)
                free_from = x + painter.fontMetrics().horizontalAdvance(text) + 8

    def _draw(self, painter: QPainter, day: date, cell: QRectF) -> None:
        iso = day.isoformat()
        result = self._results.get(iso)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ground(result, day))
        painter.drawRoundedRect(cell, 3, 3)
        if result is not None:
            painter.setPen(self._theme.colour("text"))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, _in_cell(result, cell.width()))
        if iso in self._written:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent"))
            painter.drawEllipse(QRectF(cell.right() - 5, cell.top() + 2, 3, 3))
        if iso == self.chosen:
            role = "focus" if self.hasFocus() else "muted"
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour(role), 2))
            painter.drawRoundedRect(cell.adjusted(-1, -1, 1, 1), 4, 4)

    def _ground(self, result: DayResult | None, day: date) -> QColor:
        if result is None:
            return self._theme.colour("raised" if day.weekday() < 5 else "line")
        if not result.net:
            return self._theme.colour("line_strong")
        colour = self._theme.colour("up" if result.net > 0 else "down")
        colour.setAlphaF(_FAINT + (_FULL - _FAINT) * min(1.0, abs(result.net) / (2 * self._usual)))
        return colour

    # Places

    def _size(self) -> int:
        room = (self.height() - _TOP) // 7 - _GAP
        return max(_SMALLEST, min(_LARGEST, room))

    def _weeks(self) -> int:
        return max(1, (self.width() - _LEFT) // (self._size() + _GAP))

    def _newest_monday(self) -> date:
        return self._last - timedelta(days=self._last.weekday(), weeks=self._back)

    def _first_monday(self) -> date:
        return self._newest_monday() - timedelta(weeks=self._weeks() - 1)

    def _weeks_behind(self, day: date) -> int:
        monday = day - timedelta(days=day.weekday())
        return (self._newest_monday() - monday).days // 7

    # A person's hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a day."""
        day = self.day_at(event.position().toPoint())
        if day is not None and event.button() is Qt.MouseButton.LeftButton:
            self._choose(day.isoformat(), tell=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move by a day or a week."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        now = date.fromisoformat(self.chosen) if self.chosen else self._last
        day = min(self._last, now + timedelta(days=step))
        self._bring_into_sight(day)
        self._choose(day.isoformat(), tell=True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move through the weeks."""
        self._back = max(0, self._back + (4 if event.angleDelta().y() > 0 else -4))
        self.update()
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Say the day under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            day = self.day_at(event.pos())
            QToolTip.showText(event.globalPos(), "" if day is None else self.told(day), self)
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take that away again."""
        super().focusOutEvent(event)
        self.update()

    def _bring_into_sight(self, day: date) -> None:
        behind = self._weeks_behind(day)
        if behind < 0:
            self._back = max(0, self._back + behind)
        elif behind >= self._weeks():
            self._back += behind - self._weeks() + 1

    def _choose(self, day: str, *, tell: bool) -> None:
        self.chosen = day
        if day:
            self.setAccessibleDescription(self.told(date.fromisoformat(day)))
        self.update()
        if tell:
            self.day_chosen.emit(day)


def _net(result: DayResult) -> str:
    """The day's net in words, or why it has none."""
    if result.net is None:
        return f"trades in {' and '.join(result.currencies)} can't be added up"
    return signed_money(result.net, currency=result.currencies[0])


def _in_cell(result: DayResult, width: float) -> str:
    if result.net is None:
        return SEVERAL
    sign = "+" if result.net > 0 else MINUS if result.net < 0 else "0"
    if width < _AMOUNT_FROM or result.net == 0:
        return sign
    return f"{sign}{compact(round(abs(result.net)))}"


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0
