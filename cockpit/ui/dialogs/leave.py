"""Quitting with something open asks first, and says what stays and what goes."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import Theme


def open_business(orders: int, positions: int, proposals: int) -> str:
    """What is open, in words; empty when nothing is."""
    counted = ((orders, "open order"), (positions, "position"), (proposals, "waiting proposal"))
    parts = [f"{count} {what}{'s' * (count != 1)}" for count, what in counted if count]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


async def may_leave(theme: Theme, parent: QWidget, business: str, *, simulated: bool) -> bool:
    """Ask whether to quit although `business` is open."""
    dialog = CockpitDialog(theme, "Quit with something open?", parent)
    dialog.say(f"Still open: {business}.", "")
    if simulated:
        dialog.say("The session is simulated and ends here. The journal keeps what was traded.")
    else:
        dialog.say(
            "Orders keep working at the broker and positions stay open, with nobody watching "
            "them here. Proposals expire. The journal keeps what was traded."
        )
    dialog.end_with("Quit anyway", kind="danger", reject="Stay")
    return await answered(dialog)
