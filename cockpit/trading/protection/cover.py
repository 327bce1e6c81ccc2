"""What each protection covers: folded from fills, so that it can be made anew at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import msgspec

from cockpit.domain.fill import Fill
from cockpit.domain.order import OrderIntent, Side
from cockpit.domain.protection import Protection, tighter
from cockpit.domain.values import ZERO


class Aim(StrEnum):
    """Which of the two exits shall be at the venue: never both at once."""

    STOP = "stop"
    TARGET = "target"


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A protection that a person gave to what was held already: a fact of its own.

    `after` is the newest fill booked before it: clocks go back, the ledger's order does not.
    """

    cover_id: str
    symbol: str
    side: Side
    quantity: Decimal
    plan: Protection
    stop: Decimal
    since_ns: int
    after: str = ""


@dataclass(slots=True, kw_only=True)
class Cover:
    """One protection at work.

    `cover_id` is the entry's client order id, or the name of a `Held`. `side` is the
    position's, `quantity` what it still covers, `stop` the tightest stop so far. The rest is
    about the work at the venue and begins anew with the program.
    """

    cover_id: str
    symbol: str
    side: Side
    plan: Protection
    stop: Decimal
    quantity: Decimal
    strategy: str
    since_ns: int
    aim: Aim = Aim.STOP
    best: Decimal | None = None
    aim_until_ns: int = 0
    target_again_ns: int = 0
    changed_ns: int = 0
    not_before_ns: int = 0
    failures: int = 0

    def tighten(self, stop: Decimal) -> None:
        """Take `stop` if less can be lost with it; never the other way."""
        self.stop = tighter(self.side, self.stop, stop)

    def works(self, stop: Decimal | None) -> None:
        """An exit works at the venue, perhaps with a `stop` that a person has moved."""
        self.failures = 0
        if stop is not None:
            self.tighten(stop)


class CoverBook:
    """All covers by symbol, oldest first.

    Shares that are closed by other means are those of the oldest cover, as in the journal;
    what nothing covers is closed before that.
    """

    def __init__(self, tick: Callable[[str], Decimal]) -> None:
        self._tick = tick
        self._covers: dict[str, list[Cover]] = {}
        self._ended: set[str] = set()

    def on(self, symbol: str) -> Sequence[Cover]:
        """The covers of one symbol, oldest first."""
        return self._covers.get(symbol, ())

    def all(self) -> list[Cover]:
        """Every cover."""
        return [cover for covers in self._covers.values() for cover in covers]

    def get(self, cover_id: str) -> Cover | None:
        """The cover of that name, while it covers something."""
        return next((cover for cover in self.all() if cover.cover_id == cover_id), None)

    @property
    def ended(self) -> frozenset[str]:
        """Protections that were called off; they cover nothing any more."""
        return frozenset(self._ended)

    def book(self, fill: Fill, intent: OrderIntent, net: Decimal) -> None:
        """Take a fill in; `net` is the signed position after it."""
        if intent.protects:
            self._shrink(fill.symbol, intent.protects, fill.quantity)
        elif intent.protection is not None and fill.client_order_id not in self._ended:
            opened = min(fill.quantity, max(ZERO, net * fill.side.sign))
            if opened > 0:
                self._grow(fill, intent.protection, opened)
        self.clamp(fill.symbol, net)

    def unbook(self, fill: Fill, intent: OrderIntent, net: Decimal) -> None:
        """Take a fill back that the venue has withdrawn; `net` is the position without it."""
        if intent.protects:
            cover = self.get(intent.protects)
            if cover is not None:
                cover.quantity += fill.quantity
        else:
            self._shrink(fill.symbol, fill.client_order_id, fill.quantity)
        self.clamp(fill.symbol, net)

    def hold(self, held: Held, others: Iterable[str] | None = None) -> None:
        """Put a person's protection in the place of `others`, or of all on the symbol."""
        if held.cover_id in self._ended:
            return
        self.end([c.cover_id for c in self.on(held.symbol)] if others is None else others)
        cover = Cover(
            cover_id=held.cover_id,
            symbol=held.symbol,
            side=held.side,
            plan=held.plan,
            stop=held.stop,
            quantity=held.quantity,
            strategy="manual",
            since_ns=held.since_ns,
        )
        self._covers[held.symbol] = [cover, *self.on(held.symbol)]

    def end(self, cover_ids: Iterable[str]) -> None:
        """Call protections off, for good."""
        self._ended.update(cover_ids)
        for symbol in list(self._covers):
            self._keep(symbol, lambda cover: cover.cover_id not in self._ended)

    def clear(self) -> None:
        """Begin anew."""
        self._covers.clear()
        self._ended.clear()

    def clamp(self, symbol: str, net: Decimal) -> None:
        """Cover no more than is held, and nothing of the other side."""
        covers = self.on(symbol)
        for cover in covers:
            if net * cover.side.sign <= 0:
                cover.quantity = ZERO
        excess = sum((cover.quantity for cover in covers), ZERO) - abs(net)
        for cover in covers:
            if not excess > 0:
                break
            gone = min(cover.quantity, excess)
            cover.quantity -= gone
            excess -= gone
        self._keep(symbol, lambda cover: cover.quantity > 0)

    def _grow(self, fill: Fill, plan: Protection, opened: Decimal) -> None:
        cover = self.get(fill.client_order_id)
        if cover is not None:
            cover.quantity += opened
            return
        self._covers.setdefault(fill.symbol, []).append(
            Cover(
                cover_id=fill.client_order_id,
                symbol=fill.symbol,
                side=fill.side,
                plan=plan,
                stop=plan.first_stop(fill.side, fill.price, self._tick(fill.symbol)),
                quantity=opened,
                strategy=fill.strategy,
                since_ns=fill.ts_init,
            )
        )

    def _shrink(self, symbol: str, cover_id: str, quantity: Decimal) -> None:
        for cover in self.on(symbol):
            if cover.cover_id == cover_id:
                cover.quantity = max(ZERO, cover.quantity - quantity)

    def _keep(self, symbol: str, wanted: Callable[[Cover], bool]) -> None:
        kept = [cover for cover in self.on(symbol) if wanted(cover)]
        if kept:
            self._covers[symbol] = kept
        else:
            self._covers.pop(symbol, None)
