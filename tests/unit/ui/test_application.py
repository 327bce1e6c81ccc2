"""The life of the window as a process of its own: first paint, start, failure, end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("pandas", "exchange_calendars", "sqlalchemy", "sqlmodel", "alembic", "pyqtgraph",
         "qtawesome", "jinja2")  # fmt: skip

PAINT_ONLY = """
import json, sys
from pathlib import Path
from cockpit.ui import application

seen = []

async def start(ahead):
    seen.extend(["start"])
    raise application.KernelError("no", user_text="Refused.")

async def stop():
    seen.append("stop")

loaded = []
try:
    application.open_window(
        start, stop, folder=Path(sys.argv[1]), what="a test",
        on_first_paint=lambda: loaded.extend(sorted(sys.modules)),
    )
except application.KernelError as error:
    print(json.dumps({"loaded": loaded, "seen": seen, "told": error.user_text}))
"""

DEMO = """
import signal, sys, os
from datetime import date
from pathlib import Path
from cockpit.app.launch import Launch
from cockpit.domain.account import Mode
from cockpit.ui import application, main_window

attach = main_window.MainWindow.attach

def attached(self, *args):
    fits = attach(self, *args)
    print("held", args[0].playback.paused)  # time waits for the panels
    os.kill(os.getpid(), signal.SIGTERM)
    return fits

main_window.MainWindow.attach = attached
launch = Launch(mode=Mode.DEMO, data_dir=Path(sys.argv[1]), feed="synthetic",
                options={"day": date(2026, 3, 3), "start": "09:36"})
sys.exit(application.run_window(launch))
"""


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        capture_output=True, encoding="utf-8", timeout=50, check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip


def test_nothing_heavy_is_loaded_before_the_first_paint(tmp_path):
    done = run(PAINT_ONLY, tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["loaded"]
    assert [name for name in HEAVY if name in told["loaded"]] == []


def test_a_core_that_can_not_start_is_told_and_not_stopped(tmp_path):
    told = json.loads(run(PAINT_ONLY, tmp_path).stdout)
    assert (told["seen"], told["told"]) == (["start"], "Refused.")


def test_a_signal_stops_in_stages_and_keeps_the_workspace(tmp_path):
    done = run(DEMO, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "held True\n"
    saved = json.loads((tmp_path / "workspace.json").read_text(encoding="utf-8"))
    assert saved["docks"]
    assert saved["symbol"]
