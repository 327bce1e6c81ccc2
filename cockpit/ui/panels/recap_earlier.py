"""Recaps that were written before: a list to open one from, and how each stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from cockpit.ports.store import StoredRecap
from cockpit.recap.kinds import KINDS
from cockpit.recap.state import state_of
from cockpit.ui.asking import ask
from cockpit.ui.theme import Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.buttons import button

if TYPE_CHECKING:
    from cockpit.app.commands import Commands


class EarlierRecaps(QObject):
    """A button whose menu lists what is stored, read anew each time it is opened."""

    def __init__(
        self,
        theme: Theme,
        commands: Commands,
        chosen: Callable[[int], None],
        failed: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._commands, self._chosen, self._failed = commands, chosen, failed
        self.button = button(theme, "Earlier...", self.ask, name="Earlier recaps")
        self.menu = QMenu(self.button)
        self.menu.setAccessibleName("Earlier recaps")

    def ask(self) -> None:
        """Read the list, then open it."""
        body = self._commands.stored_recaps()
        ask(self._commands, body, "list-recaps", done=self._show, failed=self._failed)

    def _show(self, recaps: Sequence[StoredRecap]) -> None:
        self.menu.clear()
        for recap in recaps:
            self.menu.addAction(named(recap), partial(self._chosen, recap.recap_id))
        if not recaps:
            self.menu.addAction("None is stored yet").setEnabled(False)
        self.menu.popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))


def named(recap: StoredRecap) -> str:
    """Kind, period, state and writer of a recap in the list."""
    kind = KINDS[recap.kind].title if recap.kind in KINDS else recap.kind
    return f"{kind}, {recap.day}, {state_of(recap)}, by {_writer(recap)}"


def told_of(recap: StoredRecap, facts: int) -> str:
    """How a recap stands and what it is, in a line."""
    what = f"{recap.kind}, {recap.day}, written by {_writer(recap)} from {facts} facts"
    when = recap.approved_ns
    approved = "" if when is None else f"{fmt.new_york_date(when)} {fmt.new_york_time(when)} NY"
    if recap.stale:
        was = f" Approved on {approved}." if approved else ""
        return f"Stale: its fills changed since, draft it anew.{was} {what}"
    return f"Approved on {approved}: {what}" if approved else f"Draft: {what}"


def _writer(recap: StoredRecap) -> str:
    return f"{recap.writer} {recap.model}".strip()
