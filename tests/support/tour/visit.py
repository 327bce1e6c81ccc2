"""One walk through all screens, inside the program's own process: `open_window` on a real session.

Each stop opens a screen the way a menu does, waits until it has been painted, and photographs
the whole display. What the widgets say is kept beside the pictures, for a search through it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from cockpit.app.core import Core
from cockpit.app.lifecycle import Session
from cockpit.app.starting import demo_launch
from cockpit.ui.application import Ahead, open_window
from cockpit.ui.deck import Deck
from cockpit.ui.main_window import MainWindow
from cockpit.ui.theme import Scheme, Theme
from tests.support import eventually

PAINTED_MS = 350
"""So long a screen is left alone before its picture: animations have ended by then."""


@dataclass
class Visit:
    """Who walks: the window, and where the pictures go."""

    folder: Path
    window: MainWindow
    theme: Theme
    core: Core | None = None
    said: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    only: tuple[str, ...] = ()

    @property
    def deck(self) -> Deck:
        """The docked panels, once there is a core."""
        assert self.window.deck is not None
        return self.window.deck

    async def still(self, ms: int = PAINTED_MS) -> None:
        """Let what moves come to its end."""
        await asyncio.sleep(ms / 1000)

    async def shoot(self, name: str) -> None:
        """A picture of the display, and all words that can be read or heard on it."""
        await self.still()
        taken = QGuiApplication.primaryScreen().grabWindow(0)
        assert taken.save(str(self.folder / f"{name}.png"), "PNG")
        self.said[name] = sorted(words_on_screen())

    def menu(self, name: str) -> None:
        """Do what the menu entry `name` does."""
        assert self.window.menus is not None
        self.window.menus.all[name].trigger()

    async def dialog(self) -> QDialog:
        """The one that is open, in front of all others."""

        def shown() -> QDialog | None:
            found = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]
            return next((w for w in reversed(found) if w.isVisible()), None)

        return await eventually(shown, within=20, what="a dialog")

    async def close_dialogs(self) -> None:
        """Leave all of them as somebody does who thought better of it."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.reject()
        await self.still(50)


def words_on_screen() -> set[str]:
    """What any widget of any visible window shows or tells a screen reader."""
    found: set[str] = set()
    for top in QApplication.topLevelWidgets():
        if top.isVisible():
            for widget in (top, *top.findChildren(QWidget)):
                found.update(words_of(widget))
    return found - {""}


def words_of(widget: QWidget) -> set[str]:
    """Everything a widget holds in words, shown or not."""
    found = {
        widget.accessibleName(), widget.accessibleDescription(), widget.toolTip(),
        widget.statusTip(), widget.whatsThis(), widget.windowTitle(),
    }  # fmt: skip
    for name in ("text", "toPlainText", "placeholderText", "currentText", "title", "toHtml"):
        told = getattr(widget, name, None)
        if callable(told):
            try:
                value = told()
            except TypeError:
                continue
            if isinstance(value, str):
                found.add(value)
    return found


Stop = Callable[[Visit], Awaitable[None]]


def run(folder: Path, data: Path, stops: dict[str, Stop], look: str, only: tuple[str, ...]) -> int:
    """Open the window, walk through `stops`, quit."""
    from tests.support.tour.stops import _sessions as stops_sessions
    from tests.support.tour.stops import before_core

    data.mkdir(parents=True, exist_ok=True)
    config = data / "cockpit.toml"
    config.touch()
    launch = demo_launch(data, day=date(2026, 3, 3), config=config)
    sessions: list[Session] = []
    failed: list[BaseException] = []

    async def start(ahead: Ahead) -> Core:
        scheme = Scheme.LIGHT if look.startswith("light") else Scheme.DARK
        ahead.theme.set(scheme=scheme, blue_orange="blue" in look, reduced_motion=False)
        visit = Visit(folder, ahead.window, ahead.theme, only=only)
        if not only:
            await before_core(visit)
        sessions.append(Session(launch))
        stops_sessions.append(sessions[0])
        visit.core = await sessions[0].start()
        ahead.spawn(walk(visit), "tour")
        return visit.core

    async def walk(visit: Visit) -> None:
        try:
            await eventually(lambda: visit.window.actions_ is not None, within=60)
            for name, stop in stops.items():
                if not only or name in only or name.startswith("_"):
                    await stop(visit)
                    await visit.close_dialogs()
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            text = json.dumps(visit.said, indent=1)
            (folder / "said.json").write_text(text, encoding="utf-8", newline="\n")
            os.kill(os.getpid(), signal.SIGTERM)

    async def stop() -> None:
        await sessions[0].stop()

    code = open_window(start, stop, folder=data, what="the demo")
    for error in failed:
        print(f"stopped by {error!r}", file=sys.stderr)
    return code or len(failed)


def open_menu(menu: QMenu, at: QPoint) -> None:
    """Show a menu where a click would."""
    menu.popup(at)
    QTest.qWait(0)
