"""Named layouts of the panels: the one in use saves itself, another is a click away."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize

from cockpit.ui.docks import Docks
from cockpit.ui.workspace import decoded, encoded

DEFAULT = "Default"


class Layouts:
    """Each name with the docks' bytes in base64; DEFAULT is there always."""

    def __init__(self, docks: Docks, saved: Mapping[str, str], current: str) -> None:
        self._docks = docks
        self._saved = dict(saved)
        self.current = current if current in self._saved or current == DEFAULT else DEFAULT

    @property
    def names(self) -> list[str]:
        """DEFAULT first, then by name."""
        return [DEFAULT, *sorted(name for name in {*self._saved, self.current} if name != DEFAULT)]

    def kept(self) -> dict[str, str]:
        """All of them, the one in use as it stands now."""
        return {**self._saved, self.current: encoded(self._docks.save())}

    def save_as(self, name: str) -> None:
        """Give the arrangement of now a name of its own and go on under it."""
        self._saved = self.kept()
        self.current = name

    def switch(self, name: str, size: QSize) -> bool:
        """Leave the one in use as it stands and show `name`.

        False, with the default arrangement under that name, when what was saved can't be used.
        """
        self._saved = self.kept()
        self.current = name
        state = self._saved.get(name, "")
        fits = bool(state) and self._docks.restore(decoded(state))
        if not fits:
            self._docks.restore_default(size.width(), size.height())
        return fits or not state

    def remove(self, name: str, size: QSize) -> None:
        """Forget one; of the one in use the default follows. DEFAULT itself stays."""
        if name == DEFAULT:
            return
        if name == self.current:
            self.switch(DEFAULT, size)
        self._saved.pop(name, None)
