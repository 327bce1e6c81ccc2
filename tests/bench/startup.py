"""Time from the start of the process to the first paint, and without a window to READY.

    python tests/bench/startup.py [--quick]

Three windows take turns: a bare Qt one, the cockpit's, and the cockpit's with everything imported
first that it imports later. Then paper sessions without a window do, each killed once it is READY:
as it is, with the exchange's calendar to be reckoned anew, and with everything imported first that
a start leaves out. Bytecode is cached before the first measured turn.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
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
import cockpit.app.recapping.stored, cockpit.recap.export, cockpit.ui.menus
"""
HEADLESS = """
import signal
from cockpit.cli import windowed
from cockpit.cli.main import main

def ready(core):
    sys.stdout.write(str(time.monotonic_ns() - int(os.environ["STARTED"])))
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)

windowed._begun = ready
sys.argv = ["cockpit", "run", "--mode", "paper", "--headless", "--data-dir", os.environ["DATA"]]
main()
"""
ANEW = """
import os, shutil
shutil.rmtree(os.environ["DATA"] + "/cache", ignore_errors=True)
"""
WHOLE = """
import alembic.command, exchange_calendars, pandas, sqlmodel
"""
WINDOWS = {"bare Qt": TELL + BARE, "cockpit": TELL + COCKPIT, "eager": TELL + EAGER + COCKPIT}
SESSIONS = {
    "ready": TELL + HEADLESS,
    "calendar anew": TELL + ANEW + HEADLESS,
    "eager": TELL + WHOLE + HEADLESS,
}


def seconds_of(script: str, folder: Path) -> float:
    """Seconds until the process `script` has told that it is where it should come."""
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
        check=False,
    )  # fmt: skip
    if not done.stdout:
        raise RuntimeError(done.stderr)
    return int(done.stdout) / 1e9


def in_turns(scripts: Mapping[str, str], turns: int, folder: Path) -> dict[str, list[float]]:
    """The seconds of each script, one after the other; the first turn fills the caches."""
    seconds: dict[str, list[float]] = {name: [] for name in scripts}
    for turn in range(turns + 1):
        for name, script in scripts.items():
            took = seconds_of(script, folder)
            if turn:
                seconds[name].append(took)
    return seconds


def show(what: str, seconds: Mapping[str, Sequence[float]]) -> None:
    """Print a table, with the first row as the measure."""
    measure = next(iter(seconds))
    first = statistics.median(seconds[measure])
    print(f"{what} after the start of the process, load {os.getloadavg()[0]:.1f}")
    for name, each in seconds.items():
        middle = statistics.median(each)
        spread = f"({min(each):.2f} to {max(each):.2f})"
        print(f"{name:14} {middle:5.2f} s {spread}  {middle / first:4.1f} x {measure}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three turns instead of nine")
    turns = 3 if parser.parse_args().quick else 9
    with tempfile.TemporaryDirectory() as folder:
        show("first paint", in_turns(WINDOWS, turns, Path(folder)))
        show("READY", in_turns(SESSIONS, turns, Path(folder)))


if __name__ == "__main__":
    main()
