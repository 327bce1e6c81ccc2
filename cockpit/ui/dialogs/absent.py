"""Declaring that an order without an answer is not at the broker."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cockpit.domain.order import Order
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import Theme
from cockpit.ui.theme.format import new_york_time
from cockpit.ui.words import order_sentence


async def may_resolve(theme: Theme, parent: QWidget, order: Order) -> bool:
    """Say what is known and what follows; True when the person states it all the same."""
    dialog = CockpitDialog(theme, "It is not at the broker?", parent, width=500)
    dialog.say(f"{order_sentence(order.intent)}, order {order.client_order_id}.", "")
    dialog.say(
        f"It was sent and is without an answer since {new_york_time(order.updated_ns)} New York "
        "time. It may be at the broker and may fill. Look there for its id or its terms first."
    )
    dialog.say(
        "The broker is asked once more now. If it knows the order, what it says counts and "
        "nothing else changes. If it does not, the order ends here as cancelled, and openings on "
        f"{order.symbol} are allowed again. Nothing is sent."
    )
    dialog.say(
        "If it turns up later its fills are booked all the same and you are told; while it works "
        "there, trading is blocked until you cancel it at the broker."
    )
    dialog.end_with("It is not there", kind="danger", reject="Keep it unknown")
    return await answered(dialog)
