"""Named layouts of the panels: the one in use saves itself, another is a click away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import QSize

from cockpit.ui.docks import Docks
from cockpit.ui.workspace import PanelKept, Panels, decoded, encoded

DEFAULT = "Default"


class Members(Protocol):
    """Who opens and closes the panels that a layout has beyond those that are there always."""

    def kept(self) -> Panels:
        """The linked panels as they stand."""
        ...

    def take(self, panels: Mapping[str, PanelKept]) -> None:
        """Let there be these, linked so; those that are not named go back to the default."""
        ...


class Layouts:
    """Each name with the docks' bytes in base64 and its linked panels; DEFAULT is there always."""

    def __init__(
        self,
        docks: Docks,
        saved: Mapping[str, str],
        current: str,
        members: Members,
        panels: Mapping[str, Panels] | None = None,
    ) -> None:
        self._docks, self._members = docks, members
        self._saved, self._panels = dict(saved), dict(panels or {})
        self.current = current if current in self._saved or current == DEFAULT else DEFAULT

    @property
    def names(self) -> list[str]:
        """DEFAULT first, then by name."""
        return [DEFAULT, *sorted(name for name in {*self._saved, self.current} if name != DEFAULT)]

    def kept(self) -> dict[str, str]:
        """All of them, the one in use as it stands now."""
        return {**self._saved, self.current: encoded(self._docks.save())}

    def kept_panels(self) -> dict[str, Panels]:
        """The linked panels of all of them."""
        kept = {name: panels for name, panels in self._panels.items() if name in self._saved}
        return {**kept, self.current: self._members.kept()}

    def save_as(self, name: str) -> None:
        """Give the arrangement of now a name of its own and go on under it."""
        self._keep()
        self.current = name

    def switch(self, name: str, size: QSize) -> bool:
        """Leave the one in use as it stands and show `name`.

        False, with the default arrangement under that name, when what was saved can't be used.
        """
        self._keep()
        self.current = name
        state = self._saved.get(name, "")
        self._members.take(self._panels.get(name, {}))
        fits = bool(state) and self._docks.restore(decoded(state))
        if not fits:
            self.restore_default(size)
        return fits or not state

    def restore_default(self, size: QSize) -> None:
        """Go back to the arrangement that the program came with, and its panels."""
        self._members.take({})
        self._docks.restore_default(size.width(), size.height())

    def _keep(self) -> None:
        self._saved, self._panels = self.kept(), self.kept_panels()

    def remove(self, name: str, size: QSize) -> None:
        """Forget one; of the one in use the default follows. DEFAULT itself stays."""
        if name == DEFAULT:
            return
        if name == self.current:
            self.switch(DEFAULT, size)
        self._saved.pop(name, None)
        self._panels.pop(name, None)
