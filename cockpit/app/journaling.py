"""The live journal of a session, on the ground that everything stands on."""

from __future__ import annotations

from typing import Protocol

from cockpit.app.trading_days import trading_days
from cockpit.journal.journal import Journal
from cockpit.kernel.bus import Bus
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.session import SessionCalendar
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed
from cockpit.ports.store import Run, Store


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


def journal_of(ground: JournalGround) -> Journal:
    """It listens from now on; what is stored is loaded later."""
    journal = Journal(
        ground.bus,
        ground.store,
        ground.clock,
        ground.supervisor,
        ground.run.account_id,
        label=ground.feed.label,
        multipliers={i.symbol: i.multiplier for i in ground.feed.instruments},
    )
    journal.sessions = trading_days(ground.calendar)
    return journal
