"""The real program as a process of its own, seen and driven only from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.needs import ROOT
from tests.support.screen import Screen, stop
from tests.support.waiting import wait_until

ARTIFACTS = ROOT / "artifacts"
START_SECONDS = 120.0
PATIENCE = 60.0
"""A wait that comes true costs nothing: these hold on a machine many times slower than usual."""

Landmark = dict[str, Any]


def command_line() -> list[str]:
    """The installed program, else the module of the running environment."""
    program = Path(sys.executable).with_name("cockpit")
    return [str(program)] if program.exists() else [sys.executable, "-P", "-m", "cockpit"]


def private_environ(folder: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment in which the program finds nothing of the person at this machine."""
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    homes = {name: str(folder / name.lower()) for name in names}
    kept = {k: v for k, v in (base or os.environ).items() if not k.startswith("COCKPIT_")}
    return kept | homes | {"HOME": str(folder), "PYTHONUNBUFFERED": "1"}


class Program:
    """A running cockpit on a screen."""

    def __init__(self, screen: Screen, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.screen = screen
        self.process = process
        self.data_dir = folder / "data"
        self._folder = folder

    def output(self) -> str:
        """All it wrote to standard output and standard error."""
        return (self._folder / "output.log").read_text(encoding="utf-8", errors="replace")

    def landmarks(self) -> list[Landmark]:
        """The named controls now on the screen; fails when the program has ended."""
        code = self.process.poll()
        if code is not None:
            pytest.fail(f"the program ended with {code}:\n{self.output()}", pytrace=False)
        try:
            text = (self._folder / "landmarks.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return json.loads(text)["landmarks"]

    def find(self, name: str, *, kind: str = "", within: float = PATIENCE) -> Landmark:
        """Wait for an enabled control whose whole name matches the regular expression `name`."""
        return wait_until(
            lambda: next(self._matching(name, kind), None), within, f"a control named {name!r}"
        )

    def shows(self, name: str, *, kind: str = "") -> bool:
        """Tell whether such a control is on the screen now."""
        return next(self._matching(name, kind), None) is not None

    def _matching(self, name: str, kind: str) -> Iterator[Landmark]:
        for mark in self.landmarks():
            if mark["enabled"] and re.fullmatch(name, mark["name"]) and kind in mark["kind"]:
                yield mark

    def rows(self, name: str) -> list[list[str]]:
        """The cells of the visible rows of the table named `name`, once it is shown."""
        return [row["cells"] for row in self._table(name)["rows"]]

    def _table(self, name: str) -> Landmark:
        """The table, and not the tab that has the same name."""
        return wait_until(
            lambda: next((m for m in self._matching(name, "") if "rows" in m), None),
            PATIENCE,
            f"a table {name!r}",
        )

    def text(self, name: str) -> str:
        """The text that the control named `name` shows."""
        return str(self.find(name)["text"])

    def click(self, name: str, *, kind: str = "", button: int = 1) -> None:
        """Click the middle of the control named `name`, once it is there."""
        self.screen.click(*middle(self.find(name, kind=kind)["rect"]), button)

    def click_into(self, name: str, *, kind: str = "") -> None:
        """Click a field until it has the focus: a view that just opened may still move."""

        def focused() -> bool:
            self.click(name, kind=kind)
            return bool(wait_until(lambda: self.find(name, kind=kind)["focused"], 5, "the focus"))

        wait_until(focused, PATIENCE, f"the focus in {name!r}")

    def click_away(self, name: str, *, kind: str = "") -> None:
        """Click what closes its dialog until it is gone: one that just opened may still move."""

        def gone() -> bool:
            if self.shows(name, kind=kind):
                self.click(name, kind=kind)
            return wait_until(lambda: not self.shows(name, kind=kind), 3, f"{name!r} to go")

        wait_until(gone, PATIENCE, f"{name!r} to be chosen")

    def click_row(self, table: str, having: Callable[[list[str]], bool]) -> None:
        """Click the first visible row of a table whose cells satisfy `having`."""
        row = wait_until(
            lambda: next((r for r in self._table(table)["rows"] if having(r["cells"])), None),
            PATIENCE,
            f"a row in {table!r}",
        )
        self.screen.click(*middle(row["rect"]))

    def key(self, *keys: str) -> None:
        """Press keys in the window that has the focus."""
        self.screen.key(*keys)

    def save_picture(self, name: str) -> Path:
        """Save what the screen shows under artifacts/, for a person to judge."""
        return self.screen.save(ARTIFACTS / f"{name}.png")

    def wait_for_window(self, title: str = "Cockpit") -> int:
        """Wait until the main window is shown and has the focus; return its X id."""

        def shown() -> int | None:
            self.landmarks()  # fails at once when the program has ended
            return next(iter(self.screen.windows(title)), None)

        window = wait_until(shown, START_SECONDS, f"a window titled {title!r}")
        self.screen.xdotool("windowactivate", "--sync", window)
        return window

    def run_beside(self, *arguments: str) -> tuple[int, str]:
        """Run the program once more on the same data folder; its exit code and what it said."""
        command = [*command_line(), *arguments, "--data-dir", str(self.data_dir)]
        environ = private_environ(self._folder, self.screen.environ)
        done = subprocess.run(
            command, env=environ, cwd=self._folder, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def wait_for_end(self, within: float = 20.0) -> int:
        """Wait until the program ends by itself and return its exit code."""
        return self.process.wait(within)


def middle(rect: Sequence[int]) -> tuple[int, int]:
    """The middle of x, y, width, height."""
    x, y, width, height = rect
    return x + width // 2, y + height // 2


@contextmanager
def running(screen: Screen, folder: Path, command: Sequence[str]) -> Generator[Program]:
    """Run `command` on `screen`; whatever happens, it has ended afterwards."""
    folder.mkdir(exist_ok=True)
    environ = private_environ(folder, screen.environ)
    environ["COCKPIT_LANDMARKS"] = str(folder / "landmarks.json")
    with (folder / "output.log").open("wb") as output:
        process = subprocess.Popen(
            list(command), env=environ, cwd=folder, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield Program(screen, folder, process)
        finally:
            stop(process)


Starter = Callable[..., Program]


@pytest.fixture
def cockpit(
    screen: Screen, tmp_path: Path, request: pytest.FixtureRequest
) -> Generator[Starter, None, None]:
    """Start the real program with these arguments and a data folder of its own.

    `cockpit("demo")` returns a Program whose window is shown and focused. When the test fails, a
    picture of the screen and the program's output stay in artifacts/.
    """
    opened: list[Any] = []

    def start(*arguments: str) -> Program:
        folder = tmp_path / f"program-{len(opened)}"
        command = [*command_line(), *arguments, "--data-dir", str(folder / "data")]
        opened.append(running(screen, folder, command))
        program: Program = opened[-1].__enter__()
        programs.append(program)
        program.wait_for_window()
        return program

    programs: list[Program] = []
    yield start
    report = getattr(request.node, "call_report", None)
    if report is None or report.failed:
        _keep_evidence(request.node.name, screen, programs)
    for context in reversed(opened):
        context.__exit__(None, None, None)


def _keep_evidence(name: str, screen: Screen, programs: Sequence[Program]) -> None:
    name = re.sub(r"\W+", "-", name)
    screen.save(ARTIFACTS / f"failed-{name}.png")
    for number, program in enumerate(programs):
        file = ARTIFACTS / f"failed-{name}-{number}.log"
        file.write_text(program.output(), encoding="utf-8", newline="\n")
