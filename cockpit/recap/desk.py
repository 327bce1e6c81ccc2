"""The desk: facts, writer, checks, one repair, the template writer, the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
import structlog

from cockpit.domain.fact import Fact
from cockpit.journal.days import Day
from cockpit.ports.entries import JournalEntry
from cockpit.ports.store import StoredRecap
from cockpit.ports.writer import Draft, DraftRequest, StreamingWriter, Writer, WriterError
from cockpit.recap.check import Objection, faults_in
from cockpit.recap.errors import RecapError
from cockpit.recap.figures import facts_json
from cockpit.recap.kinds import days_of, kind_called, period_of
from cockpit.recap.material import Material
from cockpit.recap.render import rendered, rendered_title
from cockpit.recap.rulebook import Held, RuleBook
from cockpit.recap.slots import by_id
from cockpit.recap.voice import Voice
from cockpit.recap.wishes import Wishes

Told = Callable[[str], None]
"""Hears, in words for a person, how far the writing is."""


def _nobody(_words: str) -> None: ...


_log = structlog.get_logger(__name__)


class RecapStore(Protocol):
    """What the desk needs of the store."""

    async def entry(self, account_id: str, day: str, trade_id: str = "") -> JournalEntry | None:
        """The latest version of a day's entry, or of a trade's."""
        ...

    async def save_recap(self, recap: StoredRecap) -> StoredRecap:
        """Store a recap, and give it back with its id."""
        ...


class Now(Protocol):
    """What the desk needs of a clock."""

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, UTC."""
        ...


class RecapDesk:
    """Drafts recaps with `writer`, with `fallback` when that fails, and exports them."""

    def __init__(
        self,
        store: RecapStore,
        writer: Writer,
        fallback: Writer,
        clock: Now,
        rules: RuleBook | None = None,
    ) -> None:
        self._store = store
        self._writer = writer
        self._fallback = fallback
        self._clock = clock
        self.rules = rules or RuleBook(None)

    @property
    def writer(self) -> Writer:
        """Who is asked first."""
        return self._writer

    async def draft(
        self, kind: str, day: Day, material: Material, told: Told = _nobody
    ) -> StoredRecap:
        """Write, check and store the recap of the period that holds `day`; it names who wrote it.

        Raises as `write` and `keep` do. Called off, it stores nothing.
        """
        recap = await self.write(kind, day, material, told)
        return await self.keep(recap)

    async def keep(self, recap: StoredRecap) -> StoredRecap:
        """Store a recap, and give it back with its id. Raises StoreError."""
        return await self._store.save_recap(recap)

    async def write(
        self, kind: str, day: Day, material: Material, told: Told = _nobody
    ) -> StoredRecap:
        """Write and check a recap, without storing it; `told` hears how far it is.

        Its period is the kind's own that holds `day`. Raises RecapError for an unknown kind, for
        one whose material is missing, and when not even the fallback's text passes.
        """
        period = period_of(kind, day, material)
        material = await self._fit(material)
        facts = kind_called(kind).facts(material, period)
        held = await self._held()
        request = await self._request(kind, period, material, facts, held.voice)
        written = await self._written(request, _Bounds(by_id(facts), held.voice), told)
        written = written._replace(rules=held.note)
        return self._recap(written, request, material.book.account_id, facts)

    async def preview(self, kind: str, day: Day, material: Material, voice: Voice) -> Preview:
        """What the fallback would write in another voice; nothing is stored or refused.

        Raises RecapError as `write` does for the kind, and WriterError.
        """
        period = period_of(kind, day, material)
        facts = kind_called(kind).facts(material, period)
        request = await self._request(kind, period, material, facts, voice)
        bounds = _Bounds(by_id(facts), voice)
        tried = await self._attempt(self._fallback, request, bounds, _nobody)
        if tried.draft is None:
            raise RecapError(tried.why, user_text=f"There is no preview: {tried.why}.")
        found = tuple(objection.text for objection in tried.objections)
        return Preview(rendered(tried.draft, bounds.facts), found, facts)

    def is_of_now(self, recap: StoredRecap, material: Material) -> bool:
        """Whether the facts of a recap are what they would be now; a digest's don't follow fills.

        Raises RecapError as `write` does.
        """
        if recap.kind == "digest":
            return not recap.stale
        now = kind_called(recap.kind).facts(material, recap.day)
        return not recap.stale and facts_json(now) == recap.facts_json

    async def _fit(self, material: Material) -> Material:
        """Without the headlines that break the rules of the voice: they are quoted or left out."""
        if not material.headlines:
            return material
        voice = (await self._held()).voice
        fit = tuple(h for h in material.headlines if not voice.flaws(f"{h.text} {h.publisher}"))
        return replace(material, headlines=fit)

    async def export(
        self,
        recap: StoredRecap,
        fmt: str,
        path: Path,
        overwrite: bool = False,
        wishes: Wishes | None = None,
    ) -> Path:
        """Write the recap to a file as `md`, `html`, `pdf` or `csv`, off the loop.

        Raises ExportError. Called off, it leaves no file behind.
        """
        from cockpit.recap.export import export_recap

        voice = (await self._held()).voice
        return await export_recap(recap, fmt, path, voice, overwrite=overwrite, wishes=wishes)

    async def notes_of(self, recap: StoredRecap) -> tuple[str, ...]:
        """The trader's notes on the days of a recap's period, for an export that asks for them."""
        found = [await self._store.entry(recap.account_id, day) for day in days_of(recap.day)]
        return tuple(entry.note for entry in found if entry is not None and entry.note)

    async def _held(self) -> Held:
        """The voice all outputs are held to, as its file is now."""
        held = await asyncio.to_thread(self.rules.read)
        if held.trouble:
            _log.warning("voice_rules_left_out", why=held.trouble)
        return held

    async def _request(
        self, kind: str, period: str, material: Material, facts: tuple[Fact, ...], voice: Voice
    ) -> DraftRequest:
        notes = tuple([note async for note in self._notes(kind, period, material)])
        request = DraftRequest(
            kind=kind, day=period, facts=facts, notes=notes, voice=voice.as_words()
        )
        if not voice.revision:
            return request  # the writer has those that ship
        ends = voice.ends_of(kind)
        return msgspec.structs.replace(request, openings=ends.intro, closings=ends.closing)

    async def _notes(self, kind: str, period: str, material: Material) -> AsyncIterator[str]:
        """What the trader wrote about the period, or about the trade and why it was proposed."""
        account, trade = material.book.account_id, material.trade
        if kind == "post-mortem" and trade is not None:
            found = [await self._store.entry(account, period, trade.trade_id)]
            if material.plan is not None and material.plan.reason:
                yield material.plan.reason
        elif kind in ("daily", "weekly"):
            found = [await self._store.entry(account, day) for day in days_of(period)]
        else:  # nobody's own words belong into a page about the market or the machine
            found = []
        for entry in found:
            if entry is not None and entry.note:
                yield entry.note

    async def _written(self, request: DraftRequest, bounds: _Bounds, told: Told) -> _Written:
        """The writer's text, its repaired text, or the fallback's with the reason why."""
        first = await self._attempt(self._writer, request, bounds, told)
        if first.draft is not None and first.objections:
            told(f"Asking {self._writer.name} to mend what was refused...")
            words = tuple(objection.text for objection in first.objections)
            again = msgspec.structs.replace(request, objections=words)
            first = await self._attempt(self._writer, again, bounds, told)
        if first.draft is not None and not first.objections:
            return _Written(first.draft)
        last = await self._attempt(self._fallback, request, bounds, told)
        if last.objections and request.openings is not None:  # an opening may claim what isn't so
            plain = msgspec.structs.replace(request, openings={}, closings={})
            last = await self._attempt(self._fallback, plain, bounds, told)
        if last.draft is None or last.objections:
            raise RecapError(
                f"no text passed: {last.objections}",
                user_text="No text for this recap passed the checks of its figures, so none "
                f"was stored: {_first(last)}. The trades and the journal are untouched.",
            )
        return _Written(last.draft, f"The {self._writer.name} writer was not used: {first.why}.")

    async def _attempt(
        self, writer: Writer, request: DraftRequest, bounds: _Bounds, told: Told
    ) -> _Attempt:
        told("Writing...")
        try:
            if isinstance(writer, StreamingWriter):
                draft = await writer.stream(
                    request, lambda count: told(f"Writing... {count:,} characters")
                )
            else:
                draft = await writer.draft(request)
        except WriterError as error:
            _log.warning("writer_failed", writer=writer.name, error=str(error))
            return _Attempt(None, (), error.why)
        facts = bounds.facts
        is_own = writer.name == self._fallback.name
        objections = faults_in(draft, facts, own=is_own)
        if not objections:
            page = f"{rendered_title(draft, facts)}\n{rendered(draft, facts)}"
            flaws = bounds.voice.flaws(page)
            objections = tuple(Objection("words that the voice does not use", f) for f in flaws)
        if objections:
            _log.warning("draft_refused", writer=draft.writer, objections=objections)
        return _Attempt(draft, objections, _reason(objections))

    def _recap(
        self, written: _Written, request: DraftRequest, account_id: str, facts: tuple[Fact, ...]
    ) -> StoredRecap:
        known, draft = by_id(facts), written.draft
        return StoredRecap(
            account_id=account_id,
            day=request.day,
            kind=request.kind,
            writer=draft.writer,
            model=draft.model,
            title=rendered_title(draft, known),
            markdown=rendered(draft, known, written.instead, written.rules),
            facts_json=facts_json(facts),
            created_ns=self._clock.now_ns(),
        )


class Preview(NamedTuple):
    """A recap as it would be, as Markdown, what speaks against it, and what it is made from."""

    markdown: str
    findings: tuple[str, ...]
    facts: tuple[Fact, ...] = ()


class _Bounds(NamedTuple):
    """What a text is held to."""

    facts: dict[str, Fact]
    voice: Voice


class _Attempt(NamedTuple):
    """What a writer gave, what is wrong with it, and that in words for the recap."""

    draft: Draft | None
    objections: tuple[Objection, ...]
    why: str


class _Written(NamedTuple):
    """A text that passed, why it is not the chosen writer's, and what rules it was held to."""

    draft: Draft
    instead: str = ""
    rules: str = ""


def _reason(objections: tuple[Objection, ...]) -> str:
    """The kinds of faults: never their words, which are another's and may hold anything."""
    kinds = list(dict.fromkeys(objection.kind for objection in objections))
    return f"its text held {', and '.join(kinds)}" if kinds else ""


def _first(attempt: _Attempt) -> str:
    """The first thing that speaks against a text of our own."""
    return attempt.objections[0].text if attempt.objections else attempt.why
