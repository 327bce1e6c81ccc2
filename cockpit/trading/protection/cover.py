"""What each protection covers: folded from fills, so that it can be made anew at any time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.fill import Fill
from cockpit.domain.order import OrderIntent, Side
from cockpit.domain.protection import Protection, stop_after_split, tighter
from cockpit.domain.values import ZERO
from cockpit.trading.protection.history import Ended, Entry, Held, Step


class Aim(StrEnum):
    """Which of the two exits shall be at the venue: never both at once."""

    STOP = "stop"
    TARGET = "target"


@dataclass(slots=True)
class Tries:
    """How often an exit was refused, and until when no other is tried."""

    failures: int = 0
    not_before_ns: int = 0


@dataclass(slots=True, kw_only=True)
class Cover:
    """One protection at work.

    `cover_id` is the entry's client order id, or the name of a `Held`. `side` is the
    position's, `quantity` what it still covers, `stop` the tightest stop so far. `anew` is True
    when its entry went on filling after all that it covered was gone, and after a split: its
    prices are others since. The rest is about the work at the venue, its times by the time that
    has passed, and begins anew with the program. `rest` is about the part of a lot,
    which has a stop of its own.
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
    change_not_before_ns: int = 0
    changes_refused: int = 0
    anew: bool = False
    rest: Tries = field(default_factory=Tries)

    def tighten(self, stop: Decimal) -> None:
        """Take `stop` if less can be lost with it; never the other way."""
        self.stop = tighter(self.side, self.stop, stop)

    def split(self, old: Decimal, new: Decimal, tick: Decimal, now_ns: int) -> None:
        """Let the prices follow: `new` units came for `old` ones."""
        self.plan = self.plan.after_split(self.side, old, new, tick)
        self.stop = stop_after_split(self.side, self.stop, old, new, tick)
        self.since_ns, self.anew = now_ns, True
        self.aim, self.aim_until_ns, self.target_again_ns = Aim.STOP, 0, 0

    def works(self, stop: Decimal | None, *, rest: bool) -> None:
        """An exit works at the venue, perhaps with a `stop` that a person has moved."""
        if not rest:
            self.failures = self.changes_refused = 0
        if stop is not None:
            self.tighten(stop)


class CoverBook:
    """All covers by symbol, oldest first, folded from what happened.

    Shares that are closed by other means are those of the oldest cover, as in the journal;
    what nothing covers is closed before that. `intent_of` gives an order's intent by its id.
    """

    def __init__(
        self, tick: Callable[[str], Decimal], intent_of: Callable[[str], OrderIntent | None]
    ) -> None:
        self._tick = tick
        self._intent_of = intent_of
        self._covers: dict[str, list[Cover]] = {}
        self._net: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self._ended: defaultdict[str, set[str]] = defaultdict(set)
        self._seen: defaultdict[str, set[str]] = defaultdict(set)

    def on(self, symbol: str) -> Sequence[Cover]:
        """The covers of one symbol, oldest first."""
        return self._covers.get(symbol, ())

    def all(self) -> list[Cover]:
        """Every cover."""
        return [cover for covers in self._covers.values() for cover in covers]

    def get(self, cover_id: str) -> Cover | None:
        """The cover of that name, while it covers something."""
        return next((cover for cover in self.all() if cover.cover_id == cover_id), None)

    def fold(self, symbol: str, before: Decimal, steps: Iterable[Step]) -> None:
        """Make the covers of `symbol` anew, from its position before the first of `steps`.

        A cover that was there and still is keeps its stop, and where its work stands.
        """
        known = {cover.cover_id: cover for cover in self._covers.pop(symbol, ())}
        self._net[symbol] = before
        self._ended[symbol].clear()
        self._seen[symbol].clear()
        for step in steps:
            self.take(step.what)
        for place, cover in enumerate(self.on(symbol)):
            mine = known.get(cover.cover_id)
            if mine is not None and mine.plan == cover.plan:
                mine.quantity, mine.anew, mine.since_ns = cover.quantity, cover.anew, cover.since_ns
                mine.tighten(cover.stop)  # its first fill, which the stop began at, may be gone
                self._covers[symbol][place] = mine

    def take(self, what: Entry | Held | Ended) -> None:
        """Let what happened next change the covers."""
        match what:
            case Fill():
                self._fill(what)
            case Adjustment():
                before, self._net[what.symbol] = self._net[what.symbol], what.quantity
                if what.kind is AdjustmentKind.SPLIT and before * what.quantity > 0:
                    self._split(what, abs(before), abs(what.quantity))
            case Held():
                self._hold(what)
            case Ended():
                self._end(what.symbol, {what.cover_id})
        self.clamp(what.symbol, self._net[what.symbol])

    def _fill(self, fill: Fill) -> None:
        self._net[fill.symbol] += fill.signed_quantity
        intent = self._intent_of(fill.client_order_id)
        if intent is None:
            return
        if intent.protects:
            self._shrink(fill.symbol, intent.protects, fill.quantity)
        elif intent.protection is not None and fill.client_order_id not in self._ended[fill.symbol]:
            opened = min(fill.quantity, max(ZERO, self._net[fill.symbol] * fill.side.sign))
            if opened > 0:
                self._grow(fill, intent.protection, opened)

    def _split(self, to: Adjustment, old: Decimal, new: Decimal) -> None:
        """Let plain stops and targets follow; a trailing one has seen prices of both sides.

        Nobody can tell which of them: it ends, as it might stand beyond the market.
        """
        self._end(to.symbol, {cover.cover_id for cover in self.on(to.symbol) if cover.plan.trails})
        unit, covered, given = _unit_of(new), ZERO, ZERO
        for cover in self.on(to.symbol):
            covered += cover.quantity
            upto = (covered * new / old).quantize(unit, rounding=ROUND_FLOOR)
            cover.split(old, new, self._tick(to.symbol), to.ts_init)
            cover.quantity, given = upto - given, upto

    def _hold(self, held: Held) -> None:
        """Put a person's protection in the place of all others on its symbol."""
        self._end(held.symbol, {cover.cover_id for cover in self.on(held.symbol)})
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
        self._covers[held.symbol] = [cover]

    def _end(self, symbol: str, cover_ids: AbstractSet[str]) -> None:
        self._ended[symbol] |= cover_ids
        self._keep(symbol, lambda cover: cover.cover_id not in cover_ids)

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
                anew=fill.client_order_id in self._seen[fill.symbol],
            )
        )
        self._seen[fill.symbol].add(fill.client_order_id)

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


def _unit_of(quantity: Decimal) -> Decimal:
    """The smallest part of which `quantity` is made: 1 for whole units."""
    exponent = quantity.normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(0, int(exponent)))
