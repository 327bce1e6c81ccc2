"""Simulated trading on quotes really seen; how it fills is told in docs/adr/0004."""

from __future__ import annotations

from pathlib import Path

from cockpit.adapters.brokers.paper.books import Books, last_seen
from cockpit.adapters.brokers.paper.broker import PaperBroker
from cockpit.adapters.brokers.paper.settings import PaperSettings
from cockpit.domain.account import Mode
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import Broker, BrokerError, MarketAware, Redeem
from cockpit.ports.clock import Clock
from cockpit.ports.plugin import Plugin

__all__ = ["PaperBroker", "PaperSettings", "books_of", "build", "last_seen", "plugin"]


def build(
    settings: PaperSettings,
    *,
    clock: Clock,
    redeem: Redeem,
    account_id: str,
    mode: Mode,
    supervisor: Supervisor,
    folder: Path | None = None,
    known: bool = False,
) -> PaperBroker:
    """A paper broker: a fresh account for simulated modes, a lasting one in PAPER.

    The lasting one has its books in `folder`. Raises BrokerError for a live account.
    """
    del supervisor  # it runs on the clock's timers and needs no task of its own
    if mode is Mode.LIVE:
        raise BrokerError(
            "paper broker asked for a live account",
            user_text="The paper broker can't trade a live account. Choose another broker or mode.",
            code="BROKER_ENVIRONMENT",
        )
    books = None
    if mode is Mode.PAPER and folder is not None:
        path = books_of(folder, account_id)
        books = Books(path, account_id, settings.starting_cash, clock, known=known)
    return PaperBroker(
        settings, clock=clock, redeem=redeem, account_id=account_id, mode=mode, books=books
    )


def books_of(folder: Path, account_id: str) -> Path:
    """Where the venue keeps the books of a lasting paper account."""
    return folder / "paper" / f"{account_id}.sqlite3"


_broker: type[Broker] = PaperBroker
_market_aware: type[MarketAware] = PaperBroker

plugin = Plugin(name="paper", settings=PaperSettings, build=build)
