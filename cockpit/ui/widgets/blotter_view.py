"""The face of a live table, painted by hand: pulled rows, cached text, one repaint a frame.

Behind a busy thread a QTableView on a Python model costs seconds a repaint (each cell
asks Python ten times); this widget costs about a millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QElapsedTimer, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from cockpit.ui.models.columns import Column, Rows
from cockpit.ui.models.table import Table
from cockpit.ui.theme import FontRole, Inset, Motion, Space, Theme
from cockpit.ui.widgets.blotter_header import HEADER_HEIGHT, BlotterHeader
from cockpit.ui.widgets.blotter_paint import PAD, ROW_HEIGHT, CellPainter, Place
from cockpit.ui.widgets.blotter_selection import BlotterSelection

_FADE_MS = 50
_RESORT_MS = 1000
_BUTTON_PAD = int(Inset.ACTION)


@dataclass(frozen=True, slots=True)
class RowAction:
    """What can be done with a row: a button on hover, an entry in its menu, the Delete key.

    One that applies but is not `enabled` is shown grey: its time has not come.
    """

    key: str
    label: str
    applies: Callable[[str], bool] = lambda _key: True
    enabled: Callable[[str], bool] = lambda _key: True


def _never(_key: str) -> bool:
    return False


class BlotterView(QAbstractScrollArea):
    """Shows `source` under `columns`. Call `refresh` once a frame."""

    def __init__(
        self,
        columns: Sequence[Column],
        source: Rows,
        theme: Theme,
        *,
        title: str,
        empty: str,
        actions: Sequence[RowAction] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.table = Table(columns, source, flash_ms=theme.motion(Motion.FLASH))
        self.selection = BlotterSelection(self.table)
        self._title, self._empty, self._actions = title, empty, tuple(actions)
        self._theme = theme
        self._cells = CellPainter(theme)
        self._hover = -1
        self._pressed: tuple[int, str] | None = None
        self._now = QElapsedTimer()
        self._now.start()
        self._resorted_ms = 0
        self._build_frame(columns, theme)
        self._fade = QTimer(self, interval=_FADE_MS, singleShot=True)
        self._fade.timeout.connect(self._repaint_lit)
        theme.changed.connect(self._restyle)

    def mute_actions(self) -> None:
        """Show what could be done with a row, and let none of it be done."""
        self._actions = tuple(replace(action, enabled=_never) for action in self._actions)

    def _build_frame(self, columns: Sequence[Column], theme: Theme) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self._title)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportMargins(0, HEADER_HEIGHT, 0, 0)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.header = BlotterHeader(columns, theme, self)
        self.header.sectionClicked.connect(self.sort_clicked)
        self.header.sectionResized.connect(self.viewport().update)
        self.header.make_room(self._buttons_width(self._actions))
        self.verticalScrollBar().setSingleStep(ROW_HEIGHT)
        self.verticalScrollBar().valueChanged.connect(self.refresh)

    def refresh(self) -> None:
        """Pull the visible rows and repaint when any of them looks different."""
        if not self.isVisible():
            return
        moved = self._sync()
        changed = self.table.pull(*self._visible(), self._now.elapsed())
        if moved:
            self.viewport().update()
        self._widen(changed)
        self._repaint(changed)

    def _widen(self, changed: Sequence[int]) -> None:
        wider = [self.header.widen(self.table.live(position).texts) for position in changed]
        if any(wider):
            self.header.fit(self.viewport().width())

    def _repaint(self, positions: Sequence[int]) -> None:
        """Ask for a paint of these rows only: what stands still costs nothing."""
        top, width = self._top(), self.viewport().width()
        for position in positions:
            self.viewport().update(0, position * ROW_HEIGHT - top, width, ROW_HEIGHT)

    def _repaint_lit(self) -> None:
        shown = range(*self._visible())
        self._repaint([position for position in shown if self.table.live(position).flashes])

    def sort_by(self, key: str, *, descending: bool = False) -> None:
        """Sort by the column of that key and say so in the header."""
        index = next(i for i, column in enumerate(self.table.columns) if column.key == key)
        self.header.show_sorted(index, descending=descending)
        self.table.sort_by(index, descending=descending)
        self.viewport().update()

    def select(self, key: str | None) -> None:
        """Make `key` the current row without telling anybody."""
        if self.selection.choose(key):
            self.describe_current()
            self.viewport().update()

    def set_empty_text(self, text: str) -> None:
        """What stands there instead of rows."""
        self._empty = text
        self.viewport().update()

    def visible_rows(self) -> list[tuple[list[str], QRect]]:
        """Texts of each visible row and where it is in this widget."""
        first, last = self._visible()
        width, left, top = self.viewport().width(), self.viewport().x(), self.viewport().y()
        return [
            (
                list(self.table.live(p).texts),
                QRect(left, top + p * ROW_HEIGHT - self._top(), width, ROW_HEIGHT),
            )
            for p in range(first, last)
        ]

    def describe_current(self) -> None:
        """Say the selected row to a screen reader."""
        position = self.table.position(self.selection.current)
        text = self.table.describe(position) if position is not None else self._summary()
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def _summary(self) -> str:
        count = len(self.table)
        return f"{count} row{'s' * (count != 1)}" if count else self._empty

    def _sync(self) -> bool:
        """Follow rows that came and went; rows keep still under the pointer."""
        moved = self.table.sync()
        now = self._now.elapsed()
        due = now - self._resorted_ms >= _RESORT_MS
        if self.table.sort_column is not None and due and not self.underMouse():
            self._resorted_ms = now
            moved |= self.table.resort()
        if moved:
            self._fit_scroll()
            self.describe_current()
        return moved

    def _visible(self) -> tuple[int, int]:
        top = self.verticalScrollBar().value()
        first = top // ROW_HEIGHT
        return first, min(len(self.table), (top + self.viewport().height()) // ROW_HEIGHT + 1)

    def _fit_scroll(self) -> None:
        height = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, len(self.table) * ROW_HEIGHT - height))
        bar.setPageStep(height)

    def sort_clicked(self, index: int) -> None:
        """First click: numbers from the top down; again: turned; a third: as they came."""
        table = self.table
        if table.sort_column != index:
            column, descending = index, table.columns[index].flash
        elif table.descending == table.columns[index].flash:
            column, descending = index, not table.descending
        else:
            column, descending = None, False
        if column is None:
            self.header.show_sorted(None)
            table.sort_by(None)
            self.viewport().update()
        else:
            self.sort_by(table.columns[column].key, descending=descending)

    def _restyle(self) -> None:
        self._cells = CellPainter(self._theme)
        self.header.make_room(self._buttons_width(self._actions))
        self.table.flash_ms = self._theme.motion(Motion.FLASH)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the visible rows from cached text."""
        with QPainter(self.viewport()) as painter:
            self._cells.begin(painter)
            painter.fillRect(event.rect(), self._cells.colour("surface"))
            self._paint_rows(painter, event.region(), self._now.elapsed())
            if not len(self.table):
                self._say_empty(painter)
        if not self._fade.isActive() and self._any_lit():
            self._fade.start()

    def _any_lit(self) -> bool:
        return any(self.table.live(position).flashes for position in range(*self._visible()))

    def _paint_rows(self, painter: QPainter, region: QRegion, now: int) -> None:
        width, top = self.viewport().width(), self._top()
        places: list[Place] = []
        grounds: dict[int, str] = {}
        for position in range(*self._visible()):
            y = position * ROW_HEIGHT - top
            if region.intersects(QRect(0, y, width, ROW_HEIGHT)):
                role = self._ground(painter, position, y, width)
                if role:
                    grounds[y] = role
                places.append((self.table.live(position), y))
        self._cells.rows(painter, self.table, places, self.header.slots(), now, grounds=grounds)
        if 0 <= self._hover < len(self.table):
            self._buttons(painter, self._hover, grounds)

    def _ground(self, painter: QPainter, position: int, y: int, width: int) -> str:
        """Paint what stands behind a row; its colour's role, empty for the panel's own."""
        selected = self.selection.holds(position)
        role = "accent_soft" if selected else "raised" if position == self._hover else ""
        if role:
            painter.fillRect(0, y, width, ROW_HEIGHT - 1, self._cells.colour(role))
        if selected and self.hasFocus():
            painter.fillRect(0, y, 2, ROW_HEIGHT - 1, self._cells.colour("focus"))
        painter.fillRect(0, y + ROW_HEIGHT - 1, width, 1, self._cells.colour("line"))
        return role

    def _say_empty(self, painter: QPainter) -> None:
        painter.setPen(self._cells.colour("muted"))
        painter.setFont(self._theme.font(FontRole.BODY))
        area = self.viewport().rect().adjusted(24, 0, -24, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty)

    def _buttons(self, painter: QPainter, position: int, grounds: Mapping[int, str]) -> None:
        boxes, y = self._button_boxes(position), position * ROW_HEIGHT - self._top()
        if boxes:  # no digit of the cell below looks out between two of them
            left = min(box.left() for _, box in boxes) - Space.XS
            ground = self._cells.colour(grounds.get(y, "surface"))
            painter.fillRect(left, y, self.viewport().width() - left, ROW_HEIGHT - 1, ground)
        for action, box in boxes:
            painter.setPen(self._cells.colour("line_strong"))
            pressed = self._pressed == (position, action.key)
            painter.setBrush(self._cells.colour("pressed" if pressed else "hover"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(box.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            at = QPointF(box.x() + _BUTTON_PAD, position * ROW_HEIGHT - self._top())
            ready = action.enabled(self.table.keys[position])
            colour = self._cells.colour("text" if ready else "faint")
            self._cells.text(painter, action.label, FontRole.CAPTION, colour, at)

    def _top(self) -> int:
        return self.verticalScrollBar().value()

    def _button_boxes(self, position: int) -> list[tuple[RowAction, QRect]]:
        key = self.table.keys[position]
        right, y = self.viewport().width() - PAD // 2, position * ROW_HEIGHT - self._top()
        boxes: list[tuple[RowAction, QRect]] = []
        for action in reversed([a for a in self._actions if a.applies(key)]):
            width = self._button_width(action)
            boxes.append((action, QRect(right - width, y + 2, width, ROW_HEIGHT - 5)))
            right -= width + Space.XS
        return boxes

    def _button_width(self, action: RowAction) -> int:
        return round(self._cells.width(action.label, FontRole.CAPTION)) + 2 * _BUTTON_PAD

    def _buttons_width(self, actions: Sequence[RowAction]) -> int:
        """What buttons take of the right end of a row."""
        return sum(self._button_width(action) + Space.XS for action in actions) + PAD // 2
