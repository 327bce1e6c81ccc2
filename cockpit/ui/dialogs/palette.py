"""The command palette: type a few letters, Enter goes there or does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cockpit.ui.models.palette import Entry, matching
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label

AnyIndex = QModelIndex | QPersistentModelIndex
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
SIZE = 560, 400
_PARTS = Qt.ItemDataRole.UserRole
_KEYS_WIDTH = 96


class Line(QStyledItemDelegate):
    """What it says at the left; its kind and its key at the right, each in a column of its own."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def initStyleOption(self, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Leave kind and key to `paint`."""
        super().initStyleOption(option, index)
        option.text = index.data(_PARTS)[0]  # pyright: ignore[reportAttributeAccessIssue] -- the stub leaves it out

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw the line."""
        super().paint(painter, option, index)
        _, kind, key = index.data(_PARTS)
        area: QRect = option.rect.adjusted(0, 0, -Space.M, 0)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] -- the stub leaves it out
        painter.save()
        painter.setFont(self._theme.font(FontRole.CAPTION))
        painter.setPen(self._theme.colour("muted"))
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, side, key)
        painter.drawText(area.adjusted(0, 0, -_KEYS_WIDTH, 0), side, kind)
        painter.restore()


class Palette(QDialog):
    """Closes with what was chosen in `chosen`; an order that was typed leads to the ticket."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget,
        entries: Sequence[Entry],
        order: Callable[[str], Entry | None],
    ) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self._entries, self._order, self._theme = entries, order, theme
        self._shown: list[Entry] = []
        self.chosen: Entry | None = None
        self.setWindowTitle("Command palette")
        self.setAccessibleName("Command palette")
        self.setProperty("kind", "palette")
        self.resize(*SIZE)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        column.setSpacing(Space.S)
        self.field = QLineEdit()
        self.field.setAccessibleName("Command")
        self.field.setPlaceholderText("A symbol, a panel, an action, or: buy 100 ABC")
        self.field.setFont(theme.font(FontRole.TITLE))
        self.field.textChanged.connect(lambda _text="": self.refresh())
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("What was found")
        self.list.setItemDelegate(Line(theme, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemActivated.connect(self.take)
        self.list.itemClicked.connect(self.take)
        self.none = label(theme, "Nothing of that name.", FontRole.BODY, "muted")
        for part in (self.field, self.list, self.none):
            column.addWidget(part)
        self.refresh()
        self.field.setFocus()

    def refresh(self) -> None:
        """Show what the words find, the first one chosen."""
        words = self.field.text()
        typed = self._order(words)
        self._shown = [*([typed] if typed else []), *matching(self._entries, words)]
        self.list.clear()
        for entry in self._shown:
            hint = f"    {entry.hint}" if entry.hint else ""
            item = QListWidgetItem(f"{entry.text}    {entry.kind.lower()}{hint}")  # as read aloud
            item.setData(_PARTS, (entry.text, entry.kind.lower(), entry.hint))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(self._shown))
        self.none.setVisible(not self._shown)

    def take(self) -> None:
        """Close with the chosen one."""
        row = self.list.currentRow()
        if 0 <= row < len(self._shown):
            self.chosen = self._shown[row]
            self.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while the words are typed."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = _MOVES.get(Qt.Key(event.key()))
            if step is not None:
                row = self.list.currentRow() + step
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, row)))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.take()
                return True
        return super().eventFilter(watched, event)
