"""Recaps of a session: what each kind is made from is gathered here, then the desk writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from cockpit import __version__
from cockpit.app.data.research import Research
from cockpit.app.errors import NothingThereError
from cockpit.app.recapping.market_days import headlines, researched_days, seen_days
from cockpit.domain.trade import Trade
from cockpit.domain.values import session_date
from cockpit.journal.plan import plan_of
from cockpit.journal.tradebook import TradeBook
from cockpit.market.bars import BarBook
from cockpit.market.router.router import Router
from cockpit.market.session import SessionCalendar
from cockpit.ports.clock import Clock
from cockpit.ports.feed import Feed
from cockpit.ports.store import Store, StoredRecap
from cockpit.ports.writer import Writer
from cockpit.recap.desk import Preview, RecapDesk, Told
from cockpit.recap.errors import RecapError
from cockpit.recap.material import Material
from cockpit.recap.own_rules import OwnRules, joined
from cockpit.recap.rulebook import RuleBook
from cockpit.recap.wishes import Wishes

MOST_STORED = 30
"""Recaps in the list of those that were written before."""


@dataclass(frozen=True, kw_only=True)
class MarketSeen:
    """Where a digest looks: the session's own bars, then `router` for what they don't hold."""

    bars: BarBook
    calendar: SessionCalendar
    closes: Mapping[str, float]
    label: str = ""
    router: Router | None = None


def market_seen(
    feed: Feed, bars: BarBook, calendar: SessionCalendar, research: object
) -> MarketSeen:
    """What a session's digest looks at; `research` only where there is some."""
    return MarketSeen(
        bars=bars,
        calendar=calendar,
        closes=feed.reference_prices,
        label=feed.label,
        router=research.router if isinstance(research, Research) else None,
    )


@dataclass(frozen=True, kw_only=True)
class Export:
    """Where a recap goes, and how. Notes go along only when asked for."""

    fmt: str
    path: Path
    overwrite: bool = False
    private: bool = False
    with_notes: bool = False


def _nobody(_words: str) -> None: ...


class RecapRoom:
    """What the window and the commands ask of recaps."""

    def __init__(
        self, desk: RecapDesk, book: TradeBook, store: Store, clock: Clock, market: MarketSeen
    ) -> None:
        self._desk = desk
        self._book = book
        self._store = store
        self._clock = clock
        self._market = market

    @property
    def rules(self) -> RuleBook:
        """The file of the owner's voice."""
        return self._desk.rules

    @property
    def desk(self) -> RecapDesk:
        """Who writes, checks and exports."""
        return self._desk

    @property
    def writer(self) -> Writer:
        """Who is asked first; one that costs says how it is."""
        return self._desk.writer

    async def preview(
        self, kind: str, day: str, rules: OwnRules, made_up: Material | None = None
    ) -> Preview:
        """What the template writer would write under other rules, and what speaks against it.

        From the facts of that day, or from `made_up` ones. Nothing is stored. Raises RecapError,
        WriterError, StoreError and NothingThereError.
        """
        voice = joined(self.rules.shipped, rules)
        material = made_up or await self.material(kind, day)
        return await self._desk.preview(kind, day, material, voice)

    async def draft(
        self, kind: str, day: str, trade_id: str = "", told: Told = _nobody
    ) -> StoredRecap:
        """Write and store the recap whose period holds `day`.

        Raises RecapError, StoreError, and NothingThereError for a trade that isn't there.
        """
        material = await self.material(kind, day, trade_id)
        return await self._desk.draft(kind, day, material, told)

    async def export(self, recap: StoredRecap, target: Export, told: Told = _nobody) -> Path:
        """Write a recap to a file, with its state of now.

        Raises ExportError and StoreError; called off, leaves none.
        """
        recap = await self.opened(recap.recap_id) if recap.recap_id else recap
        notes = await self._desk.notes_of(recap) if target.with_notes else ()
        wishes = Wishes(private=target.private, notes=notes, told=told)
        return await self._desk.export(recap, target.fmt, target.path, target.overwrite, wishes)

    async def stored(self) -> Sequence[StoredRecap]:
        """What was written before, newest first, as it was marked. Raises StoreError."""
        return await self._store.recaps(self._book.account_id, MOST_STORED)

    async def opened(self, recap_id: int) -> StoredRecap:
        """One that was written before; stale, too, where its facts would be others now.

        Raises StoreError, and NothingThereError for one that isn't there.
        """
        recap = await self._store.recap(self._book.account_id, recap_id)
        if recap is None:
            why = "That recap is not in the journal of this account."
            raise NothingThereError(why, user_text=f"{why} Choose one of the list, or draft it.")
        return await self.as_of_now(recap)

    async def as_of_now(self, recap: StoredRecap) -> StoredRecap:
        """The same, stale where its facts would be others now. Raises StoreError."""
        return msgspec.structs.replace(recap, stale=not await self._is_of_now(recap))

    async def approve(self, recap_id: int) -> StoredRecap:
        """Note that its owner approved it, and when; once more changes nothing.

        Raises StoreError, NothingThereError, and RecapError for one that is stale.
        """
        recap = await self.opened(recap_id)
        if not recap.stale and recap.approved_ns is None:
            await self._store.approve_recap(recap.account_id, recap_id, self._clock.now_ns())
            recap = await self.opened(recap_id)
        if recap.stale:
            raise RecapError(
                f"recap {recap_id} is stale",
                user_text="Not approved: fills were booked or corrected since this recap was "
                "written, so its figures are not those of now. It is kept as it was; draft it "
                "anew and approve that.",
                code="RECAP_STALE",
            )
        return recap

    async def _is_of_now(self, recap: StoredRecap) -> bool:
        """Whether its facts are what they would be now; a post-mortem's are one trade's."""
        if recap.stale:
            return False
        if recap.kind != "post-mortem":
            kind = recap.kind if recap.kind == "devlog" else ""
            return self._desk.is_of_now(recap, await self.material(kind, recap.day))
        for trade in self._book.trades(recap.day):
            if self._desk.is_of_now(recap, await self._of_trade(trade)):
                return True
        return False

    async def material(self, kind: str, day: str, trade_id: str = "") -> Material:
        """What a kind is made from. Raises StoreError and NothingThereError."""
        account = self._book.account_id
        material = Material(book=self._book)
        if kind == "post-mortem":
            return await self._of_trade(trade_called(self._book, trade_id))
        if kind == "devlog":
            orders = await self._store.orders(account)
            return replace(material, orders=tuple(orders), version=__version__)
        return await self._of_market(material, day) if kind == "digest" else material

    async def _of_trade(self, trade: Trade) -> Material:
        orders = {o.client_order_id: o for o in await self._store.orders(trade.account_id)}
        seen = await self._store.excursions(trade.account_id)
        return Material(
            book=self._book,
            trade=trade,
            plan=plan_of(trade, self._book.fills_of(trade), orders),
            excursion=next((e for e in seen if e.trade_id == trade.trade_id), None),
        )

    async def _of_market(self, material: Material, day: str) -> Material:
        seen, now = self._market, self._clock.now_ns()
        is_today = session_date(now).isoformat() == day
        closes = seen.closes if is_today else dict[str, float]()
        rows = seen_days(seen.bars, seen.calendar, day, closes, seen.label)
        if seen.router is None:
            return replace(material, market=tuple(rows))
        if not is_today or not rows:
            rows = await researched_days(seen.router, seen.bars.symbols, day, now) or rows
        news = await headlines(seen.router, day)
        return replace(material, market=tuple(rows), headlines=tuple(news))


def trade_called(book: TradeBook, trade_id: str) -> Trade:
    """A closed trade by its id; the last one that closed for none. Raises NothingThereError."""
    trades = book.trades()
    found = book.trade(trade_id) if trade_id else (trades[-1] if trades else None)
    if found is None:
        why = f"There is no closed trade {trade_id!r}." if trade_id else "No trade is closed yet."
        raise NothingThereError(
            why, user_text=f"{why} List them with their ids: cockpit journal trades --json"
        )
    return found
