"""The line over a window that only watches: whom, since when, and whether it still hears."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from cockpit.app.core import Viewing
from cockpit.domain.values import utc
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label, set_property, set_tone


class ViewerBanner(QFrame):
    """Never closable. `hears` tells when the connection is lost and when it is back."""

    hears = Signal(bool)

    def __init__(self, viewing: Viewing, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._viewing = viewing
        self._lost: str | None = None
        self.setProperty("kind", "viewer")
        self.setAccessibleName("Viewer")
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        self.text = label(theme, "", FontRole.STRONG)
        self.text.setAccessibleName("Viewer banner")
        row.addWidget(self.text, 1)
        self._show()
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _on_frame(self, _frame: Frame) -> None:
        if self._viewing.lost != self._lost:
            self._show()
            self.hears.emit(not self._viewing.lost)

    def _show(self) -> None:
        lost = self._lost = self._viewing.lost
        set_property(self, "lost", "true" if lost else "false")
        set_tone(self.text, "critical" if lost else "accent")
        self.text.setText(f"VIEWER: {lost}" if lost else _words(self._viewing))


def _words(viewing: Viewing) -> str:
    since = f"{utc(viewing.since_ns):%H:%M:%S} UTC"
    return (
        f"VIEWER: read-only, connected to process {viewing.pid}, which runs since {since}. "
        "Nothing can be ordered, cancelled or halted here."
    )
