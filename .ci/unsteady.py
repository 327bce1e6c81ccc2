"""Tell a test that fails from one that failed once: run what failed again, alone, three times.

Called by `run` when the tests failed. It is content only if at most `MOST` tests failed, none of
them of the kind that gives the same answer every time, and each now passes `TIMES` times in a row.
They are named either way: an unsteady test is a fault of its own and is to be mended.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MOST = 3
TIMES = 3
STEADY = ("tests/stateful/", "tests/mutation/", "tests/unit/domain/", "tests/unit/risk/")
"""Folders of tests without processes, sockets or windows: there a failure is a failure."""


def failed_tests(root: Path) -> list[str]:
    """Names of the tests that failed in the last run, as pytest keeps them."""
    kept = (root / ".pytest_cache").glob("**/v/cache/lastfailed")
    return sorted(name for file in kept for name in json.loads(file.read_text(encoding="utf-8")))


def refusal(failed: list[str]) -> str:
    """Why these failures are not tried again, or an empty string."""
    if not failed:
        return "no failed test is on record"
    if len(failed) > MOST:
        return f"{len(failed)} tests failed; up to {MOST} are tried again"
    steady = [name for name in failed if name.startswith(STEADY)]
    return f"{steady[0]} gives the same answer every time" if steady else ""


def passes_alone(root: Path, name: str) -> bool:
    """Whether the test passes `TIMES` times in a row with nothing beside it."""
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", name]
    return all(subprocess.run(command, cwd=root, check=False).returncode == 0 for _ in range(TIMES))


def main() -> int:
    """Return 0 if every failed test passes alone."""
    root = Path(__file__).resolve().parent.parent
    failed = failed_tests(root)
    if why := refusal(failed):
        print(f"not tried again: {why}")
        return 1
    lasting = [name for name in failed if not passes_alone(root, name)]
    for name in failed:
        verdict = (
            "FAILS ALONE TOO" if name in lasting else f"UNSTEADY, passed {TIMES} of {TIMES} alone"
        )
        print(f"{verdict}: {name}")
    return 1 if lasting else 0


if __name__ == "__main__":
    sys.exit(main())
