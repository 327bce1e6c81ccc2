"""The live journal of a session, on the ground that everything stands on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from cockpit.app.bookkeeping.matching import Matching, Matchings
from cockpit.app.bookkeeping.trading_days import trading_days
from cockpit.domain.connection import JOURNAL_LAMP, Connection, Health
from cockpit.journal.journal import Journal
from cockpit.kernel.bus import Bus
from cockpit.kernel.pauses import no_collection
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.session import SessionCalendar
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed
from cockpit.ports.store import Run, Store

_STEP = 20_000  # entries between two words about it


class JournalGround(Protocol):
    """The part of the ground that a journal needs."""

    @property
    def bus(self) -> Bus: ...  # noqa: D102 -- the field's own name

    @property
    def store(self) -> Store: ...  # noqa: D102 -- as above

    @property
    def clock(self) -> Clock: ...  # noqa: D102 -- as above

    @property
    def supervisor(self) -> Supervisor: ...  # noqa: D102 -- as above

    @property
    def run(self) -> Run: ...  # noqa: D102 -- as above

    @property
    def feed(self) -> Feed: ...  # noqa: D102 -- as above

    @property
    def calendar(self) -> SessionCalendar: ...  # noqa: D102 -- as above


def journal_of(ground: JournalGround, data_dir: Path | None = None) -> Journal:
    """It listens from now on; what is stored is loaded later.

    `data_dir` knows how the account's lots are matched; without one first in, first out. Raises
    MatchingFileError.
    """
    account = ground.run.account_id
    chosen = Matching.FIFO if data_dir is None else Matchings(data_dir).of(account)
    journal = Journal(
        ground.bus,
        ground.store,
        ground.clock,
        ground.supervisor,
        account,
        label=ground.feed.label,
        average_cost=chosen is Matching.AVERAGE,
        multipliers={i.symbol: i.multiplier for i in ground.feed.instruments},
    )
    journal.sessions = trading_days(ground.calendar)
    return journal


async def load_journal(journal: Journal, told: Callable[[Connection], None]) -> None:
    """Take in what the ledger has of the account, and tell how far that is. Raises StoreError."""

    def tell(detail: str, health: Health = Health.CONNECTING) -> None:
        told(Connection(kind=JOURNAL_LAMP, name=JOURNAL_LAMP, health=health, detail=detail))

    def progress(done: int, entries: int) -> None:
        if done % _STEP == 0:
            tell(f"Reading your journal: {done:,} of {entries:,} entries...")

    tell("Reading your journal...")
    with no_collection():
        await journal.load(progress)
    tell("", Health.UP)
