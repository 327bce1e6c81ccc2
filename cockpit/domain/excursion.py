"""How far the price went against a trade and for it while it was open."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from cockpit.domain.values import finite, not_empty


class Excursion(msgspec.Struct, frozen=True, kw_only=True):
    """MAE and MFE of one closed trade, twice: by the price, and by the money of the position.

    `adverse` (zero or less) and `favourable` (zero or more) are price units against the average
    entry, so they don't depend on size. `worst` and `best` are the lowest and highest gross
    money of the position, what was realised before included. `source` is what was looked at,
    `samples` how many prices. It is of the trade that was open from `opened_ns` to `closed_ns`.
    """

    account_id: str
    trade_id: str
    adverse: Decimal
    favourable: Decimal
    worst: Decimal
    best: Decimal
    source: str
    samples: int
    opened_ns: int
    closed_ns: int

    def __post_init__(self) -> None:
        """Refuse what is no number."""
        for what in ("account_id", "trade_id", "source"):
            not_empty(getattr(self, what), what)
        for what in ("adverse", "favourable", "worst", "best"):
            finite(getattr(self, what), what)
