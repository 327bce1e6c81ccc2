"""The limits that protect the money, with the defaults of the house."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.once import once

_HUNDRED = Decimal(100)


class TradingState(StrEnum):
    """ACTIVE trades, REDUCING only closes, HALTED sends nothing but cancels."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


class Limits(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One account's limits. Fractions are of 1 (0.05 is 5 %), money in the account's currency.

    Nothing may be absent, zero, negative or NaN: a limit that can't trip is no limit.
    Reducing comes before halting, a warning before a block. What the gate measures in percent
    is told in percent, too, reckoned once for all orders it holds for.
    """

    max_clock_skew_s: Decimal = Decimal(1)
    max_quote_age_s: Decimal = Decimal(2)
    max_spread_fraction: Decimal = Decimal("0.05")
    collar_warn_fraction: Decimal = Decimal("0.02")
    collar_block_fraction: Decimal = Decimal("0.05")
    max_order_quantity: Decimal = Decimal(1000)
    max_order_adv_fraction: Decimal = Decimal("0.01")
    max_order_value: Decimal = Decimal(10_000)
    max_order_equity_fraction: Decimal = Decimal("0.05")
    max_position_fraction: Decimal = Decimal("0.10")
    max_gross_fraction: Decimal = Decimal(1)
    max_net_fraction: Decimal = Decimal(1)
    max_active_orders: int = 20
    max_orders_per_day: int = 200
    max_messages_per_second: int = 5
    max_messages_per_minute: int = 60
    duplicate_window_s: Decimal = Decimal(5)
    max_strategy_entries: int = 5
    strategy_window_s: Decimal = Decimal(600)
    day_loss_reducing_fraction: Decimal = Decimal("0.02")
    day_loss_halted_fraction: Decimal = Decimal("0.04")
    max_drawdown_fraction: Decimal = Decimal("0.03")
    max_consecutive_losses: int = 8
    loss_cooldown_s: Decimal = Decimal(900)
    max_order_age_s: Decimal = Decimal(3600)
    stop_grace_s: Decimal = Decimal(10)
    approval_seconds: Decimal = Decimal(60)

    def __post_init__(self) -> None:
        """Refuse a limit that isn't a positive, finite number, and pairs in the wrong order."""
        for name in self.__struct_fields__:
            self.check(name, name, getattr(self, name))
        for first, then in (
            ("day_loss_reducing_fraction", "day_loss_halted_fraction"),
            ("collar_warn_fraction", "collar_block_fraction"),
        ):
            if not (getattr(self, first) < getattr(self, then)):
                raise DomainError(f"{first} must be below {then}")

    @once
    def max_spread_percent(self) -> Decimal:
        """`max_spread_fraction` in percent."""
        return self.max_spread_fraction * _HUNDRED

    @once
    def collar_warn_percent(self) -> Decimal:
        """`collar_warn_fraction` in percent."""
        return self.collar_warn_fraction * _HUNDRED

    @once
    def collar_block_percent(self) -> Decimal:
        """`collar_block_fraction` in percent."""
        return self.collar_block_fraction * _HUNDRED

    @once
    def max_drawdown_percent(self) -> Decimal:
        """`max_drawdown_fraction` in percent."""
        return self.max_drawdown_fraction * _HUNDRED

    @classmethod
    def check(cls, place: str, name: str, value: Decimal | int) -> None:
        """Raise DomainError, naming `place`, for a value that the limit `name` can't have."""
        number = Decimal(value)
        if number.is_nan() or not (0 < number < Decimal("Infinity")):
            raise DomainError(f"limit {place} must be a positive number, not {value}")
        if name in WHOLE_LIMITS and number != int(number):
            raise DomainError(f"limit {place} must be a whole number, not {value}")


WHOLE_LIMITS = frozenset(f.name for f in msgspec.structs.fields(Limits) if f.type is int)
"""Those that count something."""


class ControlResult(msgspec.Struct, frozen=True, gc=False):
    """One control of the gate, evaluated: what it measured before and after the order.

    `code` is CATEGORY_CONDITION, empty when passed. `before`, `after` and `limit` are
    in `unit` ("USD", "shares", "%", "s", "orders"); None where a number makes no sense.
    """

    control: str
    passed: bool
    code: str = ""
    text: str = ""
    before: Decimal | None = None
    after: Decimal | None = None
    limit: Decimal | None = None
    unit: str = ""
    warning: bool = False


class Verdict(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The gate's answer: all controls in their order, up to and with the first denial."""

    results: tuple[ControlResult, ...]
    ts_ns: int

    @property
    def passed(self) -> bool:
        """True when every control passed and there was at least one."""
        for result in self.results:
            if not result.passed:
                return False
        return bool(self.results)

    @property
    def denial(self) -> ControlResult | None:
        """The control that denied, if one did."""
        return next((result for result in self.results if not result.passed), None)
