"""A developer's view of the screen: every named control with its rectangle, as JSON in a file.

`COCKPIT_LANDMARKS=FILE cockpit demo` keeps FILE up to date. The real-window tests find controls by
the names a screen reader speaks, so a control without a name can't be tested, and is noticed.
Nothing is written, and no timer runs, without the variable.

The file holds `{"landmarks": [...]}`; each entry has `name` (accessible name, else the shown text),
`kind` (class), `text`, `description`, `enabled`, `checked`, `focused`, `window` (title), `rect`
(x, y, width, height in device pixels on the screen) and, for tables, `rows`: the visible rows as
`{"cells": [text, ...], "rect": [...]}`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, QPoint, QRect, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QTableView,
    QTextEdit,
    QWidget,
)

VARIABLE = "COCKPIT_LANDMARKS"
INTERVAL_MS = 200

Entry = dict[str, object]


@runtime_checkable
class ShowsRows(Protocol):
    """A self-painted table that can say what it shows."""

    def visible_rows(self) -> Iterable[tuple[Sequence[str], QRect]]:
        """The texts of each row in view, and its rectangle in the widget's coordinates."""
        ...


class Landmarks(QObject):
    """Writes the landmarks of an application to `file` whenever they have changed."""

    def __init__(self, file: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._file = file
        self._written = ""
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self.write)
        self._timer.start()

    def write(self) -> None:
        """Write atomically, so that a reader never sees half a file."""
        text = json.dumps({"landmarks": list(landmarks())}, indent=1)
        if text == self._written:
            return
        draft = self._file.with_name(self._file.name + ".new")
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(self._file)
        self._written = text

    def stop(self) -> None:
        """Stop writing; the last file stays."""
        self._timer.stop()


def start_landmarks(application: QApplication) -> Landmarks | None:
    """Start writing when the environment names a file; None when it doesn't."""
    name = os.environ.get(VARIABLE)
    return Landmarks(Path(name), application) if name else None


def landmarks() -> Iterator[Entry]:
    """Describe every visible widget that has a name, window by window."""
    for window in QApplication.topLevelWidgets():
        if window.isVisible():
            for widget in [window, *window.findChildren(QWidget)]:
                if widget.isVisible() and not widget.visibleRegion().isEmpty():
                    yield from _entry(widget)


def _entry(widget: QWidget) -> Iterator[Entry]:
    text = shown_text(widget)
    name = widget.accessibleName() or text
    if not name:
        return
    entry: Entry = {
        "name": name,
        "kind": type(widget).__name__,
        "text": text,
        "description": widget.accessibleDescription(),
        "enabled": widget.isEnabled(),
        "checked": isinstance(widget, QAbstractButton) and widget.isChecked(),
        "focused": widget.hasFocus(),
        "window": widget.window().windowTitle(),
        "rect": _on_screen(widget, widget.visibleRegion().boundingRect()),
    }
    if isinstance(widget, QAbstractItemView):
        entry["rows"] = list(_rows(widget))
    elif isinstance(widget, ShowsRows):
        rows = widget.visible_rows()
        entry["rows"] = [{"cells": [*c], "rect": _on_screen(widget, r)} for c, r in rows]
    yield entry


def shown_text(widget: QWidget) -> str:
    """The text a control shows, without the mark of its mnemonic; empty when it shows none."""
    if isinstance(widget, QAbstractButton):
        return widget.text().replace("&", "")
    if isinstance(widget, QLineEdit):
        return widget.displayText()  # of a hidden one the dots
    if isinstance(widget, QLabel):
        return widget.text()
    if isinstance(widget, QTextEdit | QPlainTextEdit):
        return widget.toPlainText()
    return widget.windowTitle() if widget.isWindow() else ""


def _rows(view: QAbstractItemView) -> Iterator[Entry]:
    model = view.model()
    if model is None:  # pyright: ignore[reportUnnecessaryComparison] -- a view may have none yet
        return
    shown = view.viewport().rect()
    for row in range(model.rowCount()):
        columns = [c for c in range(_columns(view)) if not _is_hidden(view, c)]
        rect = QRect()
        for column in columns:
            rect = rect.united(view.visualRect(model.index(row, column)))
        if rect.intersects(shown):
            cells = [str(model.index(row, column).data() or "") for column in columns]
            yield {"cells": cells, "rect": _on_screen(view.viewport(), rect.intersected(shown))}


def _columns(view: QAbstractItemView) -> int:
    """A list has one; its model keeps the method that would say so to itself."""
    return 1 if isinstance(view, QListView) else view.model().columnCount()


def _is_hidden(view: QAbstractItemView, column: int) -> bool:
    return isinstance(view, QTableView) and view.isColumnHidden(column)


def _on_screen(widget: QWidget, rect: QRect) -> list[int]:
    """`rect` of `widget` in device pixels of the whole screen."""
    corner: QPoint = widget.mapToGlobal(rect.topLeft())
    ratio = widget.devicePixelRatio()
    return [round(value * ratio) for value in (corner.x(), corner.y(), rect.width(), rect.height())]
