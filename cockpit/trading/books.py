"""What the account's ledger says was traded: all fills, and how far they cover each order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from decimal import Decimal

from cockpit.domain.fill import Fill
from cockpit.domain.values import ZERO
from cockpit.ports.broker import ExecutionReport
from cockpit.trading.coverage import Coverage, Span

LATEST_NS = 86_400_000_000_000
"""No execution is told later than a day after a newer one."""


class FillBooks:
    """Fills that stand, by execution id and by order; each is booked once."""

    def __init__(self) -> None:
        self._fills: dict[str, Fill] = {}
        self._of_order: defaultdict[str, dict[str, Fill]] = defaultdict(dict)
        self._coverage: dict[str, Coverage] = {}  # made when asked for: years of orders are not
        self._ended: set[str] = set()

    def add(self, fill: Fill) -> None:
        """Book `fill`."""
        self._fills[fill.execution_id] = fill
        self._of_order[fill.client_order_id][fill.execution_id] = fill
        if fill.client_order_id in self._coverage:
            self._coverage[fill.client_order_id].add(fill.quantity, fill.cumulative)

    def take_back(self, fill: Fill) -> None:
        """Strike a fill that the venue busted."""
        self.ignore(fill.execution_id, fill.client_order_id)
        self._fills.pop(fill.execution_id, None)
        self._of_order[fill.client_order_id].pop(fill.execution_id, None)

    def ignore(self, execution_id: str, client_order_id: str) -> None:
        """Never book the execution of that id (again): it was busted."""
        self._ended.add(execution_id)
        self._spans(client_order_id).give_up_numbers()

    def note_busted(self, busted: Mapping[str, str]) -> None:
        """Remember what was taken back in an earlier run: execution ids to those of orders."""
        for execution_id, client_order_id in busted.items():
            self.ignore(execution_id, client_order_id)

    @property
    def count(self) -> int:
        """How many fills stand."""
        return len(self._fills)

    def get(self, execution_id: str) -> Fill | None:
        """The standing fill of that id."""
        return self._fills.get(execution_id)

    def is_booked(
        self, execution_id: str, client_order_id: str, quantity: Decimal, cumulative: Decimal
    ) -> bool:
        """Whether an execution is in the books, under this id or another, or was busted.

        Raises DomainError for one of which only a part is.
        """
        if execution_id in self._fills or execution_id in self._ended:
            return True
        return self._spans(client_order_id).has(quantity, cumulative)

    def in_doubt(self, client_order_id: str) -> bool:
        """Whether a fill stands that was made up, and no span tells which execution it was."""
        made_up = any(is_made_up(fill) for fill in self.of_order(client_order_id))
        return made_up and not self._spans(client_order_id).numbered

    def of_order(self, client_order_id: str) -> list[Fill]:
        """The standing fills of one order, as they were booked."""
        return list(self._of_order[client_order_id].values())

    def filled(self, client_order_id: str) -> Decimal:
        """What the standing fills of one order add up to."""
        return sum((fill.quantity for fill in self.of_order(client_order_id)), ZERO)

    def missing(self, client_order_id: str, filled: Decimal) -> list[Span]:
        """The spans that the venue counts as filled and the books don't have."""
        if self.filled(client_order_id) >= filled:
            return []
        return self._spans(client_order_id).holes(filled)

    def not_among(self, listed: Sequence[ExecutionReport], client_order_id: str) -> list[Fill]:
        """Standing fills of an order that none of all its executions tell of: they never were.

        By id, and as long as spans mean something by span: one that is made up, or was told
        under another id, is one of theirs, or several.
        """
        names = {execution.execution_id for execution in listed}
        numbered = self._spans(client_order_id).numbered
        spans = [(e.cumulative - e.quantity, e.cumulative) for e in listed] if numbered else []
        return [
            fill
            for fill in self.of_order(client_order_id)
            if fill.execution_id not in names and not _made_of(fill, spans)
        ]

    def orders_without(self, execution_ids: Container[str], since_ns: int) -> list[str]:
        """Orders with a standing fill of `since_ns` or later that is not among these ids."""
        found: list[str] = []
        for fill in reversed(self._fills.values()):  # the newest first: years may lie behind
            if fill.ts_event < since_ns - LATEST_NS:
                break
            if fill.ts_event >= since_ns and fill.execution_id not in execution_ids:
                found.append(fill.client_order_id)
        return found

    def _spans(self, client_order_id: str) -> Coverage:
        known = self._coverage.get(client_order_id)
        if known is None:
            known = self._coverage[client_order_id] = Coverage()
            for fill in self._of_order.get(client_order_id, {}).values():
                known.add(fill.quantity, fill.cumulative)
        return known

    @property
    def newest_ns(self) -> int:
        """When the newest standing fill was made at the venue; 0 without any."""
        return max((fill.ts_event for fill in self._fills.values()), default=0)


def made_up_id(client_order_id: str, cumulative: Decimal) -> str:
    """The id of what an order has filled up to `cumulative` and no execution told."""
    return f"{client_order_id}-S{cumulative.normalize():f}"


def is_made_up(fill: Fill) -> bool:
    """Whether no execution told of `fill`: only the order that it filled."""
    return fill.execution_id.startswith(f"{fill.client_order_id}-S")


def _made_of(fill: Fill, spans: Sequence[Span]) -> bool:
    """Whether whole spans make exactly what `fill` covers."""
    if fill.cumulative is None:
        return False
    first, last = fill.cumulative - fill.quantity, fill.cumulative
    within = sum((b - a for a, b in spans if first <= a and b <= last), ZERO)
    return within == fill.quantity
