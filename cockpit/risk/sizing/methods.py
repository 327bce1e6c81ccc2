"""What one trade may lose, and how far one unit is reckoned to move."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.risk.sizing.numbers import ONE, plain, positive, share


class FixedFractional(msgspec.Struct, frozen=True, kw_only=True, tag="fixed_fractional"):
    """The same fraction of equity at risk in each trade (0.01 is 1 %).

    quantity = equity x fraction / (stop distance x multiplier). Source: R. Vince,
    Portfolio Management Formulas, 1990, with the stop as the largest loss. Raises
    RiskError unless the fraction is above 0 and at most 1.
    """

    risk_fraction: Decimal

    def __post_init__(self) -> None:
        """Refuse a fraction that isn't one."""
        share(self.risk_fraction, "risk fraction")

    @property
    def words(self) -> str:
        """The budget in words."""
        return f"{plain(self.risk_fraction * 100)} % of equity"

    def budget(self, equity: Decimal) -> Decimal:
        """Money that may be lost at the stop."""
        return equity * self.risk_fraction

    def distance(self, stop_distance: Decimal) -> Decimal:
        """Price units that one unit of quantity is reckoned to lose."""
        return stop_distance


class VolatilityScaled(msgspec.Struct, frozen=True, kw_only=True, tag="volatility_scaled"):
    """The same fraction of equity for a usual move, so that a calm symbol gets a larger size.

    quantity = equity x fraction / (multiple x ATR x multiplier), and never more than the
    stop allows: a stop further away than `multiple` x ATR counts instead. Source: the
    Turtle unit, C. Faith, The Original Turtle Trading Rules, 2003 (1 % of equity for one
    N). Raises RiskError for a fraction outside (0, 1], and for an ATR or multiple that
    isn't positive.
    """

    risk_fraction: Decimal
    atr: Decimal
    multiple: Decimal = ONE

    def __post_init__(self) -> None:
        """Refuse a fraction or a move that isn't one."""
        share(self.risk_fraction, "risk fraction")
        positive(self.atr, "ATR")
        positive(self.multiple, "ATR multiple")

    @property
    def words(self) -> str:
        """The budget in words."""
        move = f"a move of {plain(self.multiple)} x ATR"
        return f"{plain(self.risk_fraction * 100)} % of equity for {move}"

    def budget(self, equity: Decimal) -> Decimal:
        """Money that may be lost at the stop."""
        return equity * self.risk_fraction

    def distance(self, stop_distance: Decimal) -> Decimal:
        """Price units that one unit of quantity is reckoned to lose."""
        return max(stop_distance, self.multiple * self.atr)


class ConvictionScaled(msgspec.Struct, frozen=True, kw_only=True, tag="conviction_scaled"):
    """Another method's budget x conviction; conviction is above 0 and never above 1.

    So the base method's fraction is the most that is ever risked, and conviction can only
    take away. Raises RiskError for a conviction outside (0, 1].
    """

    base: FixedFractional | VolatilityScaled
    conviction: Decimal

    def __post_init__(self) -> None:
        """Refuse more than full conviction, and none."""
        share(self.conviction, "conviction")

    @property
    def words(self) -> str:
        """The budget in words."""
        return f"{self.base.words} at conviction {plain(self.conviction)}"

    def budget(self, equity: Decimal) -> Decimal:
        """Money that may be lost at the stop."""
        return self.base.budget(equity) * self.conviction

    def distance(self, stop_distance: Decimal) -> Decimal:
        """Price units that one unit of quantity is reckoned to lose."""
        return self.base.distance(stop_distance)


Method = FixedFractional | VolatilityScaled | ConvictionScaled
