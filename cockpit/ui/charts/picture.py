"""A chart as a file: PNG in the pixels of the screen, or SVG in any size."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QGraphicsView, QMessageBox, QWidget


def save_picture(chart: QGraphicsView, path: Path) -> str:
    """Write what `chart` shows; the empty string, or in words why it failed."""
    if not path.parent.is_dir():  # Qt would complain on the way
        done = False
    elif path.suffix.lower() == ".svg":
        done = _save_svg(chart, path)
    else:
        done = chart.grab().save(str(path))
    return "" if done else f"{path} was not written. Choose another folder."


def _save_svg(chart: QGraphicsView, path: Path) -> bool:
    made = QSvgGenerator()
    made.setFileName(str(path))
    made.setSize(QSize(chart.width(), chart.height()))
    made.setViewBox(QRect(0, 0, chart.width(), chart.height()))
    made.setTitle(chart.accessibleDescription() or "Chart")
    painter = QPainter()
    if not painter.begin(made):
        return False
    chart.render(painter)
    return painter.end()


def ask_picture(chart: QGraphicsView, name: str) -> QFileDialog:
    """Open the file dialog, then write; it asks by itself before it overwrites."""
    dialog = QFileDialog(chart, "Export picture")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(["PNG (*.png)", "SVG (*.svg)"])
    dialog.setDefaultSuffix("png")

    def filtered(chosen: str) -> None:
        dialog.setDefaultSuffix("svg" if "svg" in chosen else "png")

    def write(chosen: str) -> None:
        _tell(chart, save_picture(chart, Path(chosen)))

    dialog.filterSelected.connect(filtered)
    dialog.selectFile(f"{name}.png")
    dialog.fileSelected.connect(write)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def _tell(parent: QWidget, failure: str) -> None:
    if failure:
        box = QMessageBox(QMessageBox.Icon.Warning, "Export", failure, parent=parent)
        box.finished.connect(box.deleteLater)
        box.open()
