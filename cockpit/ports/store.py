"""The ledger's keeper: one writer, durable before it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from cockpit.domain.account import Mode
from cockpit.domain.adjustment import Adjustment
from cockpit.domain.errors import CockpitError
from cockpit.domain.fill import Fill
from cockpit.domain.order import Order
from cockpit.ports.entries import EntryStore, ExcursionStore

AuditPayload = Mapping[str, Any] | msgspec.Struct
"""What a row of the audit log tells, as msgspec writes it to JSON."""


class StoreError(CockpitError):
    """The store can't be opened, read or written; `user_text` says what was not lost."""

    code = "STORE_ERROR"


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that must be durable while the ledger refuses: a row of the audit log to be.

    One of kind `order` with an Order as payload is a version of that order.
    """

    kind: str
    account_id: str
    ts_ns: int
    payload: AuditPayload


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One account's stay in the store; `label` is what a person reads.

    Paper and live accounts last over runs, the others are opened anew each time. `source` is
    the feed, or for a stored account what its key opens.
    """

    account_id: str
    mode: Mode
    label: str
    source: str
    started_ns: int

    @property
    def opens(self) -> str:
        """What a stored account's key opens; empty for the paper broker's own."""
        return self.source.removeprefix(_ACCOUNT) if self.source.startswith(_ACCOUNT) else ""


_ACCOUNT = "account:"


def account_source(opens: str) -> str:
    """The source of a stored account's runs: one ledger each, by whatever name it is stored."""
    return f"{_ACCOUNT}{opens}"


class StoredRecap(msgspec.Struct, frozen=True, kw_only=True):
    """A finished recap as rendered Markdown, with the facts it was filled from (JSON).

    `recap_id` is 0 until it is stored. A draft until `approved_ns` (ns UTC) says when its owner
    approved it; `stale` once its fills were corrected, whether it was approved or not.
    """

    account_id: str
    day: str
    kind: str
    writer: str
    model: str
    title: str
    markdown: str
    facts_json: str
    stale: bool = False
    created_ns: int = 0
    approved_ns: int | None = None
    recap_id: int = 0


class Store(EntryStore, ExcursionStore, Protocol):
    """All calls return once the data is durable; none blocks the loop. They raise StoreError."""

    async def open_run(
        self, mode: Mode, *, label: str, source: str, now_ns: int, fresh: bool = False
    ) -> Run:
        """Open a fresh simulated account (DEMO-1, REPLAY-2, ...), or go on with a lasting one.

        Paper and live accounts last: the same label gives the newest one again, unless a
        `fresh` one is asked for. A stored account's is found by its source.
        """
        ...

    async def runs(self) -> Sequence[Run]:
        """All runs, oldest first."""
        ...

    async def save_order(self, order: Order) -> None:
        """Store the order's new state and append it to its history and to the audit log.

        All in one transaction: none of them is there without the others.
        """
        ...

    async def save_fill(self, fill: Fill, order: Order) -> bool:
        """Store a fill with the order it changed; False when that execution was known."""
        ...

    async def save_bust(self, execution_id: str, order: Order, reason: str) -> bool:
        """Store that a fill was taken back, with its order; False when that was known."""
        ...

    async def save_adjustment(self, adjustment: Adjustment) -> bool:
        """Store what a position was set to; False when that adjustment was known."""
        ...

    async def record(self, kind: str, account_id: str, ts_ns: int, payload: AuditPayload) -> None:
        """Add what is neither order nor fill to the audit log: a verdict, a state, limits."""
        ...

    @property
    def aside(self) -> str:
        """Where facts wait that were kept aside, for a person to read."""
        ...

    async def keep_aside(self, facts: Sequence[Aside]) -> None:
        """Keep facts on the disk beside a ledger that is full, locked or slow.

        They join it before anything else is stored there, in this run or at the next start,
        once. Raises StoreError; part of them may be there all the same.
        """
        ...

    async def newest_record(self, kind: str, account_id: str) -> str | None:
        """The payload of the account's newest `record` of a kind as JSON; None without one."""
        ...

    async def orders(self, account_id: str) -> Sequence[Order]:
        """All orders of the account in their latest state, oldest first."""
        ...

    async def order_history(self, client_order_id: str) -> Sequence[Order]:
        """Every version of one order, oldest first."""
        ...

    async def fills(self, account_id: str) -> Sequence[Fill]:
        """All fills of the account by time and execution id, less those taken back."""
        ...

    async def ledger(self, account_id: str) -> Sequence[Fill | Adjustment]:
        """Fills and adjustments in the order they were booked, less fills taken back."""
        ...

    async def booked(self, account_id: str) -> Sequence[Fill | Adjustment | None]:
        """As `ledger`, with None where a fill was taken back: an entry's place never changes."""
        ...

    async def booked_count(self, account_id: str) -> int:
        """How many entries `booked` has, without reading them."""
        ...

    async def busted(self, account_id: str) -> Mapping[str, str]:
        """The account's fills that were taken back: execution id to client order id."""
        ...

    async def save_recap(self, recap: StoredRecap) -> StoredRecap:
        """Store a recap and give it back with its id; the newest of a day and kind counts."""
        ...

    async def approve_recap(self, account_id: str, recap_id: int, now_ns: int) -> bool:
        """Note when its owner approved it; False, and nothing noted, for one that is stale.

        False too for one that was approved before, or isn't there.
        """
        ...

    async def mark_recaps_stale(self, account_id: str, day: str) -> None:
        """Note on recaps of a day and of its week that fills were corrected since."""
        ...

    async def recaps(self, account_id: str, most: int | None = None) -> Sequence[StoredRecap]:
        """The recaps of the account, newest first; at most `most` of them, all for None."""
        ...

    async def recap(self, account_id: str, recap_id: int) -> StoredRecap | None:
        """One recap of the account as it stands now."""
        ...

    async def close(self) -> None:
        """Finish what was handed over, then close."""
        ...
