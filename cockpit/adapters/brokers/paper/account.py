"""The simulated account: cash, positions, fees, and what open orders reserve. Exact, pure.

cash         = start - sum(signed quantity x price x multiplier) - fees
equity       = cash + sum(position x mark x multiplier)
commission   = max(minimum, rate x filled) once anything of an order is filled
buying power = leverage x equity - sum(|position| x mark x multiplier) - reserved
reserved     = sum over open orders of (the part that opens x worst price + its commission)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

import msgspec

from cockpit.adapters.brokers.paper.orders import VenueOrder
from cockpit.adapters.brokers.paper.settings import PaperSettings
from cockpit.domain.fill import Fill
from cockpit.domain.instrument import Instrument
from cockpit.domain.order import Side
from cockpit.domain.position import Position
from cockpit.domain.values import ZERO

Mark = Callable[[str], Decimal | None]


class Commission:
    """Money per share with a minimum an order, charged as the order fills."""

    def __init__(self, per_share: Decimal, minimum: Decimal) -> None:
        self._per_share = per_share
        self._minimum = minimum

    def total(self, filled: Decimal) -> Decimal:
        """What an order owes once `filled` of it was traded; nothing before."""
        return max(self._minimum, self._per_share * filled) if filled > 0 else ZERO

    def of_fill(self, filled_after: Decimal, quantity: Decimal) -> Decimal:
        """What a fill of `quantity` adds, given the cumulative quantity after it."""
        return self.total(filled_after) - self.total(filled_after - quantity)


class PaperAccount:
    """Money and positions, changed only by fills."""

    def __init__(
        self,
        settings: PaperSettings,
        account_id: str,
        mark: Mark,
        instrument: Callable[[str], Instrument],
    ) -> None:
        self.commission = Commission(settings.commission_per_share, settings.commission_minimum)
        self.cash = settings.starting_cash
        self._leverage = settings.leverage
        self._account_id = account_id
        self._mark = mark
        self._instrument = instrument
        self._positions: dict[str, Position] = {}

    @property
    def positions(self) -> Mapping[str, Position]:
        """By symbol, flat ones included."""
        return self._positions

    def held(self, symbol: str) -> Decimal:
        """Signed quantity of `symbol`."""
        return self._position(symbol).quantity

    def book(self, fill: Fill) -> None:
        """Move money and shares by one fill."""
        position = self._position(fill.symbol)
        self._positions[fill.symbol] = position.with_fill(fill)
        self.cash -= fill.signed_quantity * fill.price * position.multiplier + fill.fee

    def split(self, symbol: str, ratio: int) -> None:
        """Make `ratio` shares of each that is held; what they cost stays."""
        position = self._position(symbol)
        self._positions[symbol] = msgspec.structs.replace(
            position,
            quantity=position.quantity * ratio,
            average_cost=position.average_cost / ratio,
        )

    @property
    def equity(self) -> Decimal:
        """Cash and positions at the last mid seen, at cost where none was."""
        return self.cash + sum((self._value(p) for p in self._positions.values()), ZERO)

    def buying_power(self, open_orders: Iterable[VenueOrder]) -> Decimal:
        """What may still be opened, net of what `open_orders` may open at worst."""
        gross = sum((abs(self._value(p)) for p in self._positions.values()), ZERO)
        return self._leverage * self.equity - gross - self._reserved(open_orders)

    def opening_part(self, order: VenueOrder, open_orders: Iterable[VenueOrder]) -> Decimal:
        """How much of `order` opens a position, after all of `open_orders` that came before."""
        return self._opening([*open_orders, order])[order]

    def _reserved(self, open_orders: Iterable[VenueOrder]) -> Decimal:
        return sum(
            (self._worst_cost(o, part) for o, part in self._opening(open_orders).items()), ZERO
        )

    def _worst_cost(self, order: VenueOrder, quantity: Decimal) -> Decimal:
        value = quantity * order.worst * self._instrument(order.symbol).multiplier
        return value + self.commission.total(quantity)

    def _opening(self, open_orders: Iterable[VenueOrder]) -> dict[VenueOrder, Decimal]:
        """The part of each order that opens; what closes goes to the earlier order."""
        cover: dict[tuple[str, Side], Decimal] = {}
        opening: dict[VenueOrder, Decimal] = {}
        for order in open_orders:
            key = (order.symbol, order.side)
            closable = cover.setdefault(key, max(ZERO, -order.side.sign * self.held(order.symbol)))
            closing = min(closable, order.remaining)
            cover[key] = closable - closing
            opening[order] = order.remaining - closing
        return opening

    def _value(self, position: Position) -> Decimal:
        mark = self._mark(position.symbol)
        price = position.average_cost if mark is None else mark
        return position.quantity * price * position.multiplier

    def _position(self, symbol: str) -> Position:
        known = self._positions.get(symbol)
        if known is not None:
            return known
        multiplier = self._instrument(symbol).multiplier
        return Position(account_id=self._account_id, symbol=symbol, multiplier=multiplier)
