"""The menu bar: every verb with its words and its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from cockpit.ui.actions import Actions
from cockpit.ui.dialogs.about import plain_words
from cockpit.ui.models.keys import chosen_of, conflicts, in_force
from cockpit.ui.models.palette import Entry
from cockpit.ui.panels import PANELS
from cockpit.ui.panels.playback import SPEEDS, PlaybackBar, speed_word
from cockpit.ui.theme import Scheme, Theme

KEYED = 10
"""So many panels have a key: Ctrl+1 to Ctrl+9, then Ctrl+0."""


class Menus:
    """Fills the window's menu bar for one core. Actions are kept for tests and for Help."""

    def __init__(
        self,
        window: QMainWindow,
        actions: Actions,
        theme: Theme,
        quit_: Callable[[], object],
        keys: Mapping[str, str] | None = None,
    ) -> None:
        self._window, self._actions, self._theme = window, actions, theme
        self.all: dict[str, QAction] = {}
        self.defaults: dict[str, str] = {}
        window.menuBar().clear()
        window.menuBar().setAccessibleName("Menu bar")
        self._file(quit_)
        self._view()
        self._trade()
        if actions.deck.playback is not None:
            self._playback(actions.deck.playback)
        self._help()
        self.set_keys(in_force(self.defaults, keys or {}))

    @property
    def keys(self) -> dict[str, str]:
        """The key of each action that may have another, empty where it has none."""
        return {name: self.all[name].shortcut().toString() for name in self.defaults}

    @property
    def chosen_keys(self) -> dict[str, str]:
        """Those that a person chose."""
        return chosen_of(self.defaults, self.keys)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Let each action answer to this key; where two would, both keep what they had."""
        shared = {name for names in conflicts(keys).values() for name in names}
        for name, key in keys.items():
            if name in self.defaults and name not in shared:
                self.all[name].setShortcut(QKeySequence(key))

    def _menu(self, title: str) -> QMenu:
        menu = self._window.menuBar().addMenu(title)
        menu.setAccessibleName(title.replace("&", ""))
        return menu

    def _add(self, menu: QMenu, text: str, act: Callable[[], object], key: str = "") -> QAction:
        action = QAction(text, self._window)
        action.setShortcut(QKeySequence(key))
        action.setAutoRepeat(False)
        action.triggered.connect(lambda _checked=False: act())
        menu.addAction(action)
        self.all[plain_words(text)] = action
        self.defaults[plain_words(text)] = action.shortcut().toString()
        return action

    def _file(self, quit_: Callable[[], object]) -> None:
        menu = self._menu("&File")
        self._add(menu, "&Export recap...", self._actions.export, "Ctrl+E")
        if self._actions.core.viewing is None:
            self._add(menu, "&Import statement...", self._actions.import_statement)
        if self._actions.core.accounts is not None:
            self._add(menu, "&Accounts...", self._actions.accounts)
        self._add(menu, "&Settings...", self._actions.settings, "Ctrl+,")
        self._add(menu, "&Voice rules...", self._actions.voice)
        menu.addSeparator()
        self._add(menu, "&Quit", quit_, "Ctrl+Q")

    def _view(self) -> None:
        menu = self._menu("&View")
        docks = self._actions.deck.docks
        shown = menu.addMenu("&Panels")
        shown.aboutToShow.connect(lambda: self._fill_panels(shown))
        front = menu.addMenu("&Go to")
        for place, panel in enumerate(PANELS, start=1):
            self._add(
                front,
                panel.title.replace("&", "&&"),
                lambda p=panel.id: docks.show_panel(p),
                f"Ctrl+{place % 10}" if place <= KEYED else "",
            )
        menu.addSeparator()
        self._add(menu, "New &chart", self._actions.charts.new, "Ctrl+Shift+C")
        self._add(menu, "Close chart", self._actions.charts.close, "Ctrl+W")
        self._add(menu, "Lin&k this panel...", self._actions.charts.link_panel, "Ctrl+L")
        self._add(menu, "Prices &set aside...", self._actions.set_aside)
        menu.addSeparator()
        self._look(menu)
        menu.addSeparator()
        named = menu.addMenu("Lay&outs")
        named.aboutToShow.connect(lambda: self._fill_layouts(named))
        self._add(menu, "Save layout &as...", self._actions.save_layout)
        self._add(menu, "Remove this layout", self._actions.remove_layout)
        self._add(menu, "&Restore default layout", self._actions.restore_layout)

    def _look(self, menu: QMenu) -> None:
        group = QActionGroup(self._window)
        for text, scheme in (("&Dark", Scheme.DARK), ("&Light", Scheme.LIGHT)):
            action = self._add(menu, text, lambda s=scheme: self._actions.look(scheme=s))
            action.setCheckable(True)
            action.setChecked(self._theme.scheme is scheme)
            group.addAction(action)
        both = self._add(menu, "Gains &blue, losses orange", self._toggle_blue_orange)
        both.setCheckable(True)
        both.setChecked(self._theme.blue_orange)
        still = self._add(menu, "Reduce &motion", self._toggle_motion)
        still.setCheckable(True)
        still.setChecked(self._theme.reduced_motion)

    def _fill_panels(self, menu: QMenu) -> None:
        """Those there are now, charts beyond the first among them."""
        menu.clear()
        menu.addActions(self._actions.deck.docks.toggle_actions())

    def _fill_layouts(self, menu: QMenu) -> None:
        """Those there are now, the one in use ticked."""
        menu.clear()
        layouts = self._actions.layouts
        for name in layouts.names if layouts is not None else ():
            action = menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(layouts is not None and name == layouts.current)
            action.triggered.connect(lambda _on=False, n=name: self._actions.use_layout(n))

    def _toggle_blue_orange(self) -> None:
        self._actions.look(blue_orange=not self._theme.blue_orange)

    def _toggle_motion(self) -> None:
        self._actions.look(reduced_motion=not self._theme.reduced_motion)

    def _trade(self) -> None:
        menu = self._menu("&Trade")
        panel = self._actions.deck.approvals
        for action in (panel.approve_action, panel.edit_action, panel.kill_action):
            menu.addAction(action)
            self.all[action.text()] = action
        menu.addSeparator()
        self._add(menu, "&New order...", self._actions.new_order, "Ctrl+N")
        self._add(menu, "New &trigger...", self._actions.triggers.make, "Ctrl+T")
        self._add(menu, "&Cancel all orders", self._actions.cancel_all, "Ctrl+Shift+X")
        self._add(menu, "&Halt trading", self._actions.halt, "Ctrl+Shift+H")
        self._add(menu, "&Resume trading...", self._actions.resume)
        self._add(menu, "D&one for today...", self._actions.done_for_today)
        self._add(menu, "&Arm", self._actions.arm, "Ctrl+Shift+A")
        self._add(menu, "&Disarm", self._actions.disarm, "Ctrl+Shift+D")
        menu.addSeparator()
        self._add(menu, "Change &limits...", self._actions.limits)

    def _playback(self, bar: PlaybackBar) -> None:
        menu = self._menu("&Playback")
        self._add(menu, "&Pause or continue", bar.toggle, "F6")
        self._add(menu, "&Slower", bar.slower, "F7")
        self._add(menu, "&Faster", bar.faster, "F8")
        menu.addSeparator()
        for speed in SPEEDS:
            self._add(menu, f"Play at {speed_word(speed)}", lambda s=speed: bar.choose(s))
        menu.addSeparator()
        self._add(menu, "&Jump to a time...", self._actions.jump, "Ctrl+J")
        self._add(menu, "Play to the &end", bar.to_end)

    def _help(self) -> None:
        menu = self._menu("&Help")
        self._add(menu, "&Find anything...", self.show_palette, "Ctrl+K")
        self._add(menu, "&Keyboard shortcuts", self.show_shortcuts, "F1")
        self._add(menu, "&About Cockpit", self._actions.about)

    def show_shortcuts(self) -> None:
        """Every key that does something, to be changed."""
        self._actions.shortcuts(self.defaults, self.keys, self.set_keys)

    def show_palette(self) -> None:
        """Symbols, panels and actions by a few letters."""
        self._actions.palette(self._entries())

    def _entries(self) -> list[Entry]:
        panels = {panel.title for panel in PANELS}
        charts = self._actions.deck.charts
        show = self._actions.deck.docks.show_panel
        further = [Entry("Panel", charts.title(p), "", partial(show, p)) for p in charts.further]
        return further + [
            Entry(
                "Panel" if name in panels else "Action",
                name.removesuffix("..."),
                action.shortcut().toString(),
                action.trigger,
            )
            for name, action in self.all.items()
            if action.isEnabled()
        ]
