"""The charts of the window: one that is always there, and those a person opens beside it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from cockpit.ui.charts.look import ChartLook
from cockpit.ui.docks import Area, Docks, Place
from cockpit.ui.links import GROUPS, Link
from cockpit.ui.panels import Parts, chart_panel
from cockpit.ui.panels.chart import ChartPanel
from cockpit.ui.widgets.buttons import icon_button
from cockpit.ui.widgets.link_badge import SIDE, LinkBadge
from cockpit.ui.workspace import PanelKept

FIRST = "chart"
MOST = 8
"""Charts at a time, the first one among them: each is drawn some times a second."""
MINIMUM = (320, 200)


class ChartRoom(QObject):
    """Opens charts, closes them for good, and passes on what a person asks for on any of them.

    `opened` and `closed` carry the id of a chart beside the first, `used` that of any of them: a
    person has just opened it, or asked for something on it.
    """

    order_requested = Signal(object)  # Draft
    move_requested = Signal(str, str, object)  # client order id, field, Decimal
    trigger_requested = Signal(str, str)  # symbol, condition
    symbol_requested = Signal(object)  # Link
    change_requested = Signal(str)  # client order id
    cancel_requested = Signal(str)
    used = Signal(str)
    opened = Signal(str)
    closed = Signal(str)

    def __init__(self, parts: Parts, docks: Docks, first: ChartPanel) -> None:
        super().__init__(docks)
        self._parts, self._docks = parts, docks
        self.panels: dict[str, ChartPanel] = {FIRST: first}
        self._hear(FIRST, first)

    @property
    def further(self) -> list[str]:
        """The ids of those beside the first."""
        return [panel_id for panel_id in self.panels if panel_id != FIRST]

    def title(self, panel_id: str) -> str:
        """What stands on its tab."""
        return f"Chart {panel_id.rpartition('-')[2]}"

    def open(self, beside: Link | None = None) -> str | None:
        """Open a chart of what `beside` shows, in a group of its own; None when MOST are open."""
        free = [name for name in _IDS if name not in self.panels]
        if not free:
            return None
        look = self.panels[FIRST].look
        symbol = (beside or self._parts.link(FIRST)).symbol
        panel_id = free[0]
        group = self._free_group()
        self._open(panel_id, look)
        link = self._parts.link(panel_id)
        link.join(group)
        if symbol is not None:
            link.choose(symbol)
        self._docks.show_panel(panel_id)
        self.panels[panel_id].chart.setFocus()
        self.used.emit(panel_id)
        return panel_id

    def _free_group(self) -> int:
        """The first group that no panel is in, else the last."""
        taken = {link.group for link in self._parts.links.values()}
        return next((group for group in GROUPS if group not in taken), GROUPS[-1])

    def take(self, panels: Mapping[str, PanelKept]) -> None:
        """Let there be these charts beside the first, and no others."""
        for panel_id in self.further:
            if panel_id not in panels:
                self.close(panel_id)
        for panel_id in _IDS:
            if panel_id in panels and panel_id not in self.panels:
                self._open(panel_id, panels[panel_id].look or ChartLook())

    def close(self, panel_id: str) -> None:
        """Close a chart beside the first; what it held is given back."""
        panel = self.panels.pop(panel_id, None)
        if panel is None:
            return
        self._docks.remove(panel_id)
        panel.deleteLater()
        self._parts.links.pop(panel_id).deleteLater()
        self.closed.emit(panel_id)

    def _open(self, panel_id: str, look: ChartLook) -> None:
        parts, title = self._parts, self.title(panel_id)
        link = parts.link(panel_id)
        panel = self.panels[panel_id] = chart_panel(parts, link, look)
        panel.setAccessibleName(f"{title} panel")
        self._hear(panel_id, panel)
        shut = icon_button(parts.theme, "close", f"Close {title}", partial(self._gone, panel_id))
        shut.setProperty("kind", "tab")
        shut.setFixedSize(SIDE, SIDE)
        badge = LinkBadge(parts.theme, title, link)
        place = Place(panel_id, title, Area.CENTRE, panel, MINIMUM, (badge,), (shut,))
        beside = self.further[-2] if len(self.further) > 1 else FIRST
        self._docks.add(place, beside, partial(self._gone, panel_id))
        self.opened.emit(panel_id)

    def _gone(self, panel_id: str) -> None:
        """A person closed its tab: the docks are done with it in the next turn."""
        QTimer.singleShot(0, self, partial(self.close, panel_id))

    def _hear(self, panel_id: str, panel: ChartPanel) -> None:
        def use(*_what: object) -> None:
            self.used.emit(panel_id)

        for asked in (panel.order_requested, panel.trigger_requested, panel.symbol_requested):
            asked.connect(use)
        panel.order_requested.connect(self.order_requested)
        panel.move_requested.connect(self.move_requested)
        panel.change_requested.connect(self.change_requested)
        panel.cancel_requested.connect(self.cancel_requested)
        panel.trigger_requested.connect(self.trigger_requested)
        panel.symbol_requested.connect(partial(self.symbol_requested.emit, panel.link))


_IDS = tuple(f"{FIRST}-{number}" for number in range(2, MOST + 1))
