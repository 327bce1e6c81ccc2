"""One walk through all screens, inside the program's own process: `open_window` on a real session.

Each stop opens a screen the way a menu does, waits until it has been painted, and photographs
the whole display. What the widgets say is kept beside the pictures, for a search through it.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QApplication, QDialog, QLineEdit, QWidget

from cockpit.app.core import Core
from cockpit.app.launch import Launch
from cockpit.app.lifecycle import Session
from cockpit.app.starting import demo_launch
from cockpit.ui.application import Ahead, open_window
from cockpit.ui.deck import Deck
from cockpit.ui.main_window import MainWindow
from cockpit.ui.theme import Scheme, Theme
from tests.support import eventually
from tests.support.painted import painted_words

PAINTED_MS = 350
"""So long a screen is left alone before its picture: animations have ended by then."""


@dataclass
class Visit:
    """Who walks: the window, and where the pictures go."""

    folder: Path
    window: MainWindow
    theme: Theme
    core: Core | None = None
    session: Session | None = None
    listens: bool = False
    said: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    frames: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Where the dialog of a picture stands in it, in pixels: x, y, width, height."""

    @property
    def deck(self) -> Deck:
        """The docked panels, once there is a core."""
        assert self.window.deck is not None
        return self.window.deck

    async def still(self, ms: int = PAINTED_MS) -> None:
        """Let what moves come to its end."""
        await asyncio.sleep(ms / 1000)

    async def shoot(self, name: str) -> None:
        """A picture of the display, and if it `listens` all words to be read or heard on it.

        Listening asks every widget for its picture: what fades out is left as it stood then.
        """
        await self.still()
        taken = QGuiApplication.primaryScreen().grabWindow(0)
        assert taken.save(str(self.folder / f"{name}.png"), "PNG")
        if (dialog := front_dialog()) is not None:
            area, scale = dialog.frameGeometry(), dialog.devicePixelRatioF()
            whole = (area.x(), area.y(), area.width(), area.height())
            self.frames[name] = [round(side * scale) for side in whole]
        if self.listens:
            self.said[name] = sorted(words_on_screen())

    def menu(self, name: str) -> None:
        """Do what the menu entry `name` does."""
        assert self.window.menus is not None
        self.window.menus.all[name].trigger()

    async def dialog(self) -> QDialog:
        """The one that is open, in front of all others."""

        return await eventually(front_dialog, within=120, what="a dialog")

    async def close_dialogs(self) -> None:
        """Leave all of them as somebody does who thought better of it."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.reject()
        await self.still(50)


def front_dialog() -> QDialog | None:
    """The visible one with the focus, else any; None when there is none."""
    active = QApplication.activeWindow()
    if isinstance(active, QDialog) and active.isVisible():
        return active
    found = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog)]
    return next((w for w in reversed(found) if w.isVisible()), None)


def words_on_screen() -> set[str]:
    """What any widget of any window shows, paints, keeps in rows or tells a screen reader."""
    found: set[str] = set()
    for top in QApplication.topLevelWidgets():
        if top.isVisible():
            found.update(word.text for word in painted_words(top)[0])
            for widget in (top, *top.findChildren(QWidget)):
                found.update(words_of(widget))
    return found - {""}


def words_of(widget: QWidget) -> set[str]:
    """Everything a widget holds in words, shown or not; of a password field not what it hides."""
    found = {
        widget.accessibleName(), widget.accessibleDescription(), widget.toolTip(),
        widget.statusTip(), widget.whatsThis(), widget.windowTitle(),
    }  # fmt: skip
    hidden = isinstance(widget, QLineEdit) and widget.echoMode() is not QLineEdit.EchoMode.Normal
    for name in () if hidden else ("text", "toPlainText", "placeholderText", "currentText"):
        told = getattr(widget, name, None)
        value = told() if callable(told) else ""
        found.add(value if isinstance(value, str) else "")
    if isinstance(widget, QLineEdit):
        found.add(widget.displayText())
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        found.update(_rows(widget.model()))
    found.update(action.text() for action in widget.actions())
    return found


def _rows(model: QAbstractItemModel) -> Iterator[str]:
    top = QModelIndex()
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(top)
    for row in range(model.rowCount(top)):
        for column in range(columns):
            yield str(model.data(model.index(row, column, top)) or "")


Stop = Callable[[Visit], Awaitable[None]]


class Tour:
    """One life of the program: it starts, is walked through, and quits."""

    def __init__(
        self,
        folder: Path,
        data: Path,
        look: str,
        only: Sequence[str],
        *,
        config: Path | None = None,
        listens: bool = False,
    ) -> None:
        self._folder, self._data, self._look, self._only = folder, data, look, only
        self._config, self._listens = config, listens
        self._session: Session | None = None
        self.failed: list[BaseException] = []

    def run(self, ahead_of_core: Stop, stops: Mapping[str, Stop]) -> int:
        """Open the window and take all pictures; the exit code."""

        async def start(ahead: Ahead) -> Core:
            visit = self._visit(ahead)
            if not self._only:
                await ahead_of_core(visit)
            visit.session = self._session = Session(self._launch())
            visit.core = await self._session.start()
            ahead.spawn(self._walk(visit, stops), "tour")
            return visit.core

        async def stop() -> None:
            if self._session is not None:
                await self._session.stop()

        return open_window(start, stop, folder=self._data, what="the demo")

    def _launch(self) -> Launch:
        config = self._config or self._data / "cockpit.toml"
        config.touch()
        return demo_launch(self._data, day=date(2026, 3, 3), config=config)

    def _visit(self, ahead: Ahead) -> Visit:
        self._data.mkdir(parents=True, exist_ok=True)
        scheme = Scheme.LIGHT if self._look.startswith("light") else Scheme.DARK
        ahead.theme.set(scheme=scheme, blue_orange="blue" in self._look)
        return Visit(self._folder, ahead.window, ahead.theme, listens=self._listens)

    async def _walk(self, visit: Visit, stops: Mapping[str, Stop]) -> None:
        try:
            await eventually(lambda: visit.window.actions_ is not None, within=120)
            for name, stop in stops.items():
                if not self._only or name in self._only:
                    await stop(visit)
                    await visit.close_dialogs()
        except BaseException as error:
            self.failed.append(error)
            raise
        finally:
            for name, kept in (("said", visit.said), ("frames", visit.frames)):
                text = json.dumps(kept, indent=1)
                (self._folder / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
            os.kill(os.getpid(), signal.SIGTERM)
