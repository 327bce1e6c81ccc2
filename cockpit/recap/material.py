"""What recaps are made from, as rooms below hand it over; each kind takes its own part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from cockpit.domain.excursion import Excursion
from cockpit.domain.order import Order
from cockpit.domain.trade import Trade
from cockpit.journal.plan import TradePlan
from cockpit.journal.tradebook import TradeBook


class SymbolDay(msgspec.Struct, frozen=True, kw_only=True):
    """One instrument's regular session: prices a unit, `volume` in units.

    `source` says where it is from, e.g. "alpaca, bars of a day"; `previous_close` is the close
    of the session before, None when nobody told it.
    """

    symbol: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    source: str
    previous_close: Decimal | None = None


class Headline(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else's words, quoted: as published, by whom, when (ns UTC); `ref` is its address."""

    text: str
    publisher: str
    ts_event: int
    ref: str = ""


@dataclass(frozen=True, kw_only=True)
class Material:
    """The book of one account, and what a kind needs beside it.

    `trade` with `plan` and `excursion` is what a post-mortem is about; `orders` and `version` are
    for a devlog; `market` and `headlines` for a digest.
    """

    book: TradeBook
    trade: Trade | None = None
    plan: TradePlan | None = None
    excursion: Excursion | None = None
    orders: Sequence[Order] = ()
    version: str = ""
    market: Sequence[SymbolDay] = ()
    headlines: Sequence[Headline] = ()
