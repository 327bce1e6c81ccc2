"""The live blotter beside a QTableView on a Python model, in one run: read the figures as ratios.

    python tests/bench/blotter.py [--quick]

200 rows of 12 columns, every value new in every frame. Prints milliseconds a frame, alone and
beside one busy Python thread, where a Python model stands in line for the interpreter lock with
every cell.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtWidgets import QApplication, QTableView

from cockpit.ui.models.columns import Column, Row
from cockpit.ui.theme import Theme
from cockpit.ui.theme.format import number
from cockpit.ui.widgets.blotter import Blotter

ROWS, COLUMNS = 200, 12
SIZE = 1000, 700


class Prices:
    """Values that differ in every frame, in a believable range."""

    def __init__(self) -> None:
        self.frame = 0
        self._keys = [f"S{n:03}" for n in range(ROWS)]

    def keys(self) -> list[str]:
        return self._keys

    def value(self, row: int, column: int) -> float:
        return 100.0 + (self.frame * 7 + row * 13 + column) % 1000 / 100

    def row(self, key: str) -> Row:
        number_of = int(key[1:])
        return Row((key, *(self.value(number_of, c) for c in range(1, COLUMNS))))


class NaiveModel(QAbstractTableModel):
    """What the first tutorial shows: `data` in Python, `dataChanged` for the whole table."""

    def __init__(self, prices: Prices) -> None:
        super().__init__()
        self._prices = prices

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return ROWS

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return COLUMNS

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            if index.column() == 0:
                return self._prices.keys()[index.row()]
            return number(self._prices.value(index.row(), index.column()))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight
        return None

    def refresh(self) -> None:
        self.dataChanged.emit(self.index(0, 0), self.index(ROWS - 1, COLUMNS - 1))


def make_blotter(prices: Prices, theme: Theme) -> tuple[Any, Callable[[], None]]:
    columns = [Column("name", "Name", sample="S000")]
    columns += [Column(f"c{n}", f"C{n}", number, "000.00", flash=True) for n in range(1, COLUMNS)]
    blotter = Blotter(columns, prices, theme, title="Bench", empty="")
    return blotter, blotter.refresh


def make_naive(prices: Prices, _theme: Theme) -> tuple[Any, Callable[[], None]]:
    view, model = QTableView(), NaiveModel(prices)
    view.setModel(model)
    model.setParent(view)
    return view, model.refresh


def milliseconds_a_frame(make: Any, frames: int, theme: Theme) -> float:
    prices = Prices()
    widget, refresh = make(prices, theme)
    widget.resize(*SIZE)
    widget.show()
    QApplication.processEvents()
    took = []
    for _ in range(frames):
        prices.frame += 1
        start = time.perf_counter()
        refresh()
        QApplication.processEvents()
        took.append(time.perf_counter() - start)
    widget.close()
    widget.deleteLater()
    QApplication.processEvents()
    return statistics.median(took) * 1000


def beside_a_busy_thread(make: Any, frames: int, theme: Theme) -> float:
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            sum(range(1000))

    thread = threading.Thread(target=spin)
    thread.start()
    try:
        return milliseconds_a_frame(make, frames, theme)
    finally:
        stop.set()
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the frames")
    frames = 30 if parser.parse_args().quick else 300
    app = QApplication.instance() or QApplication([])
    theme = Theme()
    theme.dress(app)
    print(f"{ROWS} rows x {COLUMNS} columns, all changed, ms a frame (median of {frames})")
    for title, measure, count in (
        ("alone", milliseconds_a_frame, frames),
        ("beside a busy thread", beside_a_busy_thread, max(5, frames // 30)),
    ):
        own, naive = (measure(make, count, theme) for make in (make_blotter, make_naive))
        print(f"{title:22} blotter {own:8.2f}   naive {naive:8.2f}   ratio {naive / own:6.1f}")


if __name__ == "__main__":
    main()
