"""What go.py can be asked for: set up what the command needs, then become it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import NoReturn

from provision.environment import (
    ROOT,
    SETS,
    WINDOWS,
    Environment,
    chosen_environment,
    ensure_parts,
    missing_parts,
    only_one,
)
from provision.project import install_project, project_is_current
from provision.system import QT_LIBRARIES, WINDOW_LIBRARIES, ensure_libraries, ensure_window_tests
from provision.tools import SetupError, clean_environ, say

WAITING = ("tests/contract", "tests/e2e", "tests/integration")
"""Tests of processes, sockets and windows: they mostly wait, and leave the processor to others."""
CACHE = ".pytest_cache"
CHECKS = (
    ["ruff", "check"],
    ["ruff", "format", "--check"],
    ["pyright"],
    ["lint-imports"],
    ["python", "packaging/neat.py"],
)


def start(arguments: Sequence[str]) -> None:
    """Run a command line; every failure of the set-up ends in one sentence."""
    try:
        _start(arguments[0], arguments[1:])
    except SetupError as problem:
        sys.exit(f"go.py: {problem}")
    except OSError as problem:
        sys.exit(f"go.py: can't set up: {problem}")
    except KeyboardInterrupt:
        sys.exit("go.py: stopped; the next start goes on from here")


def _start(command: str, rest: Sequence[str]) -> None:
    env = chosen_environment()
    wanted = (rest[0] if rest else "runtime") if command == "setup" else command
    if command == "setup" and wanted not in SETS:
        raise SetupError(f"there is no set named {wanted}: choose runtime, test or lint")
    ensure(env, SETS.get(wanted, SETS["runtime"]))
    if command == "setup":
        say(f"Cockpit is set up in {env.folder}")
    elif command == "test":
        _test(env, rest)
    elif command == "lint":
        _lint(env)
    else:
        _program(env, command, rest)


def ensure(env: Environment, parts: Sequence[str]) -> None:
    """Make the environment right; costs a few milliseconds when it already is."""
    if not missing_parts(env, parts) and project_is_current(env):
        return
    with only_one(env):
        ensure_parts(env, parts)
        if not project_is_current(env):
            install_project(env)


def _test(env: Environment, arguments: Sequence[str]) -> NoReturn:
    ensure_libraries(QT_LIBRARIES)
    ensure_window_tests()
    os.chdir(ROOT)
    command = [str(env.python), "-m", "pytest"]
    if arguments:
        _become([*command, *arguments])
    sys.exit(run_beside(command))


def run_beside(pytest: Sequence[str]) -> int:
    """Run all tests, those that wait for others beside the rest; 0 if both passed.

    What they print comes when the rest is through, so that lines stay together.
    """
    waiting = [*pytest, "-o", f"cache_dir={CACHE}/waiting", *WAITING]
    rest = [*pytest, "-o", f"cache_dir={CACHE}/rest", *(f"--ignore={name}" for name in WAITING)]
    with tempfile.TemporaryFile() as told:
        beside = subprocess.Popen(
            waiting, env=clean_environ(), stdout=told, stderr=subprocess.STDOUT
        )
        try:
            code = subprocess.run(rest, env=clean_environ(), check=False).returncode
            say(f"waiting for {', '.join(WAITING)}")
            other = beside.wait()
        except BaseException:
            beside.terminate()
            raise
        told.seek(0)
        sys.stdout.flush()
        shutil.copyfileobj(told, sys.stdout.buffer)
        sys.stdout.flush()
    return code or other


def _lint(env: Environment) -> NoReturn:
    """Run every static check, also after one has failed."""
    os.chdir(ROOT)
    codes: list[int] = []
    for name, *options in CHECKS:
        say(f"$ {' '.join([name, *options])}")
        command = [str(env.scripts / name), *options]
        codes.append(subprocess.run(command, env=clean_environ(), check=False).returncode)
    sys.exit(1 if any(codes) else 0)


def _program(env: Environment, command: str, arguments: Sequence[str]) -> NoReturn:
    """Run the program in the folder it was called from; see its libraries first for a window."""
    if command in {"demo", "run"} and "--help" not in arguments:
        on_x11 = bool(os.environ.get("DISPLAY")) and "QT_QPA_PLATFORM" not in os.environ
        ensure_libraries({**QT_LIBRARIES, **(WINDOW_LIBRARIES if on_x11 else {})})
    _become([env.python, "-P", "-m", "cockpit", command, *arguments])


def _become(command: Sequence[object]) -> NoReturn:
    """Hand over to `command` with its signals and its exit code."""
    words = [str(word) for word in command]
    if WINDOWS:
        sys.exit(subprocess.run(words, env=clean_environ(), check=False).returncode)
    os.execve(words[0], words, clean_environ())
