"""Which orders hang together at Alpaca: the legs of brackets, OCO and OTO orders.

A list of open orders has the legs without their entry, and of two exits the one that is held
back is not among them. Whose legs they are is told only by the order they came with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cockpit.adapters.brokers.alpaca.wire import WireName, WireOrder

CLASSES = ("bracket", "oco", "oto")
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Family:
    """By the client order id of the first of them: a group of which one trades, an entry."""

    group: str = ""
    parent: str = ""


ALONE = Family()


class Families:
    """Learns from each order with legs. Legs that were not listed yet are `new`."""

    def __init__(self) -> None:
        self._known: dict[str, Family] = {}
        self.new: dict[str, WireOrder] = {}

    def of(self, wire: WireOrder) -> Family:
        """What an order belongs to, as far as it is known."""
        return self._known.get(wire.id, ALONE)

    def learn(self, wire: WireOrder) -> None:
        """Take in an order, and its legs where it shows them."""
        if wire.id not in self._known and wire.replaces in self._known:
            self._keep(wire.id, self._known[wire.replaces])  # it took the place of a leg
        name, kind = wire.client_order_id, wire.order_class
        if kind not in CLASSES or not wire.legs:
            return
        exits = Family(group="" if kind == "oto" else name, parent="" if kind == "oco" else name)
        self._keep(wire.id, Family(group=name) if kind == "oco" else ALONE)
        for leg in wire.legs:
            if leg.id not in self._known:
                self.new[leg.id] = leg
            self._keep(leg.id, exits)

    def strangers(self, listed: Iterable[WireOrder | WireName]) -> list[WireOrder]:
        """Those that belong to others, nobody knows to whom."""
        return [
            wire
            for wire in listed
            if isinstance(wire, WireOrder)
            and wire.order_class in CLASSES
            and wire.id not in self._known
        ]

    def give_up(self, strangers: Iterable[WireOrder]) -> None:
        """Whose they are can't be learnt: each counts alone, which is never too little."""
        for wire in strangers:
            self._known.setdefault(wire.id, ALONE)

    def _keep(self, venue_order_id: str, family: Family) -> None:
        self._known[venue_order_id] = family
        if len(self._known) > _MOST_KEPT:
            self._known.pop(next(iter(self._known)))
