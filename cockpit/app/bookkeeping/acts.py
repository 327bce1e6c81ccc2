"""What a person asks of an entry from a command line: done here, or by the cockpit that runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from cockpit.journal.entries import EntryWords, tidy_tags
from cockpit.ports.entries import Attachment, JournalEntry, Tick

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.writing import WritingDesk


class _Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="act"):
    """What is asked for."""


class Look(_Act, frozen=True, kw_only=True, tag="look"):
    """The entry as it stands, and the files beside it."""


class Say(_Act, frozen=True, kw_only=True, tag="say"):
    """Keep words; what is None stays. With `append` the note is added to the one there is."""

    note: str | None = None
    append: bool = False
    rating: int | None = None
    mistakes: tuple[str, ...] | None = None
    kept: tuple[str, ...] | None = None
    broken: tuple[str, ...] | None = None


class TagIt(_Act, frozen=True, kw_only=True, tag="tag"):
    """Add tags, or take them away."""

    tags: tuple[str, ...]
    remove: bool = False


class History(_Act, frozen=True, kw_only=True, tag="history"):
    """Every version, newest first."""


class Restore(_Act, frozen=True, kw_only=True, tag="restore"):
    """Bring the words of a version back; None: as they were before the last change."""

    version: int | None = None


class Attach(_Act, frozen=True, kw_only=True, tag="attach"):
    """Keep copies of files, by their whole paths."""

    files: tuple[str, ...]


Act = Look | Say | TagIt | History | Restore | Attach


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The entry as it stands afterwards; `versions` only where the history was asked for."""

    entry: JournalEntry | None
    attachments: tuple[Attachment, ...] = ()
    versions: tuple[JournalEntry, ...] = ()


async def carried_out(desk: WritingDesk, act: Act) -> Outcome:
    """Do it. Raises CockpitError with a sentence for the person; then nothing was changed."""
    match act:
        case Look():
            return Outcome(entry=await desk.now(), attachments=tuple(await desk.attachments()))
        case Say():
            entry = await desk.write(_words(await desk.now(), act))
            return Outcome(entry=entry, attachments=tuple(await desk.attachments()))
        case TagIt():
            return Outcome(entry=await desk.write(_tagged(await desk.now(), act)))
        case History():
            every = tuple(await desk.entries.versions(desk.day, desk.trade_id))
            return Outcome(entry=every[0] if every else None, versions=every)
        case Restore():
            entry = await desk.entries.restore(desk.day, act.version, desk.trade_id)
            return Outcome(entry=entry)
        case Attach():
            added = [await desk.attach(Path(file)) for file in act.files]
            return Outcome(entry=await desk.now(), attachments=tuple(added))


def _words(before: JournalEntry | None, told: Say) -> EntryWords:
    note = told.note
    if told.append and note and before is not None and before.note:
        note = f"{before.note}\n\n{note}"
    ticks = {tick.text: tick for tick in (before.rules if before is not None else ())}
    ticks |= {text: Tick(text, done=True) for text in told.kept or ()}
    ticks |= {text: Tick(text, done=False) for text in told.broken or ()}
    made: Sequence[str] = before.mistakes if before is not None else ()
    return EntryWords(
        note=UNSET if note is None else note,
        rating=UNSET if told.rating is None else told.rating or None,
        mistakes=UNSET if told.mistakes is None else (*made, *told.mistakes),
        rules=UNSET if told.kept is None and told.broken is None else tuple(ticks.values()),
    )


def _tagged(before: JournalEntry | None, told: TagIt) -> EntryWords:
    tags = before.tags if before is not None else ()
    if not told.remove:
        return EntryWords(tags=(*tags, *told.tags))
    gone = {tag.casefold() for tag in tidy_tags(told.tags)}
    return EntryWords(tags=tuple(tag for tag in tags if tag.casefold() not in gone))
