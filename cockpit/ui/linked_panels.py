"""Which panels are linked and how: the one that was last used, what is kept, what comes back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from cockpit.ui.chart_room import FIRST, ChartRoom
from cockpit.ui.links import ALONE, GROUPS, Link
from cockpit.ui.panels import LINKED, Parts
from cockpit.ui.selection import DEFAULT_GROUP, Selection
from cockpit.ui.widgets.link_badge import LinkBadge
from cockpit.ui.workspace import PanelKept, Panels


class LinkedPanels(QObject):
    """What layouts and the command palette ask about links.

    `current_id` is the linked panel that had the focus last, the first chart at the start.
    """

    def __init__(self, parts: Parts, room: ChartRoom, panels: Mapping[str, QWidget]) -> None:
        super().__init__(room)
        self._parts, self._room = parts, room
        self._fixed = {name: panels[name] for name in LINKED}
        self.current_id = FIRST
        room.used.connect(self._used)
        room.closed.connect(self._closed)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    @property
    def current(self) -> Link:
        """The link of the panel that was last used."""
        return self._parts.link(self.current_id)

    @property
    def selection(self) -> Selection:
        """The symbols of the groups."""
        return self._parts.selection

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        by_link = {link: name for name, link in self._parts.links.items()}
        panels = {panel: name for name, panel in (self._fixed | self._room.panels).items()}
        at = now
        while at is not None:
            found = by_link.get(at.link) if isinstance(at, LinkBadge) else panels.get(at)
            if found is not None:
                self.current_id = found
                return
            at = at.parentWidget()

    def _used(self, panel_id: str) -> None:
        self.current_id = panel_id

    def _closed(self, panel_id: str) -> None:
        if self.current_id == panel_id:
            self.current_id = FIRST

    def kept(self) -> Panels:
        """The linked panels as they stand."""
        return {name: self._kept(name) for name in (*LINKED, *self._room.further)}

    def _kept(self, name: str) -> PanelKept:
        link, chart = self._parts.link(name), self._room.panels.get(name)
        alone = link.group == ALONE
        return PanelKept(
            group=link.group,
            symbol=(link.symbol or "") if alone else "",
            look=None if chart is None else chart.look,
        )

    def take(self, panels: Mapping[str, PanelKept]) -> None:
        """Let there be these, linked so; one that is not named goes back to the first group."""
        self._room.take(panels)
        for name in (*LINKED, *self._room.further):
            self._apply(name, panels.get(name, PanelKept()))

    def _apply(self, name: str, kept: PanelKept) -> None:
        link, chart = self._parts.link(name), self._room.panels.get(name)
        link.join(kept.group if kept.group in (ALONE, *GROUPS) else DEFAULT_GROUP)
        if link.group == ALONE and kept.symbol in self._parts.core.book.symbols:
            link.choose(kept.symbol)
        if chart is not None and kept.look is not None and kept.look != chart.look:
            chart.tools.choose(**msgspec.structs.asdict(kept.look))
