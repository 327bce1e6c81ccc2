"""Jump to a time of the simulated session."""

from __future__ import annotations

from PySide6.QtCore import QTime
from PySide6.QtWidgets import QTimeEdit, QWidget

from cockpit.domain.values import NEW_YORK, to_ns, utc
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import FontRole, Theme


def at_time(day_ns: int, hour: int, minute: int) -> int:
    """That New York wall-clock time on the day of `day_ns`, in ns UTC."""
    day = utc(day_ns).astimezone(NEW_YORK)
    return to_ns(day.replace(hour=hour, minute=minute, second=0, microsecond=0))


async def ask_time(theme: Theme, parent: QWidget, now_ns: int) -> int | None:
    """The chosen time in ns UTC; None when the person thought better of it."""
    dialog = CockpitDialog(theme, "Jump to a time", parent, width=340)
    dialog.say("New York time. The session plays up to it at full speed, so nothing is skipped.")
    now = utc(now_ns).astimezone(NEW_YORK)
    field = QTimeEdit(QTime(now.hour, now.minute).addSecs(900))
    field.setDisplayFormat("HH:mm")
    field.setButtonSymbols(QTimeEdit.ButtonSymbols.NoButtons)  # arrow keys do it
    field.setFont(theme.font(FontRole.FIGURE))
    field.setAccessibleName("New York time")
    dialog.body.addWidget(field)
    dialog.end_with("Jump")
    if not await answered(dialog):
        return None
    return at_time(now_ns, field.time().hour(), field.time().minute())
