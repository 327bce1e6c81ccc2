"""What else Alpaca can be asked, each answer as a value: hours, equity, charges, listings.

All raise NoAnswerError, VenueRefusalError, HeldBackError and UnreadableError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from cockpit.adapters.brokers.alpaca.budget import Purpose
from cockpit.adapters.brokers.alpaca.faults import UnreadableError, VenueRefusalError
from cockpit.adapters.brokers.alpaca.lines import Lines
from cockpit.adapters.brokers.alpaca.wire import (
    WireAsset,
    WireCharge,
    WireDay,
    WireHistory,
)
from cockpit.domain.instrument import Instrument
from cockpit.domain.values import NEW_YORK, ZERO, to_ns, utc
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import TradingHours

FEES = ("FEE", "CFEE", "PTC", "PTR", "DIVFEE")
"""Regulatory fees, fees of coins, of depositary receipts and passed through; after the fill."""

RESULTS = (*FEES, "DIV", "DIVCGL", "DIVCGS", "DIVFT", "DIVNRA", "DIVROC", "DIVTW", "DIVTXEX",
           "INT", "INTNRA", "INTTW")  # fmt: skip
"""All that is a result and no trade; deposits, journals and transfers are none."""

_COUNTS = "executed"
_STRUCK_OUT = ("canceled", "cancelled")
_PAGE = 100
_MAX_PAGES = 200
_FRACTION = Decimal("1e-9")  # a quantity takes up to nine decimals
_ONE_BY_ONE = 20  # symbols; for more of them the whole list is asked for, once


@dataclass(frozen=True, kw_only=True, slots=True)
class EquityPoint:
    """The account's equity at a time, and its profit since the point before the first."""

    ts_ns: int
    equity: Decimal
    profit: Decimal | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """Money that came or went without a trade; `amount` is negative for what was charged.

    `taken_back` is what the venue canceled; `why` says what can't be read, and `amount` is 0 then.
    """

    id: str
    kind: str
    day: str
    amount: Decimal
    symbol: str
    text: str
    taken_back: bool = False
    why: str = ""


class Records:
    """Asks, and says what it was told."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    async def calendar(self, first: date, last: date) -> list[TradingHours]:
        """The trading days from `first` to `last`."""
        span = {"start": first.isoformat(), "end": last.isoformat()}
        days = await self._lines.get("/calendar", list[WireDay], span, purpose=Purpose.RESEARCH)
        return [_day(told) for told in days]

    async def equity(self, period: str = "1M", timeframe: str = "1D") -> list[EquityPoint]:
        """The account's equity as the portfolio's history has it, without empty points."""
        told = await self._lines.get(
            "/account/portfolio/history",
            WireHistory,
            {"period": period, "timeframe": timeframe},
            purpose=Purpose.RESEARCH,
        )
        if not len(told.timestamp) == len(told.equity) == len(told.profit_loss):
            raise UnreadableError("the columns of the portfolio's history differ in length")
        points = zip(told.timestamp, told.equity, told.profit_loss, strict=True)
        return [
            EquityPoint(ts_ns=at * SECOND, equity=equity, profit=profit)
            for at, equity, profit in points
            if equity is not None
        ]

    async def charges(self, since_ns: int, kinds: Sequence[str] = FEES) -> list[Charge]:
        """Money that came or went without a trade since that day, oldest first.

        One that can't be read says why, and spoils no other.
        """
        found: dict[str, Charge] = {}
        params = {
            "activity_types": ",".join(kinds),
            "after": f"{utc(max(0, since_ns)):%Y-%m-%dT%H:%M:%SZ}",
            "direction": "asc",
            "page_size": str(_PAGE),
        }
        for _ in range(_MAX_PAGES):
            page = await self._lines.get("/account/activities", list[WireCharge], params)
            before = len(found)
            found.update((told.id, _charge(told)) for told in page)
            if len(page) < _PAGE:
                return list(found.values())
            if len(found) == before or not page[-1].id:
                break
            params["page_token"] = page[-1].id
        raise UnreadableError("the list of activities does not come to an end")

    async def instruments(self, symbols: Sequence[str]) -> list[Instrument]:
        """What is listed of `symbols`: whether it can be sold short, and traded in fractions."""
        if len(symbols) > _ONE_BY_ONE:
            every = {"status": "active", "asset_class": "us_equity"}
            listed = await self._lines.get(
                "/assets", list[WireAsset], every, purpose=Purpose.RESEARCH
            )
            wanted = set(symbols)
            return [_instrument(asset) for asset in listed if asset.symbol in wanted]
        found = [await self._asset(symbol) for symbol in symbols]
        return [_instrument(asset) for asset in found if asset is not None]

    async def _asset(self, symbol: str) -> WireAsset | None:
        try:
            return await self._lines.get(f"/assets/{symbol}", WireAsset, purpose=Purpose.RESEARCH)
        except VenueRefusalError as refusal:
            if refusal.status == 404:
                return None
            raise


def _instrument(asset: WireAsset) -> Instrument:
    tradable = asset.tradable and asset.status == "active"
    return Instrument(
        symbol=asset.symbol,
        name=asset.name,
        shortable=asset.shortable and tradable,
        easy_to_borrow=asset.easy_to_borrow and tradable,
        fraction=_FRACTION if asset.fractionable else None,
    )


def _day(told: WireDay) -> TradingHours:
    try:
        day = date.fromisoformat(told.date)
        opens, closes = (
            to_ns(datetime.combine(day, datetime.strptime(text, "%H:%M").time(), NEW_YORK))  # noqa: DTZ007 -- a time of day
            for text in (told.open, told.close)
        )
    except ValueError as error:
        raise UnreadableError(f"a trading day is {told}") from error
    return TradingHours(day=day, open_ns=opens, close_ns=closes)


def _charge(told: WireCharge) -> Charge:
    amount, why = _amount(told)
    status = told.status or _COUNTS
    if not why and status not in (_COUNTS, *_STRUCK_OUT):
        why = f"its status is {status!r}"
    return Charge(
        id=told.id,
        kind=told.activity_type,
        day=told.date or "",
        amount=amount,
        symbol=told.symbol or "",
        text=told.description or "",
        taken_back=status in _STRUCK_OUT,
        why="" if status in _STRUCK_OUT else why,
    )


def _amount(told: WireCharge) -> tuple[Decimal, str]:
    """How much, or 0 and what can't be read of it."""
    if not told.id:
        return ZERO, "it has no id"
    if told.net_amount is None:
        return ZERO, "it names no amount"
    try:
        date.fromisoformat(told.date or "")
        amount = Decimal(str(told.net_amount))
    except ValueError:
        return ZERO, f"its day is {told.date!r}"
    except InvalidOperation:
        return ZERO, f"its amount is {told.net_amount!r}"
    return (amount, "") if amount.is_finite() else (ZERO, f"its amount is {told.net_amount!r}")
