"""Panels linked by numbered groups: what one of a group shows, all of it show."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cockpit.ui.selection import DEFAULT_GROUP, Selection

GROUPS = (1, 2, 3, 4, 5)
ALONE = 0
"""In place of a group: the panel keeps a symbol of its own."""


class Link(QObject):
    """One panel's place: in a group, whose symbol it shows and chooses, or alone.

    `changed` tells the panel its symbol when it is another one, `joined` the group it is in.
    """

    changed = Signal(str)
    joined = Signal(int)

    def __init__(
        self, selection: Selection, group: int = DEFAULT_GROUP, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._selection = selection
        self.group = group
        self._own: str | None = None
        self._told = self.symbol
        selection.changed.connect(self._follow)

    @classmethod
    def alone(cls, symbol: str = "") -> Link:
        """A link of something that follows nobody, and shows `symbol` at first."""
        made = cls(Selection(), ALONE)
        if symbol:
            made.choose(symbol)
        return made

    @property
    def symbol(self) -> str | None:
        """The symbol of the group, or the panel's own; None before the first choice."""
        return self._own if self.group == ALONE else self._selection.symbol(self.group)

    def choose(self, symbol: str) -> None:
        """Show `symbol`, in the whole group."""
        if self.group == ALONE:
            self._own = symbol
            self._tell()
        else:
            self._selection.select(symbol, self.group)

    def join(self, group: int) -> None:
        """Go over to `group`, or stand ALONE; what is shown is kept where nothing is chosen."""
        if group == self.group:
            return
        before, self.group = self.symbol, group
        if before is not None and (group == ALONE or self.symbol is None):
            self.choose(before)
        self.joined.emit(group)
        self._tell()

    def symbol_of(self, group: int) -> str | None:
        """What `group` shows; None while nothing is chosen there."""
        return self._selection.symbol(group)

    def _follow(self, group: int, _symbol: str) -> None:
        if group == self.group:
            self._tell()

    def _tell(self) -> None:
        symbol = self.symbol
        if symbol is not None and symbol != self._told:
            self._told = symbol
            self.changed.emit(symbol)
