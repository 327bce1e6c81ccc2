"""The system's part: shared libraries and tools that no Python package brings. Linux only.

Windows and macOS bring all of this themselves, so every function here finds nothing to do there.
"""

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from provision.tools import SetupError, run, say

# shared library -> Debian package
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
WINDOW_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
# tool -> Debian package
WINDOW_TOOLS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool"}


def may_apt() -> bool:
    """Tell whether we may install system packages ourselves."""
    if sys.platform != "linux":
        return False
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def missing_libraries(libraries: Mapping[str, str]) -> dict[str, str]:
    """Which of `libraries` the dynamic loader can't find."""
    if sys.platform != "linux":
        return {}
    return {name: package for name, package in libraries.items() if not _loads(name)}


def missing_tools(tools: Mapping[str, str]) -> dict[str, str]:
    """Which of `tools` are not on the path."""
    if sys.platform != "linux":
        return {}
    return {name: package for name, package in tools.items() if shutil.which(name) is None}


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages, with fresh package lists when the ones here don't serve.

    Raises SetupError when apt can't.
    """
    os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
    say(f"Installing system packages: {' '.join(packages)}")
    log = Path(tempfile.mkdtemp(prefix="cockpit-apt-")) / "apt.log"
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    try:
        run(command, log, "installing system packages")
    except SetupError:
        run(["apt-get", "update"], log, "refreshing the package lists")
        run(command, log, "installing system packages")
    shutil.rmtree(log.parent)


def ensure_libraries(libraries: Mapping[str, str]) -> None:
    """Install the libraries Qt needs, or name them: without this it dies in the dynamic loader."""
    missing = missing_libraries(libraries)
    if missing and may_apt():
        apt_install(list(missing.values()))
    elif missing:
        raise SetupError(f"missing system libraries {', '.join(missing)}; {_cure(missing)}")


def ensure_window_tests() -> None:
    """Get what the real-window tests need where we may; else say why they will be skipped."""
    missing = {**missing_libraries(WINDOW_LIBRARIES), **missing_tools(WINDOW_TOOLS)}
    if not missing:
        return
    reason = _cure(missing)
    if may_apt():
        try:
            apt_install(list(missing.values()))
        except SetupError as problem:
            reason = str(problem)
        else:
            return
    say(f"The real-window tests will be skipped; {reason}")


def _cure(missing: Mapping[str, str]) -> str:
    packages = " ".join(missing.values())
    if shutil.which("apt-get"):
        return f"run: sudo apt-get install {packages}"
    return f"install what your system calls (in Debian's words) {packages}"
