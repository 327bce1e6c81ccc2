"""Brings the exits at the venue to what the covers ask for, one step an exit and round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import structlog

from cockpit.domain.errors import CockpitError
from cockpit.domain.limits import ControlResult, TradingState, Verdict
from cockpit.domain.order import Order, OrderIntent, OrderState
from cockpit.domain.values import CENT, ZERO, to_decimal
from cockpit.ports.clock import Clock
from cockpit.trading.durable import Incident
from cockpit.trading.gate.situation import Prices
from cockpit.trading.oms import Oms
from cockpit.trading.orders import OrderBook
from cockpit.trading.protection.cover import Aim, Cover, CoverBook, Tries
from cockpit.trading.protection.exits import (
    SETTLED,
    aim_of,
    is_rest,
    live_exits,
    number_of,
    parts_of,
    stop_of,
    target_of,
)
from cockpit.trading.protection.rounds import Rounds
from cockpit.trading.protection.watch import SECOND_NS, Pace, Watch
from cockpit.trading.protection.way import MakeWay
from cockpit.trading.state import TradingSwitch

_log = structlog.get_logger(__name__)
NEVER_NS = 1 << 62


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What the work is done with."""

    oms: Oms
    orders: OrderBook
    switch: TradingSwitch
    prices: Prices
    clock: Clock
    way: MakeWay
    pace: Pace
    watch: Watch
    incident: Incident
    account_id: str


class ExitWork:
    """One symbol's exits against its covers. Shrinks and takes back before it places."""

    GROW_EVERY_S = 0.25
    WAIT_S = 2.0
    CANCEL_AGAIN_S = 1.0

    def __init__(self, tools: Tools, book: CoverBook) -> None:
        self._tools = tools
        self._book = book
        self._numbers: defaultdict[str, int] = defaultdict(int)
        self._cancel_again: dict[str, int] = {}
        self._told_bare: set[str] = set()
        self._impossible: dict[str, Decimal] = {}
        self._waits_for: dict[str, ControlResult | None] = {}
        self.rounds: Rounds | None = None

    async def round(self, symbol: str) -> None:
        """Compare and act. Raises CockpitError; nothing is half done then."""
        tools = self._tools
        exits = live_exits(tools.orders.open(symbol))
        covers = self._book.on(symbol)
        orphans = [o for id_, of in exits.items() if self._book.get(id_) is None for o in of]
        room, wanted = tools.way.room(symbol), list[tuple[Cover, Decimal]]()
        for cover in covers:
            if tools.watch.target_over(cover):
                tools.watch.give_up_target(cover)
            due = tools.watch.follow(cover)
            if due is not None and due > tools.clock.elapsed_ns():
                self._again(symbol, due)
            share = min(cover.quantity, room)
            room -= share
            wanted.append((cover, share))
        heir = self._heir(wanted, exits, orphans)
        if heir is not None:
            await self._hand_over(*heir, orphans[0])
            return
        for order in orphans:
            await self._take_back(order)
        for cover, share in sorted(wanted, key=lambda w: _grows(w, exits)):
            lot, live = self._lot(symbol), exits.get(cover.cover_id, ())
            whole, rest = parts_of(share, lot)
            await self._bring(cover, whole, [o for o in live if not o.intent.quantity % lot])
            await self._bring(cover, rest, [o for o in live if o.intent.quantity % lot])

    def resumed(self) -> None:
        """A person lets trading go on: what was given up is tried anew."""
        self._told_bare.clear()
        for cover in self._book.all():
            cover.failures = cover.not_before_ns = 0
            cover.rest = Tries()
            cover.changes_refused = cover.change_not_before_ns = 0

    def _heir(
        self,
        wanted: Sequence[tuple[Cover, Decimal]],
        exits: dict[str, list[Order]],
        orphans: Sequence[Order],
    ) -> tuple[Cover, Decimal] | None:
        """A new cover that can take an orphaned stop over in one step, never without a stop."""
        if len(wanted) != 1 or len(orphans) != 1 or len(exits) != 1:
            return None
        [(cover, share)], [orphan] = wanted, orphans
        lot = self._lot(cover.symbol)
        fits = (
            share > 0
            and share % lot == 0 == orphan.intent.quantity % lot
            and cover.aim is Aim.STOP is aim_of(orphan)
            and orphan.state in SETTLED
            and orphan.filled == 0
            and orphan.intent.side is cover.side.opposite
            and self._tools.switch.state is not TradingState.HALTED
        )
        return (cover, share) if fits and _changeable(cover) else None

    async def _hand_over(self, cover: Cover, share: Decimal, orphan: Order) -> None:
        order = await self._replace(orphan, cover, share)
        if order.state is OrderState.DENIED:
            await self._take_back(orphan)

    async def _bring(self, cover: Cover, share: Decimal, live: Sequence[Order]) -> None:
        if not live:
            if share > 0:
                await self._place(cover, share)
            return
        if len(live) > 1 or live[0].state not in SETTLED:
            return  # an answer is on its way, and brings us back
        [exit_] = live
        if share == 0 or not self._aims_right(cover, exit_):
            await self._take_back(exit_)
        elif exit_.remaining > share:
            await self._shrink(cover, exit_, share)
        elif aim_of(exit_) is Aim.STOP and _differs(cover, exit_, share):
            await self._improve(cover, exit_, share)

    def _aims_right(self, cover: Cover, exit_: Order) -> bool:
        if aim_of(exit_) is cover.aim:
            return True
        if cover.aim is Aim.STOP:
            return self._halted()  # a target can't give way to a stop that may not go out
        intent = self._intent(cover, exit_.remaining)
        if intent is not None and exit_.filled == 0 and self._passes(intent, exit_):
            self._again(cover.symbol, cover.aim_until_ns)
            return False
        self._tools.watch.give_up_target(cover)
        return True

    def _passes(self, intent: OrderIntent, exit_: Order) -> bool:
        return self._tools.oms.preview(intent, replaces=exit_.client_order_id).passed

    async def _place(self, cover: Cover, share: Decimal) -> None:
        if self._halted():
            self._tell_bare(cover, share)
            return
        now = self._tools.clock.elapsed_ns()
        tries = cover.rest if share % self._lot(cover.symbol) else cover
        if now < tries.not_before_ns:
            self._again(cover.symbol, tries.not_before_ns)
            return
        intent = self._intent(cover, share)
        verdict = None if intent is None else self._tools.oms.preview(intent)
        if intent is not None and verdict is not None and verdict.passed:
            cover.changed_ns = now
            await self._tools.oms.submit(intent)
            if cover.aim is Aim.TARGET:
                self._again(cover.symbol, cover.aim_until_ns)
            return
        if cover.aim is Aim.TARGET:
            self._tools.watch.give_up_target(cover)
            self._again(cover.symbol, now)
            return
        denial = None if verdict is None else verdict.denial
        if denial is not None and denial.code == "VALIDITY_LOT":
            self._tell_impossible(cover, share, denial)
        await self._waits(cover, verdict)
        self._again(cover.symbol, now + int(self.WAIT_S * SECOND_NS))

    async def _clear_own(self, cover: Cover) -> None:
        """The market is at the stop: what would only buy it back must not stand in its way."""
        for order in self._tools.orders.open(cover.symbol):
            limit, sign = order.intent.limit_price, cover.side.sign
            entry = order.intent.side is cover.side and order.state in SETTLED
            if entry and limit is not None and self._reaches(cover, limit * sign):
                self._tools.incident(
                    f"way.{order.client_order_id}",
                    "An order stood in the way of a stop",
                    f"The market has reached the stop of {cover.symbol}, and your own order "
                    f"{order.client_order_id} would have traded with it: it was taken back.",
                )
                await self._take_back(order)

    def _reaches(self, cover: Cover, signed_limit: Decimal) -> bool:
        quote, sign = self._tools.prices.quote(cover.symbol), cover.side.sign
        touch = None if quote is None else to_decimal(quote.bid if sign > 0 else quote.ask)
        bound = cover.stop * sign if touch is None else min(cover.stop * sign, touch * sign)
        return signed_limit >= bound

    async def _shrink(self, cover: Cover, exit_: Order, share: Decimal) -> None:
        """Make an exit smaller; where that can't be done in one step, take it back at once."""
        stop = aim_of(exit_) is Aim.STOP and not is_rest(exit_)
        if not self._halted() and _changeable(cover) and stop:
            order = await self._replace(exit_, cover, share)
            if order.state is not OrderState.DENIED:
                return
        await self._take_back(exit_)

    async def _improve(self, cover: Cover, exit_: Order, share: Decimal) -> None:
        """Let a stop grow or follow; it works on as it is when that has to wait."""
        if self._halted():
            if share > exit_.remaining:
                self._tell_bare(cover, share - exit_.remaining)
            return
        due = max(
            cover.change_not_before_ns,
            cover.changed_ns + self._tools.pace.pause_ns(self.GROW_EVERY_S),
        )
        now = self._tools.clock.elapsed_ns()
        if now >= due:
            due = now + int(self.WAIT_S * SECOND_NS)
            if await self._may_change(cover, exit_, share):
                cover.changed_ns = now
                if is_rest(exit_):  # no broker changes the size of one
                    await self._take_back(exit_)
                    return
                order = await self._replace(exit_, cover, share)
                if order.state is not OrderState.DENIED:
                    return
        self._again(cover.symbol, due)

    async def _may_change(self, cover: Cover, exit_: Order, share: Decimal) -> bool:
        """Whether the gate would let the change through: one that it won't makes no order."""
        intent = self._intent(cover, share)
        if intent is None:
            return False
        verdict = self._tools.oms.preview(intent, replaces=exit_.client_order_id)
        if not verdict.passed:
            await self._waits(cover, verdict)
        return verdict.passed

    async def _waits(self, cover: Cover, verdict: Verdict | None) -> None:
        denial = None if verdict is None else verdict.denial
        if self._waits_for.get(cover.cover_id, "") != denial:  # it waits all night for the morning
            self._waits_for[cover.cover_id] = denial
            _log.info("stop_waits", symbol=cover.symbol, denial=denial)
        if denial is not None and denial.code == "SELFMATCH_OWN":
            await self._clear_own(cover)

    async def _replace(self, exit_: Order, cover: Cover, share: Decimal) -> Order:
        intent = self._stop(cover, share)
        return await self._tools.oms.replace(exit_.client_order_id, lambda _rest: intent)

    async def _take_back(self, order: Order) -> None:
        now, order_id = self._tools.clock.elapsed_ns(), order.client_order_id
        due = self._cancel_again.get(order_id, 0)
        if order.state not in SETTLED:
            return
        if now < due:
            self._again(order.symbol, due)
            return
        self._cancel_again[order_id] = now + int(self.CANCEL_AGAIN_S * SECOND_NS)
        try:
            await self._tools.oms.cancel(order_id)
        except CockpitError as error:  # it is looked at again; until then it works on
            _log.warning("exit_not_taken_back", order=order_id, error=str(error))
            self._again(order.symbol, self._cancel_again[order_id])

    def _intent(self, cover: Cover, share: Decimal) -> OrderIntent | None:
        if cover.aim is Aim.STOP:
            return self._stop(cover, share)
        account, tick = self._tools.account_id, self._tick(cover.symbol)
        quote = self._tools.prices.quote(cover.symbol)
        if quote is None:
            return None
        touch = quote.bid if cover.side.sign > 0 else quote.ask
        return target_of(cover, share, account, self._number(cover), tick, touch)

    def _stop(self, cover: Cover, share: Decimal) -> OrderIntent:
        account, tick, lot = (
            self._tools.account_id,
            self._tick(cover.symbol),
            self._lot(cover.symbol),
        )
        return stop_of(cover, share, account, self._number(cover), tick, lot)

    def _number(self, cover: Cover) -> int:
        """Counts a cover's exits over restarts: an intent's name is never used twice."""
        name = cover.cover_id
        if name not in self._numbers:  # once: a lasting account has very many orders
            mine = (o for o in self._tools.orders.all() if o.intent.protects == name)
            self._numbers[name] = max((number_of(o.intent, name) for o in mine), default=0)
        self._numbers[name] += 1
        return self._numbers[name]

    def _tick(self, symbol: str) -> Decimal:
        instrument = self._tools.prices.instrument(symbol)
        return CENT if instrument is None else instrument.tick

    def _lot(self, symbol: str) -> Decimal:
        instrument = self._tools.prices.instrument(symbol)
        return Decimal(1) if instrument is None else instrument.lot

    def _halted(self) -> bool:
        return self._tools.switch.state is TradingState.HALTED

    def _tell_bare(self, cover: Cover, quantity: Decimal) -> None:
        if cover.symbol not in self._told_bare:
            self._told_bare.add(cover.symbol)
            self._tools.incident(
                f"unprotected.{cover.symbol}",
                "A position has no stop",
                f"Trading is halted, so no stop was sent for {quantity} {cover.symbol}. Flatten "
                "still works. When you resume, the stop is placed.",
            )

    def _tell_impossible(self, cover: Cover, quantity: Decimal, denial: ControlResult) -> None:
        """No waiting mends this: a part of a share that no order takes, once for each size."""
        if self._impossible.get(cover.symbol) != quantity:
            self._impossible[cover.symbol] = quantity
            self._tools.incident(
                f"unprotected.{cover.symbol}",
                "A part of a position has no stop",
                f"No order can protect {quantity:f} {cover.symbol}: {denial.text} What is left of "
                "the position is protected. Close that part with the whole position.",
            )

    def _again(self, symbol: str, when_ns: int) -> None:
        if self.rounds is not None and when_ns < NEVER_NS:
            self.rounds.at(symbol, when_ns)


def _changeable(cover: Cover) -> bool:
    """Whether one step may be tried: a refusal shows that taking back is the surer way."""
    return cover.failures == 0 and cover.changes_refused == 0


def _differs(cover: Cover, exit_: Order, share: Decimal) -> bool:
    """A stop that trades already only grows; where it stands does not matter any more."""
    moved = exit_.filled == 0 and exit_.intent.stop_price != cover.stop
    return exit_.remaining < share or moved


def _grows(wanted: tuple[Cover, Decimal], exits: dict[str, list[Order]]) -> bool:
    cover, share = wanted
    return share > sum((o.remaining for o in exits.get(cover.cover_id, ())), ZERO)
