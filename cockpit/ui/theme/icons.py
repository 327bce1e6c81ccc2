"""Icons by meaning, drawn from the Phosphor font; it loads when the first icon is asked for."""

# pyright: reportMissingTypeStubs=false
# qtawesome ships no types; it is used here only.
from __future__ import annotations

from functools import lru_cache
from typing import Any

from PySide6.QtGui import QIcon

GLYPHS = {
    "approve": "ph.check-bold",
    "edit": "ph.pencil-simple",
    "kill": "ph.x-bold",
    "halt": "ph.hand-palm-fill",
    "alert": "ph.bell",
    "acknowledge": "ph.check-circle",
    "play": "ph.play-fill",
    "pause": "ph.pause-fill",
    "end": "ph.skip-forward-fill",
    "faster": "ph.fast-forward-fill",
    "slower": "ph.rewind-fill",
    "search": "ph.magnifying-glass",
    "export": "ph.export",
    "draft": "ph.article",
    "copy": "ph.copy",
    "cancel": "ph.x-circle",
    "replace": "ph.swap",
    "flatten": "ph.arrows-in-line-vertical",
    "empty": "ph.tray",
    "chart": "ph.chart-line",
    "account": "ph.user-circle",
    "journal": "ph.notebook",
    "recap": "ph.newspaper",
    "clock": "ph.clock",
    "info": "ph.info",
    "notice": "ph.bell-ringing",
    "warning": "ph.warning",
    "critical": "ph.warning-octagon-fill",
    "health": "ph.heartbeat",
    "orders": "ph.list-numbers",
    "positions": "ph.briefcase",
    "pnl": "ph.trend-up",
    "watchlist": "ph.list-bullets",
    "approvals": "ph.checks",
    "save": "ph.floppy-disk",
    "close": "ph.x",
    "star": "ph.star-fill",
    "star-empty": "ph.star",
}


@lru_cache(maxsize=256)
def icon(name: str, colour: str, disabled: str) -> QIcon:
    """The icon of a meaning in `GLYPHS`; needs a running QApplication."""
    import qtawesome  # its fonts are read on import, after the first paint

    library: Any = qtawesome
    made: QIcon = library.icon(GLYPHS[name], color=colour, color_disabled=disabled)
    return made
