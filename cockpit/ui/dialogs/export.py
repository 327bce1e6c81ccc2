"""Where a recap goes: format and file, with no file replaced unasked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QGridLayout, QLineEdit, QWidget

from cockpit.app.recapping.room import Export
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import label, set_tone

FORMATS: dict[str, tuple[str, str]] = {
    "md": ("Markdown, for notes and Obsidian", "Markdown (*.md)"),
    "html": ("HTML, one file that opens anywhere", "HTML (*.html)"),
    "pdf": ("PDF, to print or to send", "PDF (*.pdf)"),
    "csv": ("CSV, its trades for a spreadsheet", "CSV (*.csv)"),
}
"""What the person reads and the file dialog's filter, by format."""


def default_folder() -> Path:
    """Where documents go on this system, or the home folder where there is no such place."""
    where = QStandardPaths.StandardLocation
    documents = Path(QStandardPaths.writableLocation(where.DocumentsLocation))
    return documents if documents.is_dir() else Path.home()


class ExportDialog(CockpitDialog):
    """Format, path, and a warning that turns Export into Replace when the file exists."""

    def __init__(
        self, theme: Theme, parent: QWidget | None, name: str, folder: Path, words: str = ""
    ) -> None:
        super().__init__(theme, "Export recap", parent, width=520)
        self._replaces = False
        self.say(words or f"The recap of {name} is written anew from the facts of now.")
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        self.format = QComboBox()
        self.format.setAccessibleName("Format")
        for fmt, (told, _filter) in FORMATS.items():
            self.format.addItem(told, fmt)
        self.path = QLineEdit(str(folder / f"recap-{name}.md"))
        self.path.setAccessibleName("File")
        browse = button(theme, "Browse...", self._browse, name="Choose the file")
        grid.addWidget(label(theme, "Format", FontRole.CAPTION, "muted"), 0, 0)
        grid.addWidget(self.format, 0, 1, 1, 2)
        grid.addWidget(label(theme, "File", FontRole.CAPTION, "muted"), 1, 0)
        grid.addWidget(self.path, 1, 1)
        grid.addWidget(browse, 1, 2)
        grid.setColumnStretch(1, 1)
        self.private = QCheckBox("Hide amounts and sizes: show R and percents")
        self.notes = QCheckBox("Add my own notes")
        for row, box in enumerate((self.private, self.notes), 2):
            box.setAccessibleName(box.text())
            grid.addWidget(box, row, 1, 1, 2)
        self.body.addLayout(grid)
        self.note = label(theme, "", FontRole.CAPTION, "muted", wrap=True)
        self.body.addWidget(self.note)
        self.go = self.end_with("Export")
        self.format.currentIndexChanged.connect(self._on_format)
        self.path.textChanged.connect(self._check)
        self._check()

    @property
    def choice(self) -> Export:
        """What stands in the fields."""
        return Export(
            fmt=self._fmt,
            path=self._target,
            overwrite=self._replaces,  # what the button said; not what came to be since
            private=self.private.isChecked(),
            with_notes=self.notes.isChecked(),
        )

    @property
    def _fmt(self) -> str:
        return str(self.format.currentData())

    @property
    def _target(self) -> Path:
        return Path(self.path.text().strip()).expanduser()

    def _on_format(self, _index: int) -> None:
        self.path.setText(str(self._target.with_suffix(f".{self._fmt}")))

    def _check(self, _text: str = "") -> None:
        target = self._target
        fault = ""
        if not self.path.text().strip() or target.is_dir():
            fault = "Give the file a name."
        elif not target.parent.is_dir():
            fault = f"The folder {target.parent} does not exist."
        self._replaces = replaces = not fault and target.exists()
        self.go.setEnabled(not fault)
        self.go.setText("Replace file" if replaces else "Export")
        self.go.setAccessibleName(self.go.text())
        self.note.setText(fault or ("This file exists and will be replaced." if replaces else ""))
        set_tone(self.note, "warning" if fault or replaces else "muted")

    def _browse(self) -> None:
        dialog = QFileDialog(self, "Export recap", str(self._target), FORMATS[self._fmt][1])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        # this dialog itself says that the file exists, and lets the person think
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.fileSelected.connect(self.path.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


async def ask_export(
    theme: Theme, parent: QWidget, name: str, folder: Path, words: str = ""
) -> Export | None:
    """Ask; None when the person thought better of it."""
    dialog = ExportDialog(theme, parent, name, folder, words)
    return dialog.choice if await answered(dialog) else None
