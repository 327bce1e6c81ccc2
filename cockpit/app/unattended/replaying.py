"""A replay without a screen: from the first row to the report."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import structlog

from cockpit.app.core import Core
from cockpit.app.launch import Launch
from cockpit.app.lifecycle import Session
from cockpit.app.unattended.report import build_report, check_report_path, timings, write_report
from cockpit.domain.errors import CockpitError
from cockpit.domain.values import session_date
from cockpit.journal.summary import journal_summary
from cockpit.kernel.process import peak_memory_bytes
from cockpit.ports.store import StoredRecap

_log = structlog.get_logger(__name__)


async def replay_headless(launch: Launch, report_to: Path | None) -> dict[str, Any]:
    """Play to the end, write journal, recap and report, and give the report back.

    Raises CockpitError or KernelError; what was traded until then is in the store.
    """
    if report_to is not None:
        check_report_path(report_to)
    began = time.perf_counter()
    session = Session(launch)
    core = await session.start()
    try:
        await core.finished.wait()
        await core.clock.settled()
        report = await concluded(core)
    finally:
        await session.stop()
    report["timings"] = timings(time.perf_counter() - began, peak_memory_bytes())
    if report_to is not None:
        write_report(report, report_to)
    return report


async def concluded(core: Core) -> dict[str, Any]:
    """Journal and recap of the day, and the report of it."""
    day = session_date(core.clock.now_ns()).isoformat()
    await core.journal.draft_entry(day)
    recap = await _recap(core, day)
    fills = await core.store.fills(core.account_id)
    return build_report(core, fills, journal_summary(core.journal), recap)


async def _recap(core: Core, day: str) -> StoredRecap | None:
    """A recap that can't be written must not cost the report."""
    try:
        return await core.commands.draft_recap(day)
    except CockpitError as error:
        _log.error("recap_failed", day=day, error=str(error))
        return None
