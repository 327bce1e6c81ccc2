"""Orders as Alpaca lists them: one by one, all that are open, and by what they traded."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import structlog

from cockpit.adapters.brokers.alpaca import reading
from cockpit.adapters.brokers.alpaca.families import ALONE, Families, Family
from cockpit.adapters.brokers.alpaca.faults import ALPACA, UnreadableError
from cockpit.adapters.brokers.alpaca.lines import Lines
from cockpit.adapters.brokers.alpaca.wire import WireActivity, WireBroken, WireName, WireOrder
from cockpit.adapters.brokers.bodies import ns_of
from cockpit.domain.errors import DomainError
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import BrokerOrder, ExecutionReport
from cockpit.ports.health import Check, CheckState

SPREAD = "OPTION SPREAD"
"""Stands for the symbol of an order over several contracts, which has none."""

_log = structlog.get_logger(__name__)
_SLACK_NS = 60 * SECOND
_DAY_NS = 86_400 * SECOND
_MOST_NAMED = 3


class Orders:
    """Remembers our ids of them and what hangs together. All that asks raises BrokerError."""

    def __init__(self, lines: Callable[[], Lines], ahead_ns: Callable[[], int]) -> None:
        self._lines = lines
        self._ahead_ns = ahead_ns
        self._names: dict[str, str] = {}  # the venue's id of an order -> ours
        self._families = Families()
        self.unreadable: Sequence[ExecutionReport] = ()

    def learn(self, wire: WireOrder | WireName) -> Family:
        """Take in what an order is called, and its legs where it shows them.

        Returns what it belongs to, as far as that is known.
        """
        self._names[wire.id] = wire.client_order_id
        if isinstance(wire, WireOrder):
            self._families.learn(wire)
            for leg in wire.legs or ():
                self._names[leg.id] = leg.client_order_id
            return self._families.of(wire)
        return ALONE

    async def open(self) -> Sequence[BrokerOrder]:
        """What is open now, made here or elsewhere; one that can't be read spoils no other."""
        found = await ALPACA.asked("open orders", self._lines().orders("open"))
        for wire in found:
            self.learn(wire)
        return [self._listed(wire) for wire in (*found, *await self._legs_beside(found))]

    async def find(self, client_order_id: str) -> BrokerOrder | None:
        """One order, open or ended; None when the venue does not know it."""
        wire = await ALPACA.asked("an order", self._lines().order(client_order_id))
        if wire is None:
            return None
        self.learn(wire)
        try:
            return self._read(wire)
        except (UnreadableError, DomainError) as error:
            if reading.is_open(wire):
                raise ALPACA.failed(error, "an order") from error
            why = str(error)
        _log.warning("ended_order_not_readable", order=client_order_id, why=why)
        return ALPACA.read("an order", lambda: reading.ended(wire, why))

    async def executions(self, since_ns: int) -> Sequence[ExecutionReport]:
        """What was traded since `since_ns`, oldest first."""
        fills = await ALPACA.asked("executions", self._lines().fills(since_ns))
        await self._name_all({fill.order_id for fill in fills if fill.order_id}, since_ns)
        told = [self._traded(fill) for fill in fills]
        self.unreadable = [one for one in told if one.unreadable]
        return told

    def check(self) -> Check:
        """Whether all that was traded could be read, the last time it was asked for."""
        if not self.unreadable:
            return Check(name="fills", state=CheckState.OK, found="Each fill could be read.")
        count, named = len(self.unreadable), "; ".join(map(_words, self.unreadable[:_MOST_NAMED]))
        return Check(
            name="fills",
            state=CheckState.WARNING,
            found=f"{count} of the fills that Alpaca lists can't be read: {named}.",
            next_step="It is booked from its order instead. Compare the position and the "
            "day's result with Alpaca's own pages.",
        )

    def _traded(self, fill: WireActivity | WireBroken) -> ExecutionReport:
        """One that can't be read spoils no other, and is never left out."""
        name = self._names.get(fill.order_id, "")
        if isinstance(fill, WireActivity):
            why = f"Alpaca does not know its order {fill.order_id!r}"
            try:
                if name:
                    return reading.activity(fill, name)
            except (UnreadableError, DomainError) as error:
                why = str(error)
            fill = WireBroken(fill.id, fill.order_id, fill.symbol, why)
        _log.error("fill_not_readable", fill=fill.id, symbol=fill.symbol, why=fill.why)
        return reading.broken(fill, name)

    def _read(self, wire: WireOrder) -> BrokerOrder:
        read = reading.order(wire, self._families.of(wire), self._ahead_ns())
        return msgspec.structs.replace(read, replaces=self._names.get(wire.replaces or "", ""))

    def _listed(self, wire: WireOrder | WireName) -> BrokerOrder:
        if isinstance(wire, WireOrder) and wire.order_class == "mleg" and not wire.symbol:
            legs = " ".join(filter(None, (leg.symbol for leg in wire.legs or ())))
            named = msgspec.structs.replace(wire, symbol=legs or SPREAD)
            return ALPACA.read(
                "an order", lambda: reading.named(named, "it is a spread of options")
            )
        try:
            if isinstance(wire, WireOrder):
                return self._read(wire)
            why = wire.why
        except (UnreadableError, DomainError) as error:
            why = str(error)
        _log.error("order_not_readable", order=wire.client_order_id, symbol=wire.symbol, why=why)
        return ALPACA.read("an order", lambda: reading.named(wire, why))

    async def _legs_beside(self, listed: Sequence[WireOrder | WireName]) -> list[WireOrder]:
        """Legs that work at the venue and that its list leaves out, each once."""
        strangers = self._families.strangers(listed)
        if strangers:
            first_ns = ALPACA.read("orders", lambda: min(ns_of(w.submitted_at) for w in strangers))
            asked = self._lines().orders("all", first_ns - _SLACK_NS, nested=True)
            for wire in await ALPACA.asked("orders", asked):
                self.learn(wire)
            self._families.give_up(strangers)
        shown, missing = {wire.id for wire in listed}, list[WireOrder]()
        for leg_id, last in list(self._families.new.items()):
            over = leg_id in shown or not reading.is_open(last)  # what has ended stays so
            leg = None if over else await self._open_leg(leg_id)
            missing += [] if leg is None else [leg]
            self._families.new.pop(leg_id, None)
        return missing

    async def _open_leg(self, leg_id: str) -> WireOrder | None:
        leg = await ALPACA.asked("an order", self._lines().order_of_venue(leg_id))
        return leg if leg is not None and reading.is_open(leg) else None

    async def _name_all(self, venue_ids: set[str], since_ns: int) -> None:
        """Learn our ids of orders that Alpaca knows; executions are listed under the venue's."""
        if venue_ids - self._names.keys():
            lines = self._lines()
            for wire in await ALPACA.asked("orders", lines.orders("all", since_ns - _DAY_NS)):
                self.learn(wire)
            for venue_id in venue_ids - self._names.keys():  # a standing order of earlier days
                wire = await ALPACA.asked("an order", lines.order_of_venue(venue_id))
                if wire is not None:
                    self.learn(wire)


def _words(fill: ExecutionReport) -> str:
    return " ".join(filter(None, (fill.symbol, fill.execution_id))) + f" ({fill.unreadable})"
