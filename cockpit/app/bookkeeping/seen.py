"""What of a statement the ledger has already: lines known again, and lines booked elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cockpit.app.bookkeeping.report import Seen
from cockpit.domain.imported import Booking
from cockpit.domain.values import utc
from cockpit.journal.statements.booking import Numbered, former_keys
from cockpit.journal.statements.doubles import Key, doubles_of, told_of
from cockpit.journal.statements.statement import Statement
from cockpit.kernel.aside import aside
from cockpit.ports.imports import ImportBatch, ImportStore

_DAY = 86_400_000_000_000


async def seen_before(
    store: ImportStore, statement: Statement, found: Sequence[Numbered], digest: str
) -> Seen:
    """Which lines are known or doubles; `digest` is the file's own. Raises StoreError."""
    new, claimed = await _sorted_out(store, statement, found)
    known = frozenset({each.line for each in found} - {each.line for each in new})
    if not new:
        return Seen(known=known)
    times = [each.booking.ts_event for each in new]
    booked = await store.imported_between(min(times) - _DAY, max(times) + _DAY)
    if not booked:
        return Seen(known=known)
    same = [b for b in await store.imports() if b.digest == digest and b.withdrawn_ns is None]
    names = {batch.batch_id for batch in same}
    compare = partial(doubles_of, new, booked, claimed=claimed, same_file=names)
    doubles = await aside(compare, name="doubles")
    notes = tuple(_told(batch, booked) for batch in same) if doubles else ()
    return Seen(known=known, doubles=told_of(doubles), notes=notes)


async def _sorted_out(
    store: ImportStore, statement: Statement, found: Sequence[Numbered]
) -> tuple[list[Numbered], set[Key]]:
    """What is on a line that is not wholly booked yet, and the keys by which others are known.

    A line that an earlier version booked under another key is known by that one.
    """
    accounts = {each.booking.account_id for each in found}
    keys = {account: await store.import_keys(account) for account in accounts}
    known = [{each.booking.key} & keys[each.booking.account_id] for each in found]
    if any(keys.values()) and not all(known):
        former = await aside(partial(former_keys, statement, found), name="former-keys")
        known = [
            own or set(older) & keys[each.booking.account_id]
            for own, older, each in zip(known, former, found, strict=True)
        ]
    claimed = {
        (each.booking.account_id, key)
        for each, own in zip(found, known, strict=True)
        for key in own
    }
    lines = {each.line for each, own in zip(found, known, strict=True) if not own}
    return [each for each in found if each.line in lines], claimed


def _told(batch: ImportBatch, booked: Sequence[tuple[str, Booking]]) -> str:
    accounts = sorted({b.account_id for batch_id, b in booked if batch_id == batch.batch_id})
    whose = f" for {', '.join(accounts)}" if accounts else ""
    return (
        f"This very file was imported on {utc(batch.imported_ns):%Y-%m-%d}{whose}, as "
        f"{batch.file_name} ({batch.format}); take that back with: cockpit journal undo "
        f"{batch.batch_id}"
    )
