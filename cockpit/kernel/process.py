"""What the operating system says about this process; the only place that asks which one."""

from __future__ import annotations

import sys


def peak_memory_bytes() -> int:
    """The largest resident size so far; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def forbid_core_dumps() -> None:
    """Have the system write no image of this process's memory, secrets and all, when it crashes.

    Windows writes none unless somebody has set it up.
    """
    if sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
