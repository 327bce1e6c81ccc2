"""The line over a window that only watches: whom, since when, and whether it still hears."""

from __future__ import annotations

from PySide6.QtCore import Signal

from cockpit.app.core import Viewing
from cockpit.domain.values import utc
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.theme import Theme
from cockpit.ui.widgets.banner import Banner


class ViewerBanner(Banner):
    """Never closable. `hears` tells when the connection is lost and when it is back."""

    hears = Signal(bool)

    def __init__(self, viewing: Viewing, bridge: Bridge, theme: Theme) -> None:
        super().__init__(theme, "Viewer")
        self._viewing = viewing
        self._lost: str | None = None
        self._show()
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _on_frame(self, _frame: Frame) -> None:
        if self._viewing.lost != self._lost:
            self._show()
            self.hears.emit(not self._viewing.lost)

    def _show(self) -> None:
        lost = self._lost = self._viewing.lost
        tone = "critical" if lost else "accent"
        self.say(f"VIEWER: {lost}" if lost else _words(self._viewing), tone)


def _words(viewing: Viewing) -> str:
    since = f"{utc(viewing.since_ns):%H:%M:%S} UTC"
    return (
        f"VIEWER: read-only, connected to process {viewing.pid}, which runs since {since}. "
        "Nothing can be ordered, cancelled or halted here."
    )
