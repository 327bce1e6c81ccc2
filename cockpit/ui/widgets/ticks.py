"""A list to tick off."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from cockpit.ports.entries import Tick
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label


class TickList(QWidget):
    """Check boxes under a caption, in two columns where they fit; hidden while there is none."""

    def __init__(self, theme: Theme, caption: str, on_change: Callable[[], None]) -> None:
        super().__init__()
        self._theme, self._caption, self._on_change = theme, caption, on_change
        self._boxes: list[QCheckBox] = []
        self._columns = 1
        self._touched = False  # a list of which nothing was kept says something, too
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.XXS)
        self._grid.addWidget(label(theme, caption, FontRole.CAPTION, "muted"), 0, 0, 1, 2)
        self.setAccessibleName(caption)

    def show_ticks(self, offered: Sequence[str], ticks: Sequence[Tick]) -> None:
        """Offer these lines and those that are there already, ticked as they are."""
        done = {tick.text: tick.done for tick in ticks}
        lines = list(dict.fromkeys((*offered, *done)))
        if lines != [box.text() for box in self._boxes]:
            self._make(lines)
        for box in self._boxes:
            box.blockSignals(True)
            box.setChecked(done.get(box.text(), False))
            box.blockSignals(False)
        self._touched = bool(ticks)
        self.setVisible(bool(lines))

    def ticks(self) -> tuple[Tick, ...]:
        """All lines, once any of them was ticked or taken back; none before."""
        made = tuple(Tick(box.text(), box.isChecked()) for box in self._boxes)
        return made if self._touched else ()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two columns where they fit."""
        super().resizeEvent(event)
        self._lay_out()

    def _toggled(self, _on: bool) -> None:
        self._touched = True
        self._on_change()

    def _make(self, lines: Sequence[str]) -> None:
        for box in self._boxes:
            self._grid.removeWidget(box)
            box.deleteLater()
        self._boxes = []
        for text in lines:
            box = QCheckBox(text)
            box.setToolTip(text)
            box.setFont(self._theme.font(FontRole.CAPTION))
            box.setAccessibleName(f"{self._caption}: {text}")
            box.toggled.connect(self._toggled)
            self._boxes.append(box)
        self._columns = 0
        self._lay_out()

    def _lay_out(self) -> None:
        widest = max((box.sizeHint().width() for box in self._boxes), default=0)
        columns = 2 if 2 * widest + Space.M <= self.width() else 1
        if columns == self._columns:
            return
        self._columns = columns
        for place, box in enumerate(self._boxes):
            self._grid.addWidget(box, 1 + place // columns, place % columns)
