"""What a venue itself is asked to do with an order, beyond its type, where it offers that."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.values import positive

if TYPE_CHECKING:
    from cockpit.domain.order import OrderIntent

_PRICES = ("take_profit", "stop_loss", "stop_loss_limit", "trail", "trail_fraction")


class OrderClass(StrEnum):
    """How many orders it is at the venue, and how they hang together.

    BRACKET: an entry with two exits, OTO: an entry with one; both exits wait for the entry. OCO:
    an exit at a limit, and a stop beside it; what trades of one is taken off the other.
    """

    SIMPLE = "simple"
    BRACKET = "bracket"
    OCO = "oco"
    OTO = "oto"


class Feature(StrEnum):
    """What a broker may offer."""

    BRACKET = "brackets"
    OCO = "OCO orders"
    OTO = "OTO orders"
    TRAILING = "trailing stops"
    EXTENDED_HOURS = "orders before and after the session"


class VenueTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Terms that the venue keeps, not the core: they hold while this program is down.

    `take_profit` is the limit of an exit, `stop_loss` its stop, with `stop_loss_limit` a
    stop-limit. `trail` (money) or `trail_fraction` (of the price) lets the venue move a stop
    order; its stop price is where it stands at first. Of an order that belongs to others at the
    venue, `group` names those of which only one trades its quantity, and `parent` the entry that
    it waits for, each by a client order id.
    """

    order_class: OrderClass = OrderClass.SIMPLE
    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    stop_loss_limit: Decimal | None = None
    trail: Decimal | None = None
    trail_fraction: Decimal | None = None
    extended_hours: bool = False
    group: str = ""
    parent: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no price, and classes without their exits."""
        for what in _PRICES:
            value = getattr(self, what)
            if value is not None:
                positive(value, what.replace("_", " "))
        if self.trail is not None and self.trail_fraction is not None:
            raise DomainError("a stop trails by money or by a fraction, not by both")
        if self.trail_fraction is not None and not self.trail_fraction < 1:
            raise DomainError(f"a stop can't trail by {self.trail_fraction:%} of the price")
        if self.stop_loss_limit is not None and self.stop_loss is None:
            raise DomainError("the limit of a stop needs its stop")
        exits = (self.take_profit is not None, self.stop_loss is not None)
        if exits not in _EXITS[self.order_class]:
            raise DomainError(f"these are not the exits of {_NAMES[self.order_class]}")

    @property
    def trails(self) -> bool:
        """True when the venue moves the stop."""
        return self.trail is not None or self.trail_fraction is not None

    @property
    def exits_follow(self) -> bool:
        """True for an entry, after which the venue itself places exits of its whole size."""
        return self.order_class in _ENTRIES

    @property
    def prices(self) -> tuple[Decimal, ...]:
        """The prices among them, which must be on the instrument's grid."""
        given = (self.take_profit, self.stop_loss, self.stop_loss_limit)
        return tuple(price for price in given if price is not None)

    @property
    def features(self) -> frozenset[Feature]:
        """What the broker must offer."""
        wanted = {_FEATURES[self.order_class]} if self.order_class in _FEATURES else set[Feature]()
        wanted |= {Feature.TRAILING} if self.trails else set()
        return frozenset(wanted | ({Feature.EXTENDED_HOURS} if self.extended_hours else set()))

    def check(self, intent: OrderIntent) -> None:
        """Raise DomainError for an order that no venue would take with these terms."""
        kind, price = intent.type.value, intent.limit_price
        if self.extended_hours and (kind, intent.tif.value) != ("limit", "day"):
            raise DomainError("before and after the session only limit orders of the day are taken")
        if self.trails and kind != "stop":
            raise DomainError("only a stop order trails")
        if self.order_class is OrderClass.SIMPLE:
            return
        if self.extended_hours or self.trails or intent.tif.value == "ioc":
            raise DomainError(f"{_NAMES[self.order_class]} neither trails nor leaves the session")
        exits = self.order_class is OrderClass.OCO
        if kind not in (("limit",) if exits else ("market", "limit")):
            raise DomainError(f"{_NAMES[self.order_class]} begins with no {kind} order")
        sign = -intent.side.sign if exits else intent.side.sign
        stop, target = self.stop_loss, price if exits else self.take_profit
        entry = None if exits else price
        known = [p * sign for p in (stop, entry, target) if p is not None]
        if any(not low < high for low, high in pairwise(known)):
            raise DomainError("the stop belongs on the side of the loss, the target on the other")
        limit = self.stop_loss_limit
        if limit is not None and stop is not None and (stop - limit) * sign < 0:
            raise DomainError("the limit of a stop is beyond it")


_EXITS = {
    OrderClass.SIMPLE: ((False, False),),
    OrderClass.BRACKET: ((True, True),),
    OrderClass.OCO: ((False, True),),
    OrderClass.OTO: ((True, False), (False, True)),
}
_ENTRIES = frozenset({OrderClass.BRACKET, OrderClass.OTO})
_NAMES = {
    OrderClass.SIMPLE: "a single order",
    OrderClass.BRACKET: "a bracket",
    OrderClass.OCO: "an OCO order",
    OrderClass.OTO: "an OTO order",
}
_FEATURES = {
    OrderClass.BRACKET: Feature.BRACKET,
    OrderClass.OCO: Feature.OCO,
    OrderClass.OTO: Feature.OTO,
}
