"""The sizes one quote displays: each share of them can be taken once."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote
from cockpit.domain.order import Side
from cockpit.domain.values import to_decimal, to_tick

Prices = dict[Side, Decimal]
"""By the side of the order: the ask for a buy, the bid for a sell."""
_NOISE = Decimal("0.001")  # of a tick: what float arithmetic may have added to a price


class Display:
    """Prices and what is left of the sizes of one quote, exact and in whole lots."""

    __slots__ = ("_left", "_prices")

    def __init__(self, quote: Quote, prices: Prices, instrument: Instrument) -> None:
        self._prices = prices
        self._left = {
            Side.BUY: _whole_lots(quote.ask_size, instrument),
            Side.SELL: _whole_lots(quote.bid_size, instrument),
        }

    def price(self, side: Side) -> Decimal:
        """What an order of `side` trades at: the ask for a buy, the bid for a sell."""
        return self._prices[side]

    def left(self, side: Side) -> Decimal:
        """What an order of `side` can still take."""
        return self._left[side]

    def take(self, side: Side, wanted: Decimal) -> Decimal:
        """Take up to `wanted` and return how much it was."""
        taken = min(wanted, self._left[side])
        self._left[side] -= taken
        return taken


def prices_of(quote: Quote, instrument: Instrument) -> Prices:
    """What a buy and a sell trade at."""
    return {
        Side.BUY: price_of(quote.ask, instrument),
        Side.SELL: price_of(quote.bid, instrument),
    }


def price_of(mark: float, instrument: Instrument) -> Decimal:
    """A quoted price as an exact decimal, with the float's noise taken off."""
    exact = to_decimal(mark)
    snapped = to_tick(exact, instrument.tick)
    return snapped if abs(exact - snapped) <= instrument.tick * _NOISE else exact


def _whole_lots(size: float, instrument: Instrument) -> Decimal:
    return to_decimal(size) // instrument.lot * instrument.lot
