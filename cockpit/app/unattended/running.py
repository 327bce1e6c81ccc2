"""A day without a screen, with the report that a replay has."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from cockpit.app.core import Core
from cockpit.app.launch import Launch
from cockpit.app.unattended.replaying import concluded
from cockpit.app.unattended.report import check_report_path, timings, write_report
from cockpit.app.unattended.session import run_headless
from cockpit.kernel.process import peak_memory_bytes


async def run_to_report(
    launch: Launch,
    report_to: Path | None,
    begun: Callable[[Core], None],
    asked: Callable[[str], None],
) -> Core | None:
    """As `run_headless`; with `report_to` journal, recap and report are written at the end.

    Raises CockpitError or KernelError; what was traded until then is in the store.
    """
    if report_to is None:
        return await run_headless(launch, begun, asked)
    check_report_path(report_to)
    began = time.perf_counter()

    async def write(core: Core) -> None:
        report = await concluded(core)
        report["timings"] = timings(time.perf_counter() - began, peak_memory_bytes())
        write_report(report, report_to)

    return await run_headless(launch, begun, asked, write)
