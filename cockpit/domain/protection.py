"""Protection: where a position is left at the latest, and where its profit is taken."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise
from typing import Protocol

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.values import CENT, positive


class Way(Protocol):
    """The direction of a position: `sign` is +1 for a long one, -1 for a short one."""

    @property
    def sign(self) -> int:
        """+1 or -1."""
        ...


class Protection(msgspec.Struct, frozen=True, kw_only=True):
    """The exits of a position, as a person or a strategy planned them.

    `stop` is a price. `trail` (money) or `trail_fraction` (of the price) lets the stop follow
    the best price seen, never back; without a `stop` it also gives the first one. `target`
    takes the profit. `limit_offset` makes the stop a stop-limit, that far beyond the stop:
    it bounds the price and may stay unfilled in a gap.
    """

    stop: Decimal | None = None
    trail: Decimal | None = None
    trail_fraction: Decimal | None = None
    target: Decimal | None = None
    limit_offset: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse what protects nothing, and what isn't a positive number."""
        for what in ("stop", "trail", "trail_fraction", "target", "limit_offset"):
            value = getattr(self, what)
            if value is not None:
                positive(value, what.replace("_", " "))
        if self.trail is not None and self.trail_fraction is not None:
            raise DomainError("a stop trails by money or by a fraction, not by both")
        if self.stop is None and not self.trails:
            raise DomainError("a protection needs a stop, or the distance of a trailing stop")
        if self.trail_fraction is not None and not self.trail_fraction < 1:
            raise DomainError(f"a stop can't trail by {self.trail_fraction:%} of the price")

    @property
    def trails(self) -> bool:
        """True when the stop follows the price."""
        return self.trail is not None or self.trail_fraction is not None

    def check(self, way: Way, price: Decimal | None) -> None:
        """Raise DomainError unless stop and target stand on their sides of `price`.

        Without a price, as before a market order, at least of each other.
        """
        known = [p for p in (self.stop, price, self.target) if p is not None]
        rising = [p * way.sign for p in known]
        if any(not a < b for a, b in pairwise(rising)):
            low, high = ("below", "above") if way.sign > 0 else ("above", "below")
            raise DomainError(
                f"the stop belongs {low} the price and the target {high} it: "
                f"stop {self.stop}, price {price}, target {self.target}"
            )
        if price is not None and self.trail is not None and not self.trail < price:
            raise DomainError(f"a stop can't trail by {self.trail} at a price of {price}")

    def trailed(self, way: Way, mark: Decimal, tick: Decimal) -> Decimal:
        """Where a trailing stop stands when `mark` is the best price, on the tick.

        Rounded away from the market: a stop is never nearer than it was asked to be.
        Never below one tick. Raises DomainError when it does not trail.
        """
        distance = self.trail if self.trail_fraction is None else mark * self.trail_fraction
        if distance is None:
            raise DomainError("this stop does not trail")
        return _on_tick(mark - distance * way.sign, tick, up=way.sign < 0)

    def after_split(self, way: Way, old: Decimal, new: Decimal, tick: Decimal) -> Protection:
        """The same protection where `new` units came for `old` ones; a `trail_fraction` stays.

        Prices are on the tick and, where that moves them, further from the market.
        """

        def parted(price: Decimal | None, *, up: bool) -> Decimal | None:
            return None if price is None else _on_tick(price * old / new, tick, up=up)

        return Protection(
            stop=parted(self.stop, up=way.sign < 0),
            trail=parted(self.trail, up=True),
            trail_fraction=self.trail_fraction,
            target=parted(self.target, up=way.sign > 0),
            limit_offset=parted(self.limit_offset, up=True),
        )

    def first_stop(self, way: Way, price: Decimal, tick: Decimal = CENT) -> Decimal:
        """The stop of a position entered at `price`: what is risked is frozen from it."""
        return self.trailed(way, price, tick) if self.stop is None else self.stop


def stop_after_split(way: Way, stop: Decimal, old: Decimal, new: Decimal, tick: Decimal) -> Decimal:
    """Where a stop stands when `new` units came for `old` ones, never nearer."""
    return _on_tick(stop * old / new, tick, up=way.sign < 0)


def _on_tick(price: Decimal, tick: Decimal, *, up: bool) -> Decimal:
    rounding = ROUND_CEILING if up else ROUND_FLOOR
    steps = (price / tick).quantize(Decimal(1), rounding=rounding)
    return max(steps, Decimal(1)) * tick


def tighter(way: Way, one: Decimal, other: Decimal) -> Decimal:
    """The stop that lets less be lost: the higher one of a long position."""
    return max(one, other) if way.sign > 0 else min(one, other)
