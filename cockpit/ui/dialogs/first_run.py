"""The first start: the demo in one click, or an account of one's own."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import label


class Beginning(StrEnum):
    """What a person begins with."""

    DEMO = "demo"
    ACCOUNT = "account"


DEMO_WORDS = (
    "A simulated market with practice money: a dozen made-up symbols, and a strategy whose trades "
    "wait for you to approve. Nothing to set up, nothing real."
)
ACCOUNT_WORDS = (
    "Your broker's practice money and today's prices. You need the API keys of a paper account; "
    "they are tried before they are stored."
)
CARDS = (
    (Beginning.DEMO, "Look around", DEMO_WORDS, "Open the demo"),
    (Beginning.ACCOUNT, "Use your paper account", ACCOUNT_WORDS, "Add a paper account..."),
)


class FirstRunDialog(CockpitDialog):
    """Two ways on, side by side; closing it leaves."""

    def __init__(self, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(theme, "Welcome to Cockpit", parent, width=680)
        self.choice: Beginning | None = None
        self.say("How do you want to begin? Both are practice; nothing here moves real money.")
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        self.buttons = {
            kind: self._card(row, kind, title, text, words) for kind, title, text, words in CARDS
        }
        self.body.addLayout(row)
        self.say(
            "Real money comes later, when you want it: it needs an account stored as live, limits "
            "of your own and its name typed at each start.",
        )
        self.end_with("Quit", kind="", reject="").clicked.connect(self.reject)
        self.buttons[Beginning.DEMO].setDefault(True)
        self.buttons[Beginning.DEMO].setFocus()

    def _card(
        self, row: QHBoxLayout, kind: Beginning, title: str, text: str, words: str
    ) -> QPushButton:
        card = QFrame()
        card.setProperty("kind", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.S)
        column.addWidget(label(self.theme, title, FontRole.STRONG))
        column.addWidget(label(self.theme, text, FontRole.BODY, "muted", wrap=True), 1)
        look = "primary" if kind is Beginning.DEMO else ""
        go = button(self.theme, words, lambda: self._choose(kind), kind=look)
        go.setAutoDefault(True)
        column.addWidget(go)
        row.addWidget(card, 1)
        return go

    def _choose(self, kind: Beginning) -> None:
        self.choice = kind
        self.accept()


async def ask_beginning(theme: Theme, parent: QWidget) -> Beginning | None:
    """Ask; None when the person rather leaves."""
    dialog = FirstRunDialog(theme, parent)
    return dialog.choice if await answered(dialog) else None
