"""What you want to be told of: a list of triggers, made, changed, turned off, taken back."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cockpit.domain.events import TriggersChanged
from cockpit.market.triggers import Trigger
from cockpit.ui.asking import ask
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.models.triggers import trigger_row
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.empty import EmptyState
from cockpit.ui.widgets.labels import ElidedLabel, set_tone
from cockpit.ui.widgets.row_table import row_table

if TYPE_CHECKING:
    from cockpit.app.commands import Commands
    from cockpit.app.trigger_desk import TriggerDesk

HEADS = ("Name", "Symbol", "When", "Speaks", "State", "Spoke last (New York)")
_STATE = HEADS.index("State")
VIEWING = "Triggers are watched and changed in the cockpit you view."


class TriggersPanel(QWidget):
    """`edit_requested` asks for the dialog: with a trigger to change, None for a new one."""

    edit_requested = Signal(object)

    def __init__(
        self, desk: TriggerDesk | None, commands: Commands, bridge: Bridge, theme: Theme
    ) -> None:
        super().__init__()
        self._desk, self._commands, self._theme = desk, commands, theme
        self._shown: list[Trigger] = []
        self.removed: Trigger | None = None
        self.setProperty("kind", "panel")
        self.setAccessibleName("Triggers panel")
        self.table = self._make_table()
        self.empty = EmptyState(
            theme,
            "notice",
            "Nothing is waited for" if desk is not None else "Not here",
            "A trigger tells you when a price, a move, a volume, a spread or a time comes. Make "
            "one here, or from the chart by a right click."
            if desk is not None
            else VIEWING,
        )
        self.new_button = button(theme, "New trigger...", lambda: self.edit_requested.emit(None))
        self.edit_button = button(theme, "Change...", self.edit, kind="quiet")
        self.switch_button = button(theme, "Turn off", self.switch, kind="quiet")
        self.remove_button = button(theme, "Remove", self.remove, kind="quiet")
        self.undo_button = button(theme, "Undo", self.undo, kind="quiet")
        self.said = ElidedLabel(theme, "", FontRole.CAPTION, "muted")
        self._lay_out()
        self.show_now()
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _make_table(self) -> QTableWidget:
        table = row_table("Triggers", HEADS)
        head = table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(HEADS.index("When"), QHeaderView.ResizeMode.Stretch)
        table.itemSelectionChanged.connect(self._judge)
        table.cellDoubleClicked.connect(lambda _row=0, _column=0: self.edit())
        return table

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(Space.S, Space.S, Space.S, Space.XS)
        row.setSpacing(Space.S)
        buttons = (self.new_button, self.edit_button, self.switch_button, self.remove_button)
        for part in (*buttons, self.undo_button):
            row.addWidget(part)
        row.addWidget(self.said, 1)
        column.addLayout(row)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        column.addWidget(self.stack, 1)
        for key, act in ((QKeySequence.StandardKey.Delete, self.remove), ("Return", self.edit)):
            shortcut = QShortcut(QKeySequence(key), self.table, act)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)

    def _on_frame(self, frame: Frame) -> None:
        if frame.touched(TriggersChanged):
            self.show_now()

    @property
    def chosen(self) -> Trigger | None:
        """The trigger of the selected row."""
        row = self.table.currentRow()
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def show_now(self) -> None:
        """Show what is kept now; the choice stays."""
        before = self.chosen
        desk = self._desk
        self._shown = [] if desk is None else desk.all()
        self.table.setRowCount(len(self._shown))
        for line, trigger in enumerate(self._shown):
            row = trigger_row(trigger, in_session=desk is not None and desk.in_session(trigger))
            for column, text in enumerate(row[: len(HEADS)]):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if column == _STATE:
                    item.setForeground(self._theme.colour(row.tone))
                self.table.setItem(line, column, item)
        names = [trigger.name for trigger in self._shown]
        if names:
            kept = names.index(before.name) if before and before.name in names else 0
            self.table.selectRow(kept)
        self.stack.setCurrentWidget(self.table if names else self.empty)
        self._judge()

    def _judge(self) -> None:
        chosen, here = self.chosen, self._desk is not None
        self.new_button.setEnabled(here)
        for part in (self.edit_button, self.switch_button, self.remove_button):
            part.setEnabled(here and chosen is not None)
        words = "Turn on" if chosen is not None and not chosen.on else "Turn off"
        if chosen is not None and chosen.spent:
            words = "Watch again"
        self.switch_button.setText(words)
        self.switch_button.setAccessibleName(words)
        self.undo_button.setVisible(self.removed is not None)

    def edit(self) -> None:
        """Change the chosen one in the dialog."""
        if self.chosen is not None and self._desk is not None:
            self.edit_requested.emit(self.chosen)

    def switch(self) -> None:
        """Turn the chosen one on or off; one that has spoken is armed again."""
        chosen, desk = self.chosen, self._desk
        if chosen is not None and desk is not None:
            on = not chosen.armed
            word = "is watched" if on else "is off"
            self._do(desk.switch(chosen.name, on=on), f"{chosen.name} {word}.")

    def remove(self) -> None:
        """Take the chosen one out; Undo puts it back."""
        chosen, desk = self.chosen, self._desk
        if chosen is None or desk is None:
            return

        def done(removed: Trigger) -> None:
            self.removed = removed
            self._tell(f"{removed.name} is removed.")
            self.show_now()

        ask(self._commands, desk.remove(chosen.name), "remove-trigger", done=done, failed=self._no)

    def undo(self) -> None:
        """Put the one that was removed last back."""
        removed, desk = self.removed, self._desk
        if removed is None or desk is None:
            return

        def done(_none: None) -> None:
            self.removed = None
            self._tell(f"{removed.name} is back.")

        ask(self._commands, desk.put(removed), "change-trigger", done=done, failed=self._no)

    def keep(self, trigger: Trigger, *, replaces: str = "") -> None:
        """Watch what the dialog came back with."""
        if self._desk is not None:
            self._do(self._desk.put(trigger, replaces=replaces), f"{trigger.name} is watched.")

    def _do(self, body: Coroutine[Any, Any, None], said: str) -> None:
        ask(
            self._commands,
            body,
            "change-trigger",
            done=lambda _none: self._tell(said),
            failed=self._no,
        )

    def _no(self, why: str) -> None:
        self._tell(why, "critical")

    def _tell(self, text: str, tone: str = "muted") -> None:
        self.said.set_text(text)
        set_tone(self.said, tone)
        self._judge()
