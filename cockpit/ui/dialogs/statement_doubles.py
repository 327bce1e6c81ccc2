"""What to do with lines of a statement that another import has booked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from cockpit.app.bookkeeping.doubles import Doubles
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label

_CHOICES = (
    ("Choose what to do with them", Doubles.ASK),
    ("Leave them out", Doubles.LEAVE),
    ("Book them a second time", Doubles.BOOK),
)


class DoublesChoice(QWidget):
    """Shown where there are such lines; nothing is chosen for the person. `chosen` hears of it."""

    chosen = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.count = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        self.told = label(theme, "", FontRole.BODY, "warning", wrap=True)
        self.box = QComboBox()
        self.box.setAccessibleName("Lines that another import has booked")
        self.box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for words, meant in _CHOICES:
            self.box.addItem(words, meant.value)
        self.box.currentIndexChanged.connect(self.chosen)
        row.addWidget(self.told, 1)
        row.addWidget(self.box)
        self.hide()

    @property
    def wanted(self) -> Doubles:
        """What the person chose."""
        return Doubles(self.box.currentData())

    def ask_about(self, count: int) -> None:
        """There are so many of them."""
        self.count = count
        lines = "1 line is" if count == 1 else f"{count:,} lines are"
        self.told.setText(
            f"{lines} booked already, under another account or from another kind of statement."
        )
        self.setVisible(count > 0)
