"""The files beside an entry: pictures as such, all else by name; a click opens them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QPushButton, QToolButton, QVBoxLayout, QWidget

from cockpit.domain.errors import CockpitError
from cockpit.kernel.aside import aside
from cockpit.ports.entries import Attachment, AttachmentKind
from cockpit.ui.asking import ask
from cockpit.ui.theme import Space, Theme
from cockpit.ui.widgets.buttons import button

if TYPE_CHECKING:
    from cockpit.app.commands import Commands

_OPENED = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".txt", ".csv", ".md"}
"""What may be handed to the system to be opened: nothing that it would run."""
_SEEN = QSize(144, 81)
_CALLED = {AttachmentKind.ENTRY: "Chart at entry", AttachmentKind.EXIT: "Chart at exit"}


class FilesBeside(QWidget):
    """Shows attachments. `told` carries what a person should know."""

    told = Signal(str)

    def __init__(self, theme: Theme, commands: Commands) -> None:
        super().__init__()
        self._theme, self._commands = theme, commands
        self.shown: list[Attachment] = []
        self._pictures, self._others = QVBoxLayout(), QVBoxLayout()
        self._pictures.setSpacing(Space.S)
        self._pictures.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._others.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(self._pictures)
        column.addLayout(self._others)
        self.setAccessibleName("Files")

    def show_files(self, files: Sequence[Attachment]) -> None:
        """Show these, in their order; the same ones stay as they are."""
        if list(files) == self.shown:
            return
        self.shown = list(files)
        for layout in (self._pictures, self._others):
            while (item := layout.takeAt(0)) is not None:
                if (gone := item.widget()) is not None:
                    gone.deleteLater()
        for file in files:
            if file.kind in _CALLED:
                self._pictures.addWidget(self._picture(file))
            else:
                self._others.addWidget(self._named(file))
        self.setVisible(bool(files))

    def _picture(self, file: Attachment) -> QToolButton:
        made = QToolButton()
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        made.setIconSize(_SEEN)
        made.setText(_CALLED[file.kind])
        made.setAccessibleName(f"Open {_CALLED[file.kind].lower()}")
        made.setToolTip(file.name)
        made.clicked.connect(lambda _checked=False: self._open(file))
        ask(
            self._commands,
            aside(partial(self._small, file), name="picture"),
            "read-picture",
            done=partial(self._show, file, made),
            failed=self.told.emit,
        )
        return made

    def _small(self, file: Attachment) -> QImage:
        """Read and made small; for a thread of its own. Raises AttachmentError."""
        image = QImage(str(self._commands.path_of(file)))
        smooth = Qt.TransformationMode.SmoothTransformation
        return image.scaled(_SEEN * 2, Qt.AspectRatioMode.KeepAspectRatio, smooth)

    def _show(self, file: Attachment, made: QToolButton, image: QImage) -> None:
        if file in self.shown:  # else another entry is shown by now
            made.setIcon(QIcon(QPixmap.fromImage(image)))

    def _named(self, file: Attachment) -> QPushButton:
        return button(
            self._theme,
            file.name,
            partial(self._open, file),
            kind="quiet",
            icon="export",
            name=f"Open {file.name}",
            tooltip=f"{file.size:,} bytes",
        )

    def _open(self, file: Attachment) -> None:
        try:
            path: Path = self._commands.path_of(file)
        except CockpitError as error:
            self.told.emit(error.user_text)
            return
        if path.suffix in _OPENED:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        else:
            self.told.emit(f"{file.name} is kept in {path}. It is not opened from here.")
