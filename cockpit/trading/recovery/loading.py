"""Brings back what the ledger holds of the account, before a word with the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from cockpit.domain.fill import Fill
from cockpit.domain.order import Order, OrderState
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store
from cockpit.trading.books import FillBooks
from cockpit.trading.drafts import Drafts
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.order_log import OrderLog
from cockpit.trading.portfolio import Portfolio

_S = OrderState
_NEVER_SENT = (_S.DRAFT, _S.PENDING_APPROVAL, _S.APPROVED, _S.RESERVED)


T = TypeVar("T")
PART = 500


class Loader:
    """Loads one account, once; orders that were never sent end here."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        log: OrderLog,
        books: FillBooks,
        portfolio: Portfolio,
        traffic: Traffic,
        drafts: Drafts,
        account_id: str,
        resume_ids: Callable[[Iterable[str]], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._order_log = log
        self._books = books
        self._portfolio = portfolio
        self._traffic = traffic
        self._drafts = drafts
        self._account_id = account_id
        self._resume_ids = resume_ids

    async def load(self) -> bool:
        """Fill the rooms; True when the ledger knows nothing of the account yet.

        Raises StoreError.
        """
        orders = await self._store.orders(self._account_id)
        ledger = await self._store.ledger(self._account_id)
        self._books.note_busted(await self._store.busted(self._account_id))
        for part in _parts(ledger):
            for entry in part:
                if isinstance(entry, Fill):
                    self._books.add(entry)
            await asyncio.sleep(0)
        # At once: a quote in the middle would let a day begin before what was booked earlier.
        self._portfolio.restore(ledger, self._clock.now_ns())
        for part in _parts(orders):
            for order in part:
                self._order_log.orders.put(order)
                self._count(order)
            await asyncio.sleep(0)
        self._drafts.go_on_after(orders)
        self._resume_ids(order.intent.intent_id for order in orders)
        for order in orders:
            if not order.state.terminal:
                await self._settle(order)
        return not orders and not ledger

    def _count(self, order: Order) -> None:
        """Let an order that went out lately count in the day's and the minute's limits."""
        sent = order.venue_order_id is not None or order.state.at_venue
        if sent and self._clock.now_ns() - order.created_ns < self._traffic.KEPT_NS:
            self._traffic.order_released(order, order.created_ns, entry=True)

    async def _settle(self, order: Order) -> None:
        """What was never sent is denied; what may have been sent is UNKNOWN until proven."""
        if order.state in _NEVER_SENT:
            text = "The cockpit stopped before it was sent. It was never sent."
            await self._order_log.move(order, _S.DENIED, "RECOVERY_NOT_SENT", text)
        elif order.state is _S.SENDING:
            text = "The cockpit stopped while it was being sent; asking the broker for it."
            await self._order_log.move(order, _S.UNKNOWN, "RECOVERY_SENDING", text)


def _parts(entries: Sequence[T]) -> Iterator[Sequence[T]]:
    """Some milliseconds' work each: a window is open meanwhile, and years may be read."""
    return (entries[at : at + PART] for at in range(0, len(entries), PART))
