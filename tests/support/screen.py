"""A real X screen of our own: Xvfb, a window manager, keys, clicks and pictures of it."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from provision.system import WINDOW_LIBRARIES, WINDOW_TOOLS, missing_libraries, missing_tools
from PySide6.QtGui import QImage

from tests.support.waiting import wait_until

XWD_FIELDS = 25
XWD_COLOUR_BYTES = 12


class Screen:
    """One X display, driven by xdotool and read from its frame buffer."""

    def __init__(self, display: str, frame_buffer: Path, width: int, height: int) -> None:
        self.display = display
        self.width, self.height = width, height
        self._frame_buffer = frame_buffer

    @property
    def environ(self) -> dict[str, str]:
        """What a program needs to open its window here, and nowhere else."""
        kept = {k: v for k, v in os.environ.items() if k not in {"WAYLAND_DISPLAY", "XAUTHORITY"}}
        return kept | {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def xdotool(self, *words: object) -> str:
        """Run xdotool and return what it says.

        Raises AssertionError with its complaint when it fails.
        """
        command = ["xdotool", *map(str, words)]
        done = subprocess.run(
            command, env=self.environ, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.strip() or done.stdout}"
        return done.stdout.strip()

    def key(self, *keys: str) -> None:
        """Press keys in the focused window, e.g. `ctrl+k` or `Return`."""
        self.xdotool("key", "--clearmodifiers", *keys)

    def type(self, text: str) -> None:
        """Type text into the focused window."""
        self.xdotool("type", "--delay", 10, text)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Move the pointer there and press a button once."""
        self.xdotool("mousemove", x, y)
        self.xdotool("click", button)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press at `start`, move in a few steps, let go at `end`."""
        self.xdotool("mousemove", *start, "mousedown", 1)
        for step in range(1, 6):
            x, y = (a + (b - a) * step // 5 for a, b in zip(start, end, strict=True))
            self.xdotool("mousemove", x, y)
        self.xdotool("mouseup", 1)

    def windows(self, title: str) -> list[int]:
        """Visible windows whose title matches the regular expression `title`."""
        command = ["xdotool", "search", "--onlyvisible", "--name", title]
        done = subprocess.run(
            command, env=self.environ, capture_output=True, text=True, timeout=60, check=False
        )
        return [int(line) for line in done.stdout.split()]

    def picture(self) -> QImage:
        """What the screen shows now, read from the frame buffer (xwd format, 32 bits a pixel)."""
        data = self._frame_buffer.read_bytes()
        fields = struct.unpack_from(f">{XWD_FIELDS}I", data)
        header, width, height, stride, colours = (fields[i] for i in (0, 4, 5, 12, 19))
        pixels = data[header + colours * XWD_COLOUR_BYTES :]
        return QImage(pixels, width, height, stride, QImage.Format.Format_RGB32).copy()

    def save(self, file: Path) -> Path:
        """Save the picture as PNG, for a person to judge."""
        file.parent.mkdir(parents=True, exist_ok=True)
        assert self.picture().save(str(file), "PNG"), f"could not write {file}"
        return file


def why_no_window() -> str | None:
    """Say what keeps real windows from this machine, or None."""
    if not sys.platform.startswith("linux"):
        return "real-window tests drive X11, on Linux"
    missing = missing_tools(WINDOW_TOOLS) | missing_libraries(WINDOW_LIBRARIES)
    if missing:
        return f"missing: {', '.join(missing)} (sudo apt-get install {' '.join(missing.values())})"
    return None


@contextmanager
def open_screen(folder: Path, width: int = 1920, height: int = 1080) -> Generator[Screen]:
    """Start Xvfb on a display it finds free, and openbox on it; stop both at the end."""
    with ExitStack() as stack:
        display = _start_xvfb(stack, folder, f"{width}x{height}x24")
        screen = Screen(display, folder / "Xvfb_screen0", width, height)
        manager = ["openbox", "--sm-disable", "--config-file", str(_openbox_settings(folder))]
        log = stack.enter_context((folder / "openbox.log").open("wb"))
        _start(stack, manager, env=screen.environ, stdout=log, stderr=log)
        wait_until(lambda: screen.xdotool("get_num_desktops"), what="a window manager")
        yield screen


def _start_xvfb(stack: ExitStack, folder: Path, size: str) -> str:
    """Start Xvfb and return the display it says it serves, once it serves it."""
    read_end, write_end = os.pipe()
    options = ["-screen", "0", size, "-fbdir", str(folder), "-nolisten", "tcp", "-noreset"]
    command = [shutil.which("Xvfb") or "Xvfb", "-displayfd", str(write_end), *options]
    log = stack.enter_context((folder / "xvfb.log").open("wb"))
    _start(stack, command, pass_fds=(write_end,), stdout=log, stderr=log)
    os.close(write_end)
    with os.fdopen(read_end, encoding="ascii") as said:
        number = said.readline().strip()
    assert number, f"Xvfb did not start: {(folder / 'xvfb.log').read_text(encoding='utf-8')}"
    return f":{number}"


def _openbox_settings(folder: Path) -> Path:
    """No decoration, so that a window of the screen's size shows whole; Alt+F4 closes."""
    file = folder / "openbox.xml"
    file.write_text(
        '<openbox_config xmlns="http://openbox.org/3.4/rc">'
        "<focus><focusNew>yes</focusNew></focus><desktops><number>1</number></desktops>"
        '<keyboard><keybind key="A-F4"><action name="Close"/></keybind></keyboard>'
        '<mouse><context name="Client"><mousebind button="Left" action="Press">'
        '<action name="Focus"/><action name="Raise"/></mousebind></context></mouse>'
        '<applications><application class="*"><decor>no</decor></application></applications>'
        "</openbox_config>\n",
        encoding="utf-8",
        newline="\n",
    )
    return file


def _start(stack: ExitStack, command: list[str], **options: object) -> subprocess.Popen[bytes]:
    process: subprocess.Popen[bytes] = subprocess.Popen(command, **options)  # type: ignore[call-overload]  # options are passed through
    stack.callback(stop, process)
    return process


def stop(process: subprocess.Popen[bytes], within: float = 10.0) -> int:
    """Ask a process to end, insist when it doesn't, and return its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


@pytest.fixture
def screen(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Screen]:
    """A real screen, 1920 by 1080 unless `@pytest.mark.screen_size(w, h)` says otherwise."""
    reason = why_no_window()
    if reason:
        pytest.skip(reason)
    marker = request.node.get_closest_marker("screen_size")
    size = marker.args if marker else (1920, 1080)
    folder = tmp_path / "screen"
    folder.mkdir()
    with open_screen(folder, *size) as opened:
        yield opened
