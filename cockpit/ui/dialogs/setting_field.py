"""One field for every kind of setting: a choice, a line, or a line for each word."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QStackedWidget, QWidget

from cockpit.app.configuring.kinds import Kind, Shape
from cockpit.ui.theme import Space, Theme

_LINES = 4


class SettingField(QStackedWidget):
    """`edited` is sent with each change by a person; `text` is what stands there."""

    edited = Signal()
    entered = Signal()  # Return in a field of one line

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        del theme  # the style sheet dresses the fields
        self._line, self._choice, self._lines = QLineEdit(), QComboBox(), QPlainTextEdit()
        self._lines.setTabChangesFocus(True)
        for field in (self._line, self._choice, self._lines):
            self.addWidget(field)
        self._line.textEdited.connect(lambda _text="": self.edited.emit())
        self._line.returnPressed.connect(self.entered)
        self._choice.activated.connect(lambda _index=0: self.edited.emit())
        self._lines.textChanged.connect(self._lines_changed)
        self._filling = False

    def _lines_changed(self) -> None:
        if not self._filling:
            self.edited.emit()

    def ask_for(self, name: str, shape: Shape, text: str) -> None:
        """Show the field for this kind of value, with `text` in it."""
        self._filling = True
        field = self._field(shape)
        field.setAccessibleName(f"New value of {name}")
        if field is self._choice:
            self._choice.clear()
            if text not in shape.choices:
                self._choice.addItem(text)
            self._choice.addItems(list(shape.choices))
            self._choice.setCurrentText(text)
        elif field is self._lines:
            self._lines.setPlainText(text)
        else:
            self._line.setText(text)
            self._line.setPlaceholderText("not set")
        self.setCurrentWidget(field)
        self.setFixedHeight(self._height(field))
        self._filling = False

    def _field(self, shape: Shape) -> QWidget:
        if shape.kind is Kind.LINES:
            return self._lines
        return self._choice if shape.choices else self._line

    def _height(self, field: QWidget) -> int:
        if field is self._lines:
            return self._lines.fontMetrics().lineSpacing() * _LINES + 2 * Space.S
        return field.sizeHint().height()

    def text(self) -> str:
        """What stands there."""
        shown = self.currentWidget()
        if shown is self._lines:
            return self._lines.toPlainText()
        return self._choice.currentText() if shown is self._choice else self._line.text()

    def put(self, text: str) -> None:
        """Type for a person, as a test does."""
        shown = self.currentWidget()
        if shown is self._lines:
            self._lines.setPlainText(text)
        elif shown is self._choice:
            self._choice.setCurrentText(text)
            self.edited.emit()
        else:
            self._line.setText(text)
            self.edited.emit()
