"""One position's lots, first in first out, and the trade being made of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.currency import USD
from cockpit.domain.fill import Fill
from cockpit.domain.order import Side
from cockpit.domain.trade import Direction, LotMatch, Trade
from cockpit.domain.values import ZERO

ADJUSTED = "adjusted"
"""Strategy name of what came into the position by other means than a trade."""


class OpenLot(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of an opening fill: `quantity` units at `price`, not yet closed.

    `timed` is False where only the day of `opened_ns` is known.
    """

    account_id: str
    symbol: str
    direction: Direction
    quantity: Decimal
    price: Decimal
    opened_ns: int
    execution_id: str
    strategy: str
    planned_stop: Decimal | None = None
    timed: bool = True
    currency: str = USD


class OpenTrade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade that is not flat yet.

    `matches` are its partial exits, realised on their own dates; `fees` is all it has
    paid so far, in and out.
    """

    account_id: str
    symbol: str
    direction: Direction
    opened_ns: int
    strategy: str
    fees: Decimal
    lots: tuple[OpenLot, ...]
    matches: tuple[LotMatch, ...]
    execution_ids: tuple[str, ...]
    currency: str = USD

    @property
    def quantity(self) -> Decimal:
        """Units still open, unsigned."""
        return sum((lot.quantity for lot in self.lots), ZERO)


class FillPart(msgspec.Struct, frozen=True):
    """A fill, or one half of a fill that flipped the position, with its share of the fee.

    `traded` is False for what an adjustment put there: it opens a lot, but nobody traded it.
    """

    fill: Fill
    quantity: Decimal
    fee: Decimal
    traded: bool = True


class TradeMaker:
    """Builds one trade, from the fill that opened it until it is flat.

    `multiplier` is money per price unit and unit of quantity. With `average` every opening
    fill joins the one lot at its average cost, instead of being a lot of its own.
    """

    def __init__(self, first: FillPart, multiplier: Decimal, *, average: bool = False) -> None:
        self._average = average
        self._side = first.fill.side
        self._direction = Direction.LONG if self._side.sign > 0 else Direction.SHORT
        self._multiplier = multiplier
        self._lots: deque[OpenLot] = deque()
        self._openings: list[FillPart] = []
        self._matches: list[LotMatch] = []
        self._executions: list[str] = []
        self._fees = ZERO
        self.quantity = ZERO
        self.take(first)

    def take(self, part: FillPart) -> Trade | None:
        """Open more or close some; the trade when that made it flat.

        A closing part is never larger than what is open.
        """
        self._fees += part.fee
        if part.traded:
            self._executions.append(part.fill.execution_id)
        if part.fill.side is self._side:
            self._open(part)
            return None
        self._close(part)
        return self._finished(part.fill) if self.quantity == 0 else None

    def closes(self, fill: Fill) -> bool:
        """True when `fill` is on the other side of this trade."""
        return fill.side is not self._side

    def adjust(self, to: Adjustment) -> None:
        """Set what is open, in the same direction; what was realised and paid so far stays.

        A split changes every lot at its own cost, a transfer adds a lot or takes the first
        ones away, an expiry realises what it takes away at a price of zero. Anything else
        leaves one lot at the new cost.
        """
        self._fees += to.fee
        quantity = abs(to.quantity)
        if to.kind is AdjustmentKind.SPLIT:
            self._lots = _split(self._lots, quantity)
        elif to.kind is AdjustmentKind.EXPIRED:
            self._expire(self.quantity - quantity, to)
        elif to.kind is not AdjustmentKind.TRANSFER or not self._move(quantity, to):
            self._lots.clear()
            self._lots.append(_lot(opening_of(to), quantity, self._direction))
        self.quantity = quantity

    def taken_away(self, to: Adjustment) -> Trade | None:
        """End the trade without a fill; None when it had not closed anything."""
        self._fees += to.fee
        if to.kind is AdjustmentKind.EXPIRED:
            self._expire(self.quantity, to)
        return self._finished(to) if self._matches else None

    def holds(self, quantity: Decimal) -> bool:
        """True when a position of this signed quantity has this trade's direction."""
        return quantity * self._side.sign > 0

    def still_open(self) -> OpenTrade:
        """The trade as it stands."""
        first = self._openings[0].fill
        return OpenTrade(
            account_id=first.account_id,
            symbol=first.symbol,
            direction=self._direction,
            opened_ns=first.ts_event,
            strategy=first.strategy,
            fees=self._fees,
            lots=tuple(self._lots),
            matches=tuple(self._matches),
            execution_ids=tuple(self._executions),
            currency=first.currency,
        )

    def _open(self, part: FillPart) -> None:
        fill = part.fill
        self._openings.append(part)
        self.quantity += part.quantity
        self._lots.append(_lot(fill, part.quantity, self._direction))
        if self._average and len(self._lots) > 1:
            self._lots = deque((_joined(self._lots),))

    def _close(self, part: FillPart) -> None:
        fill = part.fill
        self.quantity -= part.quantity
        for lot in self._taken(part.quantity):
            self._matches.append(self._match(lot, fill.execution_id, fill.price, fill))

    def _expire(self, quantity: Decimal, by: Adjustment) -> None:
        for lot in self._taken(quantity):
            self._matches.append(self._match(lot, by.adjustment_id, ZERO, by))

    def _move(self, quantity: Decimal, to: Adjustment) -> bool:
        """Add a lot, or take the first ones away; False when that can't give the cost told."""
        cost = sum((lot.price * lot.quantity for lot in self._lots), ZERO)
        came = quantity - self.quantity
        if came < 0:
            self._taken(-came)
            return True
        worth = to.average_cost * quantity - cost
        if came == 0 or worth <= 0:
            return False
        arrived = msgspec.structs.replace(to, average_cost=worth / came)
        self._lots.append(_lot(opening_of(arrived), came, self._direction))
        return True

    def _taken(self, quantity: Decimal) -> list[OpenLot]:
        """The first lots up to `quantity`, which is never more than is open, taken away."""
        taken: list[OpenLot] = []
        while quantity > 0:
            lot = self._lots.popleft()
            part = min(lot.quantity, quantity)
            taken.append(msgspec.structs.replace(lot, quantity=part))
            quantity -= part
            if part < lot.quantity:
                rest = msgspec.structs.replace(lot, quantity=lot.quantity - part)
                self._lots.appendleft(rest)
        return taken

    def _match(
        self, lot: OpenLot, closed_by: str, price: Decimal, end: Fill | Adjustment
    ) -> LotMatch:
        move = (price - lot.price) * self._side.sign
        return LotMatch(
            open_execution_id=lot.execution_id,
            close_execution_id=closed_by,
            quantity=lot.quantity,
            entry_price=lot.price,
            exit_price=price,
            opened_ns=lot.opened_ns,
            closed_ns=end.ts_event,
            gross=move * lot.quantity * self._multiplier,
            opened_timed=lot.timed,
            closed_timed=end.timed,
        )

    def _finished(self, end: Fill | Adjustment) -> Trade:
        first = self._openings[0].fill
        total = sum((match.quantity for match in self._matches), ZERO)
        return Trade(
            trade_id=trade_id_of(first),
            account_id=first.account_id,
            symbol=first.symbol,
            direction=self._direction,
            quantity=total,
            entry_price=_mean(((m.entry_price, m.quantity) for m in self._matches), total),
            exit_price=_mean(((m.exit_price, m.quantity) for m in self._matches), total),
            gross=sum((match.gross for match in self._matches), ZERO),
            fees=self._fees,
            opened_ns=first.ts_event,
            closed_ns=end.ts_event,
            matches=tuple(self._matches),
            execution_ids=tuple(self._executions),
            strategy=first.strategy,
            initial_risk=self._initial_risk(),
            planned_target=first.planned_target,
            opened_timed=first.timed,
            closed_timed=end.timed,
            currency=first.currency,
        )

    def _initial_risk(self) -> Decimal | None:
        """Sum over the opening fills of (price - stop) x quantity, in the trade's direction.

        Each opening fill risks down to its own planned stop, or to the first one when it
        has none. None when the trade began without a stop, or with a stop that would
        have won: then there is no R to speak of.
        """
        first_stop = self._openings[0].fill.planned_stop
        if first_stop is None:
            return None
        risk = ZERO
        for part in self._openings:
            stop = part.fill.planned_stop or first_stop
            risk += (part.fill.price - stop) * self._side.sign * part.quantity
        return risk * self._multiplier if risk > 0 else None


def trade_id_of(first: Fill) -> str:
    """A trade's name for good: an execution opens at most one trade of its symbol."""
    return f"{first.symbol}-{first.execution_id}"


def opening_of(to: Adjustment) -> Fill:
    """What an adjustment opens, in the shape of a fill that nobody traded."""
    return Fill(
        execution_id=to.adjustment_id,
        account_id=to.account_id,
        client_order_id=to.adjustment_id,
        symbol=to.symbol,
        side=Side.BUY if to.quantity > 0 else Side.SELL,
        quantity=abs(to.quantity),
        price=to.average_cost,
        fee=ZERO,
        ts_event=to.ts_event,
        ts_init=to.ts_init,
        strategy=ADJUSTED,
        timed=to.timed,
        currency=to.currency,
    )


def _lot(fill: Fill, quantity: Decimal, direction: Direction) -> OpenLot:
    return OpenLot(
        account_id=fill.account_id,
        symbol=fill.symbol,
        direction=direction,
        quantity=quantity,
        price=fill.price,
        opened_ns=fill.ts_event,
        execution_id=fill.execution_id,
        strategy=fill.strategy,
        planned_stop=fill.planned_stop,
        timed=fill.timed,
        currency=fill.currency,
    )


def _joined(lots: Iterable[OpenLot]) -> OpenLot:
    """The lots as one at their average cost; it goes by the first one's name and time."""
    every = list(lots)
    quantity = sum((lot.quantity for lot in every), ZERO)
    price = sum((lot.price * lot.quantity for lot in every), ZERO) / quantity
    return msgspec.structs.replace(every[0], quantity=quantity, price=price)


_PART = Decimal("1e-12")
"""The smallest part of a unit that a lot keeps after a split, so that lots add up exactly."""


def _split(lots: Iterable[OpenLot], total: Decimal) -> deque[OpenLot]:
    """The lots at `total` units, each at its own cost; the last one takes what rounding left."""
    before = list(lots)
    ratio = total / sum((lot.quantity for lot in before), ZERO)
    sizes = [(lot.quantity * ratio).quantize(_PART) for lot in before[:-1]]
    sizes.append(total - sum(sizes, ZERO))
    return deque(
        msgspec.structs.replace(
            lot,
            quantity=size,
            price=lot.price * lot.quantity / size,
            planned_stop=None if lot.planned_stop is None else lot.planned_stop / ratio,
        )
        for lot, size in zip(before, sizes, strict=True)
    )


def _mean(pairs: Iterable[tuple[Decimal, Decimal]], total: Decimal) -> Decimal:
    return sum((price * quantity for price, quantity in pairs), ZERO) / total
