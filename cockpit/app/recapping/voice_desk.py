"""What the window asks of the owner's voice rules: off the loop, and nothing saved by halves."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from cockpit.adapters.writers.template.writer import mood_of
from cockpit.app.errors import NothingThereError
from cockpit.app.recapping.room import RecapRoom
from cockpit.domain.values import session_date
from cockpit.ports.clock import Clock
from cockpit.recap.desk import Preview
from cockpit.recap.errors import RecapError
from cockpit.recap.own_rules import Fault, OwnRules, faults_of
from cockpit.recap.rulebook import Held
from cockpit.recap.sample import sample_of
from cockpit.recap.slots import by_id
from cockpit.recap.voice import Voice


class Stand(NamedTuple):
    """The rules of now, the voice that ships, and the revisions that are kept, newest first."""

    held: Held
    shipped: Voice
    revisions: tuple[int, ...]


class Tried(NamedTuple):
    """A recap under rules that are not saved.

    `faults` are of the rules themselves: with one there is no page. `findings` are what the rules
    find in the page, `mood` is what it sounds like. `made_up` is True when its facts are nobody's.
    """

    faults: tuple[Fault, ...] = ()
    markdown: str = ""
    findings: tuple[str, ...] = ()
    mood: str = ""
    made_up: bool = False


class VoiceDesk:
    """Reads, tries and saves the rules of one session's recaps."""

    def __init__(self, room: RecapRoom, clock: Clock) -> None:
        self._room, self._clock = room, clock

    @property
    def place(self) -> str:
        """Where the file is."""
        return str(self._room.rules.path)

    async def read(self) -> Stand:
        """How the rules stand. Raises VoiceError for a damaged installation."""
        rules = self._room.rules

        def look() -> Stand:
            return Stand(rules.read(), rules.shipped, rules.revisions())

        return await asyncio.to_thread(look)

    async def kept(self, revision: int) -> OwnRules:
        """An earlier revision. Raises VoiceError when it can't be had."""
        return await asyncio.to_thread(self._room.rules.kept, revision)

    async def save(self, rules: OwnRules) -> OwnRules:
        """Make the rules hold from the next recap on, as a new revision. Raises VoiceError."""
        return await asyncio.to_thread(self._room.rules.save, rules)

    async def preview(self, kind: str, mood: str, rules: OwnRules, *, made_up: bool) -> Tried:
        """A recap of a kind from the template writer under these rules, and what is found in it.

        From today's facts, or from made-up ones that sound like `mood`; from those, too, where
        today has nothing for that kind. Raises StoreError and WriterError.
        """
        if faults := await asyncio.to_thread(faults_of, rules, self._room.rules.shipped):
            return Tried(faults)
        day = session_date(self._clock.now_ns()).isoformat()
        if not made_up:
            try:
                return _tried(await self._room.preview(kind, day, rules))
            except (RecapError, NothingThereError):
                pass  # no trade to look back at, no market seen: the caption says it is made up
        sample = sample_of(kind, mood, day)
        page = await self._room.preview(kind, day, rules, sample)
        return _tried(page)._replace(made_up=True)


def _tried(page: Preview) -> Tried:
    return Tried((), page.markdown, page.findings, mood_of(by_id(page.facts)))
