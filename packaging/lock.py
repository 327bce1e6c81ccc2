#!/usr/bin/env python3
"""Write the three locks anew from pyproject.toml, with uv (`pip install uv`).

    python3 packaging/lock.py                    keep every pin that still fits
    python3 packaging/lock.py --check            change nothing, fail when a lock is out of date
    python3 packaging/lock.py --upgrade          take the newest of everything that fits
    python3 packaging/lock.py --upgrade NAME     take the newest of one package

The locks are universal (all systems, Python 3.11 to 3.13), carry a hash for every file and hold no
address: where files come from is the business of the machine that installs them.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGING = Path(__file__).resolve().parent
ROOT = PACKAGING.parent
RUNTIME = "requirements.lock"

# lock -> what it is compiled from; tests and lint must agree with what the program runs on
SOURCES = {
    RUNTIME: ["pyproject.toml"],
    "requirements-test.lock": ["--group", "test", "-c", f"packaging/{RUNTIME}"],
    "requirements-lint.lock": ["--group", "lint", "-c", f"packaging/{RUNTIME}"],
}
OPTIONS = (
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--no-annotate",
)


def main() -> int:
    """Compile every lock; with --check only compare."""
    options = _parse()
    uv = shutil.which("uv")
    if uv is None:
        sys.exit("lock.py: this needs uv: pip install uv")
    stale = [name for name in SOURCES if not _bring_up_to_date(uv, name, options)]
    return 1 if stale and options.check else 0


def _bring_up_to_date(uv: str, name: str, options: argparse.Namespace) -> bool:
    """Compile one lock and write it when it changed (unless --check); tell whether it was right."""
    fresh = _compiled(uv, name, options.upgrade)
    if fresh == _read(name):
        return True
    print(f"{name} {'is out of date' if options.check else 'written'}")
    if not options.check:  # at once: the next locks are compiled to agree with this one
        (PACKAGING / name).write_text(fresh, encoding="utf-8", newline="\n")
    return False


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="fail when a lock is out of date")
    parser.add_argument("--upgrade", nargs="?", const="all", metavar="NAME", help="take newer pins")
    return parser.parse_args()


def _read(name: str) -> str:
    return (PACKAGING / name).read_text(encoding="utf-8")


def _compiled(uv: str, name: str, upgrade: str | None) -> str:
    """Compile one lock beside a copy of the old one, whose pins uv prefers."""
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / name
        draft.write_text(_read(name), encoding="utf-8", newline="\n")
        command = [uv, "pip", "compile", *OPTIONS, *SOURCES[name], "-o", str(draft)]
        if upgrade == "all":
            command.append("--upgrade")
        elif upgrade:
            command.append(f"--upgrade-package={upgrade}")
        if subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode:
            sys.exit(f"lock.py: uv could not compile {name}")
        return draft.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
