"""Taking the broker's word for what is held: seen by symbol, chosen, confirmed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QWidget

from cockpit.domain.recovery import Difference
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import quantity
from cockpit.ui.widgets.labels import label

WORD = "ACCEPT"
_TITLES = ("Symbol", "Here", "At the broker", "Difference")


class AcceptDialog(CockpitDialog):
    """One row a symbol to tick; a single one is ticked already. `live` asks for a typed word."""

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None,
        differences: Sequence[Difference],
        *,
        live: bool,
    ) -> None:
        super().__init__(theme, "Accept the broker's positions?", parent, width=500)
        self._differences = tuple(differences)
        self.say(
            "Nothing is traded. The ledger gets an entry that sets the position, and its average "
            "cost, to what the broker says; the fills stay as they were booked.",
            "",
        )
        self.boxes: dict[str, QCheckBox] = {}
        self.all_box: QCheckBox | None = None
        self.body.addLayout(self._table())
        self.field: QLineEdit | None = None
        if live:
            self.say(f"This is real money. Type {WORD} to confirm.")
            self.field = QLineEdit()
            self.field.setPlaceholderText(WORD)
            self.field.setAccessibleName(f"Type {WORD}")
            self.field.textChanged.connect(self._check)
            self.body.addWidget(self.field)
        self.go = self.end_with("Accept")
        self._check()

    @property
    def choice(self) -> tuple[Difference, ...]:
        """The ticked differences, as they are shown."""
        return tuple(d for d in self._differences if self.boxes[d.symbol].isChecked())

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.XL)
        grid.setVerticalSpacing(Space.S)
        for column, title in enumerate(_TITLES):
            self._put(grid, 0, column, title, FontRole.CAPTION, "muted")
        for row, difference in enumerate(self._differences, start=1):
            self._row(grid, row, difference)
        if len(self._differences) > 1:
            self.all_box = QCheckBox("All listed")
            self.all_box.clicked.connect(self._tick_all)
            grid.addWidget(self.all_box, len(self._differences) + 1, 0)
        return grid

    def _row(self, grid: QGridLayout, row: int, difference: Difference) -> None:
        box = self.boxes[difference.symbol] = QCheckBox(difference.symbol)
        box.setFont(self.theme.font(FontRole.STRONG))
        box.setAccessibleName(f"Accept {difference.symbol}")
        box.setChecked(len(self._differences) == 1)
        box.toggled.connect(self._check)
        grid.addWidget(box, row, 0)
        figures = (
            quantity(difference.here),
            quantity(difference.at_broker),
            quantity(difference.by, signed=True),
        )
        for column, figure in enumerate(figures, start=1):
            self._put(grid, row, column, figure, FontRole.BODY, "")

    def _put(  # noqa: PLR0917 (where, what and how it looks, as in a grid's own call)
        self, grid: QGridLayout, row: int, column: int, text: str, role: FontRole, tone: str
    ) -> None:
        made = label(self.theme, text, role, tone)
        right = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        grid.addWidget(made, row, column, right | Qt.AlignmentFlag.AlignVCenter)

    def _tick_all(self, ticked: bool) -> None:
        for box in self.boxes.values():
            box.setChecked(ticked)

    def _check(self, _changed: object = None) -> None:
        chosen = self.choice
        typed = self.field is None or self.field.text().strip().upper() == WORD
        self.go.setEnabled(bool(chosen) and typed)
        if self.all_box is not None:
            self.all_box.setChecked(len(chosen) == len(self._differences))
        what = chosen[0].symbol if len(chosen) == 1 else f"{len(chosen)} positions"
        self.go.setText(f"Accept {what}" if chosen else "Accept")
        self.go.setAccessibleName(self.go.text())


async def ask_accept(
    theme: Theme, parent: QWidget, differences: Sequence[Difference], *, live: bool
) -> tuple[Difference, ...]:
    """Ask; empty when the person thought better of it."""
    dialog = AcceptDialog(theme, parent, differences, live=live)
    return dialog.choice if await answered(dialog) else ()
