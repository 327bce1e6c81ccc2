"""What covers are folded from: fills, adjustments, protections given and called off, in order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

import msgspec

from cockpit.domain.adjustment import Adjustment
from cockpit.domain.fill import Fill
from cockpit.domain.order import Side
from cockpit.domain.protection import Protection
from cockpit.domain.values import ZERO

Entry = Fill | Adjustment
LAST = 1 << 62
SETTLED_NS = 2 * 86_400_000_000_000
"""No execution is taken back, or told, that much later."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A protection that a person gave to what was held already: a fact of its own.

    `place` is how many entries the ledger had before it, those taken back too: clocks go
    back and fills are struck, places never change.
    """

    cover_id: str
    symbol: str
    side: Side
    quantity: Decimal
    plan: Protection
    stop: Decimal
    since_ns: int
    place: int = LAST


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A protection that was called off, and its `place` as that of a `Held`."""

    cover_id: str
    symbol: str
    place: int


class Kept(msgspec.Struct, frozen=True):
    """What the ledger keeps of protections beside orders; ended ones by name alone are old rows."""

    held: tuple[Held, ...] = ()
    ended: tuple[Ended | str, ...] = ()


class Step(NamedTuple):
    """One event at its place; at one place entries come first, what ended comes last.

    Protections given at one place follow in the order they were given in.
    """

    place: int
    rank: int
    what: Entry | Held | Ended


class History:
    """Of one account, by symbol. What was flat long ago is forgotten: nothing changes it now."""

    def __init__(self) -> None:
        self.place = 0
        self._entries: defaultdict[str, dict[str, tuple[int, Entry]]] = defaultdict(dict)
        self._before: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
        self._held: dict[str, Held] = {}
        self._ended: dict[str, Ended] = {}
        self._flat: dict[str, int] = {}

    def load(
        self,
        booked: Sequence[Entry | None],
        kept: Kept,
        now_ns: int,
        symbol_of: Callable[[str], str],
    ) -> None:
        """Take the ledger's word; what was given or ended here and is on its way to it stays.

        `symbol_of` tells a cover's symbol, for rows of old that do not.
        """
        self._entries.clear()
        self._before.clear()
        self.place = len(booked)
        for place, entry in enumerate(booked, 1):
            if entry is not None:
                self._entries[entry.symbol][_name(entry)] = place, entry
        here, self._held = self._held, {h.cover_id: self._placed(h) for h in kept.held}
        for name, held in here.items():  # given after what is kept
            self._held.setdefault(name, held)
        for told in kept.ended:
            ended = told
            if isinstance(ended, str):
                ended = Ended(cover_id=ended, symbol=symbol_of(ended), place=self.place)
            self._ended.setdefault(ended.cover_id, ended)
        self._flat = {symbol: self._forget(symbol, now_ns) for symbol in self._entries}

    def add(self, entry: Entry) -> bool:
        """Book an entry as the newest; False when it is there already."""
        entries, name = self._entries[entry.symbol], _name(entry)
        if name in entries:
            return False
        self.place += 1
        entries[name] = self.place, entry
        return True

    def take_back(self, fill: Fill) -> None:
        """Strike a fill, as if it had never been."""
        if self._entries[fill.symbol].pop(fill.execution_id, None) is None:
            self._before[fill.symbol] -= fill.signed_quantity

    def give(self, held: Held) -> None:
        """Add a protection at its place."""
        self._held.setdefault(held.cover_id, held)

    def end(self, ended: Iterable[Ended]) -> None:
        """Add that protections were called off, once."""
        for one in ended:
            self._ended.setdefault(one.cover_id, one)

    def before(self, symbol: str) -> Decimal:
        """The signed position that the steps of `symbol` begin with."""
        return self._before[symbol]

    def steps(self, symbol: str) -> list[Step]:
        """All that happened to `symbol`, in order."""
        entries = (Step(place, 0, entry) for place, entry in self._entries.get(symbol, {}).values())
        held = (Step(h.place, 1, h) for h in self._held.values() if h.symbol == symbol)
        ended = (Step(e.place, 2, e) for e in self._ended.values() if e.symbol == symbol)
        return sorted(chain(entries, held, ended), key=lambda step: step[:2])

    def symbols(self) -> list[str]:
        """Each symbol that was traded or adjusted."""
        return sorted(self._entries)

    def kept(self, may_fill: Callable[[str], bool]) -> Kept:
        """The row to be, without what no fill can bring back any more.

        `may_fill` says whether the entry of a cover, by its order's id, may still trade.
        """
        held, ended, flat = self._held.values(), self._ended.values(), self._flat
        return Kept(
            held=tuple(h for h in held if h.place >= flat.get(h.symbol, 0)),
            ended=tuple(
                e for e in ended if may_fill(e.cover_id) or e.place >= flat.get(e.symbol, 0)
            ),
        )

    def _forget(self, symbol: str, now_ns: int) -> int:
        """Drop what was before `symbol` was flat for the last time long ago; gives its place."""
        net, cut = self._before[symbol], 0
        entries = self._entries[symbol]
        for place, entry in entries.values():
            net = entry.quantity if isinstance(entry, Adjustment) else net + entry.signed_quantity
            if net == 0 and entry.ts_init < now_ns - SETTLED_NS:
                cut = place
        if cut:
            self._before[symbol] = ZERO
            self._entries[symbol] = {n: e for n, e in entries.items() if e[0] > cut}
        return cut

    def _placed(self, held: Held) -> Held:
        """A row of old has no place: by time then, as good as the clock was."""
        if held.place != LAST:
            return held
        earlier = (
            place
            for place, entry in self._entries.get(held.symbol, {}).values()
            if entry.ts_init <= held.since_ns
        )
        return msgspec.structs.replace(held, place=max(earlier, default=0))


def _name(entry: Entry) -> str:
    return entry.execution_id if isinstance(entry, Fill) else entry.adjustment_id
