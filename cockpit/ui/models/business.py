"""What is open when somebody wants to leave: counted, and named one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cockpit.domain.position import Position
from cockpit.ui.models.exits import NO_STOP, exits_in
from cockpit.ui.theme import format as fmt
from cockpit.ui.words import order_sentence

if TYPE_CHECKING:
    from cockpit.app.core import Core

NAMED = 5
"""So many of a kind are named; the rest are counted."""


class Business(NamedTuple):
    """Orders, positions and proposals in words; of the positions those that no stop protects."""

    orders: Sequence[str] = ()
    positions: Sequence[str] = ()
    bare: Sequence[str] = ()
    proposals: Sequence[str] = ()

    def __bool__(self) -> bool:
        """True when anything is open."""
        return bool(self.orders or self.positions or self.proposals)

    @property
    def counted(self) -> str:
        """All of it in one sentence's part; empty when nothing is open."""
        parts = [
            count_of(self.orders, "open order"),
            count_of(self.positions, "position"),
            count_of(self.proposals, "waiting proposal"),
        ]
        if self.bare:
            parts[1] += f" ({len(self.bare)} without a stop)"
        parts = [part for part in parts if part]
        return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))

    @property
    def kinds(self) -> Sequence[tuple[str, Sequence[str]]]:
        """Each kind under its heading; what nothing protects first."""
        return [
            ("Without a stop", self.bare),
            ("Positions", [one for one in self.positions if one not in self.bare]),
            ("Open orders", self.orders),
            ("Waiting proposals", self.proposals),
        ]


def count_of(things: Sequence[str], what: str) -> str:
    """1 position, 2 positions; empty for none."""
    return f"{len(things)} {what}{'s' * (len(things) != 1)}" if things else ""


def named(things: Sequence[str]) -> str:
    """The first of them, one a line, and how many more there are."""
    more = len(things) - NAMED
    lines = [*things[:NAMED], *([f"and {more} more"] if more > 0 else [])]
    return "\n".join(lines)


def business_of(core: Core) -> Business:
    """As it stands now."""
    held = [(position, exits_in(core, position)) for position in core.portfolio.open_positions()]
    return Business(
        orders=[order_sentence(order.intent) for order in core.orders.open()],
        positions=[_held(position, stop) for position, stop in held],
        bare=[_held(position, stop) for position, stop in held if stop == NO_STOP],
        proposals=[order_sentence(request.order.intent) for request in core.approvals.waiting()],
    )


def _held(position: Position, stop: str) -> str:
    side = "LONG" if position.quantity > 0 else "SHORT"
    words = "no stop" if stop == NO_STOP else f"stop {stop}" if stop else ""
    quantity = fmt.quantity(abs(position.quantity))
    return ", ".join(filter(None, (f"{side} {quantity} {position.symbol}", words)))
