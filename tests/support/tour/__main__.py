"""Take the pictures: one program and one display for each size, scale and look."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.program import private_environ
from tests.support.screen import open_screen

LOOKS = ("dark", "light", "dark-blue", "light-blue")


def outside(given: argparse.Namespace) -> int:
    """A program of its own on a display of its own; its exit code."""
    folder, scale = given.folder.absolute(), given.scale
    folder.mkdir(parents=True, exist_ok=True)
    width, height = (round(int(side) * scale) for side in given.size.split("x"))
    with tempfile.TemporaryDirectory() as kept:
        home = Path(kept)
        with open_screen(home, width, height) as screen:
            environ = private_environ(home, screen.environ) | {"QT_SCALE_FACTOR": f"{scale:g}"}
            command = [sys.executable, "-m", "tests.support.tour", str(folder), "--inside"]
            command += ["--data", str(given.data or home / "data"), "--look", given.look]
            command += ["--config", str(given.config)] if given.config else []
            command += _repeated(given.only)
            done = subprocess.run(command, env=environ, timeout=900, check=False)
    return done.returncode


def _repeated(only: list[str]) -> list[str]:
    return [word for name in only for word in ("--only", name)]


def main() -> int:
    """Read the options, and be the program or the one that starts it."""
    asked = argparse.ArgumentParser()
    asked.add_argument("folder", type=Path)
    asked.add_argument("--size", default="1366x768")
    asked.add_argument("--scale", type=float, default=1.0)
    asked.add_argument("--look", choices=LOOKS, default="dark")
    asked.add_argument("--only", action="append", default=[])
    asked.add_argument("--inside", action="store_true")
    asked.add_argument("--data", type=Path)
    asked.add_argument("--config", type=Path)
    asked.add_argument("--words", action="store_true", help="write what was to be read and heard")
    given = asked.parse_args()
    if not given.inside:
        return outside(given)
    from tests.support.tour.asking import before_core
    from tests.support.tour.stops import STOPS
    from tests.support.tour.visit import Tour

    tour = Tour(
        given.folder, given.data, given.look, given.only, config=given.config, listens=given.words
    )
    code = tour.run(before_core, STOPS)
    for error in tour.failed:
        print(f"stopped by {error!r}", file=sys.stderr)
    return code or len(tour.failed)


if __name__ == "__main__":
    sys.exit(main())
