"""Every limit with what was measured last, and one of them changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from cockpit.app.limits.status import LimitStatus, own_limit
from cockpit.domain.limit_rules import LimitValue
from cockpit.ui.asking import ask
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.models.limit_words import (
    grouped,
    title_of,
    told_value,
    typed_value,
    unit_of,
    value_text,
)
from cockpit.ui.models.risk import WORDS, figures_of
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import percent
from cockpit.ui.widgets.labels import label, set_tone
from cockpit.ui.widgets.row_table import row_table

if TYPE_CHECKING:
    from cockpit.app.commands import Commands
    from cockpit.app.limits.desk import LimitDesk

HEADS = ("Limit", "Value", "Unit", "Used now", "Left", "State")
_FIGURES = (1, 3, 4)
"""Columns of numbers: right-aligned, as their heads are."""
_HEADING = Qt.ItemFlag.ItemIsEnabled  # it can be read, and not be chosen
REFRESH_MS = 1000


async def show_limits(theme: Theme, parent: QWidget, limits: LimitDesk, commands: Commands) -> None:
    """Open the list and wait until it is closed."""
    await answered(LimitsDialog(theme, parent, limits, commands))


class LimitsDialog(CockpitDialog):
    """A table to choose from, a field for the value, and on a live account one for the words."""

    def __init__(
        self, theme: Theme, parent: QWidget | None, limits: LimitDesk, commands: Commands
    ) -> None:
        super().__init__(theme, "Limits", parent, width=860)
        self._limits, self._commands = limits, commands
        self._rows: list[str | LimitStatus] = []
        self.say("A tighter limit holds at once. Choose one, type its new value, then change it.")
        self.table = self._make_table()
        self.value, self.typed = QLineEdit(), QLineEdit()
        self.go = QPushButton("Change limit")
        self.note = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self._lay_out()
        self.end_with("Close", reject="")
        self.refresh()
        self.table.selectRow(1)
        timer = QTimer(self)
        timer.timeout.connect(self.refresh)
        timer.start(REFRESH_MS)

    def _make_table(self) -> QTableWidget:
        table = row_table("Limits", HEADS, figures=_FIGURES)
        table.setMinimumHeight(360)
        head = table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.itemSelectionChanged.connect(self._chosen_changed)
        return table

    def _lay_out(self) -> None:
        self.value.setPlaceholderText("New value")
        self.value.setAccessibleName("New value")
        self.value.textChanged.connect(self.judge)
        self.typed.textChanged.connect(self.judge)
        self.typed.hide()
        self.go.setAccessibleName("Change limit")
        self.go.setAutoDefault(False)
        self.go.clicked.connect(self.change)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for part, stretch in ((self.value, 1), (self.typed, 2), (self.go, 0)):
            row.addWidget(part, stretch)
        self.body.addWidget(self.table)
        self.body.addLayout(row)
        self.body.addWidget(self.note)

    @property
    def chosen(self) -> LimitStatus | None:
        """The limit of the selected row."""
        at = self.table.currentRow()
        row = self._rows[at] if 0 <= at < len(self._rows) else None
        return row if isinstance(row, LimitStatus) else None

    @property
    def wanted(self) -> LimitValue | None:
        """The value that was typed, None when it is none."""
        return None if self.chosen is None else typed_value(self.chosen.place, self.value.text())

    def refresh(self) -> None:
        """Show what holds and what was measured by now; the choice stays."""
        chosen = self.chosen
        before, self._rows = self._rows, grouped(self._limits.status())
        if [_name(row) for row in before] != [_name(row) for row in self._rows]:
            self._begin(chosen)
        for line, row in enumerate(self._rows):
            if isinstance(row, LimitStatus):
                for column, text in enumerate(_texts(row)):
                    self._put(line, column, text)

    def _begin(self, chosen: LimitStatus | None) -> None:
        """Other rows than before: their headings, and the choice where it stands now."""
        table = self.table
        table.clearSpans()
        table.clearContents()
        table.setRowCount(len(self._rows))
        for line, row in enumerate(self._rows):
            if isinstance(row, str):
                item = QTableWidgetItem(row)
                item.setFlags(_HEADING)
                item.setFont(self.theme.font(FontRole.STRONG))
                table.setItem(line, 0, item)
                table.setSpan(line, 0, 1, len(HEADS))
            elif chosen is not None and row.place == chosen.place:
                table.selectRow(line)

    def judge(self) -> None:
        """Say what the change would do, and let it be made when nothing is missing."""
        chosen, wanted = self.chosen, self.wanted
        phrase = "" if chosen is None or wanted is None else self._phrase(chosen, wanted)
        self.typed.setVisible(bool(phrase))
        self.typed.setPlaceholderText(f"Type {phrase}")
        self.typed.setAccessibleName(f"Type {phrase}")
        self.go.setEnabled(wanted is not None and self.typed.text().strip() == phrase)
        self._say(_told(self._limits, chosen, wanted, phrase), "")

    def change(self) -> None:
        """Ask the core; it has the last word."""
        chosen, wanted = self.chosen, self.wanted
        if chosen is None or wanted is None:
            return
        place = chosen.place
        scope = ".".join(filter(None, (place.scope.value, place.key)))
        body = self._commands.change_limits(scope, place.name, wanted, typed=self.typed.text())
        self.go.setEnabled(False)
        ask(self._commands, body, "change-limit", done=self._changed, failed=self._refused)

    def _changed(self, _none: None) -> None:
        self.refresh()
        chosen = self.chosen
        self.value.clear()
        self.typed.clear()
        if chosen is not None:
            told = told_value(chosen.place, chosen.value)
            self._say(f"{title_of(chosen.place)} is {told} from now on.", "up")

    def _refused(self, why: str) -> None:
        self.refresh()
        self._say(why, "critical")

    def _phrase(self, chosen: LimitStatus, wanted: LimitValue) -> str:
        return self._limits.phrase(chosen.place, wanted)

    def _chosen_changed(self) -> None:
        chosen = self.chosen
        unit = "" if chosen is None else f" in {unit_of(chosen.place)}"
        self.value.setPlaceholderText(f"New value{unit}")
        self.value.clear()
        self.typed.clear()
        self.judge()

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)

    def _put(self, line: int, column: int, text: str) -> None:
        item = self.table.item(line, column)
        if item is None:
            item = QTableWidgetItem()
            if column == 0:
                item.setToolTip(_tip(self._rows[line]))
            if column in _FIGURES:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(line, column, item)
        if item.text() != text:
            item.setText(text)


def _name(row: str | LimitStatus) -> str:
    return row if isinstance(row, str) else str(row.place)


def _tip(row: str | LimitStatus) -> str:
    return row if isinstance(row, str) else f"In the settings file: limits.{row.place}"


def _texts(row: LimitStatus) -> tuple[str, ...]:
    place, measured = row.place, row.measured
    held = title_of(place), value_text(place, row.value), unit_of(place)
    if measured is None:
        used = "not yet" if place.name in WORDS and not place.key else ""
        return (*held, used, "", "armed")
    used = figures_of(measured.value, measured.limit, measured.unit)
    own = own_limit(place.name, row.value, measured.unit)
    if own is not None and own > measured.limit:  # two limits of one thing: the other one holds
        used = used.replace(" of ", " of a stricter ", 1)
    state = "armed" if row.armed else "crossed, not seen"
    return (*held, used, percent(measured.left, places=0), state)


def _told(
    limits: LimitDesk, chosen: LimitStatus | None, wanted: LimitValue | None, phrase: str
) -> str:
    if chosen is None or wanted is None:
        return ""
    place = chosen.place
    now, then = told_value(place, chosen.value), told_value(place, wanted)
    change = f"{title_of(place)} goes from {now} to {then}."
    if not limits.loosens(chosen.place, wanted):
        return f"{change} It is not looser than now and holds at once."
    if not phrase:
        return f"{change} More will be allowed than now."
    return f"{change} More will be allowed than now, with real money. Type {phrase} to confirm it."
