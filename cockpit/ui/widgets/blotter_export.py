"""Saves a blotter as CSV; the disk is written in Qt's pool, never on the screen's time."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cockpit.ui.models.table import Table


def write_csv(path: Path, text: str) -> str:
    """Write `text` as UTF-8; the empty string, or in words why it failed."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        return f"{path} was not written: {error.strerror}. Choose another folder."
    return ""


class CsvExport(QObject):
    """Asks where to, then writes what the table shows at that moment."""

    finished = Signal(str)  # empty, or why it failed

    def __init__(self, table: Table, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._table, self._title, self._widget = table, title, parent
        self.finished.connect(self._tell)

    def ask(self) -> None:
        """Open the file dialog; it asks by itself before it overwrites."""
        dialog = QFileDialog(self._widget, f"Export {self._title}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("CSV (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{self._title.lower()}.csv")
        dialog.fileSelected.connect(self._chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _chosen(self, name: str) -> None:
        self.save(Path(name))

    def save(self, path: Path) -> None:
        """Write to `path` in the pool; `finished` tells the outcome."""
        text = self._table.csv()
        QThreadPool.globalInstance().start(lambda: self.finished.emit(write_csv(path, text)))

    def _tell(self, failure: str) -> None:
        if failure:
            box = QMessageBox(QMessageBox.Icon.Warning, "Export", failure, parent=self._widget)
            box.finished.connect(box.deleteLater)
            box.open()
