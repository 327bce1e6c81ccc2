"""What a person may ask of recaps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cockpit.app.recapping.room import Export, RecapRoom
from cockpit.ports.store import StoredRecap
from cockpit.recap.desk import Told


def _nobody(_words: str) -> None: ...


class RecapCommands:
    """A part of `Commands`."""

    def __init__(self, *, recaps: RecapRoom) -> None:
        self._recaps = recaps

    async def draft_recap(
        self, day: str, kind: str = "daily", trade_id: str = "", told: Told = _nobody
    ) -> StoredRecap:
        """Write a recap from the facts of now and keep it; `told` hears how far it is.

        Its period is the kind's own that holds `day`. Called off, it stores nothing.
        """
        return await self._recaps.draft(kind, day, trade_id, told)

    async def stored_recaps(self) -> Sequence[StoredRecap]:
        """What was written before, newest first."""
        return await self._recaps.stored()

    async def open_recap(self, recap_id: int) -> StoredRecap:
        """One that was written before; stale where its facts would be others now."""
        return await self._recaps.opened(recap_id)

    async def approve_recap(self, recap_id: int) -> StoredRecap:
        """Note that its owner approved it; refused where it is stale."""
        return await self._recaps.approve(recap_id)

    async def export_recap(self, day: str, kind: str, target: Export, told: Told = _nobody) -> Path:
        """Draft anew from the facts of now and write it to a file."""
        recap = await self.draft_recap(day, kind, told=told)
        return await self._recaps.export(recap, target, told)

    async def save_recap_as(self, recap: StoredRecap, target: Export, told: Told = _nobody) -> Path:
        """Write a recap that is there to a file, in its words, with its state of now."""
        return await self._recaps.export(recap, target, told)
