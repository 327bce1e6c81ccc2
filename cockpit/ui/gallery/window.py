"""The gallery's window: every board in the look of one's choice, and pictures of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cockpit.ui.gallery.board import Section, board
from cockpit.ui.gallery.controls import CONTROLS
from cockpit.ui.gallery.decisions import CARDS, DIALOGS
from cockpit.ui.gallery.foundations import FOUNDATIONS
from cockpit.ui.gallery.pictures import PICTURES
from cockpit.ui.gallery.states import STATES
from cockpit.ui.gallery.tables import TABLES
from cockpit.ui.theme import FontRole, Scheme, Space, Theme
from cockpit.ui.widgets.labels import label

SECTIONS: tuple[Section, ...] = (
    FOUNDATIONS, CONTROLS, STATES, TABLES, PICTURES, CARDS, DIALOGS,
)  # fmt: skip


class Look(NamedTuple):
    """A look of the whole screen, by the name it has in a file's."""

    name: str
    scheme: Scheme
    blue_orange: bool


LOOKS = (
    Look("dark", Scheme.DARK, blue_orange=False),
    Look("light", Scheme.LIGHT, blue_orange=False),
    Look("dark-blue-orange", Scheme.DARK, blue_orange=True),
    Look("light-blue-orange", Scheme.LIGHT, blue_orange=True),
)


class Gallery(QWidget):
    """All boards below one another; the look is chosen above and changes all of them at once."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setWindowTitle("Cockpit gallery")
        self.setAccessibleName("Cockpit gallery")
        self.boards = {section.name: board(theme, section) for section in SECTIONS}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._tools())
        column.addWidget(self._scrolled(), 1)
        widest = max(section.width for section in SECTIONS)
        self.resize(widest + 2 * Space.XXL, 900)

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        row.addWidget(label(self._theme, "Gallery", FontRole.TITLE))
        row.addStretch(1)
        self.look = QComboBox()
        self.look.setAccessibleName("Look")
        for look in LOOKS:
            self.look.addItem(look.name.replace("-", ", ", 1).replace("-", " and "), look)
        self.look.currentIndexChanged.connect(self._dress)
        self.still = QCheckBox("Reduced motion")
        self.still.setChecked(self._theme.reduced_motion)
        self.still.toggled.connect(self._calm)
        row.addWidget(self.look)
        row.addWidget(self.still)
        return row

    def _scrolled(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setSpacing(Space.L)
        for made in self.boards.values():
            column.addWidget(made, 0, Qt.AlignmentFlag.AlignHCenter)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setAccessibleName("Boards")
        area.setWidget(inside)
        return area

    def _dress(self, place: int) -> None:
        look = LOOKS[place]
        self._theme.set(scheme=look.scheme, blue_orange=look.blue_orange)

    def _calm(self, still: bool) -> None:
        self._theme.set(reduced_motion=still)


def pictures(app: QApplication, looks: tuple[Look, ...] = LOOKS) -> Iterator[tuple[str, QPixmap]]:
    """Each board in each of `looks`, as `LOOK-BOARD` and its picture at a scale of one."""
    for look in looks:
        theme = Theme(look.scheme, blue_orange=look.blue_orange, reduced_motion=True)
        theme.dress(app)
        for section in SECTIONS:
            made = board(theme, section)
            made.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            made.show()
            app.processEvents()
            yield f"{look.name}-{section.name}", made.grab()
            made.close()
            made.deleteLater()


def save_pictures(app: QApplication, folder: Path) -> list[Path]:
    """Write all pictures into `folder`, which is made when it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, picture in pictures(app):
        path = folder / f"{name}.png"
        if not picture.save(str(path), "PNG"):
            raise OSError(f"{path} could not be written.")
        written.append(path)
    return written


def show_gallery(app: QApplication) -> int:
    """Show the window until it is closed."""
    theme = Theme()
    theme.dress(app)
    theme.changed.connect(lambda: theme.dress(app))
    window = Gallery(theme)
    window.show()
    app.setQuitOnLastWindowClosed(True)
    return app.exec()
