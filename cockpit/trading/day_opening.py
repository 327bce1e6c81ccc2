"""What a day is measured from: its result so far at some time, and how it began."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import msgspec

from cockpit.domain.values import ZERO


class Result(NamedTuple):
    """Money made and lost up to some time; `unrealised` is the open profit at the marks."""

    realised: Decimal
    fees: Decimal
    unrealised: float

    @property
    def net(self) -> float:
        """Realised + unrealised - fees."""
        return float(self.realised - self.fees) + self.unrealised


NOTHING = Result(ZERO, ZERO, 0.0)


class DayOpening(msgspec.Struct, frozen=True):
    """How a day began: its equity, and the open profit by symbol that was carried into it.

    `unmarked` symbols had no price of the day yet: what they carry is known with their first.
    `peak` is the highest profit of the day so far. `charged` is None when the charges in that
    equity were booked; else all charges booked before it, as nobody knew yet what else it has.
    """

    day: str
    equity: Decimal
    carried: dict[str, float]
    peak: float = 0.0
    unmarked: tuple[str, ...] = ()
    charged: Decimal | None = None
