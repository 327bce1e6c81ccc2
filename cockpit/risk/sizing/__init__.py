"""How much to trade: the size that a risk budget and every armed limit leave room for.

1. A stop rule (`stops`) gives the price at which the trade is wrong.
2. A method (`methods`) gives the money that may be lost there.
3. Every armed limit (`caps`) says what it has room for, from the account's `Standing`.
4. `size` takes the smallest, in whole lots, and says why.

Pure functions: nothing here places, reserves or promises anything. The gate decides again
when the order comes and when it is released.
"""

from cockpit.risk.sizing.caps import Cap
from cockpit.risk.sizing.methods import (
    ConvictionScaled,
    FixedFractional,
    Method,
    VolatilityScaled,
)
from cockpit.risk.sizing.request import SizingRequest
from cockpit.risk.sizing.sizing import Sizing, size
from cockpit.risk.sizing.standing import Standing, standing_of
from cockpit.risk.sizing.stops import StopRule, StructureStop, VolatilityStop, stop_price

__all__ = [
    "Cap",
    "ConvictionScaled",
    "FixedFractional",
    "Method",
    "Sizing",
    "SizingRequest",
    "Standing",
    "StopRule",
    "StructureStop",
    "VolatilityScaled",
    "VolatilityStop",
    "size",
    "standing_of",
    "stop_price",
]
