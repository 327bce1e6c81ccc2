"""The boards of the gallery: captions over specimens, in a grid."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label

WIDTH = 1200
"""Of a board, in logical pixels, always the same: pictures of it can be compared."""

Specimen = tuple[str, QWidget]
"""What it shows, in words, and the widget in that state."""


@dataclass(frozen=True, slots=True)
class Section:
    """One board: `name` is its file's, `make` builds its specimens in a theme."""

    name: str
    title: str
    make: Callable[[Theme], Iterable[Specimen]]
    columns: int = 2
    width: int = WIDTH


def board(theme: Theme, section: Section) -> QFrame:
    """A section as a widget of the gallery's width."""
    made = QFrame()
    made.setProperty("kind", "panel")
    made.setAccessibleName(section.title)
    made.setFixedWidth(section.width)
    column = QVBoxLayout(made)
    column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.XL)
    column.setSpacing(Space.M)
    column.addWidget(label(theme, section.title, FontRole.FIGURE))
    grid = QGridLayout()
    grid.setHorizontalSpacing(Space.XL)
    grid.setVerticalSpacing(Space.L)
    for place, (caption, widget) in enumerate(section.make(theme)):
        at = divmod(place, section.columns)
        grid.addLayout(_specimen(theme, caption, widget), *at, Qt.AlignmentFlag.AlignTop)
    for place in range(section.columns):
        grid.setColumnStretch(place, 1)
    column.addLayout(grid)
    return made


def row(*parts: QWidget, spacing: Space = Space.S) -> QWidget:
    """Specimens beside one another."""
    made = QWidget()
    line = QHBoxLayout(made)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(spacing)
    for part in parts:
        line.addWidget(part)
    line.addStretch(1)
    return made


def _specimen(theme: Theme, caption: str, widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(Space.XS)
    column.addWidget(label(theme, caption, FontRole.CAPTION, "muted"))
    fixed = widget.minimumWidth() == widget.maximumWidth()
    column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft if fixed else Qt.AlignmentFlag(0))
    column.addStretch(1)
    return column
