"""A list to tick off."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from cockpit.ports.entries import Tick
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label


class TickList(QWidget):
    """Check boxes in two columns under a caption; hidden while there is none."""

    def __init__(self, theme: Theme, caption: str, on_change: Callable[[], None]) -> None:
        super().__init__()
        self._theme, self._caption, self._on_change = theme, caption, on_change
        self._boxes: list[QCheckBox] = []
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
        self.setVisible(bool(lines))

    def ticks(self) -> tuple[Tick, ...]:
        """All lines, once any of them is ticked; none before."""
        made = tuple(Tick(box.text(), box.isChecked()) for box in self._boxes)
        return made if any(tick.done for tick in made) else ()

    def _toggled(self, _on: bool) -> None:
        self._on_change()

    def _make(self, lines: Sequence[str]) -> None:
        for box in self._boxes:
            self._grid.removeWidget(box)
            box.deleteLater()
        self._boxes = []
        for place, text in enumerate(lines):
            box = QCheckBox(text)
            box.setFont(self._theme.font(FontRole.CAPTION))
            box.setAccessibleName(f"{self._caption}: {text}")
            box.toggled.connect(self._toggled)
            self._grid.addWidget(box, 1 + place // 2, place % 2)
            self._boxes.append(box)
