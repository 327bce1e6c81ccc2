"""Whether a session is recorded, where, and what is said when it can't be any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from cockpit.adapters.tape.shelf import Kept, Shelf
from cockpit.app.core import Core
from cockpit.app.settings import TapeSettings
from cockpit.domain.alert import Severity
from cockpit.kernel.clock import VirtualClock
from cockpit.kernel.private_files import PrivateFileError
from cockpit.market.recorder import Recorder
from cockpit.ports.feed import Feed
from cockpit.ports.health import Check, CheckState
from cockpit.ports.tape import Due, Origin, Recorded

FOLDER = "tapes"
_MB = 1_000_000
_KEY = "tape"


def shelf_of(data_dir: Path, settings: TapeSettings) -> Shelf:
    """The tapes of a data folder."""
    kept = Kept(
        days=settings.keep_days,
        most_bytes=settings.budget_mb * _MB,
        free_bytes=settings.free_mb * _MB,
    )
    return Shelf(data_dir / FOLDER, kept)


def origin_of(feed: Feed) -> Origin:
    """What a tape of `feed` says it came from: for a replayed tape, what that one said."""
    known = feed.origin if isinstance(feed, Recorded) else None
    return known or Origin(
        feed=feed.name,
        label=feed.label,
        instruments=tuple(feed.instruments),
        references=dict(feed.reference_prices),
    )


async def begin_recording(core: Core, settings: TapeSettings) -> Recorder | None:
    """Start the session's tape; None when none is wanted, or, with an alert, none can be made."""
    if not settings.wanted(core.mode):
        return None
    loop = asyncio.get_running_loop()
    try:
        tape = await asyncio.to_thread(
            shelf_of(core.data_dir, settings).begin,
            core.clock.now_ns(),
            core.account_id,
            origin_of(core.feed),
            patient=isinstance(core.clock, VirtualClock),
            on_failure=lambda text: _stopped(core, text),
            call_in_loop=loop.call_soon_threadsafe,
        )
    except (OSError, PrivateFileError) as error:
        why = error.user_text if isinstance(error, PrivateFileError) else str(error)
        _stopped(core, f"Recording did not start: {why}. Trading goes on without it.")
        return None
    return Recorder(_arrivals(core), core.ingest, tape)


def _arrivals(core: Core) -> Callable[[], int]:
    """When rows come in: now, or in a played session when they are due.

    The first ones may have waited there for a sign-in, which takes its time in each replay anew.
    """
    playback = core.playback
    return (lambda: playback.due_ns) if isinstance(playback, Due) else core.clock.now_ns


class RecordingChecks:
    """Says in Health whether the session is recorded; nothing where it isn't meant to be."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def checks(self) -> Sequence[Check]:
        """As `ports.health.Checked`."""
        core = self._core
        if core.not_recorded:
            return (
                Check(
                    name="tape",
                    state=CheckState.WARNING,
                    found=core.not_recorded,
                    next_step="Make room on the disk, or change [tape] in the settings; "
                    "recording begins anew at the next start.",
                ),
            )
        if core.recorder is None:
            return ()
        found = f"The session is being recorded on {core.recorder.tape.path.name}."
        return (Check(name="tape", state=CheckState.OK, found=found),)


def _stopped(core: Core, text: str) -> None:
    core.not_recorded = text
    core.alerts.raise_(_KEY, Severity.WARNING, "The session is not recorded", text, "tape")
