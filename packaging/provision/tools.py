"""Run other tools quietly: tell that they still work, keep their words, sum a failure up."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HEARTBEAT_SECONDS = 10


class SetupError(Exception):
    """Set-up can't go on; the text is one sentence for the person who started it."""


def say(text: str) -> None:
    """Tell what is happening, on standard error: standard output belongs to the command."""
    print(text, file=sys.stderr, flush=True)


def clean_environ() -> dict[str, str]:
    """Our environment without what would lead a child to other packages than the pinned."""
    dropped = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    return {name: value for name, value in os.environ.items() if name not in dropped}


def base_python() -> str:
    """The interpreter behind this one, also when started from inside an environment."""
    return getattr(sys, "_base_executable", None) or sys.executable


def run(command: Sequence[object], log: Path, what: str) -> None:
    """Run `command` with its output appended to `log`.

    Raises SetupError, with the tool's own last error, when it fails or can't be started.
    """
    words = [str(word) for word in command]
    with log.open("ab") as out:
        out.write(f"$ {' '.join(words)}\n".encode())
        out.flush()
        start = out.tell()
        code = _run_with_heartbeat(words, out.fileno(), what)
    if code:
        raise SetupError(f"{what} failed: {_last_words(log, start)} (all of it: {log})")


def _run_with_heartbeat(words: list[str], out: int, what: str) -> int:
    started = time.perf_counter()
    environ = clean_environ()
    # close_fds=False hands the set-up's lock down, and nothing else: files aren't inheritable
    with subprocess.Popen(words, stdout=out, stderr=out, env=environ, close_fds=False) as child:
        try:
            while True:
                try:
                    return child.wait(timeout=HEARTBEAT_SECONDS)
                except subprocess.TimeoutExpired:
                    say(f"  still {what}, {time.perf_counter() - started:.0f} s")
        except BaseException:
            child.terminate()
            raise


def _last_words(log: Path, start: int) -> str:
    text = log.read_bytes()[start:].decode(errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "e:", "x "))]
    return (errors or lines or ["it said nothing"])[-1]
