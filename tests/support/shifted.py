"""The program on a machine whose clock stands on a trading day: `shifted.py NANOSECONDS ARGUMENTS`.

The market would be closed on most test runs. Time goes on at its own pace, from another beginning.
"""

from __future__ import annotations

import sys
import time

if __name__ == "__main__":  # a process that it starts reads this file, too
    shift, real = int(sys.argv.pop(1)), time.time_ns
    time.time_ns = lambda: real() + shift

    from cockpit.cli.main import main

    main()
