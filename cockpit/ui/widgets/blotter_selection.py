"""Which rows of a blotter are selected: kept by key, so that sorting moves it along."""

from __future__ import annotations

from PySide6.QtCore import Qt

from cockpit.ui.models.table import Table

_STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Home: -(10**9),
    Qt.Key.Key_End: 10**9,
}


def step_of(key: int, page: int) -> int | None:
    """How many rows a key moves; None for a key that moves none."""
    if key == Qt.Key.Key_PageUp:
        return -page
    if key == Qt.Key.Key_PageDown:
        return page
    return next((step for name, step in _STEPS.items() if name == key), None)


class BlotterSelection:
    """A current row and, with Shift, the rows from an anchor to it."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.current: str | None = None
        self._anchor: str | None = None

    def choose(self, key: str | None, *, extend: bool = False) -> bool:
        """Make `key` current; True when that changed anything."""
        before = (self.current, self._anchor)
        self.current = key
        if not extend or self._anchor is None:
            self._anchor = key
        return before != (self.current, self._anchor)

    def moved(self, step: int) -> int | None:
        """The position `step` rows from the current one, inside the table."""
        count = len(self._table)
        if not count:
            return None
        here = self._table.position(self.current)
        if here is None:
            return 0
        return min(max(here + step, 0), count - 1)

    def positions(self) -> range:
        """The selected positions in order."""
        here, anchor = self._table.position(self.current), self._table.position(self._anchor)
        if here is None:
            return range(0)
        other = here if anchor is None else anchor
        return range(min(here, other), max(here, other) + 1)

    def holds(self, position: int) -> bool:
        """True when the row at `position` is selected."""
        key = self._table.keys[position]
        if self.current == self._anchor:
            return key == self.current
        return position in self.positions()
