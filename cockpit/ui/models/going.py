"""What a cancel of everything takes along that is more than an order: stops and proposals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cockpit.domain.order import Order
from cockpit.domain.position import Position
from cockpit.ui.models.business import count_of
from cockpit.ui.words import order_sentence

if TYPE_CHECKING:
    from cockpit.app.core import Core


class Going(NamedTuple):
    """Open orders and proposals in words; of the orders those that protect, and their symbols."""

    orders: Sequence[str] = ()
    stops: Sequence[str] = ()
    symbols: Sequence[str] = ()
    proposals: Sequence[str] = ()

    @property
    def needs_a_word(self) -> bool:
        """True when something goes that does more than open a position."""
        return bool(self.symbols or self.proposals)

    @property
    def counted(self) -> str:
        """3 orders, 2 of them exits that protect KORVA, TALVO; 1 proposal."""
        parts = [self._orders_words(), count_of(self.proposals, "proposal")]
        return "; ".join(filter(None, parts))

    def _orders_words(self) -> str:
        orders = count_of(self.orders, "order")
        if not self.symbols:
            return orders
        held = ", ".join(self.symbols)
        if not self.stops:
            return "; ".join(filter(None, (orders, f"the exits held for {held}")))
        word = "exit that protects" if len(self.stops) == 1 else "exits that protect"
        return f"{orders}, {len(self.stops)} of them {word} {held}"

    @property
    def kinds(self) -> Sequence[tuple[str, Sequence[str]]]:
        """Each kind under its heading; what protects first."""
        other = [one for one in self.orders if one not in self.stops]
        return [
            ("Protective exits", self.stops),
            ("Other orders", other),
            ("Waiting proposals", self.proposals),
        ]


def going_in(core: Core) -> Going:
    """As it stands now."""
    held = core.portfolio.open_positions()
    orders = core.orders.open()
    stops = [order for order in orders if _protects(order, held)]
    covered = {cover.symbol for cover in core.protector.all_covers()}
    symbols = {order.symbol for order in stops} | covered & {one.symbol for one in held}
    return Going(
        orders=[order_sentence(order.intent) for order in orders],
        stops=[order_sentence(order.intent) for order in stops],
        symbols=sorted(symbols),
        proposals=[order_sentence(request.order.intent) for request in core.approvals.waiting()],
    )


def _protects(order: Order, held: Sequence[Position]) -> bool:
    """An exit that the core holds, or anybody's stop against what is held."""
    intent, terms = order.intent, order.intent.venue
    if intent.protects:
        return True
    stop = intent.stop_price is not None or (terms is not None and terms.stop_loss is not None)
    return stop and any(
        one.symbol == order.symbol and one.quantity * intent.side.sign < 0 for one in held
    )
