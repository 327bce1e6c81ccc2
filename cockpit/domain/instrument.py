"""What is traded: a listed instrument and its grid of prices and sizes."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from cockpit.domain.values import not_empty, positive

_OPTION = re.compile(r"[A-Z]{1,6}\d{6}[CP]\d{8}")
_CONTRACT = Decimal(100)


def is_option(symbol: str) -> bool:
    """True for a listed option as the OCC writes it, e.g. AAPL230120C00150000."""
    return _OPTION.fullmatch(symbol) is not None


def usual_multiplier(symbol: str) -> Decimal:
    """What a symbol is worth a price unit where nobody says otherwise: 100 for an option."""
    return _CONTRACT if symbol[-1:].isdigit() and is_option(symbol) else Decimal(1)


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """A tradable instrument.

    `tick` is the smallest price step, `lot` the step of sizes, `multiplier` the
    money per price unit and unit of quantity (1 for a stock). `average_daily_volume`
    is in units of quantity. `shortable` says whether it may be sold short at all,
    `easy_to_borrow` whether shares are there for it. All three are None when nobody knows.
    `fraction` is the smallest part of a lot that the broker takes from who asks for one, None
    when it takes none; sizes that are reckoned here stay whole lots.
    """

    symbol: str
    name: str = ""
    currency: str = "USD"
    tick: Decimal = Decimal("0.01")
    lot: Decimal = Decimal(1)
    multiplier: Decimal = Decimal(1)
    average_daily_volume: Decimal | None = None
    shortable: bool | None = None
    easy_to_borrow: bool | None = None
    fraction: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse an empty symbol and a grid that isn't positive."""
        not_empty(self.symbol, "symbol")
        positive(self.tick, "tick")
        positive(self.lot, "lot")
        positive(self.multiplier, "multiplier")
        if self.average_daily_volume is not None:
            positive(self.average_daily_volume, "average daily volume")
        if self.fraction is not None:
            positive(self.fraction, "fraction")
