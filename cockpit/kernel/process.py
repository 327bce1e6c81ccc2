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
