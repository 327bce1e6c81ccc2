#!/usr/bin/env python3
"""Set Cockpit up, then run it.

    python3 packaging/go.py demo          a simulated market session in the window
    python3 packaging/go.py test [ARGS]   all tests (ARGS go to pytest)
    python3 packaging/go.py lint          ruff, pyright and the import rules
    python3 packaging/go.py setup [SET]   set up only: runtime (default), test or lint
    python3 packaging/go.py CMD [ARGS]    any other command of the program, e.g. `doctor`
    python3 packaging/go.py CMD --help    what that command takes

It needs nothing but Python 3.11, 3.12 or 3.13. The first start makes the folder .venv beside
pyproject.toml from the pinned packages (one to three minutes, about 500 MB on disk); later starts
only look whether it is still right. COCKPIT_VENV names another folder for it.
On Windows write `py packaging/go.py` for `python3 packaging/go.py`.
"""

import sys

SUPPORTED = ((3, 11), (3, 14))  # from, up to but without


def refuse_this_python():
    """Say which Python to use instead. This file keeps to syntax that an old Python can read."""
    import shutil
    import subprocess

    message = "go.py: Cockpit needs Python 3.11, 3.12 or 3.13; this is " + sys.version.split()[0]
    which = getattr(shutil, "which", lambda name: None)
    for name in ("python3.13", "python3.12", "python3.11"):
        path = which(name)
        if path and subprocess.call([path, "-c", ""], stderr=subprocess.PIPE) == 0:
            sys.exit(message + ". Start it with " + path + " instead.")
    sys.exit(message + ". Install one from python.org or your package manager.")


def main():
    """Refuse a Python that won't do, else hand over to the commands."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__)
        return
    if not SUPPORTED[0] <= sys.version_info[:2] < SUPPORTED[1]:
        refuse_this_python()
    from provision.commands import start

    start(arguments)


if __name__ == "__main__":
    main()
