"""The folder with the interpreter and the pinned packages: made, checked, made again."""

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from provision.system import apt_install, may_apt
from provision.tools import SetupError, base_python, run, say

ROOT = Path(__file__).resolve().parents[2]
WINDOWS = sys.platform == "win32"

LOCKS = {
    "runtime": ROOT / "packaging" / "requirements.lock",
    "test": ROOT / "packaging" / "requirements-test.lock",
    "lint": ROOT / "packaging" / "requirements-lint.lock",
}
# what a set is made of, in the order of installation
SETS = {"runtime": ["runtime"], "test": ["runtime", "test"], "lint": ["runtime", "test", "lint"]}


class Environment:
    """Paths inside one environment, and the stamps that say what was set up in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scripts = folder / ("Scripts" if WINDOWS else "bin")
        self.python = self.scripts / ("python.exe" if WINDOWS else "python")
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        library = folder / "Lib" if WINDOWS else folder / "lib" / version
        self.packages = library / "site-packages"
        self.log = folder / "cockpit-setup.log"
        self.lock = folder.with_name(folder.name + ".lock")
        self._stamps = folder / "cockpit-setup.json"
        self._busy = folder / "cockpit-setup.busy"

    def is_ours(self) -> bool:
        """Tell whether the folder may be cleared: it is empty, or was made for this purpose."""
        marks = (self._busy, self.folder / "pyvenv.cfg")
        return any(mark.exists() for mark in marks) or not any(self.folder.glob("*"))

    def stamps(self) -> dict[str, str]:
        """Read what was set up: nothing when it never was, or was interrupted."""
        if self._busy.exists() or not self.python.exists():
            return {}
        return self._read_stamps()

    def begin(self) -> None:
        """Mark the environment as half made; it stays marked when we are interrupted."""
        self._busy.touch()

    def finish(self, part: str, stamp: str) -> None:
        """Record `part` atomically and take the mark away."""
        draft = self._stamps.with_suffix(".new")
        text = json.dumps({**self._read_stamps(), part: stamp}, indent=1)
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(self._stamps)
        self._busy.unlink(missing_ok=True)

    def _read_stamps(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._stamps.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}


def missing_parts(env: Environment, parts: Sequence[str]) -> list[str]:
    """Which parts must be installed: all of them when the environment itself must be made."""
    stamps = env.stamps()
    if stamps.get("runtime") != wanted_stamp("runtime"):
        return list(parts)
    return [part for part in parts if stamps.get(part) != wanted_stamp(part)]


def wanted_stamp(part: str) -> str:
    """What a part is made from: its lock, this Python and this place."""
    python = os.path.realpath(base_python())  # python3 and python3.11 are the same
    made_from = f"{sys.version}\0{python}\0{ROOT}\0".encode() + LOCKS[part].read_bytes()
    return hashlib.sha256(made_from).hexdigest()


def ensure_parts(env: Environment, parts: Sequence[str]) -> None:
    """Install what is missing; the caller holds the lock."""
    missing = missing_parts(env, parts)
    if "runtime" in missing:
        say(f"Setting Cockpit up in {env.folder} (once, one to three minutes)")
        create(env)
    for part in missing:
        install(env, part)


def create(env: Environment) -> None:
    """Make the bare environment anew, with pip in it when we will need it."""
    if not env.is_ours():
        raise SetupError(f"{env.folder} holds something else: move it, or set COCKPIT_VENV")
    if env.folder.exists():
        shutil.rmtree(env.folder)
    env.folder.mkdir(parents=True)
    env.begin()
    venv.EnvBuilder(symlinks=not WINDOWS).create(env.folder)
    if uv() is None and importlib.util.find_spec("ensurepip"):
        with contextlib.suppress(SetupError):  # Debian may have ensurepip without its wheels
            run([env.python, "-m", "ensurepip", "--default-pip"], env.log, "adding pip")


def install(env: Environment, part: str) -> None:
    """Install one lock: every file checked against its hash, nothing built here."""
    lines = LOCKS[part].read_text(encoding="utf-8").splitlines()
    count = sum(line[:1].isalnum() for line in lines)
    what = f"installing {count} {part} packages"
    say(f"  {what}")
    started = time.perf_counter()
    env.begin()
    options = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(LOCKS[part])]
    _install_by_first_that_works(env, options, what)
    env.finish(part, wanted_stamp(part))
    say(f"  done in {time.perf_counter() - started:.0f} s")


def _install_by_first_that_works(env: Environment, options: list[str], what: str) -> None:
    tools = installers(env) or _installers_from_the_system(env)
    for tool in tools[:-1]:
        try:
            run([*tool, *options], env.log, what)
        except SetupError as problem:
            say(f"  {problem}; trying another way")
        else:
            return
    run([*tools[-1], *options], env.log, what)


def installers(env: Environment) -> list[list[str]]:
    """The commands that can install into `env` on this machine, best first."""
    found: list[list[str]] = []
    quiet = ["install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    tool = uv()
    if tool:
        found.append([tool, "pip", "install", "--python", str(env.python)])
    if (env.packages / "pip").is_dir():
        found.append([str(env.python), "-m", "pip", *quiet])
    elif importlib.util.find_spec("pip"):  # Debian without python3-venv still has its own pip
        found.append([base_python(), "-m", "pip", "--python", str(env.python), *quiet])
    return found


def uv() -> str | None:
    """The uv on this machine: much faster than pip, and not needed."""
    return shutil.which("uv")


def _installers_from_the_system(env: Environment) -> list[list[str]]:
    """Neither uv nor pip nor ensurepip: ask apt for them when we may, else say what to do."""
    if may_apt():
        apt_install(["python3-venv"])
        run([env.python, "-m", "ensurepip", "--default-pip"], env.log, "adding pip")
        return installers(env)
    debian = "run: sudo apt-get install python3-venv"
    cure = debian if shutil.which("apt-get") else "install the one from python.org"
    raise SetupError(f"this Python has neither pip nor ensurepip; {cure}")


@contextlib.contextmanager
def only_one(env: Environment) -> Iterator[None]:
    """Let one start at a time set up; others wait, and a crash frees the lock by itself.

    Installers inherit the lock: when we are killed, the next start waits for the orphan too.
    """
    env.lock.parent.mkdir(parents=True, exist_ok=True)
    with env.lock.open("a+b") as handle:
        os.set_inheritable(handle.fileno(), True)
        if not _try_lock(handle):
            say("Another start is setting up; waiting for it")
            while not _try_lock(handle):
                time.sleep(0.2)
        yield


def _try_lock(handle: BinaryIO) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def chosen_environment() -> Environment:
    """The environment of this checkout: .venv, or the folder COCKPIT_VENV names."""
    return Environment(Path(os.environ.get("COCKPIT_VENV") or ROOT / ".venv").absolute())
