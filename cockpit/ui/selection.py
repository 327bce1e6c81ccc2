"""Which symbol is looked at: one per link group, shared by the panels of the group."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

DEFAULT_GROUP = 1


class Selection(QObject):
    """The current symbol of each link group (1, 2, ...); panels of a group follow it."""

    changed = Signal(int, str)  # group, symbol

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._symbols: dict[int, str] = {}

    def symbol(self, group: int = DEFAULT_GROUP) -> str | None:
        """The group's symbol; None before the first choice."""
        return self._symbols.get(group)

    @property
    def symbols(self) -> dict[int, str]:
        """The symbol of each group in which one was chosen."""
        return dict(self._symbols)

    def select(self, symbol: str, group: int = DEFAULT_GROUP) -> None:
        """Make `symbol` the group's; `changed` is sent only when it was another."""
        if self._symbols.get(group) == symbol:
            return
        self._symbols[group] = symbol
        self.changed.emit(group, symbol)
