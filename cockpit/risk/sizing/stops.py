"""Where a trade is wrong: the stop, from volatility or from structure."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.order import Side
from cockpit.domain.values import ZERO
from cockpit.risk.errors import RiskError
from cockpit.risk.sizing.numbers import exactly, not_negative, positive


class VolatilityStop(msgspec.Struct, frozen=True, kw_only=True, tag="volatility"):
    """A stop `multiple` x ATR away from the entry. `atr` is in price units.

    Raises RiskError unless both are positive numbers.
    """

    atr: Decimal
    multiple: Decimal = Decimal(2)

    def __post_init__(self) -> None:
        """Refuse a distance that isn't one."""
        positive(self.atr, "ATR")
        positive(self.multiple, "ATR multiple")

    def target(self, entry: Decimal, side: Side, tick: Decimal) -> Decimal:
        """The price before it is put on the grid of `tick`."""
        del tick
        return entry - side.sign * self.multiple * self.atr


class StructureStop(msgspec.Struct, frozen=True, kw_only=True, tag="structure"):
    """A stop beyond a price the market made: a swing low, the other end of a range.

    `buffer_ticks` ticks lie between the level and the stop. Raises RiskError for a level
    that isn't a positive number and a negative buffer.
    """

    level: Decimal
    buffer_ticks: int = 1

    def __post_init__(self) -> None:
        """Refuse a level that isn't a price, and a buffer on the wrong side of it."""
        positive(self.level, "stop level")
        not_negative(Decimal(self.buffer_ticks), "stop buffer")

    def target(self, entry: Decimal, side: Side, tick: Decimal) -> Decimal:
        """The price before it is put on the grid of `tick`.

        Raises RiskError for a level that isn't on the losing side of the entry.
        """
        if not (entry - self.level) * side.sign > 0:
            where = "below" if side is Side.BUY else "above"
            raise RiskError(
                f"{side.value} at {entry} with level {self.level}",
                user_text=f"The stop's level {self.level} must lie {where} the entry {entry}.",
            )
        return self.level - side.sign * self.buffer_ticks * tick


StopRule = VolatilityStop | StructureStop


def stop_price(rule: StopRule, *, entry: Decimal, side: Side, tick: Decimal) -> Decimal:
    """The stop on the grid of `tick`, rounded away from the entry.

    Away is the safe side: the stop never stands inside the noise or the structure it was
    put beyond, and because the size is reckoned from the rounded stop, the longer way
    makes the size smaller, never the loss larger. Raises RiskError when no price above
    zero is left for it.
    """
    positive(entry, "entry")
    positive(tick, "tick")
    with exactly():
        target = rule.target(entry, side, tick)
        steps, rest = divmod(max(target, ZERO), tick)
        if rest and side is Side.SELL:
            steps += 1
        if not steps > 0:
            raise RiskError(
                f"stop of {entry} would be {target}",
                user_text=f"The stop would have to lie at {target.normalize():f}, "
                "and there is no such price.",
            )
        return steps * tick
