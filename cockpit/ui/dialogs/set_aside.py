"""The prices of the session that were not believed: how many under which rule, and the last."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from cockpit.market.quality import Quality
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.models.set_aside import SetAsideRows, columns
from cockpit.ui.theme import FontRole, Theme
from cockpit.ui.widgets.blotter import Blotter
from cockpit.ui.widgets.labels import label

EVERY_MS = 1000
WHY = (
    "A row that breaks a rule is not believed: the price before it stays, and goes grey when no "
    "other follows. docs/market-data.md has the rules; [quality] in the settings changes some."
)
VIEWING = "Prices are checked in the cockpit you view; look there."


class SetAsideDialog(CockpitDialog):
    """Follows the session while it is open."""

    def __init__(self, theme: Theme, parent: QWidget | None, quality: Quality) -> None:
        super().__init__(theme, "Prices set aside", parent, width=820)
        self._quality = quality
        self.counts = label(theme, "", FontRole.BODY, "", wrap=True)
        self.body.addWidget(self.counts)
        self.say(WHY)
        self.rows = SetAsideRows()
        self.lines = Blotter(
            columns(), self.rows, theme, title="Prices set aside", empty="Every price was believed"
        )
        self.lines.setMinimumHeight(300)
        self.body.addWidget(self.lines, 1)
        self.end_with("Close", reject="")
        timer = QTimer(self)
        timer.timeout.connect(self.refresh)
        timer.start(EVERY_MS)
        self.refresh()

    def refresh(self) -> None:
        """Bring it up to date."""
        quality = self._quality
        named = sorted(quality.counts.items(), key=lambda each: -each[1])
        rules = ", ".join(f"{count:,} {rule}" for rule, count in named)
        shown = len(quality.recent)
        more = f" The last {shown} are shown." if quality.quarantined > shown else ""
        accepted, refused = quality.accepted, quality.quarantined
        self.counts.setText(
            f"{accepted:,} believed, {refused:,} set aside{f': {rules}' if rules else ''}.{more}"
        )
        self.rows.show(quality.recent)
        self.lines.refresh()


async def show_set_aside(
    theme: Theme, parent: QWidget | None, quality: Quality, *, viewing: bool
) -> None:
    """Show them until the person closes it."""
    dialog: CockpitDialog
    if viewing:
        dialog = CockpitDialog(theme, "Prices set aside", parent)
        dialog.say(VIEWING)
        dialog.end_with("Close", reject="")
    else:
        dialog = SetAsideDialog(theme, parent, quality)
    await answered(dialog)
