"""The dock manager, wrapped: PySide6-QtAds ships no types, so it is touched only here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.qss import dock_stylesheet

STATE_VERSION = 3  # raise when the panels' ids change: an older layout then falls back


class Area(StrEnum):
    """Where a panel stands in the default layout."""

    CENTRE = "centre"
    LEFT = "left"
    RIGHT = "right"
    RIGHT_BELOW = "right_below"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom_right"


@dataclass(frozen=True, slots=True)
class Place:
    """One panel to dock."""

    id: str
    title: str
    area: Area
    widget: QWidget
    minimum: tuple[int, int] = (160, 80)
    badges: Sequence[QWidget] = ()  # they stand before the words of its tab
    tails: Sequence[QWidget] = ()  # and these behind them


class Docks(QWidget):
    """Panels that dock, float and tab. `places` come in the order of their tabs."""

    def __init__(self, theme: Theme, places: Sequence[Place]) -> None:
        super().__init__()
        self._ads: Any = import_module("PySide6QtAds")
        self._theme = theme
        self._configure()
        self._manager: Any = self._ads.CDockManager(self)
        self._manager.setAccessibleName("Panels")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XS, Space.XS, Space.XS, Space.XS)
        layout.addWidget(self._manager)
        self._docks: dict[str, Any] = {place.id: self._dock(place) for place in places}
        self._places = {place.id: place for place in places}
        self._added: dict[str, QAction] = {}
        self._arrange()
        self._default = self.save()
        theme.changed.connect(self._dress)
        self._dress()

    def _configure(self) -> None:
        manager, flags = self._ads.CDockManager, self._ads.CDockManager.eConfigFlag
        manager.setConfigFlags(flags.DefaultOpaqueConfig)
        for flag, on in (
            (flags.DockAreaHasCloseButton, False),
            (flags.DockAreaHasUndockButton, False),
            (flags.DockAreaHasTabsMenuButton, True),
            (flags.DockAreaDynamicTabsMenuButtonVisibility, True),
            (flags.AllTabsHaveCloseButton, False),
            (flags.ActiveTabHasCloseButton, False),
            (flags.AlwaysShowTabs, True),
            (flags.MiddleMouseButtonClosesTab, True),
            (flags.FocusHighlighting, False),
            (flags.DisableTabTextEliding, True),
        ):
            manager.setConfigFlag(flag, on)

    def _dock(self, place: Place) -> Any:
        dock: Any = self._ads.CDockWidget(self._manager, place.title)
        dock.setObjectName(place.id)
        dock.setAccessibleName(f"{place.title} panel")
        place.widget.setMinimumSize(QSize(*place.minimum))
        dock.setWidget(place.widget, self._ads.CDockWidget.eInsertMode.ForceNoScrollArea)
        dock.setMinimumSizeHintMode(
            self._ads.CDockWidget.eMinimumSizeHintMode.MinimumSizeHintFromContentMinimumSize
        )
        tab = dock.tabWidget().layout()
        for place_in_tab, badge in enumerate(place.badges):
            tab.insertWidget(place_in_tab, badge)
        if place.badges:
            tab.insertSpacing(len(place.badges), Space.XS)
        for tail in place.tails:
            tab.addWidget(tail)
        return dock

    def add(self, place: Place, beside: str, closed: Callable[[], None]) -> None:
        """Dock one more panel at the right of `beside`; `closed` when a person would close it.

        Where two would not fit side by side it is a tab in the same place. It is closed by
        `remove` alone: only then its neighbour can have the room that it had.
        """
        dock, near = self._dock(place), self._docks[beside]
        self._docks[place.id], self._places[place.id] = dock, place
        area = None if near.isClosed() else near.dockAreaWidget()
        if area is not None and area.width() < 2 * place.minimum[0]:
            self._manager.addDockWidgetTabToArea(dock, area)
        else:
            before: list[int] = [] if area is None else list(self._manager.splitterSizes(area))
            self._manager.addDockWidget(self._ads.RightDockWidgetArea, dock, area)
            if area is not None:
                self._halve(area, before)
        dock.tabWidget().setFont(self._theme.font(FontRole.CAPTION))
        dock.setFeature(self._ads.CDockWidget.CustomCloseHandling, True)
        dock.closeRequested.connect(closed)
        self._added[place.id] = self._closing(dock, closed)

    def _halve(self, near: Any, before: list[int]) -> None:
        """Let what was put beside `near` take its room from there, not from all that stand by."""
        now: list[int] = list(self._manager.splitterSizes(near))
        at: int = near.parentWidget().indexOf(near)
        if len(now) == len(before) + 1:
            room = before[at]
            self._manager.setSplitterSizes(
                near, [*before[:at], room - room // 2, room // 2, *before[at + 1 :]]
            )

    def remove(self, panel_id: str) -> None:
        """Take a panel that was added away for good, with its widget; who stood by has its room."""
        dock = self._docks.pop(panel_id)
        del self._places[panel_id], self._added[panel_id]
        dock.closeRequested.disconnect()
        area = None if dock.isFloating() or dock.isTabbed() else dock.dockAreaWidget()
        if area is None:
            self._manager.removeDockWidget(dock)
        else:
            self._give_back(dock, area)
        dock.deleteLater()

    def _give_back(self, dock: Any, area: Any) -> None:
        """Remove it; the room goes to the next one at its left, else at its right."""
        before: list[int] = list(self._manager.splitterSizes(area))
        splitter = area.parentWidget()
        at: int = splitter.indexOf(area)
        seen = [place for place, size in enumerate(before) if size and place != at]
        near = max((place for place in seen if place < at), default=min(seen, default=at))
        heir = splitter.widget(near)
        self._manager.removeDockWidget(dock)
        if heir is area or splitter.count() != len(before) - 1:
            return
        sizes = [size + before[at] * (place == near) for place, size in enumerate(before)]
        del sizes[at]
        splitter.setSizes(sizes)

    def badge(self, panel_id: str) -> QWidget | None:
        """The first badge in the tab of a panel."""
        return next(iter(self._places[panel_id].badges), None)

    def name_tab(self, panel_id: str, title: str) -> None:
        """Put other words on the tab of a panel."""
        self._docks[panel_id].setWindowTitle(title)

    def _arrange(self) -> None:
        ads, areas = self._ads, dict[Area, Any]()
        for area, side, beside in (
            (Area.CENTRE, ads.CenterDockWidgetArea, None),
            (Area.BOTTOM, ads.BottomDockWidgetArea, None),
            (Area.LEFT, ads.LeftDockWidgetArea, Area.CENTRE),
            (Area.BOTTOM_RIGHT, ads.RightDockWidgetArea, Area.BOTTOM),
            (Area.RIGHT, ads.RightDockWidgetArea, None),
            (Area.RIGHT_BELOW, ads.BottomDockWidgetArea, Area.RIGHT),
        ):
            for place in (p for p in self._places.values() if p.area is area):
                if area in areas:
                    self._manager.addDockWidgetTabToArea(self._docks[place.id], areas[area])
                else:
                    near = areas.get(beside) if beside is not None else None
                    areas[area] = self._manager.addDockWidget(side, self._docks[place.id], near)
            if area in areas:
                areas[area].setCurrentIndex(0)

    def proportion(self, width: int, height: int) -> None:
        """Give the default layout sensible sizes for a window of this size."""
        right = max(304, min(400, width * 21 // 100))
        left = max(232, min(340, width * 18 // 100))
        below = max(216, height * 33 // 100)
        pnl = max(320, (width - right) * 36 // 100)
        self._split(Area.CENTRE, [left, width - right - left])
        self._split(Area.BOTTOM, [width - right - pnl, pnl])
        self._split(Area.RIGHT, [height * 64 // 100, height * 36 // 100])
        root: Any = self._manager.rootSplitter()
        root.setSizes([width - right, right])
        if root.count():
            inner = root.widget(0)
            if hasattr(inner, "setSizes"):
                inner.setSizes([height - below, below])

    def _split(self, area: Area, sizes: list[int]) -> None:
        ids = [p.id for p in self._places.values() if p.area is area]
        if ids:
            self._manager.setSplitterSizes(self._docks[ids[0]].dockAreaWidget(), sizes)

    def _dress(self) -> None:
        self._manager.setStyleSheet(dock_stylesheet(self._theme.colours))
        for dock in self._docks.values():
            dock.tabWidget().setFont(self._theme.font(FontRole.CAPTION))

    def toggle_actions(self) -> list[QAction]:
        """One checkable action a panel, for the View menu."""
        actions: list[QAction] = []
        for panel_id, dock in self._docks.items():
            action: QAction = self._added.get(panel_id) or dock.toggleViewAction()
            action.setText(self._places[panel_id].title.replace("&", "&&"))
            actions.append(action)
        return actions

    @staticmethod
    def _closing(dock: Any, closed: Callable[[], None]) -> QAction:
        """A panel that was added is there until it is closed."""
        action = QAction(dock)
        action.setCheckable(True)
        action.setChecked(True)
        action.triggered.connect(lambda _on=False: closed())
        return action

    def show_panel(self, panel_id: str) -> None:
        """Open a panel and bring its tab to the front."""
        dock = self._docks[panel_id]
        dock.toggleView(True)
        dock.setAsCurrentTab()

    def save(self) -> bytes:
        """The layout, to be given back to `restore`."""
        return bytes(self._manager.saveState(STATE_VERSION).data())

    def restore(self, state: bytes) -> bool:
        """Take a saved layout; False, and nothing changed, when it can't be used."""
        return bool(self._manager.restoreState(QByteArray(state), STATE_VERSION))

    def restore_default(self, width: int, height: int) -> None:
        """Go back to the layout the program came with."""
        self.restore(self._default)
        self.proportion(width, height)

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback` when panels are opened, closed or moved."""
        for signal in ("dockAreasAdded", "dockAreasRemoved", "stateRestored"):
            getattr(self._manager, signal).connect(callback)
