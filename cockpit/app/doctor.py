"""Every check of a machine at rest: what would keep the cockpit from working today."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from cockpit.app.health.findings import Finding
from cockpit.app.health.machine import Free, free_bytes
from cockpit.app.health.probe import Probe, asked
from cockpit.app.health.probes import cold_probes
from cockpit.app.launch import STORE_NAME
from cockpit.kernel.clock import WallClock


async def examine(
    data_dir: Path, config: Path | None, *, free: Free = free_bytes, more: Sequence[Probe] = ()
) -> list[Finding]:
    """Make all checks at once, and `more` of them; none raises and none changes anything."""
    clock = WallClock()
    probes = (*cold_probes(data_dir, data_dir / STORE_NAME, config, clock, free), *more)
    found = await asyncio.gather(*(asked(probe, clock) for probe in probes))
    return [
        Finding(
            group=probe.group,
            check=check,
            since_ns=check.checked_at,
            good_for_s=probe.good_for_s,
        )
        for probe, checks in zip(probes, found, strict=True)
        for check in checks
    ]
