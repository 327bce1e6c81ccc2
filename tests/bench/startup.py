"""Time from the start of the process to the first paint, in one run.

    python tests/bench/startup.py [--quick]

Three windows take turns: a bare Qt one, the cockpit's, and the cockpit's with everything
imported first that it imports later. Bytecode is cached before the first measured turn.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

TELL = """
import os, sys, time

def tell():
    sys.stdout.write(str(time.monotonic_ns() - int(os.environ["STARTED"])))
    sys.stdout.flush()
    os._exit(0)
"""
BARE = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

class Window(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, tell)

app = QApplication([])
window = Window()
window.show()
app.exec()
"""
COCKPIT = """
from cockpit.ui import application
from cockpit.cli.main import main

run_window = application.run_window
application.run_window = lambda launch: run_window(launch, on_first_paint=tell)
sys.argv = ["cockpit", "demo", "--data-dir", os.environ["DATA"]]
main()
"""
EAGER = """
import alembic.command, exchange_calendars, pandas, pyqtgraph, qtawesome, sqlmodel
import PySide6QtAds
import cockpit.adapters.storage.store, cockpit.app.doctor, cockpit.app.lifecycle
import cockpit.app.recaps, cockpit.recap.export, cockpit.ui.menus
"""
WINDOWS = {"bare Qt": TELL + BARE, "cockpit": TELL + COCKPIT, "eager": TELL + EAGER + COCKPIT}


def first_paint_s(script: str, folder: Path) -> float:
    """Seconds until the process `script` has painted once."""
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environ |= {
        "DATA": str(folder / "data"),
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "QT_API": "pyside6",
        "PYQTGRAPH_QT_LIB": "PySide6",
    }
    environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    environ["STARTED"] = str(time.monotonic_ns())
    done = subprocess.run(
        [sys.executable, "-c", script], env=environ, cwd=folder, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return int(done.stdout) / 1e9


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three turns instead of nine")
    turns = 3 if parser.parse_args().quick else 9
    seconds: dict[str, list[float]] = {name: [] for name in WINDOWS}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(turns + 1):
            for name, script in WINDOWS.items():
                took = first_paint_s(script, Path(folder))
                if turn:  # the first one fills the caches
                    seconds[name].append(took)
    bare = statistics.median(seconds["bare Qt"])
    print(f"first paint after the start of the process, median of {turns} (least to most)")
    for name, each in seconds.items():
        middle = statistics.median(each)
        spread = f"({min(each):.2f} to {max(each):.2f})"
        print(f"{name:8} {middle:5.2f} s {spread}  {middle / bare:4.1f} x bare")


if __name__ == "__main__":
    main()
