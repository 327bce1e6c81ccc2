"""A recap from the command line: from what is stored, without a session."""

from __future__ import annotations

from pathlib import Path

from cockpit.adapters.storage import open_store
from cockpit.app import registry
from cockpit.app.errors import NothingThereError
from cockpit.app.ledger import ledger_in
from cockpit.app.multipliers import stored_multipliers
from cockpit.app.settings import AppSettings, settings_file
from cockpit.app.vaults import vault_of
from cockpit.app.writers import chosen_writer
from cockpit.journal.journal import Journal
from cockpit.journal.tradebook import TradeBook
from cockpit.kernel import settings
from cockpit.kernel.clock import WallClock
from cockpit.kernel.instance import InstanceLock
from cockpit.ports.store import Run, Store
from cockpit.recap.desk import RecapDesk


async def export_stored_day(
    data_dir: Path,
    config: Path | None,
    *,
    account: str,
    day: str,
    kind: str,
    fmt: str,
    out: Path,
    overwrite: bool,
) -> Path:
    """Draft the day's recap from the stored fills and write it to `out`.

    `account` empty takes the last run that traded, or was journalled, that day. Raises
    NothingThereError when there is none, ExportError when `out` can't be written.
    """
    ledger = ledger_in(data_dir)
    lock = InstanceLock(data_dir)
    lock.acquire()
    try:
        store = await open_store(ledger)
        try:
            book = await _book(store, account, day)
            desk = _desk(store, data_dir, config)
            recap = await desk.write(kind, day, book)
            written = await desk.export(recap, fmt, out, overwrite=overwrite)
            await desk.keep(recap)  # last: an export that is refused leaves no recap behind
            return written
        finally:
            await store.close()
    finally:
        lock.release()


async def _book(store: Store, account: str, day: str) -> TradeBook:
    runs = [run for run in await store.runs() if account in ("", run.account_id)]
    if not runs:
        raise _nothing(f"There is no account {account!r}." if account else "No session is stored.")
    for run in reversed(runs):
        book = Journal.from_fills(
            await store.ledger(run.account_id),
            account_id=run.account_id,
            label=run.label,
            multipliers=await stored_multipliers(store, run.account_id),
        )
        if book.fills(day) or await store.entry(run.account_id, day) is not None:
            return book
    raise _nothing(f"Nothing is stored for {day}{_of(runs, account)}.")


def _of(runs: list[Run], account: str) -> str:
    if account:
        return f" in {account}"
    return " in the one session there is" if len(runs) == 1 else f" in any of {len(runs)} sessions"


def _desk(store: Store, data_dir: Path, config: Path | None) -> RecapDesk:
    toml, clock = settings_file(config), WallClock()
    own = settings.load(AppSettings, toml=toml)
    writer = chosen_writer(own.writer, toml, data_dir, vault_of(toml, data_dir, clock), clock)
    fallback = registry.build("writers", "template", toml)
    return RecapDesk(store, writer, fallback, clock)


def _nothing(why: str) -> NothingThereError:
    return NothingThereError(why, user_text=f"{why} Run a session first, for example: cockpit demo")
