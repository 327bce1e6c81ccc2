"""The live blotter: the painted table with mouse, keys, menu, copy and export."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip

from cockpit.ui.widgets.blotter_export import CsvExport
from cockpit.ui.widgets.blotter_header import HEADER_HEIGHT
from cockpit.ui.widgets.blotter_paint import ROW_HEIGHT
from cockpit.ui.widgets.blotter_selection import step_of
from cockpit.ui.widgets.blotter_view import BlotterView, RowAction

__all__ = ["Blotter", "RowAction"]


class Blotter(BlotterView):
    """A `BlotterView` one can work with.

    `current_changed` and `activated` carry the row's key, `action_requested` the
    action's key and the row's. Nothing here acts by itself.
    """

    current_changed = Signal(str)
    activated = Signal(str)
    action_requested = Signal(str, str)

    def copy(self) -> None:
        """Put the selected rows (all when none is) on the clipboard, tabs between cells."""
        positions = self.selection.positions() or range(len(self.table))
        QGuiApplication.clipboard().setText(self.table.tsv(positions))

    def export(self) -> None:
        """Ask for a file and write the whole table into it."""
        CsvExport(self.table, self._title, self).ask()

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press a row's button, or select the row."""
        position = self._position_at(event.position().toPoint())
        if position is None:
            return
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = self._button_at(position, event.position().toPoint())
        if self._pressed is None:
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._go_to(position, extend=extend)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Fire a button when the release is still on it."""
        pressed, self._pressed = self._pressed, None
        at = event.position().toPoint()
        position = self._position_at(at)
        self.viewport().update()
        if pressed is None or position is None:
            return
        if pressed[1] and self._button_at(position, at) == pressed:
            self.action_requested.emit(pressed[1], self.table.keys[position])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Activate the row, but never through one of its buttons."""
        at = event.position().toPoint()
        position = self._position_at(at)
        if position is not None and self._button_at(position, at) is None:
            self.activated.emit(self.table.keys[position])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the buttons of the row under the pointer."""
        at = event.position().toPoint()
        position = self._position_at(at)
        self._set_hover(-1 if position is None else position)
        button = None if position is None else self._button_at(position, at)
        over = button is not None and bool(button[1])
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tooltips with the whole reason, and the end of hovering."""
        if event.type() is QEvent.Type.Leave:
            self._set_hover(-1)
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            position = self._position_at(event.pos())
            tip = self.table.live(position).tip if position is not None else ""
            QToolTip.showText(event.globalPos(), tip, self.viewport())
            return True
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the row, and copying."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        current = self.selection.current
        if current is not None and current in self.table.keys:
            for action in self._actions:
                if action.applies(current):
                    self._add(menu, action, current)
            menu.addSeparator()
        menu.addAction("Copy", QKeySequence(QKeySequence.StandardKey.Copy), self.copy)
        menu.addAction("Export as CSV...", self.export)
        menu.popup(event.globalPos())

    def _add(self, menu: QMenu, action: RowAction, key: str) -> None:
        entry = QAction(action.label, menu)
        entry.setEnabled(action.enabled(key))
        entry.triggered.connect(lambda: self.action_requested.emit(action.key, key))
        menu.addAction(entry)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and pages move, Enter activates, Delete asks for the row's action."""
        step = step_of(event.key(), max(1, self.viewport().height() // ROW_HEIGHT - 1))
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif step is not None:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._go_to(self.selection.moved(step), extend=shift)
        elif not self._act_on_current(event.key()):
            super().keyPressEvent(event)

    def _act_on_current(self, key: int) -> bool:
        current = self.selection.current
        if current is None or current not in self.table.keys:
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit(current)
            return True
        if key == Qt.Key.Key_Delete:
            for action in [a for a in self._actions if a.applies(current)][:1]:
                if action.enabled(current):
                    self.action_requested.emit(action.key, current)
            return True
        return False

    def _go_to(self, position: int | None, *, extend: bool) -> None:
        if position is None:
            return
        key = self.table.keys[position]
        if not self.selection.choose(key, extend=extend):
            return
        self._scroll_to(position)
        self.describe_current()
        self.viewport().update()
        self.current_changed.emit(key)

    def _scroll_to(self, position: int) -> None:
        bar, top = self.verticalScrollBar(), position * ROW_HEIGHT
        if top < bar.value():
            bar.setValue(top)
        elif top + ROW_HEIGHT > bar.value() + self.viewport().height():
            bar.setValue(top + ROW_HEIGHT - self.viewport().height())

    def _set_hover(self, position: int) -> None:
        if position != self._hover:
            self._hover = position
            self.viewport().update()

    def _position_at(self, at: QPoint) -> int | None:
        position = (at.y() + self._top()) // ROW_HEIGHT
        return position if 0 <= position < len(self.table) else None

    def _button_at(self, position: int, at: QPoint) -> tuple[int, str] | None:
        """The row and the action of the button there; no action while that is not enabled."""
        for action, box in self._button_boxes(position):
            if box.contains(at):
                return position, action.key if action.enabled(self.table.keys[position]) else ""
        return None

    # Frame

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        width = self.viewport().width()
        self.header.setGeometry(self.viewport().x(), 0, width, HEADER_HEIGHT)
        self.header.fit(width)
        self._fit_scroll()

    def showEvent(self, event: QShowEvent) -> None:
        """Be up to date from the first paint on."""
        super().showEvent(event)
        self.refresh()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is, and tell a screen reader."""
        super().focusInEvent(event)
        self.describe_current()
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the focus line away."""
        super().focusOutEvent(event)
        self.viewport().update()
